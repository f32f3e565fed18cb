// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki.h"

#include <errno.h>
#include <string.h>

#include "fmt/sbat.h"

#define SDMAGIC "#### LoaderInfo: systemd-stub "

/* The most sections that one image gets here. */
#define MAX_PARTS 8

/* Section content in memory: the loader gives VirtualSize bytes, zeros behind the file's data. */
static struct ks_span loaded_part(const struct ks_pe_section *s)
{
	struct ks_span part = s->raw;

	if (s->virtual_bytes && s->virtual_bytes < part.bytes)
		part.bytes = s->virtual_bytes;
	return part;
}

/* A text that the stub reads up to its size: a NUL inside would end it early for some readers. */
static int check_text(struct ks_span text, const char *what, struct ks_diag *diag)
{
	if (text.bytes && memchr(text.p, 0, text.bytes))
		return ks_fail_detail(diag, -EBADMSG, "text has a NUL byte", what);
	return 0;
}

static int put_sbat_lines(struct ks_span text, bool is_stub, struct ks_buf *out,
			  struct ks_diag *diag)
{
	struct ks_span line, start = ks_span_str("sbat,");
	int rc;

	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (!line.bytes)
			continue;
		rc = ks_sbat_check_line(line, 0, diag);
		if (rc)
			return rc;
		/* The first line names the format; it comes from the stub, once. */
		if (!is_stub && line.bytes >= start.bytes && !memcmp(line.p, start.p, start.bytes))
			continue;
		ks_put(out, line);
		ks_put_u8(out, '\n');
	}
	return 0;
}

/* The stub's own lines first, then those of the image. */
static int merge_sbat(const struct ks_pe_view *stub, struct ks_span extra, struct ks_buf *out,
		      struct ks_diag *diag)
{
	const struct ks_pe_section *s = ks_pe_find(stub, ".sbat");
	struct ks_span own;
	int rc;

	if (!s)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "stub has no .sbat section, shim refuses it");
	own = loaded_part(s);
	while (own.bytes && !own.p[own.bytes - 1])
		own.bytes--;
	rc = put_sbat_lines(own, true, out, diag);
	if (!rc)
		rc = put_sbat_lines(extra, false, out, diag);
	if (!rc)
		rc = ks_buf_ok(out, diag);
	if (!rc && out->bytes > KS_MAX_SBAT_BYTES)
		rc = ks_fail(diag, -E2BIG, KS_MAX_SBAT_BYTES, ".sbat is too long");
	return rc;
}

/* "252.39-1" -> 252; 0 when the section is not the stub's. */
static u32 stub_version(const struct ks_pe_view *view)
{
	const struct ks_pe_section *s = ks_pe_find(view, ".sdmagic");
	struct ks_span magic = ks_span_str(SDMAGIC), text, head;
	u32 version = 0;
	size_t i;

	if (!s)
		return 0;
	text = loaded_part(s);
	if (!ks_span_sub(text, 0, magic.bytes, &head) || !ks_span_eq(head, magic))
		return 0;
	for (i = magic.bytes; i < text.bytes && version < 10000; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			break;
		version = version * 10 + (u32)(text.p[i] - '0');
	}
	return version;
}

static int check_parts(const struct ks_uki_parts *parts, const struct ks_pe_view *stub,
		       struct ks_diag *diag)
{
	struct ks_pe_view kernel;
	int rc;

	if (!stub_version(stub))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "stub is not systemd-stub: no .sdmagic");
	rc = ks_pe_parse(parts->linux_image, &kernel, diag);
	if (rc)
		return rc;
	if (kernel.machine != stub->machine)
		return ks_fail(diag, -EBADMSG, kernel.coff_off, "kernel and stub differ in machine");
	if (parts->cmdline.bytes > KS_MAX_CMDLINE_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_CMDLINE_BYTES,
			       "command line is over 2047 bytes, the kernel would cut it");
	rc = check_text(parts->cmdline, "command line", diag);
	if (!rc)
		rc = check_text(parts->os_release, "os-release", diag);
	if (!rc)
		rc = check_text(parts->uname, "uname", diag);
	return rc;
}

static void add_part(struct ks_pe_new_section *added, size_t *nr, const char *name,
		     struct ks_span data, u32 flags)
{
	if (data.bytes)
		added[(*nr)++] = (struct ks_pe_new_section){ name, data, flags };
}

int ks_uki_build(const struct ks_uki_parts *parts, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sbat = { 0 };
	const u32 data = KS_PE_SCN_INIT_DATA | KS_PE_SCN_READ;
	struct ks_pe_new_section added[MAX_PARTS];
	struct ks_pe_view stub;
	size_t nr = 0;
	int rc;

	rc = ks_pe_parse(parts->stub, &stub, diag);
	ks_diag_in(diag, "stub");
	if (!rc)
		rc = check_parts(parts, &stub, diag);
	if (!rc)
		rc = merge_sbat(&stub, parts->sbat, &sbat, diag);
	if (rc)
		return rc;
	add_part(added, &nr, ".osrel", parts->os_release, data);
	add_part(added, &nr, ".cmdline", parts->cmdline, data);
	add_part(added, &nr, ".uname", parts->uname, data);
	add_part(added, &nr, ".sbat", ks_buf_span(&sbat), data);
	add_part(added, &nr, ".initrd", parts->initrd, data);
	/* Last, so that a kernel that unpacks in place has room behind it (systemd#34578). */
	add_part(added, &nr, ".linux", parts->linux_image, KS_PE_SCN_CODE | KS_PE_SCN_READ);
	return ks_pe_build_sections(&stub, added, nr, out, diag);
}

/* PCR = SHA-256(PCR | SHA-256(data)) */
static int extend(struct ks_digest *pcr, const struct ks_span *data, size_t nr_data,
		  struct ks_diag *diag)
{
	struct ks_digest event = { 0 };
	struct ks_span both[2];
	const EVP_MD *md = NULL;
	int rc;

	rc = ks_digest_alg("sha256", &md, diag);
	if (!rc)
		rc = ks_digest_spans(md, data, nr_data, &event, diag);
	if (rc)
		return rc;
	both[0] = ks_digest_span(pcr);
	both[1] = ks_digest_span(&event);
	return ks_digest_spans(md, both, 2, pcr, diag);
}

/* The stub measures the name with its NUL, then the content as it is in memory. */
static int extend_section(struct ks_digest *pcr, const struct ks_pe_section *s,
			  struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf zeros = { 0 };
	struct ks_span name = { (const u8 *)s->name, strlen(s->name) + 1 };
	struct ks_span data[2] = { loaded_part(s) };
	int rc;

	if (s->virtual_bytes > data[0].bytes) {
		ks_put_fill(&zeros, 0, s->virtual_bytes - data[0].bytes);
		rc = ks_buf_ok(&zeros, diag);
		if (rc)
			return rc;
		data[1] = ks_buf_span(&zeros);
	}
	rc = extend(pcr, &name, 1, diag);
	return rc ? rc : extend(pcr, data, 2, diag);
}

static int extend_sections(struct ks_digest *pcr, const struct ks_pe_view *view,
			   struct ks_diag *diag)
{
	/* systemd's canonical order; the flag marks what came after version 252. */
	static const struct {
		const char *name;
		bool since_254;
	} measured[] = {
		{ ".linux", false },  { ".osrel", false }, { ".cmdline", false },
		{ ".initrd", false }, { ".ucode", true },  { ".splash", false },
		{ ".dtb", false },    { ".uname", true },  { ".sbat", true },
		{ ".pcrpkey", false },
	};
	u32 version = stub_version(view);
	size_t i;
	int rc;

	if (version < 252 || version == 253)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "what this version of systemd-stub measures is not known here");
	for (i = 0; i < KS_ARRAY_SIZE(measured); i++) {
		const struct ks_pe_section *s = ks_pe_find(view, measured[i].name);

		if (!s || !s->raw_bytes || (measured[i].since_254 && version < 254))
			continue;
		rc = extend_section(pcr, s, diag);
		if (rc)
			return rc;
	}
	return 0;
}

static int extend_phases(struct ks_digest *pcr, const char *phases, struct ks_diag *diag)
{
	size_t nr = 0;
	int rc;

	while (phases && *phases) {
		size_t word_bytes = strcspn(phases, ":");
		struct ks_span word = { (const u8 *)phases, word_bytes };

		if (!word_bytes)
			return ks_fail(diag, -EINVAL, KS_NO_OFF, "empty word in the boot phases");
		if (nr++ == KS_UKI_MAX_PHASES)
			return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 8 boot phases");
		rc = extend(pcr, &word, 1, diag);
		if (rc)
			return rc;
		phases += word_bytes + (phases[word_bytes] == ':');
	}
	return 0;
}

int ks_uki_measure(struct ks_span in, const char *phases, struct ks_digest *ret_pcr,
		   struct ks_diag *diag)
{
	struct ks_digest pcr = { .bytes = 32 };
	struct ks_pe_view view;
	int rc;

	rc = ks_pe_parse(in, &view, diag);
	if (rc)
		return rc;
	if (!ks_pe_find(&view, ".linux"))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "not a UKI: no .linux section");
	rc = extend_sections(&pcr, &view, diag);
	if (!rc)
		rc = extend_phases(&pcr, phases, diag);
	if (rc)
		return rc;
	*ret_pcr = pcr;
	return 0;
}
