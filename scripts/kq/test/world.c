// SPDX-License-Identifier: LGPL-2.1-or-later
#include "test/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/digest.h"
#include "text/git.h"
#include "text/text.h"

static bool is_above(const char *above, const char *below)
{
	size_t n = strlen(above);

	return !strncmp(above, below, n) && below[n] == '/';
}

static int load(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		struct kq_error *error)
{
	const struct world *world = source->self;
	size_t i;

	for (i = 0; i < WORLD_FILES && world->file[i].path; i++) {
		if (world->file[i].text && (is_above(world->file[i].path, path) ||
					    is_above(path, world->file[i].path)))
			return kq_fail(error, KQ_REFUSED, "%s is in the way", world->file[i].path);
		if (strcmp(world->file[i].path, path) || !world->file[i].text)
			continue;
		ret_blob->exists = true;
		ret_blob->mode = world->file[i].mode ? world->file[i].mode : 0644;
		ks_put_str(&ret_blob->content, world->file[i].text);
	}
	return 0;
}

struct kq_source world_source(const struct world *world)
{
	struct kq_source source = { .name = "world", .load = load };

	source.self = (void *)(uintptr_t)world;
	return source;
}

static void put(struct ks_buf *out, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_put_str(out, line);
}

static void put_id(const char *text, struct kq_hex *ret_id)
{
	struct kq_error error = { 0 };

	if (text)
		assert_int_equal(0, kq_blob_id(ks_span_str(text), ret_id, &error));
	else
		memset(ret_id->text, '0', 40);
	ret_id->text[40] = '\0';
}

static void put_file(struct ks_buf *out, const char *path, const char *old, unsigned int old_mode,
		     const char *new, unsigned int new_mode, unsigned int context)
{
	struct kq_error error = { 0 };
	struct kq_hex old_id, new_id;
	bool is_same = old && new && !strcmp(old, new);

	put(out, "diff --git a/%s b/%s\n", path, path);
	if (!old)
		put(out, "new file mode %06o\n", 0100000 | new_mode);
	else if (!new)
		put(out, "deleted file mode %06o\n", 0100000 | old_mode);
	else if (old_mode != new_mode)
		put(out, "old mode %06o\nnew mode %06o\n", 0100000 | old_mode, 0100000 | new_mode);
	if (is_same)
		return;
	put_id(old, &old_id);
	put_id(new, &new_id);
	put(out, "index %s..%s", old_id.text, new_id.text);
	if (old && new && old_mode == new_mode)
		put(out, " %06o", 0100000 | old_mode);
	ks_put_str(out, "\n");
	if ((old ? old[0] : 0) || (new ? new[0] : 0))
		put(out, old ? "--- a/%s\n" : "--- /dev/null\n", path);
	if ((old ? old[0] : 0) || (new ? new[0] : 0))
		put(out, new ? "+++ b/%s\n" : "+++ /dev/null\n", path);
	assert_int_equal(0, kq_git_diff(ks_span_str(old ? old : ""), ks_span_str(new ? new : ""),
					path, context, out, &error));
}

void world_patch(const struct world *before, const struct world *after, unsigned int context,
		 struct ks_buf *ret_text)
{
	size_t i;

	ks_put_str(ret_text, "From 0000000000000000000000000000000000000000 Mon Sep 17 2001\n"
			     "From: A <a@example.org>\nSubject: [PATCH] t\n\nWhy.\n---\n"
			     " f | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n");
	for (i = 0; i < WORLD_FILES && before->file[i].path; i++) {
		unsigned int old_mode = before->file[i].mode ? before->file[i].mode : 0644;
		unsigned int new_mode = after->file[i].mode ? after->file[i].mode : 0644;
		const char *old = before->file[i].text, *new = after->file[i].text;

		if ((!old && !new) || (old && new && !strcmp(old, new) && old_mode == new_mode))
			continue;
		put_file(ret_text, before->file[i].path, old, old_mode, new, new_mode, context);
	}
	ks_put_str(ret_text, "-- \n2.39.5\n\n");
}

bool world_is(struct kq_overlay *overlay, const struct world *world)
{
	struct kq_error error = { 0 };
	size_t i;

	for (i = 0; i < WORLD_FILES && world->file[i].path; i++) {
		const char *text = world->file[i].text;
		struct kq_node *node;

		if (kq_overlay_get(overlay, ks_span_str(world->file[i].path), &node, &error) ||
		    node->exists != !!text)
			return false;
		if (text && (!kq_is(kq_node_content(node), text) ||
			     node->executable != (world->file[i].mode == 0755)))
			return false;
	}
	return true;
}

void bench_start(struct bench *b, const struct world *old, const struct world *onto)
{
	b->old_source = world_source(old);
	b->onto_source = world_source(onto);
	b->old.source = &b->old_source;
	b->onto.source = &b->onto_source;
	b->sides = (struct kq_sides){
		.old = &b->old, .onto = &b->onto, .old_label = "1.0", .onto_label = "1.1",
	};
}

void bench_text(struct bench *b, struct ks_span text)
{
	struct kq_error error = { 0 };

	kq_verdict_done(&b->j);
	kq_patch_done(&b->patch);
	if (kq_patch_parse(text, "p", &b->patch, &error) ||
	    kq_verdict_make(&b->sides, &b->patch, text, &b->j, &error))
		print_message("# %s\n", error.line);
	assert_int_equal(0, error.err);
}

void bench_patch(struct bench *b, const struct world *before, const struct world *after)
{
	ks_buf_done(&b->text);
	world_patch(before, after, 3, &b->text);
	bench_text(b, ks_buf_span(&b->text));
}

void bench_done(struct bench *b)
{
	kq_overlay_done(&b->old);
	kq_overlay_done(&b->onto);
	kq_verdict_done(&b->j);
	kq_patch_done(&b->patch);
	ks_buf_done(&b->text);
}

unsigned int world_number(const char *name, unsigned int without)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : without;
}

static u64 state;

void world_seed(unsigned int seed)
{
	state = seed * 2654435761ULL + 1;
}

/* xorshift64*. */
unsigned int world_random(unsigned int n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)((state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}
