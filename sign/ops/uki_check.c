// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_check.h"

#include <errno.h>
#include <string.h>

#include "crypto/pubkey.h"
#include "fmt/bmp.h"
#include "fmt/fdt.h"

int ks_uki_check_text(struct ks_span text, const char *what, struct ks_diag *diag)
{
	if (text.bytes && memchr(text.p, 0, text.bytes))
		return ks_fail_detail(diag, -EBADMSG, "text has a NUL byte", what);
	return 0;
}

struct ks_span ks_uki_text(struct ks_span section)
{
	while (section.bytes && !section.p[section.bytes - 1])
		section.bytes--;
	return section;
}

bool ks_uki_is_blank(struct ks_span cmdline)
{
	size_t i;

	for (i = 0; i < cmdline.bytes; i++)
		if (cmdline.p[i] > 0x20 && cmdline.p[i] != 0x7f)
			return false;
	return true;
}

int ks_uki_check_cmdline(struct ks_span cmdline, struct ks_diag *diag)
{
	if (cmdline.bytes > KS_MAX_CMDLINE_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_CMDLINE_BYTES,
			       "command line is over 2047 bytes, the kernel would cut it");
	return ks_uki_check_text(cmdline, "command line", diag);
}

int ks_uki_check_splash(struct ks_span splash, struct ks_diag *diag)
{
	return splash.bytes ? ks_bmp_check(splash, diag) : 0;
}

int ks_uki_check_dtb(struct ks_span dtb, struct ks_diag *diag)
{
	return dtb.bytes ? ks_fdt_check(dtb, diag) : 0;
}

int ks_uki_check_pcr_key(const struct ks_pubkey *key, struct ks_diag *diag)
{
	u32 bits = ks_pubkey_rsa_bits(key);

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "PCR key is not RSA of 2048, 3072 or 4096 bits, as a TPM takes it");
	return 0;
}
