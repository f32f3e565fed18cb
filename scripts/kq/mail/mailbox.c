// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mail/mailbox.h"

#include <string.h>

#include "text/text.h"

static bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

/* "From someone Thu Jan  1 00:00:00 2026": its last colon stands in a time of day, before a year. */
bool kq_is_from_line(struct ks_span line)
{
	const u8 *colon;
	struct ks_span rest;
	u32 year;

	if (line.bytes < 19 || !kq_take(&line, "From "))
		return false;
	colon = memrchr(line.p, ':', line.bytes);
	if (!colon || colon - line.p < 4)
		return false;
	rest = kq_tail(line, (size_t)(colon - line.p) + 1);
	if (rest.bytes < 2 || !is_digit(rest.p[0]) || !is_digit(rest.p[1]) ||
	    !is_digit(colon[-4]) || !is_digit(colon[-2]) || !is_digit(colon[-1]))
		return false;
	rest = ks_span_trim(kq_tail(rest, 2));
	return kq_take_number(&rest, &year) && year > 90;
}

bool kq_mailbox_next(struct ks_span *rest, struct ks_span *ret_mail)
{
	struct ks_span text = *rest, line;
	size_t bytes;
	bool many;

	if (!ks_span_line(&text, &line))
		return false;
	many = kq_is_from_line(line);
	bytes = rest->bytes - text.bytes;
	while (ks_span_line(&text, &line)) {
		if (many && kq_is_from_line(line))
			break;
		bytes = rest->bytes - text.bytes;
	}
	*ret_mail = kq_head(*rest, bytes);
	*rest = kq_tail(*rest, bytes);
	/* git format-patch --stdout parts its mails by an empty line, which its files do not have. */
	if (rest->bytes && ks_span_ends_with(*ret_mail, ks_span_str("\n\n\n")))
		*ret_mail = kq_head(*ret_mail, bytes - 1);
	return true;
}
