/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BMP images, as far as systemd-stub looks at one before it shows it.
 */
#ifndef KS_FMT_BMP_H
#define KS_FMT_BMP_H

#include "base/diag.h"
#include "base/span.h"

/**
 * ks_bmp_check() - magic and size of the file header; messages call it a splash
 *
 * The size has to be that of the file: systemd-stub shows nothing, too, where there are bytes behind it.
 *
 * Return: 0; -EBADMSG.
 */
int __must_check ks_bmp_check(struct ks_span file, struct ks_diag *diag);

#endif
