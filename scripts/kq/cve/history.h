/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KQ_CVE_HISTORY_H
#define KQ_CVE_HISTORY_H

#include "cve/table.h"

/**
 * kq_history_check() - do the commits of a patch's trailers exist, and is the stable one the
 * backport of the other? The stable team's message names mainline's commit, never the other way
 * round.
 * @git: a repository that has both trees
 * @findings: one per line
 *
 * Return: 0; what running git said.
 */
int __must_check kq_history_check(const char *git, const struct kq_cve_patch *patch,
				  struct ks_buf *findings, struct kq_error *error);

#endif
