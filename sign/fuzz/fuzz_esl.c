// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: a dbx update out of the network (`kseal pe verify --dbx`), and the
 * variables of a store that `kseal efi show` reads: a guest wrote them.
 *
 * Valid input: EFI_SIGNATURE_LISTs one after the other: type, three sizes, a header, entries of an
 * owner GUID and a payload.
 *
 * Laws: the lists cover the input; every signature lies inside its list; lists without a header
 * that are built from what was read have the bytes that were read; lists that are joined parse, have
 * nothing twice of what was appended, and get nothing from being joined again.
 */
#include <errno.h>

#include "fmt/esl.h"
#include "fuzz/fuzz.h"

/* What was read, built again. @end_off: where the list ends in the file */
static void check_rebuild(struct ks_span in, const struct ks_esl_list_view *list, u64 end_off)
{
	__cleanup(ks_buf_done) struct ks_buf again = { 0 };
	struct ks_guid owner, first_owner = { { 0 } };
	struct ks_span payload, whole;
	u32 i;

	for (i = 0; i < list->nr_sigs; i++) {
		KS_LAW(!ks_esl_sig(list, i, &owner, &payload, NULL));
		KS_LAW(ks_fuzz_inside(list->sigs, payload));
		KS_LAW(payload.bytes == list->sig_bytes - KS_GUID_BYTES);
		if (!i)
			first_owner = owner;
	}
	KS_LAW(ks_esl_sig(list, list->nr_sigs, &owner, &payload, NULL) == -EINVAL);
	/* One signature and no header: the whole list is known, so it must come out the same. */
	if (list->nr_sigs != 1 || end_off - list->off != KS_ESL_HEADER_BYTES + list->sigs.bytes)
		return;
	KS_LAW(!ks_esl_append(&again, &list->type, &first_owner, &payload, 1, NULL));
	KS_LAW(ks_span_sub(in, list->off, end_off - list->off, &whole));
	KS_LAW(ks_span_eq(ks_buf_span(&again), whole));
}

/* The whole input as lists, appended to none, to itself and to what came of that. */
static void check_join(struct ks_span in)
{
	__cleanup(ks_buf_done) struct ks_buf once = { 0 }, twice = { 0 };
	static struct ks_esl_view view;
	int rc = ks_esl_join(&once, in, NULL, NULL);

	KS_LAW(rc == 0 || rc == -E2BIG);
	if (rc)
		return;
	KS_LAW(once.bytes <= in.bytes);
	KS_LAW(!ks_esl_parse(ks_buf_span(&once), 0, &view, NULL));
	ks_put(&twice, ks_buf_span(&once));
	rc = ks_esl_join(&twice, in, NULL, NULL);
	KS_LAW(rc == 0 || rc == -E2BIG);
	KS_LAW(rc || ks_span_eq(ks_buf_span(&once), ks_buf_span(&twice)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	/* Too large for a stack frame under ASan. */
	static struct ks_esl_view view;
	struct ks_span in = { data, size };
	int rc = ks_esl_parse(in, 0, &view, NULL);
	u64 end_off;
	size_t i;

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	if (rc)
		return 0;
	KS_LAW(!view.nr_lists == !size);
	KS_LAW(!view.nr_lists || view.list[0].off == 0);
	for (i = 0; i < view.nr_lists; i++) {
		const struct ks_esl_list_view *list = &view.list[i];

		end_off = i + 1 < view.nr_lists ? view.list[i + 1].off : size;
		KS_LAW(list->sig_bytes > KS_GUID_BYTES);
		KS_LAW(list->sigs.bytes == (u64)list->sig_bytes * list->nr_sigs);
		KS_LAW(ks_fuzz_inside(in, list->sigs));
		KS_LAW(ks_fuzz_off(in, list->sigs) + list->sigs.bytes == end_off);
		check_rebuild(in, list, end_off);
	}
	rc = ks_esl_check(&view, NULL);
	KS_LAW(rc == 0 || rc == -EKEYREJECTED);
	check_join(in);
	return 0;
}
