/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small readers over spans that series, patch and lint share, with the caps on their sizes; file
 * names that are put together; lists of names.
 */
#ifndef KQ_TEXT_TEXT_H
#define KQ_TEXT_TEXT_H

#include <limits.h>

#include "base/span.h"
#include "text/error.h"

/* A patch of a hardening queue has some 10 KiB; a backported driver, a few MiB. */
#define KQ_MAX_PATCH_BYTES (16ULL << 20)
/* The largest text file of a 6.18 tree is a 25 MiB register header. */
#define KQ_MAX_FILE_BYTES (64ULL << 20)
/* That header has 220,000 lines; 16 bytes of index for each line stay below 64 MiB. */
#define KQ_MAX_LINES (4U << 20)
/* One patch that touches more than this is not reviewable. */
#define KQ_MAX_HUNKS 65536U
#define KQ_MAX_FILES 16384U
/* Real queues (SUSE, Android) have up to some 30,000 patches over a whole branch. */
#define KQ_MAX_PATCHES 32768U
/* PATH_MAX less room for the tree's own name. */
#define KQ_MAX_PATH_BYTES 2048U

/** struct kq_lines - a text cut into lines, each with its newline; borrows the text */
struct kq_lines {
	struct ks_span *line;
	size_t nr;
};

/** kq_lines_done() - free; accepts a zeroed struct */
void kq_lines_done(struct kq_lines *lines);

/**
 * kq_lines_split() - cut a text into lines
 * @ret_lines: the last line has no newline if the text does not end with one
 *
 * Return: 0; -E2BIG above KQ_MAX_LINES; -ENOMEM.
 */
int __must_check kq_lines_split(struct ks_span text, struct kq_lines *ret_lines,
				struct kq_error *error);

/**
 * kq_grow() - room for one more element of an array
 * @array: may be NULL; freed when the array moves, untouched on failure
 * @nr: elements in use
 * @room: elements allocated, updated
 * @item_bytes: size of one element
 * @max: an array that has this many already is refused with -E2BIG
 *
 * Return: the array; NULL with error->err set.
 */
void *__must_check kq_grow(void *array, size_t nr, size_t *room, size_t item_bytes, size_t max,
			   struct kq_error *error);

/**
 * kq_lower_bound() - binary search
 * @array: @nr elements of @item_bytes each, in order
 * @is_before: the element stands before what is looked for
 *
 * Return: index of the first element that is not before @key; @nr if all are.
 */
size_t kq_lower_bound(const void *array, size_t nr, size_t item_bytes,
		      bool (*is_before)(const void *item, const void *key), const void *key);

/** kq_starts() - @s begins with @prefix */
bool kq_starts(struct ks_span s, const char *prefix);

/** kq_take() - cut @prefix off the front of @s. Return: false when @s starts otherwise. */
bool kq_take(struct ks_span *s, const char *prefix);

/** kq_take_number() - cut a decimal number below 2^31 off the front. Return: false: none there. */
bool kq_take_number(struct ks_span *s, u32 *ret_value);

/** kq_is_hex() - exactly @digits lower-case hexadecimal digits */
bool kq_is_hex(struct ks_span s, size_t digits);

/** kq_is() - same bytes as the string @text */
bool kq_is(struct ks_span s, const char *text);

/** kq_head() - the first @n bytes; all of them when there are fewer */
struct ks_span kq_head(struct ks_span s, size_t n);

/** kq_tail() - what follows the first @n bytes */
struct ks_span kq_tail(struct ks_span s, size_t n);

/** kq_chomp() - a line without its newline */
struct ks_span kq_chomp(struct ks_span line);

/** kq_last_part() - of a path, what follows its last slash */
struct ks_span kq_last_part(struct ks_span path);

/** kq_path_is_safe() - relative, no empty, "." or ".." part, no ".git", no control bytes */
bool kq_path_is_safe(struct ks_span path);

/** struct kq_path - a file name, put together */
struct kq_path {
	char s[PATH_MAX];
};

/** kq_path() - printf() into a file name. Return: 0; -ENAMETOOLONG. */
__attribute__((format(printf, 3, 4))) int __must_check kq_path(struct kq_path *ret_path,
							       struct kq_error *error,
							       const char *format, ...);

/** struct kq_names - owned strings; NULL may stand among them for "none" */
struct kq_names {
	char **name;
	size_t nr;
	size_t room;
};

/** kq_names_done() - free; accepts a zeroed list */
void kq_names_done(struct kq_names *names);

/**
 * kq_names_add() - append a copy
 * @name: without an address it adds NULL
 * @max: a list that has this many already is refused with -E2BIG
 */
int __must_check kq_names_add(struct kq_names *names, struct ks_span name, size_t max,
			      struct kq_error *error);

/** kq_names_have() - Return: @name is in the list */
bool kq_names_have(const struct kq_names *names, struct ks_span name);

/** kq_names_sort() - sorted, each once; for a list without NULL */
void kq_names_sort(struct kq_names *names);

#endif
