// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/header.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "text/text.h"

static void free_text(char **text)
{
	g_free(*text);
}

void kq_gmime_start(void)
{
	static bool started;

	if (!started)
		g_mime_init();
	started = true;
}

void kq_header_decode(struct ks_span value, struct ks_buf *out)
{
	__cleanup(free_text) char *raw = NULL;
	__cleanup(free_text) char *text = NULL;

	kq_gmime_start();
	if (value.bytes)
		raw = g_strndup((const char *)value.p, value.bytes);
	if (raw)
		text = g_mime_utils_header_decode_text(NULL, raw);
	ks_put_str(out, text ? text : "");
}

void kq_header_encode(const char *value, struct ks_buf *out)
{
	__cleanup(free_text) char *text = NULL;

	kq_gmime_start();
	text = g_mime_utils_header_encode_text(NULL, value, "utf-8");
	ks_put_str(out, text ? text : "");
}

void kq_header_address(const char *name, const char *address, struct ks_buf *out)
{
	InternetAddress *mailbox;
	char *text;

	kq_gmime_start();
	mailbox = internet_address_mailbox_new(*name ? name : NULL, address);
	internet_address_set_charset(mailbox, "utf-8");
	text = internet_address_to_string(mailbox, NULL, TRUE);
	ks_put_str(out, text ? text : "");
	g_free(text);
	g_object_unref(mailbox);
}

/* A field goes on in lines that start with a blank. */
static void put_unfolded(struct ks_span head, const char *key, struct ks_buf *out)
{
	struct ks_span line;
	bool found = false;

	while (ks_span_line(&head, &line)) {
		if (found && (kq_starts(line, " ") || kq_starts(line, "\t")))
			ks_put_str(out, " ");
		else if (found || !kq_take(&line, key))
			continue;
		found = true;
		ks_put(out, ks_span_trim(line));
	}
}

/* Blanks and colons, "Re:", and all that stands in brackets: what git mailinfo takes off. */
static struct ks_span cleaned(struct ks_span s)
{
	while (s.bytes) {
		const u8 *end = s.p[0] == '[' ? memchr(s.p, ']', s.bytes) : NULL;

		if (end)
			s = kq_tail(s, (size_t)(end - s.p) + 1);
		else if (strchr(" \t:", s.p[0] ? s.p[0] : 'x'))
			s = kq_tail(s, 1);
		else if (s.bytes > 3 && (s.p[0] | 0x20) == 'r' && (s.p[1] | 0x20) == 'e' &&
			 s.p[2] == ':')
			s = kq_tail(s, 3);
		else
			break;
	}
	return ks_span_trim(s);
}

void kq_head_field(struct ks_span head, const char *key, struct ks_buf *text)
{
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 };

	put_unfolded(head, key, &raw);
	kq_header_decode(ks_span_trim(ks_buf_span(&raw)), text);
}

/* '"A. Person"' without its quotes; git takes no angle brackets in a name. */
static void put_plain_name(struct ks_span name, struct ks_buf *out)
{
	size_t i;

	for (i = 0; i < name.bytes; i++) {
		u8 c = name.p[i];

		if (c == '\\' && i + 1 < name.bytes)
			c = name.p[++i];
		else if (c == '"')
			continue;
		if (c != '<' && c != '>' && c != '\n')
			ks_put_u8(out, c);
	}
}

void kq_author(struct ks_span head, struct ks_buf *name, struct ks_buf *address)
{
	__cleanup(ks_buf_done) struct ks_buf from = { 0 };
	struct ks_span text, mail;
	const u8 *open, *close;

	kq_head_field(head, "From:", &from);
	text = ks_buf_span(&from);
	open = text.bytes ? memrchr(text.p, '<', text.bytes) : NULL;
	close = open ? memchr(open, '>', text.bytes - (size_t)(open - text.p)) : NULL;
	mail = close ? kq_head(kq_tail(text, (size_t)(open - text.p) + 1),
			       (size_t)(close - open) - 1)
		     : ks_span_trim(text);
	if (!mail.bytes || !memchr(mail.p, '@', mail.bytes) || memchr(mail.p, ' ', mail.bytes))
		return;
	ks_put(address, mail);
	if (close)
		put_plain_name(ks_span_trim(kq_head(text, (size_t)(open - text.p))), name);
	if (!name->bytes)
		ks_put(name, mail);
}

void kq_subject(struct ks_span head, struct ks_buf *subject)
{
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 }, decoded = { 0 };

	put_unfolded(head, "Subject:", &raw);
	kq_header_decode(ks_buf_span(&raw), &decoded);
	ks_put(subject, cleaned(ks_buf_span(&decoded)));
}

static bool is_title(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '.' || c == '_';
}

/* Whatever is not a letter of a title becomes one dash between two that are. */
static void put_title(struct ks_span subject, struct ks_buf *name)
{
	size_t start = name->bytes, i;
	bool gap = false;

	for (i = 0; i < subject.bytes; i++) {
		u8 c = subject.p[i];

		if (!is_title(c)) {
			gap = true;
			continue;
		}
		if (c == '.' && !gap && i && subject.p[i - 1] == '.')
			continue;
		if (gap && name->bytes > start)
			ks_put_u8(name, '-');
		gap = false;
		ks_put_u8(name, c);
	}
	while (name->bytes > start && strchr(".-", name->p[name->bytes - 1]))
		name->bytes--;
}

void kq_patch_name(struct ks_span subject, size_t number, size_t cut_bytes, struct ks_buf *name)
{
	size_t start = name->bytes;
	char digits[32];

	snprintf(digits, sizeof(digits), "%04zu-", number);
	ks_put_str(name, digits);
	put_title(subject, name);
	if (name->bytes - start > cut_bytes)
		name->bytes = start + cut_bytes;
	ks_put_str(name, ".patch");
}
