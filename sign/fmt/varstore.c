// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/varstore.h"

#include <errno.h>
#include <string.h>

#define STORE_HEADER_BYTES  28
#define RECORD_HEADER_BYTES 60
#define RECORD_ALIGN	    4

/* Offsets in the firmware volume header (PI 1.7, volume 3, 3.2.1). */
enum { FV_GUID = 0x10, FV_LENGTH = 0x20, FV_SIGNATURE = 0x28, FV_HEADER_LENGTH = 0x30 };
#define FV_FIXED_BYTES 0x38

/* Offsets in the store header. */
enum { STORE_SIZE = 16, STORE_FORMAT = 20 };
#define STORE_FORMATTED 0x5a
#define STORE_HEALTHY	0xfe

#define RECORD_START 0x55aa
/* Cleared bits of a record's state: 0x80 header written, 0x40 data written, 0x01 about to be
 * replaced, 0x02 deleted. An interrupted update leaves 0x3e, whose value still counts. */
#define STATE_ADDED		  0x3f
#define STATE_ADDED_IN_TRANSITION 0x3e

static const struct ks_guid nvram_volume =
	KS_GUID(0xfff12b8d, 0x7696, 0x4c8b, 0xa985, 0x2747075b4f50);
static const struct ks_guid authenticated_store =
	KS_GUID(0xaaf32c78, 0x947b, 0x439a, 0xa180, 0x2e144ec37792);
static const struct ks_guid plain_store =
	KS_GUID(0xddcf3616, 0x3275, 0x4164, 0x98b6, 0xfe85707ffe7d);

/* One record, live or not. */
struct record {
	struct ks_span whole;
	u8 state;
	struct ks_var var;
	u64 data_off;
};

static u16 sum16(struct ks_span s)
{
	struct ks_cursor c;
	u16 sum = 0;

	ks_cursor_init(&c, s, 0);
	while (ks_cursor_left(&c) >= 2)
		sum = (u16)(sum + ks_get_le16(&c));
	return sum;
}

bool ks_varstore_probe(struct ks_span image)
{
	struct ks_cursor c;
	struct ks_guid kind;

	ks_cursor_init(&c, image, 0);
	ks_cursor_skip(&c, FV_GUID);
	kind = ks_get_guid(&c);
	return !c.bad && ks_guid_eq(&kind, &nvram_volume);
}

/* The firmware volume around the store. */
static int parse_volume(struct ks_span image, u16 *ret_header_bytes, u64 *ret_volume_bytes,
			struct ks_diag *diag)
{
	struct ks_span header;
	struct ks_cursor c;
	struct ks_guid kind;
	u64 volume_bytes;
	u16 header_bytes;
	u32 signature;
	int rc;

	ks_cursor_init(&c, image, 0);
	ks_cursor_skip(&c, FV_GUID);
	kind = ks_get_guid(&c);
	volume_bytes = ks_get_le64(&c);
	signature = ks_get_le32(&c);
	ks_cursor_skip(&c, 4);
	header_bytes = ks_get_le16(&c);
	rc = ks_cursor_ok(&c, "firmware volume header is cut off, not an OVMF_VARS file?", diag);
	if (rc)
		return rc;
	if (signature != 0x4856465f) /* "_FVH" */
		return ks_fail(diag, -EBADMSG, FV_SIGNATURE,
			       "not a firmware volume, give an OVMF_VARS file");
	if (!ks_guid_eq(&kind, &nvram_volume))
		return ks_fail(diag, -EBADMSG, FV_GUID,
			       "firmware volume holds no variables, give an OVMF_VARS file");
	if (volume_bytes > image.bytes)
		return ks_fail_range(diag, FV_LENGTH,
				     "firmware volume ends past the end of the file", volume_bytes,
				     image.bytes);
	if (header_bytes < FV_FIXED_BYTES || header_bytes % 2 || header_bytes > volume_bytes ||
	    !ks_span_sub(image, 0, header_bytes, &header))
		return ks_fail(diag, -EBADMSG, FV_HEADER_LENGTH,
			       "firmware volume header has an impossible length");
	if (sum16(header))
		return ks_fail(diag, -EBADMSG, 0x32, "firmware volume header has a wrong checksum");
	*ret_header_bytes = header_bytes;
	*ret_volume_bytes = volume_bytes;
	return 0;
}

static int parse_store_header(struct ks_span image, u64 off, u64 volume_bytes,
			      struct ks_varstore_view *view, struct ks_diag *diag)
{
	struct ks_span header;
	struct ks_cursor c;
	struct ks_guid kind;
	u32 store_bytes;
	u8 format, state;
	int rc;

	if (!ks_span_sub(image, off, STORE_HEADER_BYTES, &header))
		return ks_fail(diag, -EBADMSG, off, "variable store header is cut off");
	ks_cursor_init(&c, header, off);
	kind = ks_get_guid(&c);
	store_bytes = ks_get_le32(&c);
	format = ks_get_u8(&c);
	state = ks_get_u8(&c);
	ks_cursor_skip(&c, 6);
	rc = ks_cursor_end(&c, "variable store header is cut off", diag);
	if (rc)
		return rc;
	if (ks_guid_eq(&kind, &plain_store))
		return ks_fail(diag, -EOPNOTSUPP, off,
			       "variable store cannot authenticate, use another firmware");
	if (!ks_guid_eq(&kind, &authenticated_store))
		return ks_fail(diag, -EBADMSG, off, "no variable store after the volume header");
	if (store_bytes < STORE_HEADER_BYTES)
		return ks_fail(diag, -EBADMSG, off + STORE_SIZE,
			       "variable store is smaller than its header");
	if (store_bytes > volume_bytes - off)
		return ks_fail_range(diag, off + STORE_SIZE,
				     "variable store ends past its firmware volume", store_bytes,
				     volume_bytes - off);
	if (format != STORE_FORMATTED || state != STORE_HEALTHY)
		return ks_fail(diag, -EBADMSG, off + STORE_FORMAT,
			       "variable store is not formatted and healthy");
	view->store_off = off + STORE_HEADER_BYTES;
	view->store_end_off = off + store_bytes;
	return 0;
}

/* Name and data: their sizes are only bounded by what is left of the store. */
static int parse_body(struct ks_cursor *c, u64 off, u32 name_bytes, u32 data_bytes,
		      struct record *r, struct ks_diag *diag)
{
	struct ks_span nul;

	if ((u64)name_bytes + data_bytes > ks_cursor_left(c))
		return ks_fail_range(diag, off, "variable ends past the end of the store",
				     (u64)name_bytes + data_bytes, ks_cursor_left(c));
	r->var.name = ks_get_bytes(c, name_bytes);
	r->data_off = ks_cursor_off(c);
	r->var.data = ks_get_bytes(c, data_bytes);
	if (name_bytes < 2 || name_bytes % 2 ||
	    !ks_span_sub(r->var.name, name_bytes - 2, 2, &nul) || !ks_span_is_zero(nul))
		return ks_fail(diag, -EBADMSG, off + RECORD_HEADER_BYTES,
			       "variable name is not UTF-16 with a NUL");
	return ks_cursor_ok(c, "variable is cut off", diag);
}

/* The record at @off, which is aligned and below the end of the store. */
static int parse_record(const struct ks_varstore_view *view, u64 off, struct record *ret_record,
			struct ks_diag *diag)
{
	u32 name_bytes, data_bytes;
	struct record r = { 0 };
	struct ks_cursor c;
	struct ks_span rest, time;
	int rc;

	if (off > view->store_end_off ||
	    !ks_span_sub(view->image, off, view->store_end_off - off, &rest))
		return ks_fail(diag, -EINVAL, off, "record outside of the store");
	ks_cursor_init(&c, rest, off);
	if (ks_get_le16(&c) != RECORD_START && !c.bad)
		return ks_fail(diag, -EBADMSG, off, "neither a variable nor free room");
	r.state = ks_get_u8(&c);
	ks_cursor_skip(&c, 1);
	r.var.attributes = ks_get_le32(&c);
	ks_cursor_skip(&c, 8);
	time = ks_get_bytes(&c, KS_EFI_TIME_BYTES);
	ks_cursor_skip(&c, 4);
	name_bytes = ks_get_le32(&c);
	data_bytes = ks_get_le32(&c);
	r.var.vendor = ks_get_guid(&c);
	rc = ks_cursor_ok(&c, "variable header is cut off", diag);
	if (rc)
		return rc;
	memcpy(r.var.time, time.p, KS_EFI_TIME_BYTES);
	rc = parse_body(&c, off, name_bytes, data_bytes, &r, diag);
	if (rc)
		return rc;
	if (!ks_span_sub(rest, 0, RECORD_HEADER_BYTES + (u64)name_bytes + data_bytes, &r.whole))
		return ks_fail(diag, -EBADMSG, off, "variable is cut off");
	*ret_record = r;
	return 0;
}

/* Free room: nothing but erased flash until the end. */
static bool is_free(const struct ks_varstore_view *view, u64 off)
{
	struct ks_span rest;
	size_t i;

	if (!ks_span_sub(view->image, off, view->store_end_off - off, &rest))
		return false;
	for (i = 0; i < rest.bytes; i++)
		if (rest.p[i] != 0xff)
			return false;
	return true;
}

/* The offset after a record, where the next one or the free room begins. */
static u64 next_off(const struct ks_varstore_view *view, u64 off, const struct record *r)
{
	u64 next = ks_align_up(off + r->whole.bytes, RECORD_ALIGN);

	return next < view->store_end_off ? next : view->store_end_off;
}

static bool same_var(const struct ks_var *a, const struct ks_guid *vendor, struct ks_span name)
{
	return ks_guid_eq(&a->vendor, vendor) && ks_span_eq(a->name, name);
}

/* A record in transition counts only while its successor is not complete. */
static bool has_successor(const struct ks_varstore_view *view, const struct record *old)
{
	struct record r;
	u64 off;

	for (off = view->store_off; off < view->free_off; off = next_off(view, off, &r)) {
		if (parse_record(view, off, &r, NULL))
			return false;
		if (r.state == STATE_ADDED && same_var(&r.var, &old->var.vendor, old->var.name))
			return true;
	}
	return false;
}

static bool is_live(const struct ks_varstore_view *view, const struct record *r)
{
	if (r->state == STATE_ADDED_IN_TRANSITION)
		return !has_successor(view, r);
	return r->state == STATE_ADDED;
}

int ks_varstore_parse(struct ks_span image, struct ks_varstore_view *ret_view, struct ks_diag *diag)
{
	struct ks_varstore_view view = { .image = image };
	struct ks_varstore_iter iter = { 0 };
	struct ks_var var;
	size_t nr_records = 0, nr_interrupted = 0;
	u64 volume_bytes = 0, data_off, off;
	struct record r;
	u16 header_bytes = 0;
	int rc;

	if (image.bytes > KS_MAX_VARSTORE_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "variable store is too large");
	rc = parse_volume(image, &header_bytes, &volume_bytes, diag);
	if (!rc)
		rc = parse_store_header(image, header_bytes, volume_bytes, &view, diag);
	if (rc)
		return rc;
	for (off = view.store_off; !is_free(&view, off); off = next_off(&view, off, &r)) {
		if (nr_records++ == KS_MAX_VARSTORE_RECORDS)
			return ks_fail(diag, -E2BIG, off, "too many variables");
		rc = parse_record(&view, off, &r, diag);
		if (rc)
			return rc;
		/* Each is looked for in the whole store. */
		if (r.state == STATE_ADDED_IN_TRANSITION &&
		    nr_interrupted++ == KS_MAX_VARSTORE_INTERRUPTED)
			return ks_fail(diag, -E2BIG, off,
				       "over 64 interrupted updates, let the firmware complete them");
	}
	view.free_off = off;
	while (ks_varstore_next(&view, &iter, &var, &data_off))
		view.nr_vars++;
	*ret_view = view;
	return 0;
}

bool ks_varstore_next(const struct ks_varstore_view *view, struct ks_varstore_iter *iter,
		      struct ks_var *ret_var, u64 *ret_data_off)
{
	u64 off = iter->off ? iter->off : view->store_off;
	struct record r;

	for (; off < view->free_off; off = iter->off) {
		if (parse_record(view, off, &r, NULL))
			return false;
		iter->off = next_off(view, off, &r);
		if (!is_live(view, &r))
			continue;
		*ret_var = r.var;
		*ret_data_off = r.data_off;
		return true;
	}
	return false;
}

bool ks_varstore_find(const struct ks_varstore_view *view, const struct ks_guid *vendor,
		      struct ks_span name, struct ks_var *ret_var)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_var var;
	u64 data_off;

	while (ks_varstore_next(view, &iter, &var, &data_off)) {
		if (!same_var(&var, vendor, name))
			continue;
		*ret_var = var;
		return true;
	}
	return false;
}

void ks_varstore_erase(struct ks_varstore_view *view)
{
	view->free_off = view->store_off;
	view->nr_vars = 0;
}

static int put_record(struct ks_buf *out, const struct ks_var *var, struct ks_diag *diag)
{
	if (var->name.bytes < 4 || var->name.bytes % 2 || var->name.bytes > UINT16_MAX)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "variable needs a name in UTF-16");
	if (var->data.bytes > KS_MAX_VARSTORE_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "variable is larger than any store");
	ks_put_le16(out, RECORD_START);
	ks_put_u8(out, STATE_ADDED);
	ks_put_u8(out, 0);
	ks_put_le32(out, var->attributes);
	ks_put_le64(out, 0); /* MonotonicCount: unused with time-based authentication */
	ks_put(out, (struct ks_span){ var->time, KS_EFI_TIME_BYTES });
	ks_put_le32(out, 0); /* PubKeyIndex: likewise */
	ks_put_le32(out, (u32)var->name.bytes);
	ks_put_le32(out, (u32)var->data.bytes);
	ks_put_guid(out, &var->vendor);
	ks_put(out, var->name);
	ks_put(out, var->data);
	/* The gap up to the next record stays erased. */
	ks_put_fill(out, 0xff, ks_align_up(out->bytes, RECORD_ALIGN) - out->bytes);
	return ks_buf_ok(out, diag);
}

static bool is_replaced(const struct ks_var *old, const struct ks_var *vars, size_t nr_vars)
{
	size_t i;

	for (i = 0; i < nr_vars; i++)
		if (same_var(old, &vars[i].vendor, vars[i].name))
			return true;
	return false;
}

int ks_varstore_build(const struct ks_varstore_view *view, const struct ks_var *vars,
		      size_t nr_vars, struct ks_buf *ret_image, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_varstore_iter iter = { 0 };
	struct ks_span head, tail;
	struct ks_var old;
	u64 data_off;
	size_t i;
	int rc = 0;

	if (!ks_span_sub(view->image, 0, view->store_off, &head) ||
	    !ks_span_sub(view->image, view->store_end_off, view->image.bytes - view->store_end_off,
			 &tail))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "not a parsed variable store");
	ks_put(&out, head);
	while (!rc && ks_varstore_next(view, &iter, &old, &data_off))
		if (!is_replaced(&old, vars, nr_vars))
			rc = put_record(&out, &old, diag);
	for (i = 0; !rc && i < nr_vars; i++)
		rc = put_record(&out, &vars[i], diag);
	if (rc)
		return rc;
	if (out.bytes > view->store_end_off)
		return ks_fail(diag, -E2BIG, view->store_end_off,
			       "variables do not fit into the store");
	ks_put_fill(&out, 0xff, view->store_end_off - out.bytes);
	ks_put(&out, tail);
	rc = ks_buf_ok(&out, diag);
	if (!rc)
		ks_buf_move(ret_image, &out);
	return rc;
}

void ks_put_utf16(struct ks_buf *b, const char *text)
{
	for (; *text; text++)
		ks_put_le16(b, (u8)*text);
	ks_put_le16(b, 0);
}

void ks_utf16_format(struct ks_span name, char *text, size_t text_bytes)
{
	struct ks_cursor c;
	size_t n = 0;

	ks_cursor_init(&c, name, 0);
	while (ks_cursor_left(&c) >= 2 && n + 1 < text_bytes) {
		u16 ch = ks_get_le16(&c);

		if (!ch)
			break;
		text[n++] = ch >= 0x20 && ch < 0x7f ? (char)ch : '?';
	}
	text[n] = '\0';
}
