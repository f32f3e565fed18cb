// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A kernel's rules out of its image and out of files of certificates.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "crypto/cert.h"
#include "fmt/ikconfig.h"
#include "kernel/image.h"
#include "kernel/rules.h"

static int add_certs(const struct ks_kernel *kernel, struct ks_kring *ring, const struct ks_certs *certs,
		     struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && certs && i < certs->nr_certs; i++) {
		__cleanup(ks_buf_done) struct ks_buf der = { 0 };

		rc = ks_cert_der(&certs->cert[i], &der, diag);
		if (!rc)
			rc = ks_kring_add(kernel, ring, ks_buf_span(&der), diag);
	}
	return rc;
}

/* @symbol: stays 0 where it is not set; @broken: what to say if it is not a number */
static int number_of(struct ks_span config, const char *symbol, const char *broken,
		     unsigned int *ret_number, struct ks_diag *diag)
{
	char text[8] = "", *end;
	struct ks_span value;

	if (!ks_kconfig_value(config, symbol, &value))
		return 0;
	if (value.bytes && value.bytes < sizeof(text))
		memcpy(text, value.p, value.bytes);
	*ret_number = (unsigned int)strtoul(text, &end, 10);
	return text[0] && !*end ? 0 : ks_fail(diag, -EBADMSG, KS_NO_OFF, broken);
}

static int set_config(struct ks_kernel *kernel, struct ks_span config, struct ks_diag *diag)
{
	struct ks_kcrypto *crypto = &kernel->crypto;
	unsigned int i;
	int rc;

	if (!ks_kconfig_is_on(config, "CONFIG_MODULE_SIG"))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "kernel without CONFIG_MODULE_SIG looks at no signature");
	crypto->digests = 0;
	for (i = 0; i < KS_KDIGEST_NR; i++)
		if (ks_kconfig_is_on(config, ks_kdigest_config(i)))
			crypto->digests |= 1U << i;
	crypto->rsa = ks_kconfig_is_on(config, "CONFIG_CRYPTO_RSA");
	crypto->ecdsa = ks_kconfig_is_on(config, "CONFIG_CRYPTO_ECDSA");
	crypto->ecrdsa = ks_kconfig_is_on(config, "CONFIG_CRYPTO_ECRDSA");
	kernel->sig_force = ks_kconfig_is_on(config, "CONFIG_MODULE_SIG_FORCE");
	rc = number_of(config, "CONFIG_MODULE_SIG_MIN_DIGEST_BITS",
		       "CONFIG_MODULE_SIG_MIN_DIGEST_BITS is not a number", &kernel->min_digest_bits, diag);
	if (rc)
		return rc;
	return number_of(config, "CONFIG_MODULE_SIG_MIN_RSA_BITS",
			 "CONFIG_MODULE_SIG_MIN_RSA_BITS is not a number", &kernel->min_rsa_bits, diag);
}

static int add_hash(struct ks_khashes *hashes, struct ks_span hex, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf value = { 0 };
	char text[2 * KS_DIGEST_MAX_BYTES + 1] = "";
	struct ks_digest *grown;

	if (!hex.bytes || hex.bytes >= sizeof(text))
		return 0;
	memcpy(text, hex.p, hex.bytes);
	if (!ks_unhex(text, &value))
		return ks_buf_ok(&value, diag);
	if (hashes->nr_hashes == KS_MAX_KERNEL_HASHES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "kernel has over 65536 revoked hashes");
	grown = reallocarray(hashes->hash, hashes->nr_hashes + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	hashes->hash = grown;
	grown[hashes->nr_hashes].bytes = value.bytes;
	memcpy(grown[hashes->nr_hashes++].value, value.p, value.bytes);
	return 0;
}

/*
 * blacklist_hashes[] points to strings "tbs:<hex>". The pointers are not followed: a string of that
 * form stands in a kernel for no other purpose.
 */
static int add_hashes(struct ks_khashes *hashes, struct ks_span image, struct ks_diag *diag)
{
	static const char mark[] = "\0tbs:";
	struct ks_span rest = image, hex;
	const u8 *hit, *end;
	u64 off;
	int rc = 0;

	while (!rc && (hit = memmem(rest.p, rest.bytes, mark, sizeof(mark) - 1))) {
		off = (u64)(hit - rest.p) + sizeof(mark) - 1;
		if (!ks_span_sub(rest, off, rest.bytes - off, &rest))
			break;
		end = memchr(rest.p, '\0', rest.bytes);
		if (end && ks_span_sub(rest, 0, (u64)(end - rest.p), &hex))
			rc = add_hash(hashes, hex, diag);
	}
	return rc;
}

static int add_unpacked(const struct ks_kernel_image *image, struct ks_kernel *kernel, struct ks_diag *diag)
{
	struct ks_span config = ks_buf_span(&image->config), release;
	int rc = 0;

	kernel->has_image = true;
	kernel->has_config = config.bytes;
	if (ks_kernel_banner(image->image, &release))
		snprintf(kernel->release, sizeof(kernel->release), "%.*s", (int)release.bytes,
			 (const char *)release.p);
	if (config.bytes)
		rc = set_config(kernel, config, diag);
	ks_kernel_load_form(image->image, config, &kernel->modules);
	if (!rc)
		rc = add_hashes(&kernel->revoked_tbs, image->image, diag);
	if (!rc)
		rc = ks_kernel_add_list(kernel, &kernel->revoked, image->revoked, diag);
	return rc ? rc : ks_kernel_add_list(kernel, &kernel->trusted, image->trusted, diag);
}

static int add_image(const char *path, struct ks_kernel *kernel, struct ks_diag *diag)
{
	__cleanup(ks_kernel_image_done) struct ks_kernel_image image = { 0 };
	int rc = ks_kernel_image_load(path, &image, diag);

	rc = rc ? rc : add_unpacked(&image, kernel, diag);
	ks_diag_in(diag, path);
	return rc;
}

bool ks_kernel_is_of_series(const char *release)
{
	size_t bytes = strlen(KS_KERNEL_SERIES);

	return !strncmp(release, KS_KERNEL_SERIES, bytes) && !strchr("0123456789", release[bytes]);
}

int ks_kernel_load(const struct ks_kernel_opts *opts, struct ks_kernel *ret_kernel,
		   struct ks_diag *diag)
{
	int rc = 0;

	if (opts->version && strcmp(opts->version, KS_KERNEL_SERIES) != 0)
		return ks_fail_detail(diag, -EOPNOTSUPP, "--kernel knows the rules of " KS_KERNEL_SERIES " only",
				      opts->version);
	ks_kcrypto_set_mainline(&ret_kernel->crypto);
	ks_kcrypto_init(&ret_kernel->crypto);
	/* The image first: whether a certificate can be loaded depends on its configuration. */
	if (opts->unpacked)
		rc = add_unpacked(opts->unpacked, ret_kernel, diag);
	else if (opts->image)
		rc = add_image(opts->image, ret_kernel, diag);
	if (!rc)
		rc = add_certs(ret_kernel, &ret_kernel->revoked, opts->revoked, diag);
	return rc ? rc : add_certs(ret_kernel, &ret_kernel->trusted, opts->trust, diag);
}
