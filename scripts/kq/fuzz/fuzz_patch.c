// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever sends a patch; kq import reads it as it came, kq lint, apply and
 * rebase read it again from the queue.
 *
 * Valid input: a mail of git format-patch.
 *
 * Laws: every part of a patch that parses lies inside its text, its hunks count what they say and
 * go down the file; refreshed onto the same base it has the same bytes; renumbered it parses to the
 * same hunks, and once more to the same bytes; with some hunks left out it still parses; on a file
 * made of its own old lines it applies, and makes its new lines.
 */
#include <string.h>

#include "engine/apply.h"
#include "engine/refresh.h"
#include "fuzz/fuzz.h"
#include "queue/header.h"
#include "queue/patch.h"
#include "text/text.h"

/* Larger files are as good as these, and slow. */
#define MAX_FILLER_LINES 4096U
#define MAX_FILES	 64U
#define MAX_HUNKS	 256U

static void check_hunk(struct ks_span text, const struct kq_hunk *hunk)
{
	u32 nr_old = 0, nr_new = 0;
	size_t i;

	for (i = 0; i < hunk->nr_lines; i++) {
		const struct kq_line *line = &hunk->line[i];

		KS_LAW(line->kind == ' ' || line->kind == '-' || line->kind == '+');
		KS_LAW(ks_fuzz_inside(text, line->text) && line->patch_line > hunk->patch_line);
		nr_old += line->kind != '+';
		nr_new += line->kind != '-';
	}
	KS_LAW(nr_old == hunk->old_count && nr_new == hunk->new_count);
	KS_LAW(hunk->leading + hunk->trailing < hunk->nr_lines);
}

static void check_inside(struct ks_span text, const struct kq_patch *patch)
{
	size_t i, k, nr_hunks = 0;

	KS_LAW(ks_fuzz_inside(text, patch->head) && ks_fuzz_inside(text, patch->body));
	KS_LAW(patch->nr_files > 0);
	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];
		size_t end = 0;

		KS_LAW(ks_fuzz_inside(text, file->path) && kq_path_is_safe(file->path));
		KS_LAW(ks_fuzz_inside(text, file->old_id) && ks_fuzz_inside(text, file->new_id));
		for (k = 0; k < file->nr_hunks; k++) {
			check_hunk(text, &file->hunk[k]);
			KS_LAW(kq_hunk_old_idx(&file->hunk[k]) >= end);
			end = kq_hunk_old_idx(&file->hunk[k]) + file->hunk[k].old_count;
		}
		nr_hunks += file->nr_hunks;
	}
	KS_LAW(nr_hunks == patch->nr_hunks);
}

/* A name is a plain file's; a trailer's value is of the patch. */
static void check_message(struct ks_span text, const struct kq_patch *patch)
{
	static const char *const keys[] = { "Upstream-status:", "Signed-off-by:", "" };
	__cleanup(ks_buf_done) struct ks_buf subject = { 0 }, name = { 0 };
	struct ks_span value;
	size_t i;

	kq_subject(patch->head, &subject);
	kq_patch_name(ks_buf_span(&subject), 1, KQ_NAME_CUT, &name);
	KS_LAW(kq_path_is_safe(ks_buf_span(&name)) && !memchr(name.p, '/', name.bytes));
	KS_LAW(name.bytes <= KQ_NAME_CUT + 6);
	for (i = 0; i < KS_ARRAY_SIZE(keys); i++)
		KS_LAW(!kq_trailer(patch, keys[i], i, &value) || ks_fuzz_inside(text, value));
}

/* Only hunks of modified files are renumbered; @skip leaves out every other one of several. */
static int refresh(const struct kq_patch *patch, struct ks_span text, bool renumber, bool skip,
		   struct ks_buf *ret_text)
{
	static struct kq_refresh_file how[MAX_FILES];
	static size_t idx[MAX_HUNKS];
	static bool take[MAX_HUNKS];
	struct kq_error error = { 0 };
	size_t i;

	for (i = 0; i < patch->nr_hunks; i++) {
		idx[i] = kq_hunk_old_idx(&patch->hunk[i]);
		take[i] = true;
	}
	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];
		size_t k;

		for (k = 1; skip && k < file->nr_hunks; k += 2)
			take[file->first_hunk + k] = false;
		how[i] = (struct kq_refresh_file){
			.how = renumber && file->change == KQ_MODIFY ? KQ_RENUMBER : KQ_AS_IS,
			.onto_idx = &idx[file->first_hunk],
			.take = &take[file->first_hunk],
			.before = { true, file->old_mode == 0100755, { 0 } },
			.after = { true, file->new_mode == 0100755, { 0 } },
		};
	}
	return kq_refresh(patch, text, how, ret_text, &error);
}

static void check_same_hunks(const struct kq_patch *a, const struct kq_patch *b)
{
	size_t i;

	KS_LAW(a->nr_files == b->nr_files && a->nr_hunks == b->nr_hunks &&
	       a->nr_lines == b->nr_lines);
	KS_LAW(ks_span_eq(a->head, b->head) && ks_span_eq(a->body, b->body));
	for (i = 0; i < a->nr_files; i++) {
		const struct kq_file *x = &a->file[i], *y = &b->file[i];

		KS_LAW(ks_span_eq(x->path, y->path) && x->change == y->change);
		KS_LAW(x->old_mode == y->old_mode && x->new_mode == y->new_mode);
		KS_LAW(y->change != KQ_MODIFY || !y->stale_line);
	}
	for (i = 0; i < a->nr_hunks; i++)
		KS_LAW(a->hunk[i].old_start == b->hunk[i].old_start &&
		       a->hunk[i].nr_lines == b->hunk[i].nr_lines);
	for (i = 0; i < a->nr_lines; i++)
		KS_LAW(a->line[i].kind == b->line[i].kind &&
		       ks_span_eq(a->line[i].text, b->line[i].text));
}

static void check_refresh(struct ks_span text, const struct kq_patch *patch)
{
	__cleanup(ks_buf_done) struct ks_buf same = { 0 }, once = { 0 }, twice = { 0 },
					     part = { 0 };
	__cleanup(kq_patch_done) struct kq_patch again = { 0 }, less = { 0 };
	struct kq_error error = { 0 };

	KS_LAW(!refresh(patch, text, false, false, &same));
	KS_LAW(ks_span_eq(ks_buf_span(&same), text));
	KS_LAW(!refresh(patch, text, true, false, &once));
	KS_LAW(!kq_patch_parse(ks_buf_span(&once), "again", &again, &error));
	check_same_hunks(patch, &again);
	KS_LAW(!refresh(&again, ks_buf_span(&once), true, false, &twice));
	KS_LAW(ks_span_eq(ks_buf_span(&once), ks_buf_span(&twice)));
	KS_LAW(!refresh(patch, text, true, true, &part));
	KS_LAW(!kq_patch_parse(ks_buf_span(&part), "less", &less, &error));
	KS_LAW(less.nr_files == patch->nr_files && less.nr_hunks <= patch->nr_hunks);
}

/* A file of the patch's own lines of one side, with different lines between its hunks. */
static void put_image(const struct kq_file *file, bool is_new, struct ks_buf *out)
{
	size_t at_idx = 0, i, k;

	for (i = 0; i < file->nr_hunks; i++) {
		const struct kq_hunk *hunk = &file->hunk[i];

		for (; at_idx < kq_hunk_old_idx(hunk); at_idx++) {
			ks_put_str(out, "between ");
			ks_put_le32(out, (u32)at_idx | 0x80808080);
			ks_put_str(out, "\n");
		}
		for (k = 0; k < hunk->nr_lines; k++)
			if (hunk->line[k].kind != (is_new ? '-' : '+'))
				ks_put(out, hunk->line[k].text);
		at_idx += hunk->old_count;
	}
}

static int load(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		struct kq_error *error)
{
	const struct kq_patch *patch = source->self;
	size_t i;

	(void)error;
	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];

		if (!kq_is(file->path, path))
			continue;
		ret_blob->exists = file->change != KQ_CREATE;
		ret_blob->mode = file->old_mode == 0100755 ? 0755 : 0644;
		put_image(file, false, &ret_blob->content);
	}
	return 0;
}

/* Refused for good reasons too: lines that are there twice, a result that is there already. */
static void check_apply(const struct kq_patch *patch)
{
	struct kq_source source = { .name = "itself",
				    .load = load,
				    .self = (void *)(uintptr_t)patch };
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = &source };
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error error = { 0 };
	struct kq_node *node;
	size_t i;

	if (kq_apply_patch(&overlay, patch, &notes, &error)) {
		KS_LAW(error.err && error.line[0]);
		return;
	}
	for (i = 0; i < patch->nr_files && !notes.bytes; i++) {
		__cleanup(ks_buf_done) struct ks_buf want = { 0 };

		put_image(&patch->file[i], true, &want);
		KS_LAW(!kq_overlay_get(&overlay, patch->file[i].path, &node, &error));
		KS_LAW(node->exists == (patch->file[i].change != KQ_DELETE));
		KS_LAW(ks_span_eq(kq_node_content(node), ks_buf_span(&want)));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct ks_span text = { data, size };
	struct kq_error error = { 0 };
	size_t i;
	int rc = kq_patch_parse(text, "patch", &patch, &error);

	if (rc) {
		KS_LAW(rc == -EBADMSG || rc == -EOPNOTSUPP || rc == -E2BIG);
		KS_LAW(error.err == rc && !strncmp(error.line, "patch:", 6));
		return 0;
	}
	check_inside(text, &patch);
	check_message(text, &patch);
	for (i = 0; i < patch.nr_hunks; i++)
		if (patch.hunk[i].old_start > MAX_FILLER_LINES)
			return 0;
	if (patch.nr_files > MAX_FILES || patch.nr_hunks > MAX_HUNKS)
		return 0;
	check_refresh(text, &patch);
	check_apply(&patch);
	return 0;
}
