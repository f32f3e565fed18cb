// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module_sig_check() of kernel/module/signing.c and mod_check_sig() of kernel/module_signature.c.
 */
#include "kernel/rules.h"

#include <errno.h>

#include "fmt/certlist.h"
#include "fmt/compress.h"
#include "fmt/modsig.h"
#include "kernel/decompress.h"
#include "kernel/form.h"

#define NOT_PKCS7 "module: not signed with expected PKCS#7 message"
#define NON_ZERO "module: PKCS#7 signature info has unexpected non-zero params"

int ks_kernel_add_list(struct ks_kernel *kernel, struct ks_kring *ring, struct ks_span list,
		       struct ks_diag *diag)
{
	struct ks_span der;
	int more = 0, rc = 0;

	while (!rc && (more = ks_certlist_next(&list, &der)) > 0)
		rc = ks_kring_add(kernel, ring, der, diag);
	if (more < 0)
		kernel->list_cut_short = true;
	return rc;
}

/* mod_verify_sig(): @body is the file without the marker; @ret_content shrinks as info->len. */
static int check_signature(const struct ks_kernel *kernel, struct ks_span body,
			   struct ks_span *ret_content, struct ks_ksaid *said)
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
		ks_kernel_say(said, NOT_PKCS7);
		return -ENOPKG;
	}
	if (!trailer.rest_is_zero) {
		ks_kernel_say(said, NON_ZERO);
		return -EBADMSG;
	}
	if (!ks_span_sub(body, before - trailer.sig_bytes, trailer.sig_bytes, &cms) ||
	    !ks_span_sub(body, 0, before - trailer.sig_bytes, ret_content))
		return -EBADMSG;
	return ks_kernel_verify(kernel, *ret_content, cms, said);
}

/* What the kernel calls a module whose signature is no reason to refuse it by itself. */
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
			ks_kernel_say(&v->load[mode].said, "Loading of %s is rejected", reason);
		} else if (mode == KS_KMODE_LOCKDOWN) {
			v->load[mode].err = -EPERM;
			ks_kernel_say(&v->load[mode].said, "unsigned module loading is restricted; "
							   "see man kernel_lockdown.7");
		} else {
			v->load[mode].err = 0;
		}
	}
}

int ks_kernel_judge(const struct ks_kernel *kernel, struct ks_span file,
		    struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	struct ks_kverdict v = { .sig_err = -ENODATA };
	struct ks_span content = file, body;
	int rc;

	if (ks_modsig_has_marker(file, &body))
		v.sig_err = check_signature(kernel, body, &content, &v.sig_said);
	if (v.sig_err == -EOPNOTSUPP || v.sig_err == -EIO || v.sig_err == -ENOMEM)
		return ks_fail(diag, v.sig_err, KS_NO_OFF,
			       "cannot tell what the kernel says of this signature");
	decide(kernel, &v);
	rc = ks_kernel_judge_form(&kernel->modules, content, &v, diag);
	if (!rc)
		*ret_verdict = v;
	return rc;
}

int ks_kernel_judge_content(const struct ks_kernel *kernel, struct ks_span file,
			    struct ks_kverdict *ret_verdict, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf unpacked = { 0 };
	enum ks_compression kind = ks_compression_of(file);
	int rc;

	if (kind == KS_COMPRESS_NONE || kind == KS_COMPRESS_LZMA)
		return ks_kernel_judge(kernel, file, ret_verdict, diag);
	/* The kernel, or kmod before it, unpacks the file and looks at what was inside. */
	rc = ks_module_unpack(kind, file, &unpacked, diag);
	if (!rc)
		rc = ks_kernel_judge(kernel, ks_buf_span(&unpacked), ret_verdict, diag);
	if (!rc)
		ks_kernel_judge_stream(&kernel->modules, kind, file, ret_verdict);
	return rc;
}

const char *ks_kverdict_why(const struct ks_kverdict *verdict)
{
	if (verdict->sig_said.why)
		return verdict->sig_said.why;
	switch (verdict->sig_err) {
	case 0:
		return verdict->load[KS_KMODE_SIG_ENFORCE].said.why;
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
