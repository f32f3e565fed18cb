/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recipes for PE images: the only place that knows the format and the signature.
 */
#ifndef KS_OPS_PE_H
#define KS_OPS_PE_H

#include "crypto/cms.h"
#include "fmt/pe.h"
#include "ops/if_signed.h"

/**
 * ks_pe_sign() - sign an image with Authenticode
 * @signer: its digest is SHA-256, as every firmware takes it
 * @chain: certificates to embed beside the signer's; NULL for none
 * @in: whole file
 * @out: gets the signed file
 *
 * Return: 0; -EEXIST for a signed image under KS_IF_SIGNED_REFUSE, or when a signature of the same
 * certificate over the same digest is there; -EBADMSG and others of ks_pe_parse(): what no verifier
 * would load is not signed.
 */
int __must_check ks_pe_sign(const struct ks_signer *signer, const struct ks_certs *chain,
			    enum ks_if_signed mode, struct ks_span in, struct ks_buf *out,
			    struct ks_diag *diag);

/**
 * ks_pe_verify() - is there a signature of this image that @trust vouches for?
 * @ret_nr_signatures: how many there are, also on failure once the table was read
 *
 * Return: 0 if at least one signature holds and is trusted; -ENODATA if unsigned; -ENOKEY if all
 * hold but none is trusted; -EKEYREJECTED if a signature is of other bytes or does not verify.
 */
int __must_check ks_pe_verify(const struct ks_certs *trust, struct ks_span in,
			      size_t *ret_nr_signatures, struct ks_diag *diag);

/** ks_pe_strip() - without signatures. Return: 0; -ENODATA if there are none. */
int __must_check ks_pe_strip(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);

/** ks_pe_hash() - the Authenticode digest of an image, with an algorithm of ks_digest_alg() */
int __must_check ks_pe_hash(const struct ks_pe_view *view, const char *alg,
			    struct ks_digest *ret_digest, struct ks_diag *diag);

#endif
