/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * .hwids of a UKI: what its stub picks a device tree or firmware by.
 *
 *   le32 descriptor | GUID | le32 offset of the name | le32 offset of compatible or fwid
 *   ...
 *   28 zeros | texts, each ended by a NUL
 *
 * Sources: systemd's src/boot/chid.h and src/ukify, 257 to 262.
 */
#ifndef KS_OPS_UKI_HWIDS_H
#define KS_OPS_UKI_HWIDS_H

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

#endif
