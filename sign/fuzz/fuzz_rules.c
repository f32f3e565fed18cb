// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the signature of a module for `kseal module verify`, and the certificates of
 * a kernel or PEM file that it is judged by. These readers take what the kernel's own take, which is
 * more than DER: indefinite lengths, trailing bytes, a header of half the right bytes.
 *
 * Valid input: the frame of frame.h; the certificate is the kernel's one built-in key.
 *
 * Laws: every refusal is an errno of the kernel; what loads does not load with one bit of the content
 * turned, nor with an empty keyring.
 */
#include <openssl/err.h>

#include "fuzz/frame.h"
#include "kernel/cms.h"

/* A kernel with every algorithm, as ks_kernel_load() makes it without an image. */
static struct ks_kernel *make_kernel(void)
{
	static struct ks_kernel kernel;

	if (kernel.crypto.digests)
		return &kernel;
	ks_kcrypto_set_mainline(&kernel.crypto);
	ks_kcrypto_init(&kernel.crypto);
	return &kernel;
}

static void empty_ring(struct ks_kernel *kernel)
{
	const struct ks_kcrypto crypto = kernel->crypto;

	kernel->crypto = (struct ks_kcrypto){ 0 };
	ks_kernel_done(kernel);
	*kernel = (struct ks_kernel){ .crypto = crypto };
}

static int verify(const struct ks_kernel *kernel, struct ks_span content, struct ks_span cms)
{
	struct ks_kernel_log log = { 0 };
	int rc = ks_kernel_verify(kernel, content, cms, &log);

	ERR_clear_error();
	KS_LAW(rc <= 0 && rc > -4096);
	return rc;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_buf_done) struct ks_buf changed = { 0 };
	struct ks_kernel *kernel = make_kernel();
	struct ks_fuzz_frame f;
	int rc;

	if (!ks_fuzz_frame(data, size, &f) || !f.content.bytes)
		return 0;
	rc = ks_kring_add(kernel, &kernel->trusted, f.cert, NULL);
	ERR_clear_error();
	KS_LAW(rc <= 0);
	rc = verify(kernel, f.content, f.cms);
	if (!rc) {
		ks_fuzz_flip(f.content, &changed);
		KS_LAW(verify(kernel, ks_buf_span(&changed), f.cms));
	}
	empty_ring(kernel);
	if (!rc)
		KS_LAW(verify(kernel, f.content, f.cms));
	return 0;
}
