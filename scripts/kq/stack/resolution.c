// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/resolution.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
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

static int check_buf(const struct ks_buf *buf, struct kq_error *error)
{
	struct ks_diag diag = { 0 };

	return ks_buf_ok(buf, &diag) ? kq_fail_diag(error, &diag) : 0;
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
		rc = check_buf(&text, error);
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

static bool read_file(struct ks_span text, struct ks_span sides, struct kq_answer *answer)
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
	struct ks_diag diag = { 0 };
	struct ks_span rest, line;
	bool good;

	if (ks_file_load(path, KQ_MAX_FILE_BYTES, &text, &diag))
		return kq_fail_diag(error, &diag);
	rest = ks_buf_span(&text);
	good = text.bytes && read_head(&rest, &answer);
	while (good && !kq_starts(rest, "result "))
		good = ks_span_line(&rest, &line);
	if (!good || !read_result(rest, &answer))
		return kq_fail(error, -EBADMSG, "%s: is not a resolution; remove or restore it",
			       path);
	if (ks_buf_ok(&answer.content, &diag) || ks_buf_ok(&answer.head, &diag))
		return kq_fail_diag(error, &diag);
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
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct kq_hex id;
	struct stat st;
	int rc = kq_question_id(question, &id, error);

	if (!rc)
		rc = kq_path(&path, error, "%s/%s", dir, id.text);
	*ret_found = !rc && !lstat(path.s, &st);
	if (rc || !*ret_found)
		return rc;
	if (ks_file_load(path.s, KQ_MAX_FILE_BYTES, &text, &diag))
		return kq_fail_diag(error, &diag);
	rc = put_sides(&sides, question, error);
	if (!rc)
		rc = check_buf(&sides, error);
	if (rc)
		return rc;
	if (!text.bytes || !read_file(ks_buf_span(&text), ks_buf_span(&sides), &answer))
		return kq_fail(error, -EBADMSG,
			       "%s: is not the resolution that its name says; remove or restore it",
			       path.s);
	rc = check_buf(&answer.content, error);
	if (!rc)
		rc = check_buf(&answer.head, error);
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
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct ks_span all;
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
	rc = check_buf(&text, error);
	if (rc)
		return rc;
	all = ks_buf_span(&text);
	if (ks_file_publish(path.s, &all, 1, 0644, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}
