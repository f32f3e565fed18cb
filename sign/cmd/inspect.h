/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of `kseal inspect`, one for each kind of file. Each writes its facts into a sheet.
 */
#ifndef KS_CMD_INSPECT_H
#define KS_CMD_INSPECT_H

#include "cmd/sheet.h"
#include "ops/keyring.h"
#include "ops/uki_sections.h"

/**
 * struct ks_inspect_opts - what the files are held against; shared by threads
 * @db: what the options say
 * @now: seconds since the epoch
 * @bank: whose PCR values a person sees; the JSON has those of all
 */
struct ks_inspect_opts {
	struct ks_pe_db db;
	u64 now;
	const struct ks_uki_bank *bank[KS_UKI_NR_BANKS];
	size_t nr_banks;
};

/** ks_inspect_pe() - headers, signatures and SBAT of any PE image */
int __must_check ks_inspect_pe(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
			       struct ks_span file, struct ks_diag *diag);

/** ks_inspect_sections() - the rest of it, after ks_inspect_pe() */
int __must_check ks_inspect_sections(struct ks_sheet *sheet, enum ks_kind kind, struct ks_span file,
				     struct ks_diag *diag);

/** ks_inspect_uki() - profiles, texts, initrds and PCRs of a UKI, or of an addon */
int __must_check ks_inspect_uki(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				struct ks_span file, struct ks_diag *diag);

/**
 * ks_inspect_kernel() - release, keys and policy of a kernel
 *
 * That a file which is nothing but a kernel is broken is a failure; what else cannot be read is said in its
 * place.
 */
int __must_check ks_inspect_kernel(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				   enum ks_kind kind, struct ks_span file, struct ks_diag *diag);

/** ks_inspect_module() - names and signature of a module */
int __must_check ks_inspect_module(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				   const struct ks_module_facts *facts, struct ks_diag *diag);

/** ks_inspect_efi() - signature lists, a variable store or an update */
int __must_check ks_inspect_efi(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				enum ks_kind kind, struct ks_span file, struct ks_diag *diag);

/** ks_inspect_certs() - certificates in PEM or DER */
int __must_check ks_inspect_certs(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				  struct ks_span file, struct ks_diag *diag);

/** ks_inspect_manifest() - a keyring manifest, with the certificates beside it */
int __must_check ks_inspect_manifest(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				     const char *path, struct ks_diag *diag);

/** ks_inspect_keyring() - a certificate and what it is for, each */
int __must_check ks_inspect_keyring(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
				    const struct ks_keyring *keyring, struct json_object *array,
				    struct ks_diag *diag);

#endif
