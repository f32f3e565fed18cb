/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record of an applied queue; its layout is shown in queue.h.
 */
#ifndef KQ_ENGINE_RECORD_H
#define KQ_ENGINE_RECORD_H

#include "base/buf.h"
#include "text/digest.h"
#include "queue/series.h"

/** kq_record_start() - the lines above the patches */
void kq_record_start(struct ks_buf *record, const struct kq_selection *selection);

/** kq_record_add() - one applied patch */
void kq_record_add(struct ks_buf *record, const struct kq_hex *sha256, const char *name);

/**
 * kq_record_refuse() - the tree has a record: say how it differs from the queue
 * @want: the record that this queue would leave
 *
 * Return: KQ_REFUSED, also when both are the same; what ks_file_load() says.
 */
int __must_check kq_record_refuse(const char *tree, struct ks_span want, struct kq_fault *fault);

#endif
