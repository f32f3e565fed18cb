/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * .efifw of a UKI: firmware for the one machine that the stub finds by .hwids.
 *
 *   le32 0xfeeddead | le32 16 | le32 bytes of the ID with its NUL | le32 bytes of the image | ID | image
 *
 * Source: systemd's src/boot/efi-firmware.h and src/ukify, 257 to 262.
 */
#ifndef KS_OPS_UKI_EFIFW_H
#define KS_OPS_UKI_EFIFW_H

#include "base/buf.h"

/**
 * ks_uki_efifw_load() - .efifw out of a directory that holds one image
 * @path: its last part is the ID that "fwid" of a description names
 */
int __must_check ks_uki_efifw_load(const char *path, struct ks_buf *out, struct ks_diag *diag);

/** ks_uki_efifw_check() - is the header right, and the image as long as it says? Return: 0; -EBADMSG. */
int __must_check ks_uki_efifw_check(struct ks_span efifw, struct ks_diag *diag);

#endif
