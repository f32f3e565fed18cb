/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What weakens a system on a kernel's command line. The parameters, and the values of them that weaken
 * nothing, are those of configs/boot-params, out of which the kernel's own guard (patch 0007) is made as
 * well; boot-guard, which is that guard compiled for the host, says the same of them (tests/sign/cmdline.bats).
 */
#ifndef KS_OPS_CMDLINE_H
#define KS_OPS_CMDLINE_H

#include "base/span.h"

/**
 * struct ks_cmdline_row - a guard or warn line of configs/boot-params, which has the format
 * @name: with '*' and '#' for any characters and for digits
 * @values: that weaken nothing, separated by spaces
 * @reason: why the parameter has a line
 * @is_guarded: a guard line
 */
struct ks_cmdline_row {
	const char *name;
	const char *values;
	const char *reason;
	bool is_guarded;
};

/* In the order of the file, made by scripts/bootparams/boot-params. */
extern const struct ks_cmdline_row ks_cmdline_table[];
extern const size_t ks_cmdline_nr_rows;

/**
 * struct ks_cmdline_finding - an argument that weakens the system, or that readers cut in several ways
 * @arg: as it stands in the line, with its quotes; borrowed
 * @off: where it starts, in bytes
 * @what: what it does, static
 * @reason: the group of parameters that it belongs to, static; NULL if how it is written is what is found
 * @is_guarded: a locked-down kernel with the guard takes it off the line
 */
struct ks_cmdline_finding {
	struct ks_span arg;
	size_t off;
	const char *what;
	const char *reason;
	bool is_guarded;
};

/**
 * struct ks_cmdline_word - an argument
 * @arg: as it stands in the line, with its quotes; borrowed
 * @off: where it starts, in bytes
 * @is_closed: its quotes are
 */
struct ks_cmdline_word {
	struct ks_span arg;
	size_t off;
	bool is_closed;
	bool is_quoted;
};

/**
 * ks_cmdline_word() - the next argument, as the kernel's next_arg() cuts it
 * @line, @off: as of ks_cmdline_next()
 *
 * Return: false when there is none any more.
 */
bool ks_cmdline_word(struct ks_span line, size_t *off, struct ks_cmdline_word *ret_word);

/** ks_cmdline_judge() - is the argument to be told of? */
bool ks_cmdline_judge(const struct ks_cmdline_word *word, struct ks_cmdline_finding *ret_finding);

/** ks_cmdline_is_name() - the same parameter, for which '-' is '_'? */
bool ks_cmdline_is_name(struct ks_span name, struct ks_span other);

/**
 * ks_cmdline_next() - the next argument of a command line that is to be told of
 * @line: without the NULs at its end; only the KS_MAX_CMDLINE_BYTES that the kernel keeps are looked at
 * @off: where to go on; 0 to begin with
 * @ret_finding: borrows @line
 *
 * Arguments are cut as the kernel's next_arg() cuts them: blanks in quotes belong to an argument, and in
 * names '-' is '_'. Those behind "--" are judged as well, since not all of the kernel's readers stop there,
 * and systemd reads them.
 *
 * Return: false when there is none any more.
 */
bool ks_cmdline_next(struct ks_span line, size_t *off, struct ks_cmdline_finding *ret_finding);

#endif
