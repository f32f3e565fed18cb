/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SBAT metadata: the CSV text by which shim revokes generations of a component.
 * Source: rhboot/shim, SBAT.md; a line that it cannot read makes shim refuse the image.
 */
#ifndef KS_FMT_SBAT_H
#define KS_FMT_SBAT_H

#include "base/diag.h"
#include "base/limits.h"
#include "base/span.h"

/**
 * ks_sbat_check_line() - component,generation,vendor,package,version,url
 * @line: without its newline
 * @off: its offset in the file
 * Return: 0; -EBADMSG.
 */
int __must_check ks_sbat_check_line(struct ks_span line, u64 off, struct ks_diag *diag);

/**
 * ks_sbat_check() - the content of a .sbat section
 * @text: NULs at its end are the section's padding
 * @off: its offset in the file
 *
 * The first line names the format ("sbat,1,..."); empty lines are passed over.
 *
 * Return: 0; -EBADMSG; -E2BIG above KS_MAX_SBAT_BYTES.
 */
int __must_check ks_sbat_check(struct ks_span text, u64 off, struct ks_diag *diag);

/**
 * ks_sbat_check_level() - the content of shim's variable SbatLevel: the least generations that start
 * @text: "sbat,1,DATE", then lines of component,generation
 *
 * Return: 0; -EBADMSG; -E2BIG above KS_MAX_SBAT_BYTES.
 */
int __must_check ks_sbat_check_level(struct ks_span text, struct ks_diag *diag);

/**
 * struct ks_sbat_entry - component and generation of a line
 * @component: borrowed
 * @generation: at most KS_SBAT_MAX_GENERATION
 */
struct ks_sbat_entry {
	struct ks_span component;
	u32 generation;
};

/* shim keeps a generation in 16 bits: a larger number would be another one there. */
#define KS_SBAT_MAX_GENERATION UINT16_MAX

/**
 * ks_sbat_next() - the next line of a .sbat section or of a level that was checked
 * @text: what is left of it; moves on
 * @ret_entry: written for 1
 * Return: 1; 0 at the end; -EBADMSG for a generation that shim does not hold.
 */
int __must_check ks_sbat_next(struct ks_span *text, struct ks_sbat_entry *ret_entry,
			      struct ks_diag *diag);

/**
 * ks_sbat_least() - the least generation that a level asks for of a component
 * @level: checked by ks_sbat_check_level()
 * @ret_least: the highest, if it is there twice: shim compares with each
 * Return: 1; 0 if it says nothing of it; -EBADMSG as ks_sbat_next().
 */
int __must_check ks_sbat_least(struct ks_span level, struct ks_span component, u32 *ret_least,
			       struct ks_diag *diag);

#endif
