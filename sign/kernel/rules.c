// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module_sig_check() of kernel/module/signing.c, mod_check_sig() of kernel/module_signature.c, then
 * check_modstruct_version() and check_modinfo() of kernel/module/main.c, and module_decompress().
 */
#include "kernel/rules.h"

#include <errno.h>
#include <string.h>

#include "fmt/compress.h"
#include "fmt/elf.h"
#include "fmt/ikconfig.h"
#include "fmt/modsig.h"
#include "kernel/decompress.h"
#include "kernel/elf.h"

#define NOT_PKCS7 "module: not signed with expected PKCS#7 message"
#define NON_ZERO "module: PKCS#7 signature info has unexpected non-zero params"

/* mod_verify_sig(): @body is the file without the marker; @ret_content shrinks as info->len. */
static int check_signature(const struct ks_kernel *kernel, struct ks_span body,
			   struct ks_span *ret_content, struct ks_kernel_log *log)
{
	struct ks_modsig_trailer trailer;
	struct ks_span cms;
	u64 before;

	*ret_content = body;
	if (body.bytes <= KS_MODSIG_TRAILER_BYTES || !ks_modsig_trailer(body, &trailer))
		return -EBADMSG;
	before = body.bytes - KS_MODSIG_TRAILER_BYTES;
	if (trailer.sig_bytes >= before)
		return -EBADMSG;
	if (trailer.id_type != KS_MODSIG_PKCS7) {
		ks_kernel_log_set(log, NOT_PKCS7);
		return -ENOPKG;
	}
	if (!trailer.rest_is_zero) {
		ks_kernel_log_set(log, NON_ZERO);
		return -EBADMSG;
	}
	if (!ks_span_sub(body, before - trailer.sig_bytes, trailer.sig_bytes, &cms) ||
	    !ks_span_sub(body, 0, before - trailer.sig_bytes, ret_content))
		return -EBADMSG;
	return ks_kernel_verify(kernel, *ret_content, cms, log);
}

/* What the kernel calls a module whose signature is not a reason to refuse it by itself. */
static const char *reason_of(int sig_err)
{
	switch (sig_err) {
	case -ENODATA:
		return "unsigned module";
	case -ENOPKG:
		return "module with unsupported crypto";
	case -ENOKEY:
		return "module with unavailable key";
	default:
		return NULL;
	}
}

static void decide(const struct ks_kernel *kernel, struct ks_kverdict *v)
{
	const char *reason = reason_of(v->sig_err);
	unsigned int mode;

	for (mode = 0; mode < KS_KMODE_NR; mode++) {
		v->load[mode].err = v->sig_err;
		if (!reason)
			continue;
		if (mode == KS_KMODE_SIG_ENFORCE || kernel->sig_force) {
			v->load[mode].err = -EKEYREJECTED;
			ks_kernel_log_set(&v->load[mode].log, "Loading of %s is rejected", reason);
		} else if (mode == KS_KMODE_LOCKDOWN) {
			v->load[mode].err = -EPERM;
			ks_kernel_log_set(&v->load[mode].log, "unsigned module loading is restricted; "
							   "see man kernel_lockdown.7");
		} else {
			v->load[mode].err = 0;
		}
	}
}

void ks_kernel_load_form(struct ks_span vmlinux, struct ks_span config,
			 struct ks_kmodules *ret_modules)
{
	struct ks_kmodules m = { .known = true, .configured = config.bytes != 0,
				 .unpacks = KS_COMPRESS_NONE };

	m.machine = ks_elf_machine(vmlinux);
	m.struct_bytes = ks_elf_struct_bytes(vmlinux, "module");
	if (!ks_elf_vermagic(vmlinux, m.vermagic, sizeof(m.vermagic)))
		m.vermagic[0] = '\0';
	m.force_load = ks_kconfig_is_on(config, "CONFIG_MODULE_FORCE_LOAD");
	m.livepatch = ks_kconfig_is_on(config, "CONFIG_LIVEPATCH");
	if (ks_kconfig_is_on(config, "CONFIG_MODULE_DECOMPRESS")) {
		if (ks_kconfig_is_on(config, "CONFIG_MODULE_COMPRESS_GZIP"))
			m.unpacks = KS_COMPRESS_GZIP;
		else if (ks_kconfig_is_on(config, "CONFIG_MODULE_COMPRESS_XZ"))
			m.unpacks = KS_COMPRESS_XZ;
		else
			m.unpacks = KS_COMPRESS_ZSTD;
	}
	*ret_modules = m;
}

/* In every state that the module has come through so far. */
static void refuse(struct ks_kverdict *v, int err, const char *why, const char *log)
{
	unsigned int mode;

	for (mode = 0; mode < KS_KMODE_NR; mode++) {
		if (v->load[mode].err)
			continue;
		v->load[mode].err = err;
		if (log[0])
			ks_kernel_log_set(&v->load[mode].log, "%s", log);
		v->load[mode].log.why = why;
	}
}

/* CONFIG_MODVERSIONS */
static bool asks_for_versions(const struct ks_kmodules *modules)
{
	return strstr(modules->vermagic, " modversions ");
}

static const char *behind_release(const char *vermagic)
{
	return vermagic + strcspn(vermagic, " ");
}

/* Is it of a 6.18? Which one does not matter here. */
static bool is_release_618(const char *vermagic)
{
	return !strncmp(vermagic, "6.18", 4) && strspn(vermagic + 4, "0123456789") == 0;
}

/* same_magic(), both of them; of a kernel that is not known, what all 6.18 have in common */
static bool same_magic(const struct ks_kmodules *modules, const char *vermagic, bool has_crcs)
{
	const char *own = modules->vermagic;

	if (!own[0])
		return modules->known || has_crcs || is_release_618(vermagic);
	if (has_crcs && asks_for_versions(modules))
		return !strcmp(behind_release(own), behind_release(vermagic));
	return !strcmp(own, vermagic);
}

static void check_vermagic(const struct ks_kmodules *modules, const struct ks_elf_module *m,
			   struct ks_kverdict *v)
{
	const char *vermagic = ks_elf_modinfo(m, "vermagic"), *name = ks_elf_modinfo(m, "name");
	struct ks_kernel_log log = { 0 };
	char own_name[57];

	ks_elf_module_name(m, own_name);
	/* check_modstruct_version() comes first, with the same answer and without a word. */
	if (!modules->force_load && asks_for_versions(modules) && !m->versions_idx && !m->crcs_idx) {
		refuse(v, -ENOEXEC, "module has no symbol versions, which this kernel asks for", "");
		return;
	}
	if (!vermagic) {
		if (!modules->force_load)
			refuse(v, -ENOEXEC, "module has no vermagic, so modpost has not made it", "");
		return;
	}
	if (same_magic(modules, vermagic, m->versions_idx != 0))
		return;
	ks_kernel_log_set(&log, "%s: version magic '%s' should be '%s", name ? name : own_name, vermagic,
		      modules->vermagic);
	refuse(v, -ENOEXEC,
	       modules->vermagic[0] ? "module was built for another kernel" :
				      "module was built for no 6.18, give the kernel with --trust",
	       log.text);
}

static bool goes_on(const struct ks_kverdict *v)
{
	unsigned int mode;

	for (mode = 0; mode < KS_KMODE_NR; mode++)
		if (!v->load[mode].err)
			return true;
	return false;
}

int ks_kernel_check_form(const struct ks_kmodules *modules, struct ks_span content,
			 struct ks_kverdict *verdict, struct ks_diag *diag)
{
	struct ks_elf_want want = { modules->machine, modules->struct_bytes };
	struct ks_elf_module m;
	struct ks_elf_no no;

	if (!goes_on(verdict))
		return 0;
	if (ks_elf_module_parse(content, &want, &m, &no)) {
		check_vermagic(modules, &m, verdict);
		if (modules->configured && !modules->livepatch && ks_elf_modinfo(&m, "livepatch"))
			refuse(verdict, -ENOEXEC, "a livepatch, which this kernel cannot load",
			       "module is marked as livepatch module, but livepatch support is disabled");
		if (!goes_on(verdict) || ks_elf_module_place(&m, &no))
			return 0;
	}
	if (no.err == -EOPNOTSUPP)
		return ks_fail(diag, no.err, no.off, no.why);
	refuse(verdict, no.err, no.why, no.log);
	return 0;
}

void ks_kernel_check_stream(const struct ks_kmodules *modules, enum ks_compression kind,
			    struct ks_span file, struct ks_kverdict *verdict)
{
	struct ks_diag no = { 0 };
	unsigned int mode;

	if (modules->configured && modules->unpacks != (unsigned int)kind)
		return;
	if (!ks_kernel_unpacks(kind, file, &no))
		return;
	/* It comes before anything else. */
	for (mode = 0; mode < KS_KMODE_NR; mode++)
		verdict->load[mode].err = 0;
	refuse(verdict, -EINVAL, no.what, "");
}

int ks_kernel_verdict(const struct ks_kernel *kernel, struct ks_span file,
		    struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	struct ks_kverdict v = { .sig_err = -ENODATA };
	struct ks_span content = file, body;
	int rc;

	if (ks_modsig_has_marker(file, &body))
		v.sig_err = check_signature(kernel, body, &content, &v.sig_log);
	if (ks_kernel_cannot_tell(v.sig_err))
		return ks_fail(diag, v.sig_err, KS_NO_OFF,
			       "cannot tell what the kernel says of this signature");
	decide(kernel, &v);
	rc = ks_kernel_check_form(&kernel->modules, content, &v, diag);
	if (!rc)
		*ret_verdict = v;
	return rc;
}

int ks_kernel_verdict_of_file(const struct ks_kernel *kernel, struct ks_span file,
			    struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf unpacked = { 0 };
	enum ks_compression kind = ks_compression_of(file);
	int rc;

	if (kind == KS_COMPRESS_NONE || kind == KS_COMPRESS_LZMA || kind == KS_COMPRESS_LZ4)
		return ks_kernel_verdict(kernel, file, ret_verdict, diag);
	/* The kernel, or kmod before it, unpacks the file and looks at what was inside. */
	rc = ks_module_unpack(kind, file, &unpacked, diag);
	if (!rc)
		rc = ks_kernel_verdict(kernel, ks_buf_span(&unpacked), ret_verdict, diag);
	if (!rc)
		ks_kernel_check_stream(&kernel->modules, kind, file, ret_verdict);
	return rc;
}

const char *ks_kverdict_why(const struct ks_kverdict *verdict)
{
	if (verdict->sig_log.why)
		return verdict->sig_log.why;
	switch (verdict->sig_err) {
	case 0:
		return verdict->load[KS_KMODE_SIG_ENFORCE].log.why;
	case -ENODATA:
		return "module is not signed";
	case -ENOKEY:
		return "signer is not among the trusted certificates";
	case -ENOPKG:
		return "signature needs what this kernel cannot compute or read";
	case -EKEYREJECTED:
		return "signature does not verify";
	case -EBADMSG:
		return "signature or its trailer is malformed";
	default:
		return "signature is refused";
	}
}
