// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/bases.h"

#include <sys/stat.h>

void kq_bases_done(struct kq_bases *bases)
{
	ks_buf_done(&bases->lock);
}

int kq_bases_find_from(const char *queue, const char **from, struct kq_bases *bases,
		       struct kq_fault *fault)
{
	(void)bases;
	return *from ? 0 : kq_fail(fault, -EINVAL, "%s: has no base.lock; give --from", queue);
}

int kq_bases_open(const struct kq_plan *plan, const struct kq_run *run, struct kq_bases *bases,
		  struct kq_fault *fault)
{
	const char *name[2] = { plan->from, plan->to };
	struct stat st;
	size_t i;

	(void)run;
	for (i = 0; i < 2; i++) {
		if (stat(name[i], &st) || !S_ISDIR(st.st_mode))
			return kq_fail(fault, -ENOTDIR, "%s: is no folder", name[i]);
		bases->folder[i] = kq_source_folder(name[i]);
		bases->base[i] = (struct kq_base){ &bases->folder[i], NULL, name[i] };
	}
	return 0;
}

const char *kq_bases_id(const struct kq_bases *bases, size_t idx)
{
	(void)bases;
	(void)idx;
	return "";
}
