/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An open release as base.lock would name it.
 */
#ifndef KQ_ENGINE_BASE_H
#define KQ_ENGINE_BASE_H

#include "queue/lock.h"
#include "tree/release.h"

/** kq_lock_of() - name, tarball and tree id of a release; what it has not is empty */
struct kq_lock kq_lock_of(const struct kq_release *release);

#endif
