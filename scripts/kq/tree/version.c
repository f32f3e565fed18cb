// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/version.h"

#include <stdio.h>
#include <string.h>

#include "text/text.h"

/* They stand below the SPDX line; further down, other lines may look like them. */
#define MAX_LINES 16

static bool take_value(struct ks_span line, const char *name, struct ks_span *ret_value)
{
	struct ks_span word;

	if (!ks_span_word(&line, &word) || !kq_is(word, name) || !ks_span_word(&line, &word) ||
	    !kq_is(word, "="))
		return false;
	*ret_value = ks_span_trim(line);
	return true;
}

static bool is_number(struct ks_span s)
{
	u32 value;

	return kq_take_number(&s, &value) && !s.bytes;
}

static bool is_extra(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (!strchr("-+._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			    s.p[i]) ||
		    !s.p[i])
			return false;
	return true;
}

bool kq_version_read(struct ks_span makefile, struct kq_version *ret_version)
{
	static const char *const name[] = { "VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION" };
	struct ks_span value[KS_ARRAY_SIZE(name)] = { 0 }, line;
	struct kq_version version;
	int n, i, nr;
	size_t k;

	for (nr = 0; nr < MAX_LINES && ks_span_line(&makefile, &line); nr++)
		for (k = 0; k < KS_ARRAY_SIZE(name); k++)
			if (!value[k].bytes && take_value(line, name[k], &value[k]))
				break;
	for (i = 0; i < 3; i++)
		if (!is_number(value[i]))
			return false;
	if (!is_extra(value[3]))
		return false;
	/* "6.18" is what the tarball with SUBLEVEL 0 is called. */
	if (kq_is(value[2], "0"))
		value[2].bytes = 0;
	n = snprintf(version.text, sizeof(version.text), "%.*s.%.*s%s%.*s%.*s", KQ_FMT(value[0]),
		     KQ_FMT(value[1]), value[2].bytes ? "." : "", KQ_FMT(value[2]),
		     KQ_FMT(value[3]));
	if (n >= (int)sizeof(version.text))
		return false;
	*ret_version = version;
	return true;
}

bool kq_version_is(const char *text)
{
	struct ks_span s = ks_span_str(text);
	u32 value;
	int nr;

	for (nr = 0; nr < 3 && kq_take_number(&s, &value); nr++)
		if (!kq_take(&s, "."))
			break;
	if (!nr || nr == 3)
		return false;
	if (kq_take(&s, "-rc") && !kq_take_number(&s, &value))
		return false;
	return !s.bytes;
}
