/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A profile as a person writes it: one small text that names what the profile has of its own.
 *
 *   ID=rescue                    required: [A-Za-z0-9._-]
 *   TITLE="Rescue shell"         what a boot menu shows
 *   CMDLINE=console=ttyS0 single text, or @FILE
 *   INITRD=FILE                  may be there several times
 *   DTB=FILE  MICROCODE=FILE  SPLASH=FILE  OS_RELEASE=FILE
 *
 * ID and TITLE become the .profile section, the others the sections of that name behind it. Files
 * are looked for beside the text. Empty lines and lines with # are left out.
 */
#ifndef KS_OPS_UKI_PROFILE_H
#define KS_OPS_UKI_PROFILE_H

#include "base/map.h"
#include "ops/uki.h"

/**
 * struct ks_uki_profile_file - what a profile's text and the files that it names hold
 * @part: by enum ks_uki_id, owned
 * @path: of the text, borrowed
 */
struct ks_uki_profile_file {
	struct ks_buf part[KS_UKI_NR];
	const char *path;
};

/**
 * ks_uki_profile_load() - read a profile and the files that it names
 * @ret_file: owned by the caller, ks_uki_profile_done()
 * Return: 0; -EBADMSG with the offset of the line; what the file system said.
 */
int __must_check ks_uki_profile_load(const char *path, struct ks_uki_profile_file *ret_file,
				     struct ks_diag *diag);

/** ks_uki_profile_view() - as ks_uki_build() takes it, borrowed */
struct ks_uki_profile ks_uki_profile_view(const struct ks_uki_profile_file *file);

/** ks_uki_profile_done() - free; accepts an empty one */
void ks_uki_profile_done(struct ks_uki_profile_file *file);

/**
 * ks_uki_profile_value() - a field of a .profile text, without its quotes
 * @name: "ID" or "TITLE"
 * Return: empty if it is not there.
 */
struct ks_span ks_uki_profile_value(struct ks_span text, const char *name);

/**
 * ks_uki_append_file() - append a file to others
 * @align: the file starts at a multiple of this many bytes
 * Return: 0; -EBADMSG if it is empty; what the file system said.
 */
int __must_check ks_uki_append_file(const char *path, u64 max_bytes, u64 align, struct ks_buf *out,
				    struct ks_diag *diag);

/** ks_uki_append_initrd() - append an initrd to others, as the kernel reads them one after the other */
int __must_check ks_uki_append_initrd(const char *path, struct ks_buf *out, struct ks_diag *diag);

/** ks_uki_map_initrd() - map a single initrd; @ret_map: ks_map_close(), also after a failure */
int __must_check ks_uki_map_initrd(const char *path, struct ks_map *ret_map, struct ks_diag *diag);

/**
 * ks_uki_load_cmdline() - "@FILE" or the text itself; blanks at both ends are cut off
 * Return: 0; -EBADMSG if nothing but blanks is there; what the file system said.
 */
int __must_check ks_uki_load_cmdline(const char *arg, struct ks_buf *out, struct ks_diag *diag);

#endif
