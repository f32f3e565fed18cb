// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/policy.h"

#include <string.h>

#include "base/text.h"

/* Decimal, or hexadecimal behind 0x, as Kconfig writes them. */
static bool number_of(struct ks_span text, u64 *ret_number)
{
	u64 base = ks_text_cut(&text, "0x") ? 16 : 10, number = 0;
	size_t i;

	for (i = 0; i < text.bytes; i++) {
		u8 c = text.p[i];
		u64 digit = c >= '0' && c <= '9' ? (u64)(c - '0') :
			    c >= 'a' && c <= 'f' ? (u64)(c - 'a' + 10) :
			    c >= 'A' && c <= 'F' ? (u64)(c - 'A' + 10) :
						   16;

		if (digit >= base || __builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*ret_number = number;
	return text.bytes > 0;
}

static const char *take_text(struct ks_span *line, struct ks_policy_want *want)
{
	const u8 *end;
	size_t bytes;

	(void)ks_text_cut(line, "\"");
	want->is_quoted = true;
	end = line->bytes ? memchr(line->p, '"', line->bytes) : NULL;
	if (!end)
		return "the \"text\" has no end";
	bytes = (size_t)(end - line->p);
	if (!ks_span_sub(*line, 0, bytes, &want->text) ||
	    !ks_span_sub(*line, bytes + 1, line->bytes - bytes - 1, line))
		return "the \"text\" has no end";
	return !line->bytes || line->p[0] == ' ' || line->p[0] == '\t' ? NULL : "no blank behind the \"text\"";
}

static const char *take_list(struct ks_span *line, struct ks_policy_want *want)
{
	if (!ks_span_word(line, &want->text))
		return "a list with commas is missing, write \"contains A,B\" or \"one-of A,B\"";
	return memmem(want->text.p, want->text.bytes, ",,", 2) || want->text.p[0] == ',' ||
			       want->text.p[want->text.bytes - 1] == ',' ?
		       "the list has an empty item" :
		       NULL;
}

const char *ks_policy_take_want(struct ks_span *line, struct ks_policy_want *ret_want)
{
	static const char wrong[] = "no value, write y, n, m|y, absent, NUMBER, >=NUMBER, <=NUMBER, \"TEXT\", "
				    "contains A,B or one-of A,B";
	static const struct {
		const char *word;
		enum ks_policy_op op;
	} words[] = {
		{ "y", KS_POLICY_IS },	  { "m", KS_POLICY_IS },	    { "n", KS_POLICY_OFF },
		{ "m|y", KS_POLICY_ON },  { "absent", KS_POLICY_ABSENT },   { "contains", KS_POLICY_CONTAINS },
		{ "one-of", KS_POLICY_ONE_OF },
	};
	struct ks_span word;
	size_t i;

	*ret_want = (struct ks_policy_want){ .op = KS_POLICY_IS };
	while (ks_text_cut(line, " ") || ks_text_cut(line, "\t"))
		;
	if (line->bytes && line->p[0] == '"')
		return take_text(line, ret_want);
	if (!ks_span_word(line, &word))
		return wrong;
	for (i = 0; i < KS_ARRAY_SIZE(words); i++) {
		if (!ks_span_eq(word, ks_span_str(words[i].word)))
			continue;
		ret_want->op = words[i].op;
		ret_want->text = word;
		return ret_want->op >= KS_POLICY_CONTAINS ? take_list(line, ret_want) : NULL;
	}
	if (ks_text_cut(&word, ">="))
		ret_want->op = KS_POLICY_AT_LEAST;
	else if (ks_text_cut(&word, "<="))
		ret_want->op = KS_POLICY_AT_MOST;
	if (!number_of(word, &ret_want->number))
		return wrong;
	ret_want->text = word;
	ret_want->is_number = true;
	return NULL;
}

static bool contains_all(struct ks_span list, struct ks_span items)
{
	struct ks_span item;

	while (ks_text_item(&items, &item))
		if (!ks_text_list_has(list, item))
			return false;
	return true;
}

bool ks_policy_is_met(const struct ks_policy_want *want, bool is_named, struct ks_span value)
{
	bool is_off = !is_named || ks_span_eq(value, ks_span_str("n"));
	u64 number;

	switch (want->op) {
	case KS_POLICY_OFF:
		return is_off;
	case KS_POLICY_ABSENT:
		return !is_named;
	case KS_POLICY_ON:
		return is_named && (ks_span_eq(value, ks_span_str("y")) || ks_span_eq(value, ks_span_str("m")));
	case KS_POLICY_AT_LEAST:
		return is_named && number_of(value, &number) && number >= want->number;
	case KS_POLICY_AT_MOST:
		return is_named && number_of(value, &number) && number <= want->number;
	case KS_POLICY_CONTAINS:
		return is_named && contains_all(value, want->text);
	case KS_POLICY_ONE_OF:
		return ks_text_list_has(want->text, is_off ? ks_span_str("n") : value);
	case KS_POLICY_IS:
		break;
	}
	/* 0x10 is 16, whoever writes it. */
	if (is_named && want->is_number && number_of(value, &number) && number == want->number)
		return true;
	return is_named && ks_span_eq(value, want->text);
}

bool ks_policy_take_release(struct ks_span text, struct ks_policy_release *ret_release)
{
	u16 part[2] = { 0, 0 };
	size_t i = 0, n;

	for (n = 0; n < 2; n++) {
		size_t first = i;

		while (i < text.bytes && text.p[i] >= '0' && text.p[i] <= '9' && i - first < 4) {
			part[n] = (u16)(part[n] * 10 + (text.p[i] - '0'));
			i++;
		}
		if (i == first || (!n && (i == text.bytes || text.p[i++] != '.')))
			return false;
	}
	*ret_release = (struct ks_policy_release){ part[0], part[1] };
	return part[0] > 0;
}

/* Below zero: @a is older than @b. */
static int compare(struct ks_policy_release a, struct ks_policy_release b)
{
	return a.major != b.major ? (int)a.major - (int)b.major : (int)a.minor - (int)b.minor;
}

bool ks_policy_is_for(const struct ks_policy_rule *rule, struct ks_policy_release release, struct ks_span arch)
{
	if (rule->arches.bytes && arch.bytes && !ks_text_list_has(rule->arches, arch))
		return false;
	if (!release.major)
		return true;
	return compare(rule->since, release) <= 0 && (!rule->until.major || compare(release, rule->until) <= 0);
}
