/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_TREE_VERSION_H
#define KQ_TREE_VERSION_H

#include "base/span.h"

/* "6.18.15-rc1"; the kernel's own limit for all of uname -r is 64. */
#define KQ_RELEASE_BYTES 64U

/** struct kq_version - a release as its tarball is named: "6.18.15", "6.18", "6.19-rc3" */
struct kq_version {
	char text[KQ_RELEASE_BYTES];
};

/**
 * kq_version_read() - VERSION, PATCHLEVEL, SUBLEVEL and EXTRAVERSION of a kernel's top Makefile
 * @ret_version: written on success only
 *
 * Return: false when the text is not the kernel's top Makefile.
 */
bool kq_version_read(struct ks_span makefile, struct kq_version *ret_version);

/** kq_version_is() - @text has the form of a release: two or three numbers, "-rcN" */
bool kq_version_is(const char *text);

#endif
