/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all verbs do with a terminal: colour, quiet. Without one everything is plain.
 */
#ifndef KS_CLI_SCREEN_H
#define KS_CLI_SCREEN_H

#include <stdio.h>

#include "cli/opts.h"

/* A screen has at least so many columns; help and tables fit, names that others chose may be longer. */
#define KS_SCREEN_COLUMNS 80U

enum ks_paint { KS_PAINT_BAD, KS_PAINT_DOUBT, KS_PAINT_GOOD, KS_PAINT_HEAD };

/**
 * ks_painted() - @text in a colour
 * @to: where it goes: with --color=auto only a terminal gets colour, and none when NO_COLOR says so
 * Return: @text itself where there is no colour; else valid until this thread has asked four more times.
 */
const char *ks_painted(FILE *to, enum ks_paint paint, const char *text);

/** ks_screen_is_quiet() - was --quiet given? */
bool ks_screen_is_quiet(void);

/** ks_screen_can_redraw() - may a line of progress go to stderr? */
bool ks_screen_can_redraw(void);

/**
 * ks_screen_option() - take one of the options of every verb: --quiet, -q, --color=WHEN
 * @argv: begins with what may be one; ends with NULL
 * Return: how many words it has; 0 if it is another one; -EINVAL after one line on stderr.
 */
int __must_check ks_screen_option(const struct ks_program *program, char **argv);

/* Those options, for help. */
#define KS_SCREEN_OPTIONS "--help, -h, --quiet, -q, --color=auto|always|never"

#endif
