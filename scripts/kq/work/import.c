// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "mail/diff.h"
#include "mail/mailbox.h"
#include "mail/message.h"
#include "mail/thread.h"
#include "queue/patch.h"
#include "queue/header.h"
#include "text/file.h"
#include "text/git.h"
#include "text/text.h"
#include "work/fit.h"
#include "work/restack.h"

void kq_incoming_done(struct kq_incoming *incoming)
{
	size_t i;

	for (i = 0; i < incoming->nr; i++) {
		free(incoming->mail[i].label);
		ks_buf_done(&incoming->mail[i].text);
		ks_buf_done(&incoming->mail[i].subject);
		kq_mime_done(&incoming->mail[i].mime);
	}
	free(incoming->mail);
	*incoming = (struct kq_incoming){ 0 };
}

static int add_row(struct kq_incoming *incoming, const char *from, struct kq_mail **ret_mail,
		   struct kq_error *error)
{
	struct kq_mail *moved = kq_grow(incoming->mail, incoming->nr, &incoming->room,
					sizeof(*moved), KQ_MAX_MAILS, error);
	struct kq_mail *mail;

	if (!moved)
		return error->err;
	incoming->mail = moved;
	mail = &incoming->mail[incoming->nr++];
	*mail = (struct kq_mail){ 0 };
	if (asprintf(&mail->label, "%s, mail %zu", from, incoming->nr) < 0) {
		mail->label = NULL;
		return kq_no_memory(error);
	}
	*ret_mail = mail;
	return 0;
}

/* @origin: what is taken in, and the mails so far; @inner: attached to another mail */
struct origin {
	const struct kq_import *import;
	struct kq_incoming *incoming;
	const char *from;
	bool chosen;
	bool inner;
	struct kq_error *error;
};

static int add_mailbox(const struct origin *origin, struct ks_span text);

static int add_mail(const struct origin *origin, struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf inner = { 0 };
	struct origin inside = *origin;
	struct kq_mail *mail;
	int rc = add_row(origin->incoming, origin->from, &mail, origin->error);

	if (rc)
		return rc;
	mail->chosen = origin->chosen;
	ks_put(&mail->text, text);
	if (mail->text.err)
		return kq_no_memory(origin->error);
	rc = kq_mime_read(text, mail->label, &mail->mime, origin->error);
	if (rc || !mail->mime.inner.bytes || origin->inner)
		return rc;
	mail->has_mails_attached = true;
	ks_buf_move(&inner, &mail->mime.inner);
	inside.inner = true;
	return add_mailbox(&inside, ks_buf_span(&inner));
}

static int add_mailbox(const struct origin *origin, struct ks_span text)
{
	struct ks_span mail;
	int rc = 0;

	while (!rc && kq_mailbox_next(&text, &mail))
		rc = add_mail(origin, mail);
	return rc;
}

/* A name, a colon: a field of a mail. */
static bool is_field(struct ks_span line)
{
	size_t i;

	for (i = 0; i < line.bytes && line.p[i] > ' ' && line.p[i] < 0x7f; i++)
		if (line.p[i] == ':')
			return i > 0;
	return i && i < line.bytes && line.p[0] <= ' ';
}

/* Its fields name a sender; all else is a diff, with or without some words above. */
static bool is_mailbox(struct ks_span text)
{
	struct ks_span line;
	bool first = true, from = false;

	while (ks_span_line(&text, &line)) {
		if (ks_span_ends_with(line, ks_span_str("\r")))
			line = kq_head(line, line.bytes - 1);
		if (first && kq_is_from_line(line))
			return true;
		first = false;
		if (!line.bytes)
			break;
		if (line.p[0] != ' ' && line.p[0] != '\t' && !is_field(line))
			return false;
		from = from || (line.bytes > 5 && !strncasecmp((const char *)line.p, "From:", 5));
	}
	return from;
}

static int add_diff(const struct origin *origin, struct ks_span text)
{
	struct kq_mail *mail;
	int rc;

	if (!kq_has_diff(text))
		return kq_fail(origin->error, -EBADMSG, "%s: is not a mail, and no diff is in it",
			       origin->from);
	rc = add_row(origin->incoming, origin->from, &mail, origin->error);
	if (rc)
		return rc;
	mail->chosen = true;
	mail->is_diff = true;
	ks_put(&mail->text, text);
	return mail->text.err ? kq_no_memory(origin->error) : 0;
}

static int add_file(const struct origin *origin)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span all;
	bool standard = !strcmp(origin->from, "-");
	struct origin named = *origin;

	if (standard)
		named.from = "standard input";
	if (standard ? ks_file_read(STDIN_FILENO, named.from, 0, KQ_MAX_MAILBOX_BYTES, &text, &diag)
		     : ks_file_load(origin->from, KQ_MAX_MAILBOX_BYTES, &text, &diag))
		return kq_fail_diag(origin->error, &diag);
	all = ks_buf_span(&text);
	if (!ks_span_trim(all).bytes)
		return 0;
	return is_mailbox(all) ? add_mailbox(&named, all) : add_diff(&named, all);
}

/* What is said with an option, what the person is called, and what the clock says. */
static int complete(const struct kq_import *import, const struct kq_mail *mail,
		    struct kq_message *message, struct kq_error *error)
{
	struct kq_error why = { 0 };
	struct ks_diag diag = { 0 };
	char date[64];
	struct tm tm;
	u64 now;
	int rc = 0;

	if (import->author && !kq_message_author(message, ks_span_str(import->author)))
		return kq_fail(error, -EINVAL, "--author %s: want 'Name <address>'",
			       import->author);
	if (!message->address.bytes) {
		ks_buf_clear(&message->name);
		rc = kq_git_person(&message->name, &message->address, &why);
	}
	if (rc)
		return kq_fail(error, rc, "%s: names no author: give --author (%s)", mail->label,
			       why.line);
	if (!message->date.bytes) {
		if (ks_clock_build_time(&now, &diag))
			return kq_fail_diag(error, &diag);
		gmtime_r(&(time_t){ (time_t)now }, &tm);
		strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
		ks_put_str(&message->date, date);
	}
	if (import->subject) {
		ks_buf_clear(&message->subject);
		ks_put_str(&message->subject, import->subject);
	}
	if (!ks_span_trim(ks_buf_span(&message->subject)).bytes)
		return kq_fail(error, -EBADMSG,
			       "%s: has no Subject, which names the file: give --subject",
			       mail->label);
	return 0;
}

/* As git format-patch would have written it. */
static int write_anew(const struct kq_import *import, struct kq_mail *mail, struct kq_error *error)
{
	__cleanup(kq_message_done) struct kq_message message = { 0 };
	int rc;

	if (mail->is_diff)
		rc = kq_message_split(ks_buf_span(&mail->text), &message, error);
	else
		rc = kq_message_read(ks_buf_span(&mail->mime.plain), import->scissors, &message,
				     error);
	if (!rc)
		rc = complete(import, mail, &message, error);
	if (!rc && mail->mime.html && !mail->mime.has_diff)
		rc = kq_fail(error, -EOPNOTSUPP, "%s: its text is HTML only", mail->label);
	ks_buf_done(&mail->text);
	if (!rc)
		rc = kq_message_patch(&message, mail->label, &mail->text, error);
	mail->anew = true;
	return rc;
}

/*
 * What git format-patch wrote: as it is, but ids that were cut short are filled in.
 * Return: false when a file has no index line, which is to be written.
 */
static bool has_index_lines(const struct kq_patch *patch, bool *ret_short)
{
	size_t i;

	*ret_short = false;
	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];

		if (!file->old_id.bytes && file->nr_hunks)
			return false;
		*ret_short = *ret_short || (file->old_id.bytes &&
					    (file->old_id.bytes != 40 || file->new_id.bytes != 40));
	}
	return true;
}

/* The lines of what was given are of more use than those of what was made of it. */
static int fail_first(const struct kq_mail *mail, const struct kq_error *first,
		      const struct kq_error *second, struct kq_error *error)
{
	struct ks_span rest = ks_span_str(second->line);
	bool no_line = kq_take(&rest, mail->label) && kq_starts(rest, ": ");

	if (!first->err || no_line)
		return kq_fail(error, second->err, "%s", second->line);
	return kq_fail(error, first->err, "%s", first->line);
}

static int make_patch(const struct kq_import *import, struct kq_mail *mail, struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct kq_error why = { 0 }, other = { 0 };
	bool git = !mail->is_diff && !import->subject && !import->author && !import->scissors &&
		   kq_is_git_mail(ks_buf_span(&mail->text));
	bool whole = git && !kq_patch_parse(ks_buf_span(&mail->text), mail->label, &patch, &why) &&
		     has_index_lines(&patch, &mail->anew);
	int rc = 0;

	if (!whole) {
		kq_patch_done(&patch);
		rc = write_anew(import, mail, &other);
	}
	if (rc)
		return fail_first(mail, &why, &other, error);
	if (!whole)
		rc = kq_patch_parse(ks_buf_span(&mail->text), mail->label, &patch, error);
	if (rc)
		return rc;
	kq_subject(patch.head, &mail->subject);
	if (kq_buf_check(&mail->subject, error))
		return error->err;
	if (!mail->subject.bytes)
		return kq_fail(error, -EBADMSG,
			       "%s: has no Subject, which names the file: give --subject",
			       mail->label);
	return 0;
}

/* git format-patch leaves merges out without a word. */
static int refuse_merges(const char *repository, const char *range, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *const args[] = { "rev-list", "--merges", "--max-count=1", range, "--", NULL };
	struct ks_span none = { 0 }, id;
	int rc = kq_git_must(repository, args, none, &end, error);

	if (rc)
		return rc;
	id = ks_span_trim(ks_buf_span(&end.out));
	if (id.bytes)
		return kq_fail(error, KQ_REFUSED,
			       "%s: %.*s is a merge, which has no patch: give ranges without it",
			       range, KQ_FMT(id));
	return 0;
}

static int add_range(const struct origin *origin)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	const char *range = origin->from, *repository = origin->import->repository;
	const char *const args[] = {
		"format-patch",
		"--stdout",
		"--full-index",
		"--no-renames",
		"--zero-commit",
		"-N",
		"--unified=3",
		"--no-ext-diff",
		"--no-textconv",
		"--no-attach",
		"--no-thread",
		"--no-cover-letter",
		"--no-base",
		"--no-notes",
		"--src-prefix=a/",
		"--dst-prefix=b/",
		"--subject-prefix=PATCH",
		range,
		"--",
		NULL,
	};
	struct ks_span none = { 0 };
	struct origin commits = *origin;
	int rc = refuse_merges(repository, range, origin->error);

	if (!rc)
		rc = kq_git_must(repository, args, none, &end, origin->error);
	if (rc)
		return rc;
	if (!end.out.bytes)
		return kq_fail(origin->error, KQ_REFUSED, "%s: has no commits", range);
	commits.chosen = true;
	return add_mailbox(&commits, ks_buf_span(&end.out));
}

static bool is_range(const char *text)
{
	return text[0] != '-' &&
	       (strstr(text, "..") || ks_span_ends_with(ks_span_str(text), ks_span_str("^!")));
}

static void free_letters(struct kq_letter **letters)
{
	free(*letters);
}

static void free_order(size_t **order)
{
	free(*order);
}

/* Only the patches stay, in their order. */
static int choose(struct kq_incoming *incoming, struct ks_buf *notes, struct kq_error *error)
{
	__cleanup(free_letters) struct kq_letter *letter = calloc(incoming->nr, sizeof(*letter));
	__cleanup(free_order) size_t *order = calloc(incoming->nr, sizeof(*order));
	struct kq_incoming chosen = { 0 };
	size_t i, nr = 0;
	int rc;

	chosen.mail = calloc(incoming->nr, sizeof(*chosen.mail));
	if (!letter || !order || !chosen.mail) {
		free(chosen.mail);
		return kq_no_memory(error);
	}
	for (i = 0; i < incoming->nr; i++) {
		const struct kq_mail *mail = &incoming->mail[i];

		letter[i] = (struct kq_letter){
			.label = mail->label,
			.subject = ks_buf_span(&mail->mime.subject),
			.id = ks_buf_span(&mail->mime.id),
			.has_diff = mail->mime.has_diff,
			.references = ks_buf_span(&mail->mime.references),
			.chosen = mail->chosen,
		};
		if (mail->has_mails_attached && !mail->mime.has_diff)
			snprintf(letter[i].skip, sizeof(letter[i].skip), "only holds others");
	}
	rc = kq_thread_sort(letter, incoming->nr, order, &nr, error);
	for (i = 0; i < incoming->nr && !rc; i++) {
		if (!letter[i].skip[0])
			continue;
		ks_put_str(notes, letter[i].label);
		ks_put_str(notes, ": left out: ");
		ks_put_str(notes, letter[i].skip);
		ks_put_str(notes, "\n");
	}
	for (i = 0; i < nr && !rc; i++) {
		chosen.mail[chosen.nr++] = incoming->mail[order[i]];
		incoming->mail[order[i]] = (struct kq_mail){ 0 };
	}
	if (rc) {
		free(chosen.mail);
		return rc;
	}
	chosen.room = incoming->nr;
	kq_incoming_done(incoming);
	*incoming = chosen;
	return 0;
}

static int read_one(const struct origin *origin)
{
	if (!strcmp(origin->from, "-") || !access(origin->from, F_OK))
		return add_file(origin);
	if (is_range(origin->from))
		return add_range(origin);
	return kq_fail(origin->error, -ENOENT,
		       "%s: no such file, and no range of commits as A..B or A^!", origin->from);
}

int kq_incoming_read(const struct kq_import *import, struct kq_incoming *ret_incoming,
		     struct ks_buf *notes, struct kq_error *error)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	struct origin origin = { .import = import, .incoming = &incoming, .error = error };
	size_t i;
	int rc = 0;

	for (i = 0; i < import->nr_from && !rc; i++) {
		origin.from = import->from[i];
		rc = read_one(&origin);
	}
	if (!rc && incoming.nr)
		rc = choose(&incoming, notes, error);
	if (!rc && !incoming.nr)
		rc = kq_fail(error, -ENODATA,
			     notes->bytes ? "no patch in what was given"
					  : "no mail in what was given");
	if (!rc && incoming.nr > 1 && (import->subject || import->author))
		rc = kq_fail(error, -EINVAL,
			     "--subject and --author are for one patch, these are %zu",
			     incoming.nr);
	for (i = 0; i < incoming.nr && !rc; i++)
		rc = make_patch(import, &incoming.mail[i], error);
	if (rc)
		return rc;
	*ret_incoming = incoming;
	incoming = (struct kq_incoming){ 0 };
	return 0;
}

static struct ks_span list_of(const char *list)
{
	return ks_span_str(list ? list : "");
}

static int add_mails(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct kq_edition *edition, struct kq_error *error)
{
	size_t idx = kq_edition_end(edition, import->sku || import->arch), i;
	int rc = 0;

	edition->later_stay = !import->before && !import->after;
	if (!edition->later_stay)
		rc = kq_edition_place(edition, import->before, import->after, &idx, error);
	for (i = 0; i < incoming->nr && !rc; i++)
		rc = kq_edition_insert_new(edition, idx + i, incoming->mail[i].label,
					   ks_buf_span(&incoming->mail[i].text),
					   list_of(import->sku), list_of(import->arch), error);
	return rc;
}

/* The new patches, in the order of the mails. */
static int fit_mails(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct kq_edition *edition, struct ks_buf *notes, struct kq_error *error)
{
	const struct kq_mail *mail = incoming->mail;
	size_t i;
	int rc = 0;

	for (i = 0; i < edition->nr && !rc; i++) {
		struct kq_fit fit = { .three_way = import->three_way,
				      .repository = import->repository,
				      .notes = notes };

		if (edition->item[i].from != KQ_NEW)
			continue;
		fit.label = mail->label;
		fit.anew = mail->anew;
		mail++;
		if (fit.anew || fit.three_way)
			rc = kq_fit(&fit, edition->bases.base[0].source, &edition->new, i, error);
	}
	return rc;
}

int kq_import(const struct kq_import *import, struct ks_buf *ret_names, struct ks_buf *ret_notes,
	      struct kq_error *error)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	size_t i;
	int rc = kq_incoming_read(import, &incoming, ret_notes, error);

	if (!rc)
		rc = kq_edition_open(import->queue, import->base, import->state, &edition, error);
	if (!rc)
		rc = add_mails(import, &incoming, &edition, error);
	if (!rc)
		rc = kq_edition_build(&edition, error);
	if (!rc)
		rc = fit_mails(import, &incoming, &edition, ret_notes, error);
	if (!rc)
		rc = kq_edition_restack(&edition, error);
	if (!rc)
		rc = kq_edition_publish(&edition, error);
	if (rc)
		return rc;
	for (i = 0; i < edition.nr; i++) {
		if (edition.item[i].from != KQ_NEW)
			continue;
		ks_put_str(ret_names, edition.item[i].name);
		ks_put_str(ret_names, "\n");
	}
	ks_put(ret_names, ks_buf_span(&edition.notes));
	return kq_buf_check(ret_names, error);
}
