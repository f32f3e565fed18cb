/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of kq, and the options that they share.
 */
#ifndef KQ_CMD_VERB_H
#define KQ_CMD_VERB_H

#include <stdio.h>

#include "cli/main.h"
#include "queue/series.h"
#include "text/error.h"

struct json_object;

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
	bool json;
	const char *to;
	const char *from;
	const char *reason;
	const char *state;
	const char *records;
	bool openvex;
	const char *product;
	const char *author;
	bool write;
	bool forget;
	const char *subject;
	bool three_way;
	bool scissors;
	bool all;
	const char *before;
	const char *after;
	bool undo;
	char *const *operand;
	size_t nr_operands;
};

/* What the tables of the verbs fill in. */
extern struct kq_options kq_options;

/* The options of kq, a row each. A verb's table has those that it takes. */
#define KQ_OPT_OF(form_, name_, arg_, member, help_, ...)               \
	{                                                                \
		.name = name_, .arg = arg_, .help = help_, .form = form_, \
		.ret_value = &kq_options.member, __VA_ARGS__             \
	}
#define KQ_OPT_VALUE(...) KQ_OPT_OF(KS_OPT_NOT_EMPTY, __VA_ARGS__)
#define KQ_OPT_WORD(...)  KQ_OPT_OF(KS_OPT_WORD, __VA_ARGS__)
#define KQ_OPT_FLAG(name_, member, help_, ...) \
	{ .name = name_, .help = help_, .ret_flag = &kq_options.member, __VA_ARGS__ }
#define KQ_OPT_QUEUE KQ_OPT_VALUE("--queue", "DIR", queue, \
		     "the queue's directory (patches/6.18)")
#define KQ_OPT_TREE KQ_OPT_VALUE("--tree", "TREE", tree, "a pristine kernel tree")
#define KQ_OPT_SKU \
	KQ_OPT_WORD("--sku", "SKU", selection.sku, \
		     "with the patches of this SKU")
#define KQ_OPT_ARCH \
	KQ_OPT_WORD("--arch", "ARCH", selection.arch, \
		     "with the patches of this architecture")
#define KQ_OPT_BUILD KQ_OPT_VALUE("--build", ".CONFIG", build, \
		     "compile what every patch touches")
#define KQ_OPT_ON KQ_OPT_VALUE("--on", "SOURCE", on, \
		     "the release that a rebase would go to")
#define KQ_OPT_JSON KQ_OPT_FLAG("--json", json, "for programs")
#define KQ_OPT_GIT \
	KQ_OPT_VALUE("--git", "DIR", git, "a git repository (.); of a branch, [REPO:]BRANCH")
#define KQ_OPT_TO KQ_OPT_VALUE("--to", "SOURCE", to, "the release to rebase onto")
#define KQ_OPT_FROM \
	KQ_OPT_VALUE("--from", "SOURCE", from, "the release that the queue is on (base.lock)")
#define KQ_OPT_REASON \
	KQ_OPT_VALUE("--reason", "REASON", reason, \
		     "why the patch is given up, one line", .also = "--accept")
#define KQ_OPT_STATE \
	KQ_OPT_VALUE("--state", "DIR", state, "where a conflict or an edit waits (.kq)")
#define KQ_OPT_RECORDS \
	KQ_OPT_VALUE("--records", "DIR", records, \
		     "CVE records of the kernel's numbering authority")
#define KQ_OPT_OPENVEX KQ_OPT_FLAG("--openvex", openvex, "an OpenVEX document")
#define KQ_OPT_PRODUCT \
	KQ_OPT_WORD("--product", "PURL", product, \
		     "package URL that OpenVEX speaks of")
#define KQ_OPT_AUTHOR \
	KQ_OPT_VALUE("--author", "TEXT", author, \
		     "who made it: 'Name <address>' of a diff, or whoever makes the OpenVEX document")
#define KQ_OPT_FORGET KQ_OPT_FLAG("--forget", forget, \
		     "take them back: they are asked again")
#define KQ_OPT_ALL KQ_OPT_FLAG("--all", all, "all patches, as without a name")
#define KQ_OPT_BEFORE KQ_OPT_VALUE("--before", "PATCH", before, "in front of this patch")
#define KQ_OPT_AFTER KQ_OPT_VALUE("--after", "PATCH", after, "behind this patch")
#define KQ_OPT_UNDO KQ_OPT_FLAG("--undo", undo, "take the last rebase back")
#define KQ_OPT_WRITE KQ_OPT_FLAG("--write", write, "write it instead of comparing it")
#define KQ_OPT_SUBJECT \
	KQ_OPT_VALUE("--subject", "TEXT", subject, "subject of a diff that is not a mail")
#define KQ_OPT_3WAY KQ_OPT_FLAG("--3way", three_way, \
		     "merge what does not apply", .also = "-3")
#define KQ_OPT_SCISSORS \
	KQ_OPT_FLAG("--scissors", scissors, "leave out what is above a scissors line")
#define KQ_OPT_GIT_REQUIRED \
	KQ_OPT_VALUE("--git", "[REPO:]BRANCH", git, "the branch to make", .required = true)
#define KQ_OPT_REASON_REQUIRED \
	KQ_OPT_VALUE("--reason", "REASON", reason, "why the patch is given up, one line", \
		     .also = "--accept", .required = true)

extern const struct ks_verb kq_verb_apply;
extern const struct ks_verb kq_verb_init;
extern const struct ks_verb kq_verb_export;
extern const struct ks_verb kq_verb_edit;
extern const struct ks_verb kq_verb_import;
extern const struct ks_verb kq_verb_refresh;
extern const struct ks_verb kq_verb_move;
extern const struct ks_verb kq_verb_remove;
extern const struct ks_verb kq_verb_rename;
extern const struct ks_verb kq_verb_renumber;
extern const struct ks_verb kq_verb_lint;
extern const struct ks_verb kq_verb_status;
extern const struct ks_verb kq_verb_rebase;
extern const struct ks_verb kq_verb_continue;
extern const struct ks_verb kq_verb_abort;
extern const struct ks_verb kq_verb_drop;
extern const struct ks_verb kq_verb_resolutions;
extern const struct ks_verb kq_verb_cve;
extern const struct ks_verb kq_verb_lock;

/** kq_options_with() - all options and what follows them, borrowed */
const struct kq_options *kq_options_with(int nr_args, char **args);

/**
 * kq_today() - year * 10000 + month * 100 + day, UTC, of SOURCE_DATE_EPOCH or now: builds that pin
 * their clock get the same answer tomorrow
 *
 * Return: false after one line on stderr.
 */
bool kq_today(u32 *ret_today);

/** kq_complain() - the one line of an error on stderr. Return: KS_EXIT_NO or KS_EXIT_FAILED. */
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
