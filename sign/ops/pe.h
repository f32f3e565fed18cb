/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recipes for PE images: the only place that knows the format and the signature.
 */
#ifndef KS_OPS_PE_H
#define KS_OPS_PE_H

#include "crypto/cms.h"
#include "fmt/pe.h"
#include "ops/if_signed.h"

/* What --signed may say of an image. */
#define KS_PE_MODES (KS_IF_SIGNED_REFUSE | KS_IF_SIGNED_ADD | KS_IF_SIGNED_REPLACE)

/**
 * struct ks_pe_sign_opts - how to sign
 * @chain: certificates to embed beside the signer's, its issuers; NULL for none
 * @mode: what to do with signatures that are there; KS_IF_SIGNED_KEEP is not for images
 * @first: put the signature before the others: the kernel (kexec) and some firmware read only one
 */
struct ks_pe_sign_opts {
	const struct ks_certs *chain;
	enum ks_if_signed mode;
	bool first;
};

/**
 * struct ks_pe_signing - an image between its digest and its signature; borrows the file
 * @content: SpcIndirectDataContent, what is signed
 * @kept, @nr_kept: signatures that stay
 */
struct ks_pe_signing {
	struct ks_pe_view view;
	struct ks_digest digest;
	struct ks_buf content;
	struct ks_span kept[KS_MAX_PE_CERTS];
	size_t nr_kept;
	bool first;
};

/**
 * ks_pe_sign_begin() - everything before the signature: what no verifier would load is refused here
 * @cert: the signer's
 * @in: whole file, borrowed by @ret_signing
 * @ret_signing: ks_pe_signing_done()
 *
 * Return: 0; -EINVAL for certificates that are not a chain; -EEXIST for a signed image under
 * KS_IF_SIGNED_REFUSE, or when a signature of the same certificate over the same digest is there;
 * -EBADMSG and others of ks_pe_parse() and of ks_uki_lint_fatal().
 */
int __must_check ks_pe_sign_begin(const struct ks_cert *cert, const struct ks_pe_sign_opts *opts,
				  struct ks_span in, struct ks_pe_signing *ret_signing,
				  struct ks_diag *diag);

/**
 * ks_pe_sign_end() - the image with its new signature
 * @cms: Authenticode signature over @signing->content
 * @ret_image: borrows the file; ks_pe_image_done()
 */
int __must_check ks_pe_sign_end(const struct ks_pe_signing *signing, struct ks_span cms,
				struct ks_pe_image *ret_image, struct ks_diag *diag);

/** ks_pe_signing_done() - free; accepts an empty one */
void ks_pe_signing_done(struct ks_pe_signing *signing);

/**
 * ks_pe_sign() - begin, sign with Authenticode, end
 * @signer: its digest is SHA-256, as every firmware takes it
 */
int __must_check ks_pe_sign(const struct ks_signer *signer, const struct ks_pe_sign_opts *opts,
			    struct ks_span in, struct ks_pe_image *ret_image, struct ks_diag *diag);

/** ks_pe_strip() - without signatures; borrows @in. Return: 0; -ENODATA if there are none. */
int __must_check ks_pe_strip(struct ks_span in, struct ks_pe_image *ret_image,
			     struct ks_diag *diag);

/** ks_pe_hash() - the Authenticode digest of an image, with an algorithm of ks_digest_alg() */
int __must_check ks_pe_hash(const struct ks_pe_view *view, const char *alg,
			    struct ks_digest *ret_digest, struct ks_diag *diag);

/** ks_pe_hash_md() - the same with any algorithm */
int __must_check ks_pe_hash_md(const struct ks_pe_view *view, const EVP_MD *md,
			       struct ks_digest *ret_digest, struct ks_diag *diag);

#endif
