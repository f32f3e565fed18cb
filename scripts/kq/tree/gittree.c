// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/gittree.h"

#include <stdio.h>
#include <string.h>

#include "text/file.h"
#include "text/git.h"
#include "text/text.h"
#include "tree/manifest.h"

/* Contents asked of one git, so that what it prints stays far below KQ_CHILD_MAX_BYTES. */
#define BATCH 64U

int kq_gittree_find(const char *repo, const char *rev, struct kq_gittree *ret_tree,
		    struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_gittree tree = { .repo = repo };
	struct ks_span id;
	char object[256];
	int rc;

	if (snprintf(object, sizeof(object), "%s^{tree}", rev) >= (int)sizeof(object))
		return kq_fail(error, -ENAMETOOLONG, "git:%s: revision is too long", repo);
	rc = kq_git(repo,
		    (const char *const[]){ "rev-parse", "--verify", "--quiet", "--end-of-options",
					   object, NULL },
		    (struct ks_span){ 0 }, &end, error);
	if (rc)
		return rc;
	id = kq_chomp(ks_buf_span(&end.out));
	if (end.status)
		return kq_fail(error, -ENOENT, "git:%s: no revision '%s' there%s%.*s", repo, rev,
			       end.err.bytes ? ": " : "", KQ_FMT(kq_chomp(ks_buf_span(&end.err))));
	if (kq_is_hex(id, 64))
		return kq_fail(error, -EOPNOTSUPP,
			       "git:%s: its ids are SHA-256, but patches name SHA-1 ids", repo);
	if (!kq_is_hex(id, 40))
		return kq_fail(error, -EBADMSG, "git:%s: '%s' is not a tree", repo, rev);
	memcpy(tree.tree.text, id.p, id.bytes);
	*ret_tree = tree;
	return 0;
}

static int bad_answer(const struct kq_gittree *tree, const char *command, struct kq_error *error)
{
	return kq_fail(error, -EBADMSG, "git:%s: cannot read what git %s says", tree->repo,
		       command);
}

/* "MODE TYPE ID\tPATH" */
static bool take_entry(struct ks_span entry, struct ks_buf *list)
{
	struct ks_span mode = kq_head(entry, 6), id;
	char text[41];
	u32 value = 0;
	size_t i;

	for (i = 0; i < mode.bytes; i++)
		value = value * 8 + (u32)(mode.p[i] - '0');
	entry = kq_tail(entry, 6);
	if (!kq_take(&entry, " blob ") && !kq_take(&entry, " commit "))
		return false;
	id = kq_head(entry, 40);
	if (!kq_is_hex(id, 40))
		return false;
	entry = kq_tail(entry, 40);
	/* A newline in a name would become a line of the list. */
	if (!kq_take(&entry, "\t") || !kq_path_is_safe(entry))
		return false;
	snprintf(text, sizeof(text), "%.*s", KQ_FMT(id));
	kq_manifest_add(list, value, text, entry);
	return true;
}

int kq_gittree_list(const struct kq_gittree *tree, struct ks_buf *list, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest;
	int rc = kq_git_must(tree->repo,
			     (const char *const[]){ "ls-tree", "-r", "-z", "--full-tree",
						    tree->tree.text, NULL },
			     (struct ks_span){ 0 }, &end, error);

	if (rc)
		return rc;
	for (rest = ks_buf_span(&end.out); rest.bytes;) {
		const u8 *nul = memchr(rest.p, 0, rest.bytes);
		size_t n = nul ? (size_t)(nul - rest.p) : rest.bytes;

		if (!nul || !take_entry(kq_head(rest, n), list))
			return bad_answer(tree, "ls-tree", error);
		rest = kq_tail(rest, n + 1);
	}
	return 0;
}

/* "ID blob SIZE\nCONTENT\n" */
static bool take_blob(struct ks_span *rest, const char *id, struct ks_span *ret_content)
{
	struct ks_span line;
	u32 size;

	if (!ks_span_line(rest, &line) || !kq_take(&line, id) || !kq_take(&line, " blob ") ||
	    !kq_take_number(&line, &size) || line.bytes || size >= rest->bytes)
		return false;
	*ret_content = kq_head(*rest, size);
	*rest = kq_tail(*rest, size);
	return kq_take(rest, "\n");
}

int kq_gittree_blobs(const struct kq_gittree *tree, const struct kq_hex *id, size_t nr,
		     int (*take)(void *arg, const char *id, struct ks_span content,
				 struct kq_error *error),
		     void *arg, struct kq_error *error)
{
	size_t first, i;

	for (first = 0; first < nr; first += BATCH) {
		__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
		__cleanup(ks_buf_done) struct ks_buf in = { 0 };
		size_t last = first + BATCH < nr ? first + BATCH : nr;
		struct ks_span rest, content;
		int rc = 0;

		for (i = first; i < last; i++) {
			ks_put_str(&in, id[i].text);
			ks_put_u8(&in, '\n');
		}
		if (kq_buf_check(&in, error))
			return error->err;
		rc = kq_git_must(tree->repo, (const char *const[]){ "cat-file", "--batch", NULL },
				 ks_buf_span(&in), &end, error);
		rest = ks_buf_span(&end.out);
		for (i = first; i < last && !rc; i++) {
			if (!take_blob(&rest, id[i].text, &content))
				return bad_answer(tree, "cat-file", error);
			rc = take(arg, id[i].text, content, error);
		}
		if (rc)
			return rc;
	}
	return 0;
}
