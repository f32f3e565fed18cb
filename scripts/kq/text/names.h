/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A list of names: of files, SKUs, architectures.
 */
#ifndef KQ_TEXT_NAMES_H
#define KQ_TEXT_NAMES_H

#include "text/fault.h"

/** struct kq_names - owned strings; NULL may stand among them for "none" */
struct kq_names {
	char **name;
	size_t nr;
	size_t room;
};

/** kq_names_done() - free; accepts a zeroed list */
void kq_names_done(struct kq_names *names);

/**
 * kq_names_add() - append a copy
 * @name: without an address it adds NULL
 * @max: a list that has this many already is refused with -E2BIG
 */
int __must_check kq_names_add(struct kq_names *names, struct ks_span name, size_t max,
			      struct kq_fault *fault);

/** kq_names_have() - Return: @name is in the list */
bool kq_names_have(const struct kq_names *names, struct ks_span name);

/** kq_names_sort() - sorted, each once; for a list without NULL */
void kq_names_sort(struct kq_names *names);

#endif
