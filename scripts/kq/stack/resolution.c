// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/resolution.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "text/file.h"
#include "text/text.h"

#define MAGIC "kq-resolution 1\n"
#define CUT   "\\ no newline\n"

void kq_answer_done(struct kq_answer *answer)
{
	ks_buf_done(&answer->content);
	ks_buf_done(&answer->head);
}

static void put_lines(struct ks_buf *out, char prefix, struct ks_span text)
{
	struct ks_span line;
	bool cut = text.bytes && text.p[text.bytes - 1] != '\n';

	while (ks_span_line(&text, &line)) {
		ks_put_u8(out, (u8)prefix);
		ks_put(out, line);
		ks_put_u8(out, '\n');
	}
	if (cut)
		ks_put_str(out, CUT);
}

/* The sides as the file has them; with kind and path in front they are what the id is made of. */
static int put_sides(struct ks_buf *out, const struct kq_question *question, struct kq_error *error)
{
	struct kq_hex hex;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(question->side); i++) {
		const struct kq_side *side = &question->side[i];

		if (!question->whole) {
			put_lines(out, "<|>"[i], side -> content);
			continue;
		}
		if (side->exists && kq_sha256(side->content, &hex, error))
			return error->err;
		ks_put_str(out, "@ ");
		ks_put_str(out, side->exists ? hex.text : "-");
		ks_put_str(out, "\n");
	}
	return 0;
}

int kq_question_id(const struct kq_question *question, struct kq_hex *ret_id,
		   struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc;

	ks_put_str(&text, question->whole ? "file " : "region ");
	ks_put(&text, question->path);
	ks_put_str(&text, "\n");
	rc = put_sides(&text, question, error);
	if (!rc)
		rc = kq_buf_check(&text, error);
	return rc ? rc : kq_sha256(ks_buf_span(&text), ret_id, error);
}

/* "result 3\n=a\n=b\n=c\n", to the last byte. */
static bool read_result(struct ks_span text, struct kq_answer *answer)
{
	struct ks_span line;
	bool cut = false;
	u32 nr, seen = 0;

	if (kq_is(text, "result absent\n"))
		return true;
	answer->given_up = kq_is(text, "result new-base\n");
	if (answer->given_up)
		return true;
	answer->exists = true;
	if (!kq_take(&text, "result ") || !kq_take_number(&text, &nr) || !kq_take(&text, "\n"))
		return false;
	while (!cut && ks_span_line(&text, &line)) {
		cut = kq_is(line, "\\ no newline");
		if (cut && answer->content.bytes)
			answer->content.bytes--;
		if (cut)
			break;
		if (!kq_take(&line, "="))
			return false;
		ks_put(&answer->content, line);
		ks_put_u8(&answer->content, '\n');
		seen++;
	}
	return seen == nr && !text.bytes;
}

/* Up to the empty line. */
static bool read_head(struct ks_span *text, struct kq_answer *answer)
{
	struct ks_span line;

	if (!kq_take(text, MAGIC) || !text->bytes || text->p[text->bytes - 1] != '\n')
		return false;
	while (ks_span_line(text, &line)) {
		if (!line.bytes)
			return true;
		ks_put(&answer->head, line);
		ks_put_str(&answer->head, "\n");
	}
	return false;
}

static bool read_known(struct ks_span text, struct ks_span sides, struct kq_answer *answer)
{
	struct ks_span have;

	if (!read_head(&text, answer) || !ks_span_sub(text, 0, sides.bytes, &have) ||
	    !ks_span_eq(have, sides))
		return false;
	return read_result(kq_tail(text, sides.bytes), answer);
}

struct ks_span kq_answer_head(const struct kq_answer *answer, const char *key)
{
	struct ks_span rest = ks_buf_span(&answer->head), line;

	while (ks_span_line(&rest, &line))
		if (kq_take(&line, key))
			return line;
	return (struct ks_span){ 0 };
}

/* Its three sides are only passed over. */
int kq_resolution_read(const char *path, struct kq_answer *ret_answer, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	struct ks_span rest, line;
	bool good;

	if (kq_file_load(path, KQ_MAX_FILE_BYTES, &text, error))
		return error->err;
	rest = ks_buf_span(&text);
	good = text.bytes && read_head(&rest, &answer);
	while (good && !kq_starts(rest, "result "))
		good = ks_span_line(&rest, &line);
	if (!good || !read_result(rest, &answer))
		return kq_fail(error, -EBADMSG, "%s: is not a resolution; remove or restore it",
			       path);
	if (kq_buf_check(&answer.content, error) || kq_buf_check(&answer.head, error))
		return error->err;
	*ret_answer = answer;
	answer = (struct kq_answer){ 0 };
	return 0;
}

int kq_resolution_find(const char *dir, const struct kq_question *question,
		       struct kq_answer *ret_answer, bool *ret_found, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(ks_buf_done) struct ks_buf sides = { 0 };
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	struct kq_path path;
	struct kq_hex id;
	struct stat st;
	int rc = kq_question_id(question, &id, error);

	if (!rc)
		rc = kq_path(&path, error, "%s/%s", dir, id.text);
	*ret_found = !rc && !lstat(path.s, &st);
	if (rc || !*ret_found)
		return rc;
	if (kq_file_load(path.s, KQ_MAX_FILE_BYTES, &text, error))
		return error->err;
	rc = put_sides(&sides, question, error);
	if (!rc)
		rc = kq_buf_check(&sides, error);
	if (rc)
		return rc;
	if (!text.bytes || !read_known(ks_buf_span(&text), ks_buf_span(&sides), &answer))
		return kq_fail(error, -EBADMSG,
			       "%s: is not the resolution that its name says; remove or restore it",
			       path.s);
	rc = kq_buf_check(&answer.content, error);
	if (!rc)
		rc = kq_buf_check(&answer.head, error);
	if (rc)
		return rc;
	*ret_answer = answer;
	answer = (struct kq_answer){ 0 };
	return 0;
}

static u32 count_lines(struct ks_span text)
{
	struct ks_span line;
	u32 nr = 0;

	while (ks_span_line(&text, &line))
		nr++;
	return nr;
}

static void put_result(struct ks_buf *text, const struct kq_side *answer)
{
	char count[32];

	if (!answer || !answer->exists) {
		ks_put_str(text, answer ? "result absent\n" : "result new-base\n");
		return;
	}
	snprintf(count, sizeof(count), "result %u\n", count_lines(answer->content));
	ks_put_str(text, count);
	put_lines(text, '=', answer->content);
}

int kq_resolution_write(const char *dir, const struct kq_question *question,
			const struct kq_side *answer, const char *head, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_path path;
	struct kq_hex id;
	int rc = kq_question_id(question, &id, error);

	if (!rc)
		rc = kq_path(&path, error, "%s/%s", dir, id.text);
	if (rc)
		return rc;
	ks_put_str(&text, MAGIC "SPDX-License-Identifier: GPL-2.0-only\nId: ");
	ks_put_str(&text, id.text);
	ks_put_str(&text, "\nPath: ");
	ks_put(&text, question->path);
	ks_put_str(&text, "\n");
	ks_put_str(&text, head);
	ks_put_str(&text, "\n");
	rc = put_sides(&text, question, error);
	if (rc)
		return rc;
	put_result(&text, answer);
	return kq_file_publish(path.s, &text, 0644, error);
}

/* A conflict as a question, the key of its resolution. */

bool kq_conflict_hopeless(const struct kq_conflict *conflict)
{
	return conflict->trouble == KQ_IN_THE_WAY;
}

struct ks_span kq_conflict_path(const struct kq_conflict *conflict)
{
	return conflict->renamed ? ks_span_str(conflict->renamed) : conflict->path;
}

struct kq_question kq_question_file(const struct kq_conflict *conflict)
{
	return (struct kq_question){
		.whole = true,
		.path = kq_conflict_path(conflict),
		.side = {
			{ conflict->ours_exist, conflict->ours },
			{ conflict->old_exists, conflict->old_base },
			{ conflict->theirs_exist, conflict->theirs },
		},
	};
}

struct kq_question kq_question_region(const struct kq_conflict *conflict,
				      const struct kq_region *region)
{
	return (struct kq_question){
		.path = kq_conflict_path(conflict),
		.side = {
			{ true, region->ours },
			{ true, region->base },
			{ true, region->theirs },
		},
	};
}

void kq_resolver_done(struct kq_resolver *resolver)
{
	kq_names_done(&resolver->used);
}

int kq_resolver_init(const char *state, const char *queue, struct kq_resolver *ret_resolver,
		     struct kq_error *error)
{
	int rc = kq_path(&ret_resolver->pending, error, "%s/resolutions", state);

	return rc ? rc : kq_path(&ret_resolver->queue, error, "%s/resolutions", queue);
}

static int note_used(struct kq_resolver *resolver, const struct kq_question *question,
		     struct kq_error *error)
{
	struct ks_span name;
	struct kq_hex id;
	int rc = kq_question_id(question, &id, error);

	name = ks_span_str(id.text);
	if (rc || kq_names_have(&resolver->used, name))
		return rc;
	return kq_names_add(&resolver->used, name, KQ_MAX_FILE_BYTES, error);
}

static int find_resolution(struct kq_resolver *resolver, const struct kq_question *question,
			   struct kq_answer *ret_answer, bool *ret_found, struct kq_error *error)
{
	int rc = kq_resolution_find(resolver->pending.s, question, ret_answer, ret_found, error);

	if (!rc && *ret_found)
		return note_used(resolver, question, error);
	if (rc)
		return rc;
	return kq_resolution_find(resolver->queue.s, question, ret_answer, ret_found, error);
}

/* All regions are known, or the file is not. */
static int find_regions(struct kq_resolver *resolver, const struct kq_conflict *conflict,
			struct ks_buf *ret_content, bool *ret_found, struct kq_error *error)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	size_t i;
	int rc = kq_regions_parse(ks_buf_span(&conflict->marked), &regions, error);

	*ret_found = regions.nr > 0;
	for (i = 0; i < regions.nr && !rc && *ret_found; i++) {
		__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
		struct kq_question question = kq_question_region(conflict, &regions.region[i]);

		rc = find_resolution(resolver, &question, &answer, ret_found, error);
		ks_put(ret_content, regions.region[i].before);
		ks_put(ret_content, ks_buf_span(&answer.content));
	}
	ks_put(ret_content, regions.after);
	if (!rc)
		rc = kq_buf_check(ret_content, error);
	return rc;
}

/* Earlier versions of kq took the file of the new base for an answer. */
static bool is_new_base(const struct kq_conflict *conflict, const struct kq_answer *answer)
{
	return answer->exists && conflict->ours_exist &&
	       ks_span_eq(ks_buf_span(&answer->content), conflict->ours);
}

static void use_answer(struct kq_answer *answer, struct kq_resolved *resolved)
{
	resolved->how = answer->given_up ? KQ_RESOLVED_GIVEN_UP
			: answer->exists ? KQ_RESOLVED
					 : KQ_RESOLVED_ABSENT;
	ks_put(&resolved->reason, kq_answer_head(answer, "Reason: "));
	ks_buf_move(&resolved->content, &answer->content);
}

int kq_resolve(void *arg, const struct kq_conflict *conflict, struct kq_resolved *ret_resolved,
	       struct kq_error *error)
{
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_question question = kq_question_file(conflict);
	bool found;
	int rc;

	if (kq_conflict_hopeless(conflict))
		return 0;
	rc = find_resolution(arg, &question, &answer, &found, error);
	if (rc)
		return rc;
	if (found && !is_new_base(conflict, &answer)) {
		use_answer(&answer, ret_resolved);
		return 0;
	}
	rc = find_regions(arg, conflict, &content, &found, error);
	if (rc || !found)
		return rc;
	ret_resolved->how = KQ_RESOLVED;
	ks_buf_move(&ret_resolved->content, &content);
	return 0;
}
