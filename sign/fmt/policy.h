/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * configs/policy/NAME.policy: what a kernel's configuration has to say, one record a line.
 *
 *   include NAME                        the rules of NAME.policy beside this file
 *   source WORD DOCUMENT                who asks for it; rules name the WORD
 *   SYMBOL VALUE SOURCES LEVELS [since=6.17] [until=6.16] [was=OLD] [arch=x86_64] REASON
 *   SYMBOL=VALUE requires SYMBOL=VALUE SOURCES LEVELS ... REASON      the right side may be SYMBOL VALUE as well
 *   effect PARAMETER[=VALUE[|VALUE]] SYMBOL VALUE   what a word of the command line makes of a symbol
 *   probe SYMBOL KIND WORDS             how a running kernel shows that the symbol is so
 *
 * VALUE is y, n, m|y, absent, a number, "text", >=NUMBER, <=NUMBER, "contains A,B" or "one-of A,B". SOURCES,
 * LEVELS and arch= are lists with commas. Written by this project: configs/README.md.
 */
#ifndef KS_FMT_POLICY_H
#define KS_FMT_POLICY_H

#include "base/buf.h"

/* The KSPP, the checkers and our own together have some 300. */
#define KS_MAX_POLICY_RULES 4096U
/* Of effects, and of probes: a rule has some. */
#define KS_MAX_POLICY_NOTES 4096U
#define KS_MAX_POLICY_SOURCES 64U
/* A policy includes some themes; deeper than that nobody finds a rule. */
#define KS_MAX_POLICY_FILES 64U
#define KS_MAX_POLICY_DEPTH 8U
/* So that one record is one screen; a longer line is a file of another kind. */
#define KS_MAX_POLICY_LINE_BYTES 1000U

enum ks_policy_op {
	KS_POLICY_IS,	    /* y, a number, a text */
	KS_POLICY_OFF,	    /* n: not set, or not there */
	KS_POLICY_ABSENT,   /* not even mentioned */
	KS_POLICY_ON,	    /* m|y */
	KS_POLICY_AT_LEAST, /* >= */
	KS_POLICY_AT_MOST,  /* <= */
	KS_POLICY_CONTAINS, /* a list with commas has all of these */
	KS_POLICY_ONE_OF,
};

/**
 * struct ks_policy_want - a VALUE
 * @text: as written, without the quotes or the word before it
 * @is_number: it is one, @number
 * @is_quoted: it stood in quotes, and is a number as little as "y" is y
 */
struct ks_policy_want {
	enum ks_policy_op op;
	struct ks_span text;
	u64 number;
	bool is_number;
	bool is_quoted;
};

/* Bits of LEVELS. */
#define KS_POLICY_CONFIG   1U
#define KS_POLICY_ARTIFACT 2U
#define KS_POLICY_RUNTIME  4U

/** struct ks_policy_release - MAJOR.MINOR; 0.0 is no limit */
struct ks_policy_release {
	u16 major;
	u16 minor;
};

/**
 * struct ks_policy_rule - what one symbol has to be
 * @if_symbol: left side of "requires", empty without one
 * @if_want: its value
 * @was: its name before a rename, or empty
 * @sources: words with commas
 * @levels: KS_POLICY_CONFIG and so on
 * @since, @until: releases that it is for, both included
 * @arches: words with commas, empty for all
 * @path, @line: where it stands
 */
struct ks_policy_rule {
	struct ks_span symbol;
	struct ks_policy_want want;
	struct ks_span if_symbol;
	struct ks_policy_want if_want;
	struct ks_span was;
	struct ks_span sources;
	unsigned int levels;
	struct ks_policy_release since;
	struct ks_policy_release until;
	struct ks_span arches;
	struct ks_span why;
	const char *path;
	u32 line;
};

/**
 * struct ks_policy_note - an effect or a probe
 * @symbol: that it is about
 * @name: the parameter, or the kind of probe
 * @has_value: PARAMETER=VALUE, @value may be several with '|' between them, each may end in '*' for any further
 *	characters
 * @value: of the parameter, or the probe's words
 * @result: what an effect makes of the symbol; "*" is the parameter's own value
 */
struct ks_policy_note {
	struct ks_span symbol;
	struct ks_span name;
	struct ks_span value;
	bool has_value;
	struct ks_span result;
	const char *path;
	u32 line;
};

/** struct ks_policy_source - a WORD and its document */
struct ks_policy_source {
	struct ks_span word;
	struct ks_span document;
};

/** struct ks_policy - the rules of some files, in the order in which they were read; owns everything */
struct ks_policy {
	struct ks_buf text[KS_MAX_POLICY_FILES];
	char *path[KS_MAX_POLICY_FILES];
	size_t nr_files;
	struct ks_policy_rule *rule;
	size_t nr_rules;
	struct ks_policy_note *effect;
	size_t nr_effects;
	struct ks_policy_note *probe;
	size_t nr_probes;
	struct ks_policy_source source[KS_MAX_POLICY_SOURCES];
	size_t nr_sources;
};

/** ks_policy_done() - free; accepts a zeroed struct */
void ks_policy_done(struct ks_policy *policy);

/**
 * ks_policy_load() - read a file, and what it includes
 * @path: of the file; one that was read already is passed over
 * @policy: zeroed at first, may have other files' rules; ks_policy_done() whatever happens
 *
 * Return: 0; -EBADMSG with "file:line" in @diag for what is no record, and for an include that ends in itself;
 * -E2BIG over a cap; -ENOMEM; what the system says.
 */
int __must_check ks_policy_load(const char *path, struct ks_policy *policy, struct ks_diag *diag);

/**
 * ks_policy_check() - what only all files together show
 *
 * Return: 0; -EBADMSG with "file:line" in @diag: two rules for one symbol, release and architecture, a source
 * that is not declared, a rule for running kernels without a probe, a probe or an effect of no rule's symbol.
 */
int __must_check ks_policy_check(const struct ks_policy *policy, struct ks_diag *diag);

/**
 * ks_policy_line() - read one line into @policy
 * @path, @line_nr: where it stands; @path must outlive @policy
 * @ret_include: name of an include, borrowed from @line; else empty
 *
 * Return: as ks_policy_load(). For tests and the fuzzer; the line is borrowed.
 */
int __must_check ks_policy_line(struct ks_policy *policy, const char *path, u32 line_nr, struct ks_span line,
				struct ks_span *ret_include, struct ks_diag *diag);

/** ks_policy_take_want() - cut a VALUE off the front of @line. Return: NULL, or what is wrong with it. */
const char *ks_policy_take_want(struct ks_span *line, struct ks_policy_want *ret_want);

/**
 * ks_policy_is_met() - by the value that a configuration has
 * @is_named: the configuration mentions the symbol, if only as not set
 * @value: without quotes; "n" for what is not set
 */
bool ks_policy_is_met(const struct ks_policy_want *want, bool is_named, struct ks_span value);

/** ks_policy_is_for() - is the rule for this release and architecture? 0.0 and an empty @arch are every one. */
bool ks_policy_is_for(const struct ks_policy_rule *rule, struct ks_policy_release release, struct ks_span arch);

/** ks_policy_take_release() - "6.18", also at the front of "6.18.15-kseal". Return: false if there is none. */
bool ks_policy_take_release(struct ks_span text, struct ks_policy_release *ret_release);

#endif
