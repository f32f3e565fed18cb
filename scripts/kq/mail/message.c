// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mail/message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "mail/diff.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "queue/header.h"
#include "queue/patch.h"
#include "text/git.h"
#include "text/text.h"

void kq_message_done(struct kq_message *message)
{
	ks_buf_done(&message->name);
	ks_buf_done(&message->address);
	ks_buf_done(&message->date);
	ks_buf_done(&message->subject);
	ks_buf_done(&message->body);
	ks_buf_done(&message->diff);
	*message = (struct kq_message){ 0 };
}

int kq_message_read(struct ks_span mail, bool scissors, struct kq_message *ret_message,
		    struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	__cleanup(kq_message_done) struct kq_message message = { 0 };
	struct ks_span out, line;
	int rc = kq_git_mailinfo(mail, scissors, &end, error);

	if (rc)
		return rc;
	out = ks_buf_span(&end.out);
	while (ks_span_line(&out, &line)) {
		if (kq_take(&line, "Author: "))
			ks_put(&message.name, line);
		else if (kq_take(&line, "Email: "))
			ks_put(&message.address, line);
		else if (kq_take(&line, "Date: "))
			ks_put(&message.date, line);
		else if (kq_take(&line, "Subject: "))
			ks_put(&message.subject, line);
	}
	ks_buf_move(&message.body, &end.file[0]);
	ks_buf_move(&message.diff, &end.file[1]);
	*ret_message = message;
	message = (struct kq_message){ 0 };
	return 0;
}

static bool take_field(struct ks_span *line, const char *name)
{
	size_t n = strlen(name);

	if (line->bytes < n || strncasecmp((const char *)line->p, name, n))
		return false;
	*line = ks_span_trim(kq_tail(*line, n));
	return true;
}

bool kq_message_author(struct kq_message *message, struct ks_span author)
{
	const u8 *open = author.bytes ? memchr(author.p, '<', author.bytes) : NULL;
	struct ks_span name, address;

	if (!open || !ks_span_ends_with(author, ks_span_str(">")))
		return false;
	name = ks_span_trim(kq_head(author, (size_t)(open - author.p)));
	address = kq_tail(author, (size_t)(open - author.p) + 1);
	address = kq_head(address, address.bytes - 1);
	if (!address.bytes || memchr(address.p, '<', address.bytes) ||
	    memchr(address.p, '>', address.bytes) || memchr(author.p, '\n', author.bytes))
		return false;
	ks_buf_clear(&message->name);
	ks_buf_clear(&message->address);
	ks_put(&message->name, name);
	ks_put(&message->address, address);
	return true;
}

static bool opens_diff(struct ks_span line, struct ks_span rest)
{
	struct ks_span second = { 0 };

	return kq_starts(line, "diff -") || kq_starts(line, "Index: ") || kq_is(line, "---") ||
	       (kq_starts(line, "--- ") && ks_span_line(&rest, &second) &&
		kq_starts(second, "+++ "));
}

/* Fields at the top, up to the first line that is none. */
static bool take_top(struct kq_message *message, struct ks_span line)
{
	if (take_field(&line, "From:") || take_field(&line, "Author:"))
		return kq_message_author(message, line);
	if (take_field(&line, "Date:"))
		return ks_put(&message->date, line), true;
	if (take_field(&line, "Subject:"))
		return ks_put(&message->subject, line), true;
	return false;
}

int kq_message_split(struct ks_span text, struct kq_message *ret_message, struct kq_error *error)
{
	__cleanup(kq_message_done) struct kq_message message = { 0 };
	__cleanup(ks_buf_done) struct ks_buf lf = { 0 };
	struct ks_span rest = text, line;
	bool top = true;

	if (ks_span_line(&rest, &line) && ks_span_ends_with(line, ks_span_str("\r"))) {
		kq_put_without_cr(text, &lf);
		text = ks_buf_span(&lf);
	}
	for (rest = text; ks_span_line(&rest, &line); text = rest) {
		if (opens_diff(line, rest))
			break;
		top = top && (take_top(&message, line) || !line.bytes);
		if (top || (!message.body.bytes && !line.bytes))
			continue;
		ks_put(&message.body, line);
		ks_put_str(&message.body, "\n");
	}
	ks_put(&message.diff, text);
	if (lf.err || message.body.err || message.diff.err || message.subject.err ||
	    message.date.err || message.name.err || message.address.err)
		return kq_no_memory(error);
	*ret_message = message;
	message = (struct kq_message){ 0 };
	return 0;
}

/* Terminated, and in one line: it becomes a field. */
static const char *one_line(struct ks_buf *copy, const struct ks_buf *text)
{
	size_t i;

	ks_put(copy, ks_buf_span(text));
	for (i = 0; i < copy->bytes; i++)
		if (copy->p[i] < ' ' || copy->p[i] == 0x7f)
			copy->p[i] = ' ';
	ks_put_u8(copy, 0);
	return copy->err ? "" : (const char *)copy->p;
}

static void put_head(const struct kq_message *message, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 }, address = { 0 }, date = { 0 },
					     subject = { 0 };

	ks_put_str(out, "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
			"From: ");
	kq_header_address(one_line(&name, &message->name), one_line(&address, &message->address),
			  out);
	ks_put_str(out, "\nDate: ");
	ks_put_str(out, one_line(&date, &message->date));
	ks_put_str(out, "\nSubject: [PATCH] ");
	kq_header_encode(one_line(&subject, &message->subject), out);
	ks_put_str(out, "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
			"Content-Transfer-Encoding: 8bit\n\n");
}

/* " 2 files changed, 3 insertions(+), 1 deletion(-)" */
static bool read_stat(struct ks_span line, u32 *files, u32 *added, u32 *removed)
{
	u32 number;

	*added = *removed = 0;
	if (!kq_take(&line, " ") || !kq_take_number(&line, files) ||
	    (!kq_take(&line, " file changed") && !kq_take(&line, " files changed")))
		return false;
	while (kq_take(&line, ", ") && kq_take_number(&line, &number)) {
		if (kq_take(&line, " insertions(+)") || kq_take(&line, " insertion(+)"))
			*added = number;
		else if (kq_take(&line, " deletions(-)") || kq_take(&line, " deletion(-)"))
			*removed = number;
		else
			return false;
	}
	return !line.bytes;
}

/* A mail that lost its end between two hunks is a good patch, only shorter; its diffstat tells. */
static int check_stat(struct ks_span notes, const struct kq_patch *patch, struct kq_error *error)
{
	u32 files, added, removed, has_added = 0, has_removed = 0;
	struct ks_span line;
	bool found = false;
	size_t i;

	while (!found && ks_span_line(&notes, &line))
		found = read_stat(line, &files, &added, &removed);
	if (!found)
		return 0;
	for (i = 0; i < patch->nr_lines; i++) {
		has_added += patch->line[i].kind == '+';
		has_removed += patch->line[i].kind == '-';
	}
	if (files == patch->nr_files && added == has_added && removed == has_removed)
		return 0;
	return kq_fail(error, -EBADMSG,
		       "%s: its diffstat says %u files, +%u -%u, the diff has %zu, +%u -%u, and no "
		       "\"-- \" line ends it: is it cut off?",
		       patch->label, files, added, removed, patch->nr_files, has_added,
		       has_removed);
}

int kq_message_patch(const struct kq_message *message, const char *label, struct ks_buf *ret_text,
		     struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 }, diff = { 0 }, text = { 0 };
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct ks_span body = ks_span_trim(ks_buf_span(&message->body));
	struct ks_diag diag = { 0 };
	bool has_end = false;
	int rc = kq_put_diff(ks_buf_span(&message->diff), label, &notes, &diff, &has_end, error);

	if (rc)
		return rc;
	put_head(message, &text);
	ks_put(&text, body);
	ks_put_str(&text, body.bytes ? "\n---\n" : "---\n");
	ks_put(&text, ks_buf_span(&notes));
	if (notes.bytes && !ks_span_ends_with(ks_buf_span(&notes), ks_span_str("\n\n")) &&
	    !kq_is(ks_buf_span(&notes), "\n"))
		ks_put_str(&text, "\n");
	ks_put(&text, ks_buf_span(&diff));
	ks_put_str(&text, "-- \nkq\n\n");
	if (ks_buf_ok(&notes, &diag) || ks_buf_ok(&diff, &diag) || ks_buf_ok(&text, &diag))
		return kq_fail_diag(error, &diag);
	rc = kq_patch_parse(ks_buf_span(&text), label, &patch, error);
	if (!rc && !has_end)
		rc = check_stat(ks_buf_span(&notes), &patch, error);
	if (!rc)
		ks_buf_move(ret_text, &text);
	return rc;
}

/* The encodings that leave the text as it is. */
static bool is_as_it_is(struct ks_span line)
{
	if (take_field(&line, "Content-Transfer-Encoding:"))
		return take_field(&line, "8bit") || take_field(&line, "7bit");
	if (take_field(&line, "Content-Type:"))
		return take_field(&line, "text/plain; charset=UTF-8") ||
		       take_field(&line, "text/plain; charset=us-ascii") ||
		       kq_is(line, "text/plain");
	return take_field(&line, "MIME-Version:");
}

bool kq_is_git_mail(struct ks_span mail)
{
	static const char *const fields[] = { "From:", "Date:", "Subject:", "To:", "Cc:",
					      "Message-ID:", "In-Reply-To:", "References:" };
	struct ks_span line;
	bool first = true;
	size_t i;

	for (; ks_span_line(&mail, &line) && line.bytes; first = false) {
		bool known = (first && kq_is_from_line(line)) || line.p[0] == ' ' ||
			     line.p[0] == '\t' || is_as_it_is(line);

		for (i = 0; i < KS_ARRAY_SIZE(fields) && !known; i++)
			known = take_field(&line, fields[i]);
		if (!known || ks_span_ends_with(line, ks_span_str("\r")))
			return false;
	}
	/* git am takes these for fields. */
	if (!ks_span_line(&mail, &line))
		return true;
	return !take_field(&line, "From:") && !take_field(&line, "Subject:") &&
	       !take_field(&line, "Date:") && !kq_starts(line, "[PATCH]");
}
