// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: a vendor's or an attacker's update of a variable, which `kseal efi
 * auth-verify` judges before the firmware gets it, and `kseal pe verify --dbx` reads.
 *
 * Valid input: EFI_VARIABLE_AUTHENTICATION_2: a time, a WIN_CERTIFICATE_UEFI_GUID, a payload.
 *
 * Laws: signature and payload lie in the file and cover it from the header on; what is built of what
 * was read is the file, unless a field is there that is not judged; what is signed is read back.
 */
#include <errno.h>

#include "fmt/auth.h"
#include "fuzz/fuzz.h"

static void check_signed(const struct ks_auth_view *view)
{
	static const u8 name[] = { 'd', 0, 'b', 0 };
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_auth_signed what = { .name = { name, sizeof(name) },
				       .vendor = view->cert_type,
				       .attributes = 0x27,
				       .payload = view->payload },
			      got;

	ks_auth_put_signed(&b, &what);
	KS_LAW(!ks_auth_parse_signed(ks_buf_span(&b), what.name, &what.vendor, &got, NULL));
	KS_LAW(ks_span_eq(got.payload, view->payload));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 name[] = { 'd', 0, 'b', 0 };
	__cleanup(ks_buf_done) struct ks_buf again = { 0 };
	struct ks_span in = { data, size };
	struct ks_auth_signed what;
	struct ks_auth_view view;
	struct ks_guid vendor = { { 0 } };
	int rc = ks_auth_parse(in, &view, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG);
	if (!ks_auth_parse_signed(in, (struct ks_span){ name, sizeof(name) }, &vendor, &what, NULL))
		KS_LAW(ks_fuzz_inside(in, what.payload));
	if (rc)
		return 0;
	KS_LAW(ks_fuzz_inside(in, view.cms) && ks_fuzz_inside(in, view.payload));
	KS_LAW(KS_AUTH_HEADER_BYTES + view.cms.bytes == view.payload_off);
	KS_LAW(view.payload_off + view.payload.bytes == size);
	check_signed(&view);
	rc = ks_auth_check(&view, NULL);
	KS_LAW(rc == 0 || rc == -EKEYREJECTED);
	KS_LAW(!ks_auth_build(view.time, view.cms, view.payload, &again, NULL));
	if (!rc && ks_auth_is(in))
		KS_LAW(ks_span_eq(ks_buf_span(&again), in));
	return 0;
}
