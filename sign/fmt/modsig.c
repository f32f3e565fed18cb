// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A signed module:
 *
 *   +--------------------------------+ 0
 *   | ELF                            |
 *   +--------------------------------+ end - 40 - sig_len
 *   | CMS SignedData, DER            | sig_len bytes
 *   +--------------------------------+ end - 40
 *   | algo hash id_type signer_len   | 0 0 2 0       struct module_signature
 *   | key_id_len pad[3]              | 0 0 0 0
 *   | sig_len                        | big endian
 *   +--------------------------------+ end - 28
 *   | "~Module signature appended~\n"|
 *   +--------------------------------+ end
 */
#include "fmt/modsig.h"

#include <errno.h>

#include "base/cursor.h"

#define MAGIC "~Module signature appended~\n"
#define TRAILER_BYTES KS_MODSIG_TRAILER_BYTES
#define ID_TYPE_PKCS7 KS_MODSIG_PKCS7

int ks_modsig_parse(struct ks_span file, struct ks_modsig_view *ret_view, struct ks_diag *diag)
{
	struct ks_span magic = ks_span_str(MAGIC), body;
	struct ks_modsig_view view = { .content = file };
	struct ks_modsig_trailer trailer;
	u64 end;

	if (!ks_span_ends_with(file, magic)) {
		*ret_view = view;
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "module is not signed");
	}
	end = file.bytes - magic.bytes;
	if (!ks_span_sub(file, 0, end, &body) || !ks_modsig_trailer(body, &trailer))
		return ks_fail_range(diag, 0, "module signature trailer", TRAILER_BYTES, end);
	end -= TRAILER_BYTES;
	if (trailer.id_type != ID_TYPE_PKCS7)
		return ks_fail(diag, -EOPNOTSUPP, end + 2, "module signature is not PKCS#7");
	if (!trailer.rest_is_zero)
		return ks_fail(diag, -EBADMSG, end,
			       "module signature trailer has non-zero reserved fields");
	/* The kernel refuses sig_len >= the bytes before the trailer: something must be signed. */
	if (!trailer.sig_bytes || trailer.sig_bytes >= end)
		return ks_fail_range(diag, end + 8, "module signature", trailer.sig_bytes, end);
	if (!ks_span_sub(file, end - trailer.sig_bytes, trailer.sig_bytes, &view.cms) ||
	    !ks_span_sub(file, 0, end - trailer.sig_bytes, &view.content))
		return ks_fail(diag, -EBADMSG, end, "module signature past the end");
	*ret_view = view;
	return 0;
}

bool ks_modsig_has_marker(struct ks_span file, struct ks_span *ret_body)
{
	struct ks_span magic = ks_span_str(MAGIC);

	return file.bytes > magic.bytes && ks_span_ends_with(file, magic) &&
	       ks_span_sub(file, 0, file.bytes - magic.bytes, ret_body);
}

bool ks_modsig_trailer(struct ks_span body, struct ks_modsig_trailer *ret_trailer)
{
	struct ks_modsig_trailer trailer;
	struct ks_span bytes, lead, rest;
	struct ks_cursor c;

	if (body.bytes < TRAILER_BYTES ||
	    !ks_span_sub(body, body.bytes - TRAILER_BYTES, TRAILER_BYTES, &bytes))
		return false;
	ks_cursor_init(&c, bytes, 0);
	lead = ks_get_bytes(&c, 2);
	trailer.id_type = ks_get_u8(&c);
	rest = ks_get_bytes(&c, 5);
	trailer.sig_bytes = ks_get_be32(&c);
	trailer.rest_is_zero = ks_span_is_zero(lead) && ks_span_is_zero(rest);
	if (ks_cursor_end(&c, "module signature trailer cut short", NULL))
		return false;
	*ret_trailer = trailer;
	return true;
}

void ks_modsig_build(struct ks_span cms, struct ks_buf *out)
{
	ks_put(out, cms);
	ks_put_le16(out, 0);
	ks_put_u8(out, ID_TYPE_PKCS7);
	ks_put_fill(out, 0, 5);
	ks_put_be32(out, (u32)cms.bytes);
	ks_put_str(out, MAGIC);
}
