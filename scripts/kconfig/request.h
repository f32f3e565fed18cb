/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests: what fragments ask of Kconfig, and what a resolved .config answers.
 *
 *   CONFIG_X=value            a request
 *   # CONFIG_X is not set     a request for n
 *   # override: reason        the next line may contradict an earlier fragment
 *   # anything else           a comment
 */
#ifndef KCONFIG_REQUEST_H
#define KCONFIG_REQUEST_H

#include "base/buf.h"
#include "text.h"

/* A distribution's full .config has some 12,000 lines. */
#define KC_MAX_REQUESTS 65536U
/* A SKU lists some 20 fragments. */
#define KC_MAX_FILES 256U

enum kc_state {
	KC_KEPT,       /* the request that counts */
	KC_DUPLICATE,  /* says what @other says already */
	KC_OVERRIDDEN, /* @other contradicts it, and says why */
};

/**
 * struct kc_request - one line that asks for a value
 * @symbol: name without CONFIG_
 * @value: as written: y, n, m, a number, or a string with its quotes
 * @override: the reason of the "# override:" line above, empty without one
 * @has_override: there is such a line
 * @path: file it stands in
 * @line: counted from 1
 * @order: position among all requests
 * @state: set by kc_resolve_conflicts()
 * @other: the request that @state is about, else NULL
 */
struct kc_request {
	struct ks_span symbol;
	struct ks_span value;
	struct ks_span override;
	bool has_override;
	const char *path;
	u32 line;
	size_t order;
	enum kc_state state;
	const struct kc_request *other;
};

/** struct kc_list - the requests of some files; owns the text that they borrow */
struct kc_list {
	struct ks_buf texts[KC_MAX_FILES];
	size_t nr_texts;
	struct kc_request *req;
	size_t nr_req;
	size_t room;
};

/** kc_put_setting() - put the line of a configuration that says @value of @symbol */
void kc_put_setting(struct ks_buf *out, struct ks_span symbol, struct ks_span value);

/** kc_put_asked() - put a line "SYMBOL VALUE" */
void kc_put_asked(struct ks_buf *out, struct ks_span symbol, struct ks_span value);

/** kc_list_done() - free; accepts a zeroed list */
void kc_list_done(struct kc_list *list);

/**
 * kc_list_load() - append the requests of one file
 * @path: must outlive the list
 *
 * Return: 0; -EBADMSG with "file:line" in @diag for a line that is neither request nor comment;
 * -E2BIG over a cap; what ks_file_load() says.
 */
int __must_check kc_list_load(struct kc_list *list, const char *path, struct ks_diag *diag);

/** kc_list_parse() - as kc_list_load(), of a text that is taken over; @path is for messages */
int __must_check kc_list_parse(struct kc_list *list, struct ks_buf *text, const char *path, struct ks_diag *diag);

/**
 * kc_list_sorted() - pointers to the requests, by symbol, then by order
 * @ret_sorted: owned by the caller, free(); @list->nr_req entries; valid until the next load
 *
 * Return: 0; -ENOMEM.
 */
int __must_check kc_list_sorted(const struct kc_list *list, struct kc_request ***ret_sorted,
				struct ks_diag *diag);

/** kc_list_put_asked() - put the requests that count as lines "SYMBOL VALUE", for kernel/resolve.c */
void kc_list_put_asked(const struct kc_list *list, struct ks_buf *out);

/** kc_find() - the first request for @symbol in a sorted array, NULL if there is none */
const struct kc_request *kc_find(struct kc_request *const *sorted, size_t nr, struct ks_span symbol);

/** kc_value_of() - what a sorted, resolved configuration says of @symbol; "n" if it does not name it */
struct ks_span kc_value_of(struct kc_request *const *sorted, size_t nr, struct ks_span symbol);

/** kc_find_kept() - the request for @symbol that counts, after kc_resolve_conflicts(); NULL if there is none */
const struct kc_request *kc_find_kept(struct kc_request *const *sorted, size_t nr, struct ks_span symbol);

/**
 * kc_resolve_conflicts() - decide which request counts where several name one symbol
 * @sorted: from kc_list_sorted()
 *
 * Two different values are a conflict unless the later one carries an override; an override that
 * contradicts nothing is stale. Each is reported in one line.
 *
 * Return: number of conflicts and stale overrides.
 */
size_t __must_check kc_resolve_conflicts(struct kc_request *const *sorted, size_t nr);

#endif
