/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Flattened device trees: the header alone.
 * Source: Devicetree Specification, 5.2 Header.
 */
#ifndef KS_FMT_FDT_H
#define KS_FMT_FDT_H

#include "base/diag.h"
#include "base/span.h"

/** ks_fdt_check() - magic, and the size that the header says. Return: 0; -EBADMSG. */
int __must_check ks_fdt_check(struct ks_span file, struct ks_diag *diag);

#endif
