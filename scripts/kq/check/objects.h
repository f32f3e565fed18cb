/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kbuild, asked for single objects.
 */
#ifndef KQ_CHECK_OBJECTS_H
#define KQ_CHECK_OBJECTS_H

#include "check/build.h"
#include "text/child.h"

/* Objects of one queue; a command line of that many names is far below ARG_MAX. */
#define KQ_MAX_OBJECTS 4096U

/** kq_objects_config() - make olddefconfig. Return: 0; -EIO with what make said. */
int __must_check kq_objects_config(const struct kq_build *build, struct kq_fault *fault);

/** kq_objects_touch() - the object of a source file counts from now on, or not any more */
int __must_check kq_objects_touch(struct kq_build *build, const struct kq_node *node,
				  struct kq_fault *fault);

/**
 * kq_objects_compile() - compile all objects that count
 * @file: names the patch in findings
 *
 * One that this configuration leaves out is noted, once; see check/kbuild.h.
 */
int __must_check kq_objects_compile(struct kq_build *build, const char *file,
				    struct kq_findings *findings, struct kq_fault *fault);

#endif
