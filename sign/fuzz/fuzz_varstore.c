// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: a virtual machine, whose firmware and guest write the variable store that
 * `kseal efi show` and `kseal efi enrol` read.
 *
 * Valid input: a firmware volume header with the store's GUID, a variable store header, records
 * aligned to 4, free room of 0xff.
 *
 * Laws: names and data of a variable lie inside the store; a variable that was listed is found; the
 * store that is built with one more variable parses, is as long, and has all of them.
 */
#include <errno.h>

#include "fmt/varstore.h"
#include "fuzz/fuzz.h"

static const struct ks_guid vendor = KS_GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa0d, 0x00e098032b8c);

static void check_vars(const struct ks_varstore_view *view)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_var var, found;
	u64 data_off;
	size_t nr = 0;

	while (ks_varstore_next(view, &iter, &var, &data_off)) {
		KS_LAW(ks_fuzz_inside(view->image, var.name));
		KS_LAW(ks_fuzz_inside(view->image, var.data));
		KS_LAW(data_off + var.data.bytes <= view->free_off);
		KS_LAW(ks_varstore_find(view, &var.vendor, var.name, &found));
		nr++;
	}
	KS_LAW(nr == view->nr_vars);
}

static void check_rebuild(const struct ks_varstore_view *view)
{
	__cleanup(ks_buf_done) struct ks_buf image = { 0 }, name = { 0 };
	struct ks_var var = { .attributes = KS_VAR_NON_VOLATILE | KS_VAR_BOOT_SERVICE,
			      .vendor = vendor,
			      .data = ks_span_str("fuzz") },
		      found;
	struct ks_varstore_view again;
	bool was_there;
	int rc;

	ks_put_utf16(&name, "KsFuzz");
	var.name = ks_buf_span(&name);
	was_there = ks_varstore_find(view, &vendor, var.name, &found);
	rc = ks_varstore_build(view, &var, 1, &image, NULL);
	KS_LAW(rc == 0 || rc == -E2BIG || rc == -EBADMSG);
	if (rc)
		return;
	KS_LAW(image.bytes == view->image.bytes);
	KS_LAW(!ks_varstore_parse(ks_buf_span(&image), &again, NULL));
	KS_LAW(again.nr_vars == view->nr_vars + !was_there);
	KS_LAW(ks_varstore_find(&again, &vendor, var.name, &found));
	KS_LAW(ks_span_eq(found.data, var.data));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span image = { data, size };
	struct ks_varstore_view view;
	int rc = ks_varstore_parse(image, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG || rc == -EOPNOTSUPP);
	if (rc)
		return 0;
	KS_LAW(view.store_off <= view.free_off && view.free_off <= view.store_end_off);
	KS_LAW(view.store_end_off <= size);
	check_vars(&view);
	check_rebuild(&view);
	return 0;
}
