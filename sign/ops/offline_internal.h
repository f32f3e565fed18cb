/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of offline signing share.
 */
#ifndef KS_OPS_OFFLINE_INTERNAL_H
#define KS_OPS_OFFLINE_INTERNAL_H

#include "ops/offline.h"

#define KS_OFFLINE_FORMAT "kseal-offline-1"

/** ks_offline_kind_name() - "module", "pe", "pcr"; NULL behind the last kind */
const char *ks_offline_kind_name(enum ks_offline_kind kind);

/** ks_offline_fault() - append a copy of @fault. Return: 0; -ENOMEM. */
int __must_check ks_offline_fault(struct ks_offline_faults *faults, const struct ks_diag *fault,
				  struct ks_diag *diag);

/**
 * ks_offline_note() - as ks_offline_fault(), for one entry: the line starts with its file and name
 */
int __must_check ks_offline_note(const struct ks_offline *manifest, size_t idx,
				 const struct ks_diag *fault, struct ks_offline_faults *faults,
				 struct ks_diag *diag);

/** ks_offline_same_job() - two policies that go into one file */
bool ks_offline_same_job(const struct ks_offline *manifest, size_t a, size_t b);

/** ks_offline_check_path() - can a manifest hold this name? Return: 0; -EOPNOTSUPP; -E2BIG. */
int __must_check ks_offline_check_path(const char *path, struct ks_diag *diag);

#endif
