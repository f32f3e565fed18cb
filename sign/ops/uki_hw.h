/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a stub needs to pick by the machine's hardware IDs: .hwids, and .efifw, the firmware for one.
 *
 *   .hwids   le32 descriptor | GUID | le32 offset of the name | le32 offset of compatible or fwid
 *            ...
 *            28 zeros | texts, each ended by a NUL
 *   .efifw   le32 0xfeeddead | le32 16 | le32 bytes of the ID with its NUL | le32 bytes of the image | ID | image
 *
 * Sources: systemd's src/boot/chid.h, src/boot/efi-firmware.h and src/ukify, 257 to 262.
 */
#ifndef KS_OPS_UKI_HW_H
#define KS_OPS_UKI_HW_H

#include "base/buf.h"

/**
 * ks_uki_hwids_load() - .hwids out of systemd's and the kernel's descriptions of machines
 * @path: a file NAME.json, or a directory that is searched for them
 * @out: appended to; ukify's bytes for the same files
 *
 * A description is an object: "type" (devicetree or uefi-fw; without it, devicetree), "name", "hwids" (GUIDs),
 * and "compatible" or "fwid".
 *
 * Return: 0; -EBADMSG; -E2BIG above KS_MAX_HWIDS; -ENOENT for a directory without one; what the system said.
 */
int __must_check ks_uki_hwids_load(const char *path, struct ks_buf *out, struct ks_diag *diag);

/** ks_uki_hwids_check() - does the stub find each name in its bounds? Return: 0; -EBADMSG. */
int __must_check ks_uki_hwids_check(struct ks_span hwids, struct ks_diag *diag);

/**
 * ks_uki_efifw_load() - .efifw out of a directory that holds one image
 * @path: its last part is the ID that "fwid" of a description names
 */
int __must_check ks_uki_efifw_load(const char *path, struct ks_buf *out, struct ks_diag *diag);

/** ks_uki_efifw_check() - is the header right, and the image as long as it says? Return: 0; -EBADMSG. */
int __must_check ks_uki_efifw_check(struct ks_span efifw, struct ks_diag *diag);

#endif
