// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/header.h"

#include <gmime/gmime.h>

#include "base/cleanup.h"

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
