/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of kq, one row and one file each, and the options that they share.
 */
#ifndef KQ_CMD_VERB_H
#define KQ_CMD_VERB_H

#include <stdio.h>

#include "queue/series.h"
#include "text/error.h"

struct json_object;

/* A clear "no", or work for a person, is told apart from "could not tell": the same for all verbs. */
enum {
	KQ_EXIT_DONE = 0,
	KQ_EXIT_FAILED = 1,
	KQ_EXIT_USAGE = 2,
	KQ_EXIT_NO = 3,
};

/**
 * struct kq_options - values of all options; a verb's row says which of them it takes
 * @queue: the queue's directory, patches/6.18 unless given
 * @operand: what follows the options, borrowed from argv
 */
struct kq_options {
	const char *queue;
	const char *tree;
	struct kq_selection selection;
	const char *git;
	const char *build;
	const char *on;
	const char *json;
	const char *to;
	const char *from;
	const char *reason;
	const char *state;
	const char *records;
	const char *openvex;
	const char *product;
	const char *author;
	const char *write;
	const char *forget;
	const char *subject;
	const char *three_way;
	const char *scissors;
	const char *all;
	const char *before;
	const char *after;
	const char *undo;
	char *const *operand;
	size_t nr_operands;
};

/**
 * struct kq_verb - one row of main.c's table
 * @options: the letters of its options, in the order of its usage; see verb.c
 * @required: letters of those that must be given
 * @operands: what follows the options, "TREE"; NULL for nothing
 * @min_operands: at least that many
 * @max_operands: at most that many
 * @what: one line
 * @more: for "kq help VERB", lines with a newline each; may be NULL
 * @run: Return: the exit status
 */
struct kq_verb {
	const char *name;
	const char *options;
	const char *required;
	const char *operands;
	size_t min_operands;
	size_t max_operands;
	const char *what;
	const char *more;
	int (*run)(const struct kq_options *options);
};

extern const struct kq_verb kq_verb_apply;
extern const struct kq_verb kq_verb_init;
extern const struct kq_verb kq_verb_export;
extern const struct kq_verb kq_verb_edit;
extern const struct kq_verb kq_verb_import;
extern const struct kq_verb kq_verb_refresh;
extern const struct kq_verb kq_verb_move;
extern const struct kq_verb kq_verb_remove;
extern const struct kq_verb kq_verb_rename;
extern const struct kq_verb kq_verb_renumber;
extern const struct kq_verb kq_verb_lint;
extern const struct kq_verb kq_verb_status;
extern const struct kq_verb kq_verb_rebase;
extern const struct kq_verb kq_verb_continue;
extern const struct kq_verb kq_verb_abort;
extern const struct kq_verb kq_verb_drop;
extern const struct kq_verb kq_verb_resolutions;
extern const struct kq_verb kq_verb_cve;
extern const struct kq_verb kq_verb_lock;

/* What kq_options_read() returns when "--help" stands among the options. */
#define KQ_OPTIONS_HELP 1

/**
 * kq_options_read() - read what follows the verb
 * @argv: argv[0] is the verb
 * @ret_options: borrows from @argv
 *
 * Return: 0; KQ_OPTIONS_HELP; -EINVAL after one line on stderr.
 */
int __must_check kq_options_read(const struct kq_verb *verb, int argc, char **argv,
				 struct kq_options *ret_options);

/** kq_usage_print() - "kq VERB [--option VALUE] OPERANDS", without a newline */
void kq_usage_print(const struct kq_verb *verb, FILE *out);

/** kq_help_print() - usage, what it does and a line for each option, on stdout */
void kq_help_print(const struct kq_verb *verb);

/**
 * kq_today() - year * 10000 + month * 100 + day, UTC, of SOURCE_DATE_EPOCH or now: builds that pin
 * their clock get the same answer tomorrow
 *
 * Return: false after one line on stderr.
 */
bool kq_today(u32 *ret_today);

/** kq_complain() - the one line of an error on stderr. Return: KQ_EXIT_NO or KQ_EXIT_FAILED. */
int kq_complain(const struct kq_error *error);

/** kq_state_of() - STATE: .kq unless given */
const char *kq_state_of(const struct kq_options *options);

/** kq_put_shown() - what came out of a file, for a person: see kq_report_escape() */
void kq_put_shown(FILE *out, struct ks_span text);

/** kq_print() - a text on stdout; a full pipe shows at the end, in main() */
void kq_print(const struct ks_buf *text);

/** kq_print_json() - on stdout, for programs */
void kq_print_json(struct json_object *json);

#endif
