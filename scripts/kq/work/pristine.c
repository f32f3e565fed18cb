// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/pristine.h"

#include <string.h>
#include <unistd.h>

void kq_pristine_done(struct kq_pristine *pristine)
{
	*pristine = (struct kq_pristine){ 0 };
}

int kq_pristine_open(const char *spec, const struct kq_stack *stack,
		     struct kq_pristine *ret_pristine, struct kq_fault *fault)
{
	(void)stack;
	if (access(spec, R_OK | X_OK))
		return kq_fail(fault, -errno, "%s: %s", spec, strerror(errno));
	ret_pristine->folder = kq_source_folder(spec);
	ret_pristine->source = &ret_pristine->folder;
	return 0;
}
