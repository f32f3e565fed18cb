// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_check.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "crypto/pubkey.h"

/* The field of the setup header, and what its value counts from. */
#define HEADER_MAGIC_OFF 0x202U
#define KERNEL_VERSION_OFF 0x20eU
#define KERNEL_VERSION_BASE 0x200U
#define KERNEL_VERSION_MAX_BYTES 256U

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
	struct ks_cursor c;
	u16 magic;
	u32 bytes;
	int rc;

	if (!splash.bytes)
		return 0;
	ks_cursor_init(&c, splash, 0);
	magic = ks_get_le16(&c);
	bytes = ks_get_le32(&c);
	rc = ks_cursor_ok(&c, "splash is not a BMP image", diag);
	if (rc)
		return rc;
	if (magic != 0x4d42)
		return ks_fail(diag, -EBADMSG, 0, "splash is not a BMP image");
	return bytes > splash.bytes ?
		       ks_fail_range(diag, 2, "splash BMP image", bytes, splash.bytes) :
		       0;
}

int ks_uki_check_dtb(struct ks_span dtb, struct ks_diag *diag)
{
	struct ks_cursor c;
	u32 magic, bytes;
	int rc;

	if (!dtb.bytes)
		return 0;
	ks_cursor_init(&c, dtb, 0);
	magic = ks_get_be32(&c);
	bytes = ks_get_be32(&c);
	rc = ks_cursor_ok(&c, "device tree is shorter than its header", diag);
	if (rc)
		return rc;
	if (magic != 0xd00dfeed)
		return ks_fail(diag, -EBADMSG, 0, "not a flattened device tree");
	return bytes != dtb.bytes ?
		       ks_fail_range(diag, 4, "device tree", bytes, dtb.bytes) : 0;
}

int ks_uki_check_pcr_key(const struct ks_pubkey *key, struct ks_diag *diag)
{
	u32 bits = ks_pubkey_rsa_bits(key);

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "PCR key is not RSA of 2048, 3072 or 4096 bits, as a TPM takes it");
	return 0;
}

struct ks_span ks_uki_kernel_release(struct ks_span linux_image)
{
	struct ks_span magic, text, none = { 0 };
	struct ks_cursor c;
	u32 off;

	if (!ks_span_sub(linux_image, HEADER_MAGIC_OFF, 4, &magic) ||
	    !ks_span_eq(magic, ks_span_str("HdrS")))
		return none;
	ks_cursor_init(&c, linux_image, 0);
	ks_cursor_skip(&c, KERNEL_VERSION_OFF);
	off = (u32)ks_get_le16(&c) + KERNEL_VERSION_BASE;
	if (off == KERNEL_VERSION_BASE || off >= linux_image.bytes ||
	    !ks_span_sub(linux_image, off, linux_image.bytes - off, &text))
		return none;
	if (text.bytes > KERNEL_VERSION_MAX_BYTES)
		text.bytes = KERNEL_VERSION_MAX_BYTES;
	/* "6.18.15 (user@host) #1 SMP ..." */
	return ks_span_word(&text, &magic) ? magic : none;
}
