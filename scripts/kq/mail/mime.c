// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mail/mime.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "mail/diff.h"
#include "mail/mailbox.h"
#include "queue/header.h"
#include "text/text.h"

void kq_mime_done(struct kq_mime *mime)
{
	ks_buf_done(&mime->subject);
	ks_buf_done(&mime->id);
	ks_buf_done(&mime->references);
	ks_buf_done(&mime->plain);
	ks_buf_done(&mime->inner);
	*mime = (struct kq_mime){ 0 };
}

/* struct reading - one mail while it is taken apart; @body: texts so far, @inner_path: of an attached mail */
struct reading {
	const char *label;
	struct kq_mime mime;
	struct ks_buf body;
	struct ks_buf charset;
	struct ks_buf inner_path;
	size_t nr_parts;
	struct kq_error *error;
};

static void reading_done(struct reading *r)
{
	kq_mime_done(&r->mime);
	ks_buf_done(&r->body);
	ks_buf_done(&r->charset);
	ks_buf_done(&r->inner_path);
}

static void unref_object(void *object)
{
	GObject **held = object;

	if (*held)
		g_object_unref(*held);
}

static void free_text(char **text)
{
	g_free(*text);
}

static void free_iter(GMimePartIter **iter)
{
	if (*iter)
		g_mime_part_iter_free(*iter);
}

void kq_put_without_cr(struct ks_span text, struct ks_buf *out)
{
	struct ks_span line, rest = text;

	while (ks_span_line(&rest, &line)) {
		bool ended = rest.bytes || ks_span_ends_with(text, ks_span_str("\n"));

		if (ended && ks_span_ends_with(line, ks_span_str("\r")))
			line = kq_head(line, line.bytes - 1);
		ks_put(out, line);
		if (ended)
			ks_put_str(out, "\n");
	}
}

static bool all_lines_end_with_cr(struct ks_span text)
{
	struct ks_span line;
	bool any = false;

	while (ks_span_line(&text, &line)) {
		if (!ks_span_ends_with(line, ks_span_str("\r")) && text.bytes)
			return false;
		any = any || ks_span_ends_with(line, ks_span_str("\r"));
	}
	return any;
}

static void put_decoded_part(GMimePart *part, struct ks_buf *out)
{
	__cleanup(unref_object) GMimeStream *stream = g_mime_stream_mem_new();
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 };
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStreamMem *memory = (GMimeStreamMem *)stream;
	GByteArray *bytes;

	if (content)
		g_mime_data_wrapper_write_to_stream(content, stream);
	bytes = g_mime_stream_mem_get_byte_array(memory);
	if (!bytes || !bytes->len)
		return;
	ks_put(&raw, (struct ks_span){ bytes->data, bytes->len });
	/* The line end of mail, which base64 carries as it is. */
	if (all_lines_end_with_cr(ks_buf_span(&raw)))
		kq_put_without_cr(ks_buf_span(&raw), out);
	else
		ks_put(out, ks_buf_span(&raw));
	if (raw.err)
		out->err = raw.err;
}

/* A file of git format-patch that was attached, or a mail that was kept as text. */
static bool is_mail(struct ks_span text)
{
	struct ks_span line;
	bool from = false, subject = false, first = true;

	while (ks_span_line(&text, &line) && line.bytes) {
		if (!first && !from && !subject && !memchr(line.p, ':', line.bytes))
			return false;
		from = from || kq_starts(line, "From: ");
		subject = subject || kq_starts(line, "Subject: ");
		if (first && !kq_is_from_line(line) && !from && !subject)
			return false;
		first = false;
	}
	return from && subject;
}

/* A "From " line parts it from the next one; one of its own would be a second. */
static void put_inner(struct reading *r, struct ks_span mail)
{
	struct ks_span rest = mail, line;

	if (!ks_span_line(&rest, &line) || !kq_is_from_line(line))
		ks_put_str(&r->mime.inner, "From attached Mon Sep 17 00:00:00 2001\n");
	ks_put(&r->mime.inner, mail);
	ks_put_str(&r->mime.inner, "\n");
}

static void keep_charset(struct reading *r, GMimeObject *object)
{
	const char *charset =
		g_mime_content_type_get_parameter(g_mime_object_get_content_type(object), "charset");
	const char *c;

	if (r->charset.bytes || !charset || strlen(charset) > 64)
		return;
	for (c = charset; *c; c++)
		if (!g_ascii_isalnum(*c) && !strchr("-_.:+", *c))
			return;
	ks_put_str(&r->charset, charset);
}

static int take_part(struct reading *r, GMimeObject *object, GMimeObject *parent)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	GMimeContentType *type = g_mime_object_get_content_type(object);
	bool has_diff, alone = object == parent || !parent;

	if (g_mime_content_type_is_type(type, "text", "html")) {
		r->mime.html = true;
		return 0;
	}
	put_decoded_part((GMimePart *)object, &text);
	has_diff = kq_has_diff(ks_buf_span(&text));
	/* Signatures, pictures; and what a list puts below the patch. */
	if (!alone && !has_diff &&
	    (r->mime.has_diff || !g_mime_content_type_is_type(type, "text", "*")))
		return 0;
	if (!alone && has_diff && is_mail(ks_buf_span(&text))) {
		put_inner(r, ks_buf_span(&text));
		return 0;
	}
	if (has_diff && r->mime.has_diff)
		return kq_fail(r->error, -EOPNOTSUPP,
			       "%s: has diffs in several parts: save each as a file of its own, "
			       "and import those",
			       r->label);
	if (r->body.bytes && !ks_span_ends_with(ks_buf_span(&r->body), ks_span_str("\n")))
		ks_put_str(&r->body, "\n");
	keep_charset(r, object);
	ks_put(&r->body, ks_buf_span(&text));
	r->mime.has_diff = r->mime.has_diff || has_diff;
	if (text.err)
		r->body.err = text.err;
	return 0;
}

static void take_message(struct reading *r, GMimeMessagePart *part, const char *path)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);
	__cleanup(free_text) char *text =
		message ? g_mime_object_to_string((GMimeObject *)message, NULL) : NULL;

	ks_buf_clear(&r->inner_path);
	ks_put_str(&r->inner_path, path);
	ks_put_str(&r->inner_path, ".");
	if (text)
		put_inner(r, ks_span_str(text));
}

static int walk_parts(struct reading *r, GMimeMessage *message)
{
	__cleanup(free_iter) GMimePartIter *iter = g_mime_part_iter_new((GMimeObject *)message);
	int rc = 0;

	if (!g_mime_part_iter_is_valid(iter))
		return 0;
	do {
		__cleanup(free_text) char *path = g_mime_part_iter_get_path(iter);
		GMimeObject *object = g_mime_part_iter_get_current(iter);

		if (++r->nr_parts > KQ_MAX_PARTS)
			return kq_fail(r->error, -E2BIG, "%s: has more than %u parts", r->label,
				       KQ_MAX_PARTS);
		if (r->inner_path.bytes && path &&
		    kq_starts(ks_span_str(path), (const char *)r->inner_path.p))
			continue;
		if (GMIME_IS_MULTIPART_ENCRYPTED(object))
			return kq_fail(r->error, -EOPNOTSUPP, "%s: is encrypted", r->label);
		if (GMIME_IS_MESSAGE_PART(object))
			take_message(r, (GMimeMessagePart *)object, path ? path : "");
		else if (GMIME_IS_PART(object))
			rc = take_part(r, object, g_mime_part_iter_get_parent(iter));
	} while (!rc && g_mime_part_iter_next(iter));
	return rc;
}

static bool is_field(struct ks_span line, const char *name)
{
	size_t n = strlen(name);

	return line.bytes >= n && !strncasecmp((const char *)line.p, name, n);
}

/* The fields as they are, without those on parts and encodings: the text has neither any more. */
static void put_plain(struct reading *r, struct ks_span mail)
{
	struct ks_span line;
	bool left_out = false, any = false;

	while (ks_span_line(&mail, &line) && line.bytes) {
		if (line.p[0] != ' ' && line.p[0] != '\t')
			left_out = is_field(line, "Content-") || is_field(line, "MIME-Version:") ||
				   (!any && kq_is_from_line(line));
		any = true;
		if (left_out)
			continue;
		ks_put(&r->mime.plain, line);
		ks_put_str(&r->mime.plain, "\n");
	}
	ks_put_str(&r->mime.plain, "MIME-Version: 1.0\nContent-Type: text/plain");
	if (r->charset.bytes) {
		ks_put_str(&r->mime.plain, "; charset=");
		ks_put(&r->mime.plain, ks_buf_span(&r->charset));
	}
	ks_put_str(&r->mime.plain, "\nContent-Transfer-Encoding: 8bit\n\n");
	ks_put(&r->mime.plain, ks_buf_span(&r->body));
}

static void put_references(struct ks_buf *out, const char *value)
{
	GMimeReferences *list = value ? g_mime_references_parse(NULL, value) : NULL;
	int i;

	for (i = 0; list && i < g_mime_references_length(list); i++) {
		ks_put_str(out, g_mime_references_get_message_id(list, i));
		ks_put_str(out, "\n");
	}
	if (list)
		g_mime_references_free(list);
}

static GMimeMessage *parse(struct ks_span mail)
{
	__cleanup(unref_object) GMimeStream *stream =
		g_mime_stream_mem_new_with_buffer((const char *)mail.p, mail.bytes);
	__cleanup(unref_object) GMimeParser *parser = g_mime_parser_new_with_stream(stream);

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	return g_mime_parser_construct_message(parser, NULL);
}

static int read_message(struct reading *r, struct ks_span mail)
{
	__cleanup(unref_object) GMimeMessage *message = NULL;
	GMimeObject *object;
	const char *text;
	int rc;

	message = parse(mail);
	if (!message)
		return kq_fail(r->error, -EBADMSG, "%s: is not a mail", r->label);
	object = (GMimeObject *)message;
	text = g_mime_message_get_subject(message);
	ks_put_str(&r->mime.subject, text ? text : "");
	text = g_mime_message_get_message_id(message);
	ks_put_str(&r->mime.id, text ? text : "");
	put_references(&r->mime.references, g_mime_object_get_header(object, "In-Reply-To"));
	put_references(&r->mime.references, g_mime_object_get_header(object, "References"));
	rc = walk_parts(r, message);
	if (!rc)
		put_plain(r, mail);
	return rc;
}

int kq_mime_read(struct ks_span mail, const char *label, struct kq_mime *ret_mime,
		 struct kq_error *error)
{
	__cleanup(reading_done) struct reading r = { .label = label, .error = error };
	__cleanup(ks_buf_done) struct ks_buf lf = { 0 };
	struct ks_span rest = mail, line;
	int rc;

	kq_gmime_start();
	if (!ks_span_line(&rest, &line))
		return kq_fail(error, -EBADMSG, "%s: is empty", label);
	if (ks_span_ends_with(line, ks_span_str("\r"))) {
		kq_put_without_cr(mail, &lf);
		mail = rest = ks_buf_span(&lf);
		ks_span_line(&rest, &line);
	}
	rc = read_message(&r, kq_is_from_line(line) ? rest : mail);
	if (!rc && (lf.err || r.mime.plain.err || r.mime.inner.err || r.body.err ||
		    r.mime.references.err || r.mime.subject.err || r.mime.id.err))
		rc = kq_no_memory(error);
	if (rc)
		return rc;
	*ret_mime = r.mime;
	r.mime = (struct kq_mime){ 0 };
	return 0;
}
