// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/esl.h"

#include <errno.h>

/* Offsets of the fields of a list, for the diag. */
enum { ESL_LIST_SIZE = 16, ESL_HEADER_SIZE = 20, ESL_SIG_SIZE = 24 };

const struct ks_guid ks_esl_type_x509 = KS_GUID(0xa5c059a1, 0x94e4, 0x4aa7, 0x87b5, 0xab155c2bf072);
const struct ks_guid ks_esl_type_sha1 = KS_GUID(0x826ca512, 0xcf10, 0x4ac9, 0xb187, 0xbe01496631bd);
const struct ks_guid ks_esl_type_sha256 =
	KS_GUID(0xc1c41626, 0x504c, 0x4092, 0xaca9, 0x41f936934328);
const struct ks_guid ks_esl_type_sha384 =
	KS_GUID(0xff3e5307, 0x9fd0, 0x48c9, 0x85f1, 0x8ad56c701e01);
const struct ks_guid ks_esl_type_sha512 =
	KS_GUID(0x093e0fae, 0xa6c4, 0x4f50, 0x9f1b, 0xd41e2b89c19a);
const struct ks_guid ks_esl_type_x509_sha256 =
	KS_GUID(0x3bd2a492, 0x96c0, 0x4079, 0xb420, 0xfcf98ef103ed);
const struct ks_guid ks_esl_type_x509_sha384 =
	KS_GUID(0x7076876e, 0x80c2, 0x4ee6, 0xaad2, 0x28b349a6865b);
const struct ks_guid ks_esl_type_x509_sha512 =
	KS_GUID(0x446dbf63, 0x2502, 0x4cda, 0xbcfa, 0x2465d2b0fe9d);

/* The header after the fixed part, and how the rest divides into signatures. */
static int check_sizes(struct ks_esl_list_view *list, u32 list_bytes, u32 header_bytes,
		       struct ks_diag *diag)
{
	u32 room_bytes;

	if (list_bytes < KS_ESL_HEADER_BYTES)
		return ks_fail(diag, -EBADMSG, list->off + ESL_LIST_SIZE,
			       "signature list is smaller than its header");
	room_bytes = list_bytes - KS_ESL_HEADER_BYTES;
	/* No type that UEFI defines has a header; EDK2 would skip it unread. */
	if (header_bytes)
		return ks_fail(diag, -EBADMSG, list->off + ESL_HEADER_SIZE,
			       "signature list has an unknown extra header");
	if (list->sig_bytes <= KS_GUID_BYTES)
		return ks_fail(diag, -EBADMSG, list->off + ESL_SIG_SIZE,
			       "signature size leaves no room for a signature");
	if (ks_guid_eq(&list->type, &ks_esl_type_sha256) &&
	    list->sig_bytes != KS_GUID_BYTES + KS_ESL_SHA256_BYTES)
		return ks_fail(diag, -EBADMSG, list->off + ESL_SIG_SIZE,
			       "signature size is not that of a SHA-256 digest");
	if (room_bytes % list->sig_bytes)
		return ks_fail(diag, -EBADMSG, list->off + ESL_LIST_SIZE,
			       "signature list does not hold a whole number of signatures");
	list->nr_sigs = room_bytes / list->sig_bytes;
	return 0;
}

static int parse_list(struct ks_cursor *c, struct ks_esl_list_view *ret_list, struct ks_diag *diag)
{
	struct ks_esl_list_view list = { .off = ks_cursor_off(c) };
	u32 list_bytes, header_bytes;
	int rc;

	list.type = ks_get_guid(c);
	list_bytes = ks_get_le32(c);
	header_bytes = ks_get_le32(c);
	list.sig_bytes = ks_get_le32(c);
	rc = ks_cursor_ok(c, "signature list header is cut off", diag);
	if (rc)
		return rc;
	rc = check_sizes(&list, list_bytes, header_bytes, diag);
	if (rc)
		return rc;
	if (list_bytes - KS_ESL_HEADER_BYTES > ks_cursor_left(c))
		return ks_fail_range(diag, list.off + ESL_LIST_SIZE,
				     "signature list ends past the end of the data",
				     list_bytes - KS_ESL_HEADER_BYTES, ks_cursor_left(c));
	list.sigs = ks_get_bytes(c, list_bytes - KS_ESL_HEADER_BYTES);
	*ret_list = list;
	return 0;
}

int ks_esl_parse(struct ks_span in, u64 base_off, struct ks_esl_view *ret_view,
		 struct ks_diag *diag)
{
	struct ks_cursor c;
	size_t nr_lists = 0;
	int rc;

	ks_cursor_init(&c, in, base_off);
	ret_view->nr_lists = 0;
	while (ks_cursor_left(&c)) {
		if (nr_lists == KS_MAX_ESL_LISTS)
			return ks_fail(diag, -E2BIG, ks_cursor_off(&c), "too many signature lists");
		rc = parse_list(&c, &ret_view->list[nr_lists], diag);
		if (rc)
			return rc;
		nr_lists++;
	}
	rc = ks_cursor_end(&c, "signature lists are cut off", diag);
	if (rc)
		return rc;
	ret_view->nr_lists = nr_lists;
	return 0;
}

/* EFI_TIME of 16 bytes, then WIN_CERTIFICATE: u32 dwLength, revision 0x0200, type 0x0ef1. */
static bool is_update(struct ks_span file, u64 *ret_lists_off)
{
	struct ks_cursor c;
	u32 length;
	u16 revision, type;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, 16);
	length = ks_get_le32(&c);
	revision = ks_get_le16(&c);
	type = ks_get_le16(&c);
	*ret_lists_off = 16 + (u64)length;
	return !c.bad && revision == 0x0200 && type == 0x0ef1;
}

int ks_esl_parse_file(struct ks_span file, struct ks_esl_view *ret_view, struct ks_diag *diag)
{
	struct ks_diag reason = { 0 };
	struct ks_span lists;
	u64 off;

	if (is_update(file, &off)) {
		if (off > file.bytes || !ks_span_sub(file, off, file.bytes - off, &lists))
			return ks_fail(diag, -EBADMSG, 16, "signature of the update past the end");
		return ks_esl_parse(lists, off, ret_view, diag);
	}
	if (!ks_esl_parse(file, 0, ret_view, &reason))
		return 0;
	if (ks_span_sub(file, 4, file.bytes - 4, &lists) &&
	    !ks_esl_parse(lists, 4, ret_view, NULL))
		return 0;
	return ks_fail(diag, reason.err, reason.off, reason.what);
}

int ks_esl_sig(const struct ks_esl_list_view *list, u32 idx, struct ks_guid *ret_owner,
	       struct ks_span *ret_payload, struct ks_diag *diag)
{
	struct ks_cursor c;
	struct ks_span sig, payload;
	struct ks_guid owner;
	int rc;

	if (!ks_span_sub(list->sigs, (u64)idx * list->sig_bytes, list->sig_bytes, &sig))
		return ks_fail(diag, -EINVAL, list->off, "no such signature in the list");
	ks_cursor_init(&c, sig, 0);
	owner = ks_get_guid(&c);
	payload = ks_get_bytes(&c, ks_cursor_left(&c));
	rc = ks_cursor_end(&c, "signature is cut off", diag);
	if (rc)
		return rc;
	*ret_owner = owner;
	*ret_payload = payload;
	return 0;
}

int ks_esl_append(struct ks_buf *out, const struct ks_guid *type, const struct ks_guid *owner,
		  const struct ks_span *payloads, size_t nr_payloads, struct ks_diag *diag)
{
	u64 sig_bytes, list_bytes;
	size_t i;

	for (i = 0; i < nr_payloads; i++)
		if (!payloads[i].bytes || payloads[i].bytes != payloads[0].bytes)
			break;
	if (!nr_payloads || i < nr_payloads)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "a signature list needs equal sizes");
	if (__builtin_add_overflow((u64)payloads[0].bytes, (u64)KS_GUID_BYTES, &sig_bytes) ||
	    __builtin_mul_overflow(sig_bytes, (u64)nr_payloads, &list_bytes) ||
	    list_bytes > UINT32_MAX - KS_ESL_HEADER_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signature list is larger than 4 GiB");
	ks_put_guid(out, type);
	ks_put_le32(out, (u32)(list_bytes + KS_ESL_HEADER_BYTES));
	ks_put_le32(out, 0);
	ks_put_le32(out, (u32)sig_bytes);
	for (i = 0; i < nr_payloads; i++) {
		ks_put_guid(out, owner);
		ks_put(out, payloads[i]);
	}
	return ks_buf_ok(out, diag);
}
