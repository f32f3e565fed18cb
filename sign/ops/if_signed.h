/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_OPS_IF_SIGNED_H
#define KS_OPS_IF_SIGNED_H

#include "base/diag.h"

/** enum ks_if_signed - what to do with a file that has a signature already; a set of flags */
enum ks_if_signed {
	KS_IF_SIGNED_REFUSE = 0x1,
	KS_IF_SIGNED_KEEP = 0x2,    /* leave the file as it is */
	KS_IF_SIGNED_ADD = 0x4,	    /* sign beside the others */
	KS_IF_SIGNED_REPLACE = 0x8, /* remove what is there first */
};

/**
 * ks_if_signed_parse() - the word of --signed
 * @word: NULL means refuse
 * @allowed: the modes that this kind of file has, KS_IF_SIGNED_*
 * @usage: said for any other word, "--signed takes refuse, ..."
 *
 * Return: 0; -EINVAL.
 */
int __must_check ks_if_signed_parse(const char *word, unsigned int allowed, const char *usage,
				    enum ks_if_signed *ret_mode, struct ks_diag *diag);

/** ks_if_signed_name() - the word of --signed for one mode */
const char *ks_if_signed_name(enum ks_if_signed mode);

#endif
