/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/PIN, below the current directory: which tarballs count as which release.
 *
 *   6.18.15 debian SHA-256 PATH
 */
#ifndef KQ_TREE_PIN_H
#define KQ_TREE_PIN_H

#include "text/digest.h"

/* A release has two sources; a file with more than this for one release is a mistake. */
#define KQ_MAX_PINS 16U

/** struct kq_pins - the SHA-256 of all tarballs of one release, in the file's order */
struct kq_pins {
	struct kq_hex tarball[KQ_MAX_PINS];
	size_t nr;
};

/**
 * kq_pins_load() - the pins of a release
 *
 * Return: 0, also without a file and without a line for @release; -E2BIG; what reading said.
 */
int __must_check kq_pins_load(const char *release, struct kq_pins *ret_pins,
			      struct kq_error *error);

/** kq_pinned() - @tarball is among them */
bool kq_pinned(const struct kq_pins *pins, const struct kq_hex *tarball);

#endif
