/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_ENGINE_VERDICT_FILE_H
#define KQ_ENGINE_VERDICT_FILE_H

#include "engine/verdict_input.h"

/** kq_file_verdict_make() - N1 and the outcome of one file; ->old has the patch applied already */
int __must_check kq_file_verdict_make(struct kq_verdict_input *c, struct kq_error *error);

#endif
