// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/record.h"

#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "tree/commit.h"
#include "text/text.h"

void kq_record_start(struct ks_buf *record, const struct kq_selection *selection)
{
	ks_put_str(record, "kq-applied 1\nselect sku=");
	ks_put_str(record, selection->sku ? selection->sku : "-");
	ks_put_str(record, " arch=");
	ks_put_str(record, selection->arch ? selection->arch : "-");
	ks_put_str(record, "\n");
}

void kq_record_add(struct ks_buf *record, const struct kq_hex *sha256, const char *name)
{
	ks_put_str(record, "patch ");
	ks_put_str(record, sha256->text);
	ks_put_str(record, " ");
	ks_put_str(record, name);
	ks_put_str(record, "\n");
}

/* Cut a "patch SHA256 NAME" line. */
static bool split_line(struct ks_span line, struct ks_span *ret_hash, struct ks_span *ret_name)
{
	struct ks_span word;

	return ks_span_word(&line, &word) && kq_is(word, "patch") &&
	       ks_span_word(&line, ret_hash) && ks_span_word(&line, ret_name);
}

static bool find_hash(struct ks_span record, struct ks_span name, struct ks_span *ret_hash)
{
	struct ks_span line, found;

	while (ks_span_line(&record, &line))
		if (split_line(line, ret_hash, &found) && ks_span_eq(found, name))
			return true;
	return false;
}

/* The first patch of @record that @other has not, or has with other bytes. */
static bool first_difference(struct ks_span record, struct ks_span other, struct ks_span *ret_name,
			     bool *ret_known)
{
	struct ks_span line, hash, theirs;

	while (ks_span_line(&record, &line)) {
		if (!split_line(line, &hash, ret_name))
			continue;
		*ret_known = find_hash(other, *ret_name, &theirs);
		if (!*ret_known || !ks_span_eq(hash, theirs))
			return true;
	}
	return false;
}

static bool same_selection(struct ks_span a, struct ks_span b, struct ks_span *ret_theirs)
{
	struct ks_span line = { 0 };

	return ks_span_line(&a, &line) && ks_span_line(&a, &line) && ks_span_line(&b, ret_theirs) &&
	       ks_span_line(&b, ret_theirs) && ks_span_eq(line, *ret_theirs);
}

int kq_record_refuse(const char *tree, struct ks_span want, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf have_buf = { 0 };
	struct ks_span have, name, theirs = { 0 };
	struct ks_diag diag = { 0 };
	char path[PATH_MAX];
	bool known;

	if (snprintf(path, sizeof(path), "%s/" KQ_RECORD, tree) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", tree);
	if (ks_file_load(path, KS_MAX_TEXT_BYTES, &have_buf, &diag))
		return kq_fail_diag(fault, &diag);
	have = ks_buf_span(&have_buf);
	if (ks_span_eq(have, want))
		return kq_fail(fault, KQ_REFUSED, "%s: this queue is applied already", path);
	if (first_difference(want, have, &name, &known))
		return kq_fail(fault, KQ_REFUSED,
			       "%s: another queue is applied: %.*s %s; unpack the tree again", path,
			       KQ_FMT(name), known ? "has changed since" : "is new");
	if (first_difference(have, want, &name, &known))
		return kq_fail(fault, KQ_REFUSED,
			       "%s: another queue is applied: %.*s is no longer in it; unpack the tree again",
			       path, KQ_FMT(name));
	if (!same_selection(want, have, &theirs))
		return kq_fail(fault, KQ_REFUSED,
			       "%s: the same patches are applied, with '%.*s'", path, KQ_FMT(theirs));
	return kq_fail(fault, KQ_REFUSED,
		       "%s: the same patches are applied in another order; unpack the tree again",
		       path);
}
