// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ks_span kq_head(struct ks_span s, size_t n)
{
	struct ks_span part = { 0 };

	return ks_span_sub(s, 0, n < s.bytes ? n : s.bytes, &part) ? part : (struct ks_span){ 0 };
}

struct ks_span kq_tail(struct ks_span s, size_t n)
{
	struct ks_span part = { 0 };

	return n < s.bytes && ks_span_sub(s, n, s.bytes - n, &part) ? part : (struct ks_span){ 0 };
}

struct ks_span kq_chomp(struct ks_span line)
{
	return ks_span_ends_with(line, ks_span_str("\n")) ? kq_head(line, line.bytes - 1) : line;
}

bool kq_is(struct ks_span s, const char *text)
{
	return ks_span_eq(s, ks_span_str(text));
}

bool kq_starts(struct ks_span s, const char *prefix)
{
	return kq_is(kq_head(s, strlen(prefix)), prefix);
}

bool kq_take(struct ks_span *s, const char *prefix)
{
	if (!kq_starts(*s, prefix))
		return false;
	*s = kq_tail(*s, strlen(prefix));
	return true;
}

bool kq_take_number(struct ks_span *s, u32 *ret_value)
{
	u64 value = 0;
	size_t n = 0;

	while (n < s->bytes && s->p[n] >= '0' && s->p[n] <= '9') {
		value = value * 10 + (u64)(s->p[n] - '0');
		if (value > INT32_MAX)
			return false;
		n++;
	}
	if (!n)
		return false;
	*s = kq_tail(*s, n);
	*ret_value = (u32)value;
	return true;
}

bool kq_is_hex(struct ks_span s, size_t digits)
{
	size_t i;

	if (s.bytes != digits)
		return false;
	for (i = 0; i < s.bytes; i++)
		if (!memchr("0123456789abcdef", s.p[i], 16))
			return false;
	return true;
}

void *kq_grow(void *array, size_t nr, size_t *room, size_t item_bytes, size_t max,
	      struct kq_error *error)
{
	size_t more = *room ? *room * 2 : 16;
	void *moved;

	if (nr < *room)
		return array;
	if (nr >= max) {
		kq_fail(error, -E2BIG, "more than %zu items in one list", max);
		return NULL;
	}
	moved = reallocarray(array, more, item_bytes);
	if (!moved)
		kq_no_memory(error);
	else
		*room = more;
	return moved;
}

size_t kq_lower_bound(const void *array, size_t nr, size_t item_bytes,
		      bool (*is_before)(const void *item, const void *key), const void *key)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before((const char *)array + middle * item_bytes, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void kq_lines_done(struct kq_lines *lines)
{
	free(lines->line);
	*lines = (struct kq_lines){ 0 };
}

int kq_lines_split(struct ks_span text, struct kq_lines *ret_lines, struct kq_error *error)
{
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	struct ks_span line;
	size_t room = 0;

	while (text.bytes) {
		struct ks_span whole = text, *moved;

		if (!ks_span_line(&text, &line))
			break;
		moved = kq_grow(lines.line, lines.nr, &room, sizeof(*moved), KQ_MAX_LINES, error);
		if (!moved)
			return error->err;
		lines.line = moved;
		lines.line[lines.nr++] = kq_head(whole, whole.bytes - text.bytes);
	}
	*ret_lines = lines;
	lines = (struct kq_lines){ 0 };
	return 0;
}

struct ks_span kq_last_part(struct ks_span path)
{
	const u8 *slash = path.bytes ? memrchr(path.p, '/', path.bytes) : NULL;

	return slash ? kq_tail(path, (size_t)(slash - path.p) + 1) : path;
}

static bool is_bad_part(struct ks_span part)
{
	return !part.bytes || kq_is(part, ".") || kq_is(part, "..") || kq_is(part, ".git") ||
	       kq_starts(part, ".kq-appl");
}

bool kq_path_is_safe(struct ks_span path)
{
	size_t i, start = 0;

	if (!path.bytes || path.bytes > KQ_MAX_PATH_BYTES)
		return false;
	for (i = 0; i <= path.bytes; i++) {
		if (i < path.bytes && (path.p[i] < 0x20 || path.p[i] == 0x7f))
			return false;
		if (i < path.bytes && path.p[i] != '/')
			continue;
		if (is_bad_part(kq_head(kq_tail(path, start), i - start)))
			return false;
		start = i + 1;
	}
	return true;
}

void kq_names_done(struct kq_names *names)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct kq_names){ 0 };
}

int kq_names_add(struct kq_names *names, struct ks_span name, size_t max, struct kq_error *error)
{
	char **moved = kq_grow(names->name, names->nr, &names->room, sizeof(*moved), max, error);

	if (!moved)
		return error->err;
	names->name = moved;
	moved[names->nr] = name.p ? strndup((const char *)name.p, name.bytes) : NULL;
	if (name.p && !moved[names->nr])
		return kq_no_memory(error);
	names->nr++;
	return 0;
}

bool kq_names_have(const struct kq_names *names, struct ks_span name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (names->name[i] && kq_is(name, names->name[i]))
			return true;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void kq_names_sort(struct kq_names *names)
{
	size_t i, nr = 0;

	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), compare_names);
	for (i = 0; i < names->nr; i++) {
		if (nr && !strcmp(names->name[i], names->name[nr - 1]))
			free(names->name[i]);
		else
			names->name[nr++] = names->name[i];
	}
	names->nr = nr;
}

int kq_path(struct kq_path *ret_path, struct kq_error *error, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(ret_path->s, sizeof(ret_path->s), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(ret_path->s))
		return kq_fail(error, -ENAMETOOLONG, "%.200s...: name is too long", ret_path->s);
	return 0;
}
