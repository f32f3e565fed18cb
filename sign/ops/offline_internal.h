/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of offline signing share.
 */
#ifndef KS_OPS_OFFLINE_INTERNAL_H
#define KS_OPS_OFFLINE_INTERNAL_H

#include "ops/offline.h"

#define KS_OFFLINE_FORMAT "kseal/offline-prepare/1"

/** ks_offline_kind_name() - "module", "pe", "pcr", "auth"; NULL behind the last kind */
const char *ks_offline_kind_name(enum ks_offline_kind kind);

/** ks_offline_add_error() - append a copy of @error. Return: 0; -ENOMEM. */
int __must_check ks_offline_add_error(struct ks_offline_errors *errors, const struct ks_diag *error,
				  struct ks_diag *diag);

/**
 * ks_offline_add_entry_error() - as ks_offline_add_error(), for one entry: the line starts with its file and name
 */
int __must_check ks_offline_add_entry_error(const struct ks_offline *manifest, size_t idx,
				 const struct ks_diag *error, struct ks_offline_errors *errors,
				 struct ks_diag *diag);

/** ks_offline_same_job() - two policies that go into one file */
bool ks_offline_same_job(const struct ks_offline *manifest, size_t a, size_t b);

/** ks_offline_check_path() - can a manifest hold this name? Return: 0; -EOPNOTSUPP; -E2BIG. */
int __must_check ks_offline_check_path(const char *path, struct ks_diag *diag);

#endif
