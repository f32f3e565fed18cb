/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sections of a UKI: one table that building, measuring, linting and showing read. A new section is
 * an id, a row, and if it comes from a file of its own an option in cmd/cmd_uki_build.c.
 */
#ifndef KS_OPS_UKI_TABLE_H
#define KS_OPS_UKI_TABLE_H

#include "base/diag.h"
#include "base/span.h"

enum ks_uki_id {
	KS_UKI_LINUX,
	KS_UKI_OSREL,
	KS_UKI_CMDLINE,
	KS_UKI_INITRD,
	KS_UKI_UCODE,
	KS_UKI_SPLASH,
	KS_UKI_DTB,
	KS_UKI_UNAME,
	KS_UKI_SBAT,
	KS_UKI_PCRPKEY,
	KS_UKI_PROFILE,
	KS_UKI_DTBAUTO,
	KS_UKI_HWIDS,
	KS_UKI_EFIFW,
	KS_UKI_PCRSIG,
	KS_UKI_SDMAGIC,
	KS_UKI_NR,
};

/* Of how many kinds of sections the stub picks one: .dtbauto and .efifw. */
#define KS_UKI_NR_PICKED 2U
extern const enum ks_uki_id ks_uki_picked[KS_UKI_NR_PICKED];

/* How often a section may be there. */
enum ks_uki_repeat {
	KS_UKI_ONCE_EACH,      /* once in the base, and once in each profile */
	KS_UKI_ONCE,           /* once in the image: shim reads the whole of it */
	KS_UKI_STARTS_PROFILE, /* each starts one */
	KS_UKI_PICKED,         /* the stub picks the one that fits the machine, or none */
};

/** struct ks_uki_text_line - a text that `uki show` prints: lines are sorted by @order, from 1 */
struct ks_uki_text_line {
	unsigned int order;
	const char *key;   /* "cmdline"; NULL: none */
	const char *field; /* of os-release syntax; NULL: all of the section */
	const char *other; /* field to take where @field is not there; may be NULL */
};

/**
 * struct ks_uki_row - a section
 * @measured_since: first systemd-stub that measures it; 0: none does
 * @repeat: how often it may be there
 * @is_stubs: of the stub itself, not a part that a builder adds
 * @is_code: its section flags are those of code, not of data
 * @text: it is a text, without a NUL but at its end; what a message calls it. NULL: bytes
 * @file_order: place among the sections that build writes, from 1; 0: it does not write it
 * @max_bytes: of a file that it is made from
 * @profile_key: key of a profile's text that names a file for it; NULL: none
 * @check: what build refuses and lint names; not called for an empty section. NULL: nothing
 * @show: lines of `uki show`
 */
struct ks_uki_row {
	const char *name;
	u32 measured_since;
	enum ks_uki_repeat repeat;
	bool is_stubs;
	bool is_code;
	const char *text;
	unsigned int file_order;
	u64 max_bytes;
	const char *profile_key;
	int (*check)(struct ks_span content, struct ks_diag *diag);
	struct ks_uki_text_line show[2];
};

/* In systemd's canonical order of measuring. */
extern const struct ks_uki_row ks_uki_table[KS_UKI_NR];

/** ks_uki_row_of() - the row of a name; NULL if no stub gives it a meaning */
const struct ks_uki_row *ks_uki_row_of(const char *name);

/** ks_uki_in_file_order() - the section that build writes at place @order, from 1; KS_UKI_NR behind the last */
enum ks_uki_id ks_uki_in_file_order(unsigned int order);

/** ks_uki_text_line_at() - line @order of `uki show`, from 1, and its section; NULL behind the last */
const struct ks_uki_text_line *ks_uki_text_line_at(unsigned int order, const char **ret_section);

/**
 * ks_uki_check_content() - is the content of a section of that kind as its readers want it?
 * @content: nothing is said of an empty one
 *
 * Return: 0; -EBADMSG; -E2BIG for a command line that the kernel cuts.
 */
int __must_check ks_uki_check_content(enum ks_uki_id id, struct ks_span content,
				      struct ks_diag *diag);

/**
 * ks_uki_addon_check_cmdline() - is the command line of an addon one that the stub neither changes nor cuts?
 * Return: 0; -EBADMSG; -E2BIG for what the kernel cuts.
 */
int __must_check ks_uki_addon_check_cmdline(struct ks_span cmdline, struct ks_diag *diag);

/** ks_uki_text() - a section's text without the NULs at its end */
struct ks_span ks_uki_text(struct ks_span section);

#endif
