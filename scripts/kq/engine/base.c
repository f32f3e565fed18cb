// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/base.h"

#include <stdio.h>

struct kq_lock kq_lock_of(const struct kq_release *release)
{
	struct kq_lock lock = { .tarball = release->tarball };

	snprintf(lock.release, sizeof(lock.release), "%s", release->name);
	if (release->listed)
		lock.tree = release->manifest.tree;
	return lock;
}
