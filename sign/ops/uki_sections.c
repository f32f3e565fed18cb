// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_sections.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hasher.h"
#include "ops/uki.h"

#define SDMAGIC	    "#### LoaderInfo: systemd-stub "
#define ADDON_MAGIC "#### LoaderInfo: systemd-addon "

/* The first stub that compares whole names: before, ".osrel2" is an ".osrel" too (systemd's pe.c). */
#define WHOLE_NAMES_SINCE 257U

/* Return: false if .sdmagic does not begin with @magic; else @ret_rest is what follows it. */
static bool cut_magic(const struct ks_pe_view *view, const char *magic, struct ks_span *ret_rest)
{
	const struct ks_pe_section *s = ks_pe_find(view, ".sdmagic");
	struct ks_span want = ks_span_str(magic), text, head;

	if (!s)
		return false;
	text = ks_pe_loaded(s);
	return ks_span_sub(text, 0, want.bytes, &head) && ks_span_eq(head, want) &&
	       ks_span_sub(text, want.bytes, text.bytes - want.bytes, ret_rest);
}

u32 ks_uki_stub_version(const struct ks_pe_view *view)
{
	struct ks_span text;
	u32 version = 0;
	size_t i;

	if (!cut_magic(view, SDMAGIC, &text))
		return 0;
	for (i = 0; i < text.bytes && version < 10000; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			break;
		version = version * 10 + (u32)(text.p[i] - '0');
	}
	return version;
}

bool ks_uki_is_addon(const struct ks_pe_view *view)
{
	struct ks_span version;

	return cut_magic(view, ADDON_MAGIC, &version);
}

bool ks_uki_is_section(const char *name)
{
	const struct ks_uki_row *row = ks_uki_row_of(name);

	return row && !row->is_stubs;
}

int ks_uki_add(struct ks_uki_image *image, const char *name, struct ks_span data,
	       struct ks_diag *diag)
{
	const struct ks_uki_row *row = ks_uki_row_of(name);
	u32 flags = KS_PE_SCN_READ;

	if (!data.bytes)
		return 0;
	if (image->nr_sections == KS_MAX_PE_SECTIONS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "image would have over 512 sections");
	flags |= row && row->is_code ? KS_PE_SCN_CODE : KS_PE_SCN_INIT_DATA;
	image->nr_profiles += !strcmp(name, ".profile");
	image->section[image->nr_sections++] =
		(struct ks_uki_section){ .name = name, .data = data, .flags = flags };
	return 0;
}

bool ks_uki_is_version_known(u32 version)
{
	return version >= 252 && version != 253 && version <= KS_UKI_NEWEST_STUB;
}

int ks_uki_parse_version(const char *text, u32 *ret_version, struct ks_diag *diag)
{
	u32 version = 0;
	size_t i;

	if (!text)
		return 0;
	for (i = 0; i < 3 && text[i] >= '0' && text[i] <= '9'; i++)
		version = version * 10 + (u32)(text[i] - '0');
	if (text[i] || !ks_uki_is_version_known(version))
		return ks_fail_detail(diag, -EINVAL, "--stub-version takes 252 or 254 to 262", text);
	*ret_version = version;
	return 0;
}

static bool is_longer(const char *name, const char *than)
{
	size_t bytes = strlen(than);

	return !strncmp(name, than, bytes) && name[bytes];
}

bool ks_uki_is_misread(u32 stub_version, const char *name)
{
	size_t i;

	if (!stub_version || stub_version >= WHOLE_NAMES_SINCE)
		return false;
	for (i = 0; i < KS_UKI_NR; i++)
		if (!ks_uki_table[i].is_stubs && stub_version >= ks_uki_table[i].measured_since &&
		    is_longer(name, ks_uki_table[i].name))
			return true;
	return false;
}

/* Is @name there already since the last .profile? */
static bool is_duplicate(const struct ks_uki_image *image, const char *name)
{
	enum ks_uki_repeat repeat = ks_uki_row_of(name)->repeat;
	u32 i = image->nr_sections;

	if (repeat == KS_UKI_STARTS_PROFILE || repeat == KS_UKI_PICKED)
		return false;
	while (i-- > 0 && strcmp(image->section[i].name, ".profile"))
		if (!strcmp(image->section[i].name, name))
			return true;
	return false;
}

int ks_uki_parse(const struct ks_pe_view *view, struct ks_uki_image *ret_image,
		 struct ks_diag *diag)
{
	struct ks_uki_image image = { .stub_version = ks_uki_stub_version(view),
				      .is_addon = ks_uki_is_addon(view) };
	bool has_linux = false;
	u32 i;

	for (i = 0; i < view->nr_sections; i++) {
		const struct ks_pe_section *s = &view->section[i];
		struct ks_span data = ks_pe_loaded(s);

		image.is_misread |= ks_uki_is_misread(image.stub_version, s->name);
		/* The stub asks for VirtualSize alone: 0 is not there, whatever stands in the file. */
		if (!ks_uki_is_section(s->name) || !s->virtual_bytes)
			continue;
		if (is_duplicate(&image, s->name))
			return ks_fail_detail(diag, -EBADMSG, "section is there twice in one profile",
					      s->name);
		has_linux |= !strcmp(s->name, ".linux");
		image.nr_profiles += !strcmp(s->name, ".profile");
		image.section[image.nr_sections++] = (struct ks_uki_section){
			.name = s->name,
			.data = data,
			.zero_bytes = s->virtual_bytes > data.bytes ? s->virtual_bytes - data.bytes : 0,
			.flags = s->flags,
		};
	}
	if (!has_linux && !image.is_addon)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "not a UKI: no .linux section");
	*ret_image = image;
	return 0;
}

void ks_uki_assume_stub(struct ks_uki_image *image, u32 stub_version)
{
	/* Which sections are misread is known of older stubs only; --stub-version overrides that. */
	image->is_misread &= stub_version < WHOLE_NAMES_SINCE;
	image->stub_version = stub_version;
}

u32 ks_uki_nr_profiles(const struct ks_uki_image *image)
{
	return image->nr_profiles ? image->nr_profiles : 1;
}

const struct ks_uki_section *ks_uki_find(const struct ks_uki_image *image, u32 profile,
					 const char *name)
{
	const struct ks_uki_section *base = NULL;
	/* The number of .profile sections so far: 0 in the base. */
	u32 nr_seen = 0, i;

	for (i = 0; i < image->nr_sections; i++) {
		const struct ks_uki_section *s = &image->section[i];

		nr_seen += !strcmp(s->name, ".profile");
		if (strcmp(s->name, name))
			continue;
		if (nr_seen == profile + 1)
			return s;
		if (!nr_seen)
			base = s;
	}
	return base;
}

/* TPM_ALG_ID of the TPM 2.0 library, part 2; the banks of systemd-measure. */
const struct ks_uki_bank ks_uki_banks[KS_UKI_NR_BANKS] = {
	{ "sha1", 0x0004, 20 },
	{ "sha256", 0x000b, 32 },
	{ "sha384", 0x000c, 48 },
	{ "sha512", 0x000d, 64 },
};

#define SHA256_BANK (&ks_uki_banks[1])

int ks_uki_bank_of(const char *name, const struct ks_uki_bank **ret_bank, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < KS_UKI_NR_BANKS; i++)
		if (!strcmp(name, ks_uki_banks[i].name)) {
			*ret_bank = &ks_uki_banks[i];
			return 0;
		}
	return ks_fail_detail(diag, -EINVAL, "no bank of PCRs, take sha1, sha256, sha384 or sha512", name);
}

int ks_uki_read_banks(const char *const *names, size_t nr_names,
		      const struct ks_uki_bank *ret_banks[KS_UKI_NR_BANKS], size_t *ret_nr, struct ks_diag *diag)
{
	const struct ks_uki_bank *bank = NULL;
	size_t i, k;

	for (i = 0; i < nr_names; i++) {
		if (ks_uki_bank_of(names[i], &bank, diag))
			return -EINVAL;
		for (k = 0; k < i; k++)
			if (ret_banks[k] == bank)
				return ks_fail_detail(diag, -EINVAL, "bank is given twice", names[i]);
		ret_banks[i] = bank;
	}
	if (!nr_names)
		ret_banks[0] = SHA256_BANK;
	*ret_nr = nr_names ? nr_names : 1;
	return 0;
}

static const struct ks_uki_bank *bank_or_default(const struct ks_uki_bank *bank)
{
	return bank ? bank : SHA256_BANK;
}

static const EVP_MD *md_of(const struct ks_uki_bank *bank)
{
	return ks_digest_of_bytes(bank_or_default(bank)->bytes);
}

/* Where a section keeps its digest. */
static size_t slot_of(const struct ks_uki_bank *bank)
{
	return (size_t)(bank_or_default(bank) - ks_uki_banks);
}

const struct ks_digest *ks_uki_digest_of(const struct ks_uki_section *section, const struct ks_uki_bank *bank)
{
	return &section->digest[slot_of(bank)];
}

struct ks_digest ks_uki_pcr_zero(const struct ks_uki_bank *bank)
{
	return (struct ks_digest){ .bytes = bank_or_default(bank)->bytes };
}

static int hash_one(const struct ks_uki_bank *bank, struct ks_uki_section *s, struct ks_diag *diag)
{
	static const u8 zeros[65536];
	__cleanup(ks_hasher_done) struct ks_hasher hasher = { 0 };
	u64 left = s->zero_bytes;
	int rc = ks_hasher_begin_md(md_of(bank), &hasher, diag);

	if (!rc)
		rc = ks_hasher_add(&hasher, s->data, diag);
	while (left && !rc) {
		struct ks_span part = { zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros) };

		rc = ks_hasher_add(&hasher, part, diag);
		left -= part.bytes;
	}
	return rc ? rc : ks_hasher_end(&hasher, &s->digest[slot_of(bank)], diag);
}

int ks_uki_hash(struct ks_uki_image *image, struct ks_diag *diag)
{
	u64 zero_bytes = 0;
	int rc = 0;
	u32 i;

	for (i = 0; i < image->nr_sections; i++)
		zero_bytes += image->section[i].zero_bytes;
	/* Builders reserve what the kernel needs to unpack itself, never as much as a whole kernel may have. */
	if (zero_bytes > KS_MAX_KERNEL_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "sections have over 1 GiB of zeros behind them");
	for (i = 0; i < image->nr_sections && !rc; i++) {
		const struct ks_uki_row *row = ks_uki_row_of(image->section[i].name);

		if (row && row->measured_since)
			rc = hash_one(image->bank, &image->section[i], diag);
	}
	return rc;
}

int ks_uki_extend_digest(const struct ks_uki_bank *bank, struct ks_digest *pcr, const struct ks_digest *event,
			 struct ks_diag *diag)
{
	struct ks_span both[2] = { ks_digest_span(pcr), ks_digest_span(event) };

	return ks_digest_spans(md_of(bank), both, 2, pcr, diag);
}

int ks_uki_extend(const struct ks_uki_bank *bank, struct ks_digest *pcr, struct ks_span text, struct ks_diag *diag)
{
	struct ks_digest event = { 0 };
	int rc = ks_digest_spans(md_of(bank), &text, 1, &event, diag);

	return rc ? rc : ks_uki_extend_digest(bank, pcr, &event, diag);
}

static bool is_measured(const struct ks_uki_image *image, const struct ks_uki_row *row)
{
	return row->measured_since && image->stub_version >= row->measured_since;
}

/* Section @nr of a name, from 1; NULL if there is none. */
static const struct ks_uki_section *find_nr(const struct ks_uki_image *image, const char *name, u32 nr)
{
	u32 i;

	for (i = 0; i < image->nr_sections; i++)
		if (!strcmp(image->section[i].name, name) && nr-- == 1)
			return &image->section[i];
	return NULL;
}

static bool is_seen(const struct ks_uki_image *image, const struct ks_uki_section *s,
		    const struct ks_uki_section *const *seen, size_t nr_seen)
{
	struct ks_span digest = ks_digest_span(ks_uki_digest_of(s, image->bank));
	size_t i;

	for (i = 0; i < nr_seen; i++)
		if (ks_span_eq(digest, ks_digest_span(ks_uki_digest_of(seen[i], image->bank))))
			return true;
	return false;
}

/* The numbers of those that a profile may get, behind a 0 for none. Return: how many. */
static size_t find_candidates(const struct ks_uki_image *image, u32 profile, const struct ks_uki_row *row,
			      u32 ret_nr[KS_MAX_PE_SECTIONS + 1])
{
	const struct ks_uki_section *seen[KS_MAX_PE_SECTIONS];
	u32 nr_profiles = 0, nr = 0, i;
	size_t nr_seen = 0;

	ret_nr[0] = 0;
	for (i = 0; is_measured(image, row) && i < image->nr_sections; i++) {
		const struct ks_uki_section *s = &image->section[i];

		nr_profiles += !strcmp(s->name, ".profile");
		if (strcmp(s->name, row->name))
			continue;
		nr++;
		if ((nr_profiles && nr_profiles != profile + 1) || is_seen(image, s, seen, nr_seen))
			continue;
		seen[nr_seen++] = s;
		ret_nr[nr_seen] = nr;
	}
	return nr_seen + 1;
}

u64 ks_uki_choices(const struct ks_uki_image *image, u32 profile, struct ks_uki_choice *ret_choice, size_t max)
{
	u32 nr[KS_UKI_NR_PICKED][KS_MAX_PE_SECTIONS + 1];
	size_t count[KS_UKI_NR_PICKED], i, k;
	u64 nr_choices = 1;

	for (k = 0; k < KS_UKI_NR_PICKED; k++) {
		count[k] = find_candidates(image, profile, &ks_uki_table[ks_uki_picked[k]], nr[k]);
		nr_choices *= count[k];
	}
	for (i = 0; i < nr_choices && i < max; i++) {
		size_t rest = i;

		for (k = 0; k < KS_UKI_NR_PICKED; k++) {
			ret_choice[i].nr[k] = nr[k][rest % count[k]];
			rest /= count[k];
		}
	}
	return nr_choices;
}

void ks_uki_choice_text(const struct ks_uki_image *image, const struct ks_uki_choice *choice,
			char to[KS_UKI_CHOICE_BYTES])
{
	size_t k, bytes = 0;

	to[0] = '\0';
	for (k = 0; k < KS_UKI_NR_PICKED; k++) {
		const char *name = ks_uki_table[ks_uki_picked[k]].name, *blank = bytes ? " " : "";
		int more;

		if (!find_nr(image, name, 1))
			continue;
		if (choice->nr[k])
			more = snprintf(to + bytes, KS_UKI_CHOICE_BYTES - bytes, "%s%s#%" PRIu32, blank, name, choice->nr[k]);
		else
			more = snprintf(to + bytes, KS_UKI_CHOICE_BYTES - bytes, "%s%s#-", blank, name);
		bytes += (size_t)more;
	}
}

/* What the stub measures for an entry of the table; NULL: nothing. */
static const struct ks_uki_section *find_measured(const struct ks_uki_image *image, u32 profile,
						  const struct ks_uki_choice *choice, enum ks_uki_id id)
{
	const struct ks_uki_row *row = &ks_uki_table[id];
	size_t k;

	if (!is_measured(image, row))
		return NULL;
	for (k = 0; k < KS_UKI_NR_PICKED; k++)
		if (ks_uki_picked[k] == id)
			return choice ? find_nr(image, row->name, choice->nr[k]) : NULL;
	return ks_uki_find(image, profile, row->name);
}

static int extend_sections(struct ks_digest *pcr, const struct ks_uki_image *image, u32 profile,
			   const struct ks_uki_choice *choice, struct ks_diag *diag)
{
	enum ks_uki_id id;
	int rc;

	for (id = 0; id < KS_UKI_NR; id++) {
		const struct ks_uki_section *s = find_measured(image, profile, choice, id);
		struct ks_span name;

		if (!s)
			continue;
		/* The name with its NUL, then the content as it is in memory. */
		name = (struct ks_span){ (const u8 *)s->name, strlen(s->name) + 1 };
		rc = ks_uki_extend(image->bank, pcr, name, diag);
		if (!rc)
			rc = ks_uki_extend_digest(image->bank, pcr, ks_uki_digest_of(s, image->bank), diag);
		if (rc)
			return rc;
	}
	return 0;
}

static int extend_phases(const struct ks_uki_bank *bank, struct ks_digest *pcr, const char *phases, struct ks_diag *diag)
{
	size_t nr = 0;
	int rc;

	while (*phases) {
		size_t word_bytes = strcspn(phases, ":");

		if (!word_bytes)
			return ks_fail(diag, -EINVAL, KS_NO_OFF, "empty word in the boot phases");
		if (nr++ == KS_UKI_MAX_PHASES)
			return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 8 boot phases");
		rc = ks_uki_extend(bank, pcr, (struct ks_span){ (const u8 *)phases, word_bytes }, diag);
		if (rc)
			return rc;
		phases += word_bytes;
		if (*phases == ':' && !*++phases)
			return ks_fail(diag, -EINVAL, KS_NO_OFF, "empty word in the boot phases");
	}
	return 0;
}

static int check_stub(const struct ks_uki_image *image, struct ks_diag *diag)
{
	char version[16];

	snprintf(version, sizeof(version), "%u", image->stub_version);
	if (image->is_addon)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "an addon, no UKI: the stub that loads it measures it into PCR 12");
	if (!image->stub_version)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "stub is not systemd-stub, what it measures is not known, "
			       "--stub-version N takes the rules of N");
	if (!ks_uki_is_version_known(image->stub_version))
		return ks_fail_detail(diag, -EOPNOTSUPP,
				      "what this systemd-stub measures is not known, only of 252 and "
				      "254 to 262, --stub-version N takes the rules of N",
				      version);
	if (image->nr_profiles && image->stub_version < KS_UKI_PROFILES_SINCE)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "image has profiles, but its stub is older than 257 and knows none");
	if (image->is_misread)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "stub is older than 257 and takes a section for another one that its "
			       "name begins with, run uki lint");
	return 0;
}

int ks_uki_pcr(const struct ks_uki_image *image, u32 profile, const struct ks_uki_choice *choice,
	       const char *phases, struct ks_digest *ret_pcr, struct ks_diag *diag)
{
	struct ks_digest pcr = ks_uki_pcr_zero(image->bank);
	int rc = check_stub(image, diag);

	if (rc)
		return rc;
	rc = extend_sections(&pcr, image, profile, choice, diag);
	if (!rc)
		rc = extend_phases(image->bank, &pcr, phases, diag);
	if (!rc)
		*ret_pcr = pcr;
	return rc;
}
