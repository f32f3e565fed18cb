// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/trailer.h"

#include "text/text.h"

bool kq_trailer(const struct kq_patch *patch, const char *key, size_t nth,
		struct ks_span *ret_value)
{
	struct ks_span text = patch->body, line;

	while (ks_span_line(&text, &line)) {
		if (!kq_take(&line, key) || nth--)
			continue;
		*ret_value = ks_span_trim(line);
		return true;
	}
	return false;
}

bool kq_is_cve(struct ks_span s)
{
	u32 year, unused;
	bool good = kq_take(&s, "CVE-") && kq_take_number(&s, &year) && year >= 1999 &&
		    year <= 9999 && kq_take(&s, "-");

	return good && s.bytes >= 4 && s.bytes <= 9 && kq_take_number(&s, &unused) && !s.bytes;
}

bool kq_date(struct ks_span s, u32 *ret_date)
{
	static const u8 days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	u32 y, m, d;

	if (s.bytes != 10 || !kq_take_number(&s, &y) || !kq_take(&s, "-") || s.bytes != 5 ||
	    !kq_take_number(&s, &m) || !kq_take(&s, "-") || s.bytes != 2 ||
	    !kq_take_number(&s, &d) || s.bytes || m < 1 || m > 12 || d < 1 || d > days[m - 1])
		return false;
	if (m == 2 && d == 29 && (y % 4 || (!(y % 100) && y % 400)))
		return false;
	*ret_date = y * 10000 + m * 100 + d;
	return true;
}
