/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_FINDINGS_H
#define KS_CMD_FINDINGS_H

#include "ops/findings.h"

/**
 * ks_findings_print() - what a lint found on stdout, as lines or as one JSON document
 * @file: name of what was looked at
 * Return: 0 without a fatal finding; -EKEYREJECTED, a clear no, with one.
 */
int __must_check ks_findings_print(const struct ks_findings *findings, const char *file,
				   bool as_json, struct ks_diag *diag);

#endif
