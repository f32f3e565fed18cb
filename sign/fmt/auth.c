// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/auth.h"

#include <errno.h>
#include <string.h>

/* Offsets of the fields, for the diag. */
enum { AUTH_LENGTH = 16, AUTH_TYPE = 22, AUTH_CERT_TYPE = 24 };
/* dwLength counts from its own place. */
#define CERT_HEADER_BYTES (KS_AUTH_HEADER_BYTES - AUTH_LENGTH)

#define REVISION 0x0200
#define TYPE_GUID 0x0ef1

static const struct ks_guid pkcs7 = KS_GUID(0x4aafd29d, 0x68df, 0x49ee, 0x8aa9, 0x347d375665a7);

static void get_time(struct ks_cursor *c, u8 time[KS_EFI_TIME_BYTES])
{
	struct ks_span raw = ks_get_bytes(c, KS_EFI_TIME_BYTES);

	if (raw.bytes)
		memcpy(time, raw.p, KS_EFI_TIME_BYTES);
}

bool ks_auth_is(struct ks_span file)
{
	struct ks_cursor c;
	u16 revision, type;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, AUTH_LENGTH + 4);
	revision = ks_get_le16(&c);
	type = ks_get_le16(&c);
	return !c.bad && revision == REVISION && type == TYPE_GUID;
}

int ks_auth_parse(struct ks_span file, struct ks_auth_view *ret_view, struct ks_diag *diag)
{
	struct ks_auth_view view = { 0 };
	struct ks_cursor c;
	u32 cert_bytes;
	int rc;

	ks_cursor_init(&c, file, 0);
	get_time(&c, view.time);
	cert_bytes = ks_get_le32(&c);
	view.revision = ks_get_le16(&c);
	view.type = ks_get_le16(&c);
	view.cert_type = ks_get_guid(&c);
	rc = ks_cursor_ok(&c, "update of a variable is cut off", diag);
	if (rc)
		return rc;
	if (cert_bytes < CERT_HEADER_BYTES)
		return ks_fail(diag, -EBADMSG, AUTH_LENGTH,
			       "signature of the update is smaller than its header");
	if (cert_bytes - CERT_HEADER_BYTES > ks_cursor_left(&c))
		return ks_fail_range(diag, AUTH_LENGTH, "signature of the update past the end",
				     cert_bytes - CERT_HEADER_BYTES, ks_cursor_left(&c));
	view.cms = ks_get_bytes(&c, cert_bytes - CERT_HEADER_BYTES);
	view.payload_off = ks_cursor_off(&c);
	view.payload = ks_get_bytes(&c, ks_cursor_left(&c));
	rc = ks_cursor_end(&c, "update of a variable is cut off", diag);
	if (rc)
		return rc;
	*ret_view = view;
	return 0;
}

int ks_auth_check(const struct ks_auth_view *view, struct ks_diag *diag)
{
	int rc = ks_efi_time_check(view->time, 0, diag);

	if (rc)
		return rc;
	if (view->type != TYPE_GUID)
		return ks_fail(diag, -EKEYREJECTED, AUTH_TYPE,
			       "certificate of the update is not of the type 0x0ef1 that updates have");
	if (!ks_guid_eq(&view->cert_type, &pkcs7))
		return ks_fail(diag, -EKEYREJECTED, AUTH_CERT_TYPE,
			       "signature of the update is not PKCS#7, the only kind that firmware takes");
	return 0;
}

int ks_auth_build(const u8 time[KS_EFI_TIME_BYTES], struct ks_span cms, struct ks_span payload,
		  struct ks_buf *ret_file, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	int rc;

	if (cms.bytes > UINT32_MAX - CERT_HEADER_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signature of the update is over 4 GiB");
	ks_put(&out, (struct ks_span){ time, KS_EFI_TIME_BYTES });
	ks_put_le32(&out, (u32)(cms.bytes + CERT_HEADER_BYTES));
	ks_put_le16(&out, REVISION);
	ks_put_le16(&out, TYPE_GUID);
	ks_put_guid(&out, &pkcs7);
	ks_put(&out, cms);
	ks_put(&out, payload);
	rc = ks_buf_ok(&out, diag);
	if (!rc)
		ks_buf_move(ret_file, &out);
	return rc;
}

void ks_auth_put_signed(struct ks_buf *out, const struct ks_auth_signed *what)
{
	ks_put(out, what->name);
	ks_put_guid(out, &what->vendor);
	ks_put_le32(out, what->attributes);
	ks_put(out, (struct ks_span){ what->time, KS_EFI_TIME_BYTES });
	ks_put(out, what->payload);
}

int ks_auth_parse_signed(struct ks_span file, struct ks_span name, const struct ks_guid *vendor,
			 struct ks_auth_signed *ret_what, struct ks_diag *diag)
{
	struct ks_auth_signed what = { 0 };
	struct ks_cursor c;
	int rc;

	ks_cursor_init(&c, file, 0);
	what.name = ks_get_bytes(&c, name.bytes);
	what.vendor = ks_get_guid(&c);
	what.attributes = ks_get_le32(&c);
	get_time(&c, what.time);
	rc = ks_cursor_ok(&c, "what is to be signed is cut off", diag);
	if (rc)
		return rc;
	if (!ks_span_eq(what.name, name) || !ks_guid_eq(&what.vendor, vendor))
		return ks_fail(diag, -EKEYREJECTED, 0, "what is to be signed is for another variable");
	what.payload = ks_get_bytes(&c, ks_cursor_left(&c));
	rc = ks_cursor_end(&c, "what is to be signed is cut off", diag);
	if (rc)
		return rc;
	*ret_what = what;
	return 0;
}
