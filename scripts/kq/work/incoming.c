// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/incoming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "queue/patch.h"
#include "queue/subject.h"
#include "text/git.h"
#include "text/text.h"
#include "work/mailbox.h"

void kq_incoming_done(struct kq_incoming *incoming)
{
	size_t i;

	for (i = 0; i < incoming->nr; i++) {
		free(incoming->mail[i].label);
		free(incoming->mail[i].name);
		ks_buf_done(&incoming->mail[i].text);
		ks_buf_done(&incoming->mail[i].subject);
	}
	free(incoming->mail);
	*incoming = (struct kq_incoming){ 0 };
}

/* What can be said of a mail alone. */
static int check_mail(struct kq_mail *mail, struct kq_fault *fault)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct ks_diag diag = { 0 };
	int rc = kq_mail_check(ks_buf_span(&mail->text), mail->label, fault);

	if (!rc)
		rc = kq_patch_parse(ks_buf_span(&mail->text), mail->label, &patch, fault);
	if (rc)
		return rc;
	kq_subject(patch.head, &mail->subject);
	if (ks_buf_ok(&mail->text, &diag) || ks_buf_ok(&mail->subject, &diag))
		return kq_fail_diag(fault, &diag);
	if (!mail->subject.bytes)
		return kq_fail(fault, -EBADMSG, "%s: has no Subject, which names the file", mail->label);
	return 0;
}

static int add_mail(struct kq_incoming *incoming, const char *from, struct ks_span text,
		    struct kq_fault *fault)
{
	struct kq_mail *moved = kq_grow(incoming->mail, incoming->nr, &incoming->room,
					sizeof(*moved), KQ_MAX_MAILS, fault);
	struct kq_mail *mail;

	if (!moved)
		return fault->err;
	incoming->mail = moved;
	mail = &incoming->mail[incoming->nr++];
	*mail = (struct kq_mail){ 0 };
	if (asprintf(&mail->label, "%s, mail %zu", from, incoming->nr) < 0) {
		mail->label = NULL;
		return kq_no_memory(fault);
	}
	ks_put(&mail->text, text);
	return check_mail(mail, fault);
}

static int add_mailbox(struct kq_incoming *incoming, const char *from, struct ks_span text,
		       struct kq_fault *fault)
{
	struct ks_span mail;
	int rc = 0;

	while (!rc && kq_mailbox_next(&text, &mail))
		rc = add_mail(incoming, from, mail, fault);
	return rc;
}

static int add_file(struct kq_incoming *incoming, const char *path, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };

	if (ks_file_load(path, KQ_MAX_MAILBOX_BYTES, &text, &diag))
		return kq_fail_diag(fault, &diag);
	return add_mailbox(incoming, path, ks_buf_span(&text), fault);
}

/* git format-patch leaves merges out without a word. */
static int refuse_merges(const char *repository, const char *range, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *const args[] = { "rev-list", "--merges", "--max-count=1", range, "--", NULL };
	struct ks_span none = { 0 }, id;
	int rc = kq_git_must(repository, args, none, &end, fault);

	if (rc)
		return rc;
	id = ks_span_trim(ks_buf_span(&end.out));
	if (id.bytes)
		return kq_fail(fault, KQ_REFUSED,
			       "%s: %.*s is a merge, which has no patch: give ranges without it", range,
			       KQ_FMT(id));
	return 0;
}

static int add_range(struct kq_incoming *incoming, const char *repository, const char *range,
		     struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *const args[] = {
		"format-patch", "--stdout", "--full-index", "--no-renames", "--zero-commit", "-N",
		"--unified=3", "--no-ext-diff", "--no-textconv", "--no-attach", "--no-thread",
		"--no-cover-letter", "--no-base", "--no-notes",
		"--src-prefix=a/", "--dst-prefix=b/", "--subject-prefix=PATCH", range, "--", NULL,
	};
	struct ks_span none = { 0 };
	int rc = refuse_merges(repository, range, fault);

	if (!rc)
		rc = kq_git_must(repository, args, none, &end, fault);
	if (rc)
		return rc;
	if (!end.out.bytes)
		return kq_fail(fault, KQ_REFUSED, "%s: has no commits", range);
	return add_mailbox(incoming, range, ks_buf_span(&end.out), fault);
}

static bool is_range(const char *text)
{
	return text[0] != '-' && (strstr(text, "..") ||
				  ks_span_ends_with(ks_span_str(text), ks_span_str("^!")));
}

int kq_incoming_read(const struct kq_import *import, struct kq_incoming *ret_incoming,
		     struct kq_fault *fault)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < import->nr_from && !rc; i++) {
		const char *from = import->from[i];

		if (!access(from, F_OK))
			rc = add_file(&incoming, from, fault);
		else if (is_range(from))
			rc = add_range(&incoming, import->repository, from, fault);
		else
			rc = kq_fail(fault, -ENOENT,
				     "%s: no such file, and no range of commits as A..B or A^!", from);
	}
	if (!rc && !incoming.nr)
		rc = kq_fail(fault, -ENODATA, "no mail in what was given");
	if (rc)
		return rc;
	*ret_incoming = incoming;
	incoming = (struct kq_incoming){ 0 };
	return 0;
}
