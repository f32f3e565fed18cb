/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mails become patches of the queue, byte for byte, all of them or none.
 */
#ifndef KQ_WORK_IMPORT_H
#define KQ_WORK_IMPORT_H

#include "base/buf.h"
#include "text/fault.h"

/**
 * struct kq_import - what to take in, and where
 * @queue: its folder; its series may be empty
 * @base: the release that the queue is on, see tree/release.h; NULL for that of base.lock
 * @from: mailboxes, format-patch files, or one range of commits (A..B, COMMIT^!)
 * @nr_from: how many
 * @repository: where a range is looked up
 * @sku: condition of the new lines: a list, NULL for none
 * @arch: the same
 */
struct kq_import {
	const char *queue;
	const char *base;
	char *const *from;
	size_t nr_from;
	const char *repository;
	const char *sku;
	const char *arch;
};

/**
 * kq_import() - add patches to the queue
 * @ret_names: "FILE\n" for each new patch
 *
 * Patches for all come after the last one that is for all; patches with a condition at the end,
 * numbered from 1001, so that the others have room. The new queue has to apply to @base for every
 * SKU and architecture that the series names. The series is replaced last.
 *
 * Return: 0; KQ_REFUSED when the queue would not apply or says no; -EOPNOTSUPP, -EBADMSG, -E2BIG
 * for a mail that is no good patch. The queue is as before then.
 */
int __must_check kq_import(const struct kq_import *import, struct ks_buf *ret_names,
			   struct kq_fault *fault);

#endif
