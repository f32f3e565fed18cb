// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand a .ko to `kseal module sign|verify|strip|show`: a vendor's
 * driver, a build directory that others write to.
 *
 * Valid input: ELF | CMS in DER | 12 bytes with the length of the CMS | "~Module signature appended~\n".
 *
 * Laws: content, CMS and the 40 bytes of the trailer are the file, in this order; building from the
 * two parts gives the file again.
 */
#include <errno.h>

#include "fmt/modsig.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_buf_done) struct ks_buf again = { 0 };
	struct ks_span file = { data, size };
	struct ks_modsig_view view = { 0 };
	int rc = ks_modsig_parse(file, &view, NULL);

	KS_LAW(rc == 0 || rc == -ENODATA || rc == -EBADMSG || rc == -EOPNOTSUPP);
	if (rc == -ENODATA)
		KS_LAW(ks_span_eq(view.content, file) && !view.cms.bytes);
	if (rc)
		return 0;
	KS_LAW(view.content.p == data && view.content.bytes && view.cms.bytes);
	KS_LAW(ks_fuzz_inside(file, view.cms));
	ks_put(&again, view.content);
	ks_modsig_build(view.cms, &again);
	KS_LAW(!ks_buf_ok(&again, NULL) && ks_span_eq(ks_buf_span(&again), file));
	return 0;
}
