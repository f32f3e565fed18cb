/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small trees in memory for the tests of the engine, and the patch between two of them.
 */
#ifndef KQ_TEST_WORLD_H
#define KQ_TEST_WORLD_H

#include "engine/verdict.h"

#define WORLD_FILES 32U

/** struct world - files by path; a NULL path ends it; a text of NULL is not a file */
struct world {
	struct {
		const char *path;
		const char *text;
		mode_t mode;
	} file[WORLD_FILES];
};

/** world_source() - the files of @world, which is borrowed */
struct kq_source world_source(const struct world *world);

/** world_patch() - a mailbox patch from one tree to the other, with a diffstat */
void world_patch(const struct world *before, const struct world *after, unsigned int context,
		 struct ks_buf *ret_text);

/**
 * struct bench - both bases, and the patch that was judged last
 * @sides: for the judge; a test may add manifests and resolutions
 */
struct bench {
	struct kq_source old_source;
	struct kq_source onto_source;
	struct kq_overlay old;
	struct kq_overlay onto;
	struct kq_sides sides;
	struct ks_buf text;
	struct kq_patch patch;
	struct kq_verdict j;
};

/** bench_start() - two bases without a patch */
void bench_start(struct bench *b, const struct world *old, const struct world *onto);

/** bench_text() - judge a patch as the next one of the queue; @text must outlive @b */
void bench_text(struct bench *b, struct ks_span text);

/** bench_patch() - the same with the patch between two trees */
void bench_patch(struct bench *b, const struct world *before, const struct world *after);

/** bench_done() - free; accepts a zeroed bench */
void bench_done(struct bench *b);

/** world_is() - the overlay has these files and no other content at their paths */
bool world_is(struct kq_overlay *overlay, const struct world *world);

/** world_number() - of the environment, for who wants other cases, or more of them */
unsigned int world_number(const char *name, unsigned int without);

/** world_seed() - start world_random() */
void world_seed(unsigned int seed);

/** world_random() - below @n; the same everywhere for the same seed */
unsigned int world_random(unsigned int n);

#endif
