/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * After every patch the files that it touches have to compile, or git bisect is of no use.
 */
#ifndef KQ_CHECK_BUILD_H
#define KQ_CHECK_BUILD_H

#include "check/lint.h"
#include "text/text.h"

/**
 * struct kq_build - a scratch copy of the tree, and a directory that kbuild writes into
 * @tree: the pristine tree; borrowed
 * @config: a finished .config; borrowed
 * @scratch: holds both, "TREE.kq-build.XXXXXX"; empty before kq_build_open()
 * @arch: "x86", as the .config says; empty if it does not
 * @target: objects of the files touched so far, below the build directory
 * @skipped: objects that were noted as not built by this .config
 * @broken: a patch did not compile, so what follows proves nothing
 */
struct kq_build {
	const char *tree;
	const char *config;
	char scratch[4096];
	char arch[64];
	struct kq_names target;
	struct kq_names skipped;
	bool broken;
};

/** kq_build_done() - remove the scratch directory, free; accepts one that was not opened */
void kq_build_done(struct kq_build *build);

/**
 * kq_build_open() - copy the tree (hard links where the file system can) and prepare kbuild
 * @build: @tree and @config are set, all else is zero
 *
 * ARCH is taken from the .config; CROSS_COMPILE and LLVM from the environment.
 *
 * Return: 0; -EIO when the tree does not even get ready to compile without a patch.
 */
int __must_check kq_build_open(struct kq_build *build, struct kq_error *error);

/**
 * kq_build_step() - compile what this and the earlier patches touch
 * @overlay: with @patch applied
 * @file: names the patch in findings
 *
 * Headers are not objects of their own: they count through the files that earlier patches touched.
 */
int __must_check kq_build_step(struct kq_build *build, struct kq_overlay *overlay,
			       const struct kq_patch *patch, const char *file,
			       struct kq_findings *findings, struct kq_error *error);

#endif
