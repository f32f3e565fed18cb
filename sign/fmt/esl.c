// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/esl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static const struct ks_guid rsa2048 =
	KS_GUID(0x3c5766e8, 0x269c, 0x4e34, 0xaa14, 0xed776e85b3b6);
static const struct ks_guid rsa2048_sha256 =
	KS_GUID(0xe2b36190, 0x879b, 0x4a3d, 0xad8d, 0xf2e7bba32784);
static const struct ks_guid rsa2048_sha1 =
	KS_GUID(0x67f8444f, 0x8743, 0x48f1, 0xa328, 0x1eaab8736080);
static const struct ks_guid sha224 = KS_GUID(0x0b6e5233, 0xa65c, 0x44c9, 0x9407, 0xd9ab83bfc8bd);

static const struct ks_esl_type types[] = {
	{ "x509", &ks_esl_type_x509, 0 },
	{ "sha1", &ks_esl_type_sha1, 20 },
	{ "sha224", &sha224, 28 },
	{ "sha256", &ks_esl_type_sha256, KS_ESL_SHA256_BYTES },
	{ "sha384", &ks_esl_type_sha384, 48 },
	{ "sha512", &ks_esl_type_sha512, 64 },
	{ "x509-sha256", &ks_esl_type_x509_sha256, KS_ESL_X509_SHA256_BYTES },
	{ "x509-sha384", &ks_esl_type_x509_sha384, 64 },
	{ "x509-sha512", &ks_esl_type_x509_sha512, 80 },
	{ "rsa2048", &rsa2048, 256 },
	{ "rsa2048-sha256", &rsa2048_sha256, 256 },
	{ "rsa2048-sha1", &rsa2048_sha1, 256 },
};

const struct ks_esl_type *ks_esl_type_of(const struct ks_guid *guid)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(types); i++)
		if (ks_guid_eq(types[i].guid, guid))
			return &types[i];
	return NULL;
}

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
	ret_view->all = in;
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

int ks_esl_check(const struct ks_esl_view *view, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < view->nr_lists; i++) {
		const struct ks_esl_list_view *list = &view->list[i];
		const struct ks_esl_type *type = ks_esl_type_of(&list->type);

		if (!type)
			return ks_fail(diag, -EKEYREJECTED, list->off,
				       "signature list of a kind that UEFI does not define");
		if (type->payload_bytes && list->sig_bytes != KS_GUID_BYTES + type->payload_bytes)
			return ks_fail_detail(diag, -EKEYREJECTED,
					      "signatures have not the size of their kind", type->name);
	}
	return 0;
}

/* One signature among all that are to be joined; @at: its place, those that are there come first. */
struct entry {
	const struct ks_guid *type;
	struct ks_span payload;
	size_t at;
	bool again;
};

static int by_content(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;
	int order = memcmp((*x)->type->raw, (*y)->type->raw, KS_GUID_BYTES);

	if (!order)
		order = ks_span_cmp((*x)->payload, (*y)->payload);
	if (!order)
		order = (*x)->at < (*y)->at ? -1 : 1;
	return order;
}

static int count(const struct ks_esl_view *view, size_t *nr_sigs, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < view->nr_lists; i++) {
		*nr_sigs += view->list[i].nr_sigs;
		if (*nr_sigs > KS_MAX_ESL_SIGS)
			return ks_fail(diag, -E2BIG, view->list[i].off, "too many signatures");
	}
	return 0;
}

static int fill(const struct ks_esl_view *view, struct entry *entries, struct entry **order,
		size_t *nr_entries, struct ks_diag *diag)
{
	struct ks_guid owner;
	size_t i;
	u32 k;
	int rc = 0;

	for (i = 0; i < view->nr_lists; i++)
		for (k = 0; k < view->list[i].nr_sigs && !rc; k++) {
			struct entry *entry = &entries[*nr_entries];

			entry->type = &view->list[i].type;
			entry->at = *nr_entries;
			order[(*nr_entries)++] = entry;
			rc = ks_esl_sig(&view->list[i], k, &owner, &entry->payload, diag);
		}
	return rc;
}

/* Those of @list that are not there yet. @entry: of its first one */
static size_t put_new(struct ks_buf *out, const struct ks_esl_list_view *list,
		      const struct entry *entry)
{
	struct ks_span sig;
	size_t nr_new = 0;
	u32 k;

	for (k = 0; k < list->nr_sigs; k++)
		nr_new += !entry[k].again;
	if (!nr_new)
		return 0;
	ks_put_guid(out, &list->type);
	ks_put_le32(out, (u32)(KS_ESL_HEADER_BYTES + nr_new * list->sig_bytes));
	ks_put_le32(out, 0);
	ks_put_le32(out, list->sig_bytes);
	for (k = 0; k < list->nr_sigs; k++)
		if (!entry[k].again &&
		    ks_span_sub(list->sigs, (u64)k * list->sig_bytes, list->sig_bytes, &sig))
			ks_put(out, sig);
	return nr_new;
}

/* Too large for the stack; @order points into @entry. */
struct joint {
	struct ks_esl_view *old;
	struct ks_esl_view *more;
	struct entry *entry;
	struct entry **order;
};

static void joint_done(struct joint *j)
{
	free(j->old);
	free(j->more);
	free(j->entry);
	free(j->order);
}

static int joint_init(struct joint *j, struct ks_span lists, struct ks_span more,
		      struct ks_diag *diag)
{
	size_t nr = 0;
	int rc;

	j->old = calloc(1, sizeof(*j->old));
	j->more = calloc(1, sizeof(*j->more));
	if (!j->old || !j->more)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = ks_esl_parse(lists, 0, j->old, diag) ?: ks_esl_parse(more, 0, j->more, diag);
	if (!rc && j->old->nr_lists + j->more->nr_lists > KS_MAX_ESL_LISTS)
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "too many signature lists");
	if (!rc)
		rc = count(j->old, &nr, diag) ?: count(j->more, &nr, diag);
	if (rc)
		return rc;
	j->entry = calloc(nr + 1, sizeof(*j->entry));
	j->order = calloc(nr + 1, sizeof(struct entry *));
	return j->entry && j->order ? 0 : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

static void mark(struct entry **order, size_t nr)
{
	size_t i;

	qsort(order, nr, sizeof(struct entry *), by_content);
	for (i = 1; i < nr; i++)
		order[i]->again = ks_guid_eq(order[i]->type, order[i - 1]->type) &&
				  ks_span_eq(order[i]->payload, order[i - 1]->payload);
}

int ks_esl_join(struct ks_buf *lists, struct ks_span more, size_t *ret_nr_left_out,
		struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf news = { 0 };
	__cleanup(joint_done) struct joint j = { 0 };
	size_t i, nr = 0, nr_old, nr_new = 0, at;
	int rc = joint_init(&j, ks_buf_span(lists), more, diag);

	if (!rc)
		rc = fill(j.old, j.entry, j.order, &nr, diag);
	nr_old = nr;
	if (!rc)
		rc = fill(j.more, j.entry, j.order, &nr, diag);
	if (rc)
		return rc;
	mark(j.order, nr);
	for (i = 0, at = nr_old; i < j.more->nr_lists; at += j.more->list[i++].nr_sigs)
		nr_new += put_new(&news, &j.more->list[i], &j.entry[at]);
	ks_put(lists, ks_buf_span(&news));
	rc = ks_buf_ok(&news, diag) ?: ks_buf_ok(lists, diag);
	if (!rc && ret_nr_left_out)
		*ret_nr_left_out = nr - nr_old - nr_new;
	return rc;
}
