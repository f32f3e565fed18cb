// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: a download for `kseal efi dbx`, `efi vars --dbx` and `pe verify --dbx`.
 *
 * Valid input: JSON of the form of dbx_info_msft_*.json.
 *
 * Laws: what is read is signature lists that SetVariable() takes; written as JSON and read again they are
 * the same; the list of hashes for the kernel has one string for each digest of an image.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "ops/dbx.h"
#include "ops/dbx_json.h"

static void check_hash_list(const struct ks_esl_view *view)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_dbx_counts all, counts;
	struct ks_span rest, line;
	size_t nr = 0;
	int rc = ks_dbx_put_hash_list(view, &out, &counts, NULL);

	ks_dbx_count(view, &all);
	KS_LAW(rc == (all.nr_images ? 0 : -ENODATA));
	if (rc)
		return;
	rest = ks_buf_span(&out);
	while (ks_span_line(&rest, &line)) {
		KS_LAW(line.bytes >= 70 && !memcmp(line.p, "\"bin:", 5));
		nr++;
	}
	KS_LAW(nr == all.nr_images && counts.nr_images == nr);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 }, json = { 0 }, again = { 0 };
	static struct ks_esl_view view;
	struct ks_span in = { data, size };
	int rc = ks_dbx_json_parse(in, NULL, NULL, &lists, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG || rc == -ENOKEY);
	if (rc)
		return 0;
	KS_LAW(ks_dbx_is_json(in));
	KS_LAW(!ks_esl_parse(ks_buf_span(&lists), 0, &view, NULL));
	KS_LAW(!ks_esl_check(&view, NULL));
	check_hash_list(&view);
	KS_LAW(!ks_dbx_json_build(&view, "x64", &json, NULL));
	KS_LAW(!ks_dbx_json_parse(ks_buf_span(&json), "x64", NULL, &again, NULL));
	KS_LAW(ks_span_eq(ks_buf_span(&lists), ks_buf_span(&again)));
	return 0;
}
