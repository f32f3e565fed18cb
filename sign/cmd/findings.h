/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_FINDINGS_H
#define KS_CMD_FINDINGS_H

#include "ops/pe_lint.h"

/**
 * ks_findings_print() - what a lint found on stdout, as lines or as one JSON document
 * @file: name of what was looked at
 * @schema: of the document, "kseal/pe-lint/1"; NULL for lines
 * Return: 0 without a fatal finding; -EKEYREJECTED, a clear no, with one.
 */
int __must_check ks_findings_print(const struct ks_findings *findings, const char *file,
				   const char *schema, struct ks_diag *diag);

/**
 * ks_advise_signer() - what shim refuses of signatures by @signer, on stderr
 * @embedded: certificates that go into the signature beside it, NULL for none
 * @file: name of what is signed
 */
int __must_check ks_advise_signer(const struct ks_cert *signer, const struct ks_certs *embedded,
				  const char *file, struct ks_diag *diag);

#endif
