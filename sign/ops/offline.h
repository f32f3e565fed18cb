/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two-phase signing: prepare lists the digests of many files in one manifest, somebody who has the
 * keys answers with raw signatures, attach puts them into the files.
 *
 * The manifest is JSON; kseal-offline-prepare(1) has its schema. It holds the certificates, and
 * everything that attach needs to compute each digest again from the file: a signature is only
 * attached where certificate, digest and file agree.
 */
#ifndef KS_OPS_OFFLINE_H
#define KS_OPS_OFFLINE_H

#include "base/limits.h"
#include "ops/if_signed.h"
#include "ops/signer.h"
#include "ops/uki_policy.h"

/* Length of an entry's name with its NUL: "module-65536". */
#define KS_OFFLINE_ID_BYTES 24

/* Length of a digest's name with its NUL. */
#define KS_OFFLINE_HASH_BYTES 12

/* SHA-256 in hex with its NUL. */
#define KS_OFFLINE_SHA256_BYTES 65

/** enum ks_offline_kind - what is signed */
enum ks_offline_kind {
	KS_OFFLINE_MODULE, /* digest of a module */
	KS_OFFLINE_PE,	/* digest of the signed attributes of an image's Authenticode signature */
	KS_OFFLINE_PCR, /* digest of a PCR policy of a unified kernel image */
	KS_OFFLINE_AUTH, /* digest of an update of a firmware variable */
};

/**
 * struct ks_offline_entry - one signature to be made
 * @path: the file, as it was given
 * @output: where what is signed goes; NULL for a module, which is replaced
 * @file: SHA-256 of the whole file
 * @cert_idx: the signer's certificate in the manifest
 * @hash: name of the digest's algorithm
 * @digest: what is signed
 * @time: KS_OFFLINE_PE: signingTime, seconds since the epoch
 * @attrs: KS_OFFLINE_PE: DER of the signed attributes, whose digest is @digest
 * @mode, @first: KS_OFFLINE_PE: as struct ks_pe_sign_opts
 * @chain_idx: KS_OFFLINE_PE: certificates to embed, in the manifest
 * @phases: KS_OFFLINE_PCR: boot phases of the policy
 * @profile: KS_OFFLINE_PCR: profile of the image that it is for
 * @policy: KS_OFFLINE_PCR: the policy, whose digest is @digest
 */
struct ks_offline_entry {
	enum ks_offline_kind kind;
	char *path;
	char *output;
	struct ks_digest file;
	size_t cert_idx;
	char hash[KS_OFFLINE_HASH_BYTES];
	struct ks_digest digest;
	u64 time;
	struct ks_buf attrs;
	enum ks_if_signed mode;
	bool first;
	u8 chain_idx[KS_MAX_CERTS];
	size_t nr_chain;
	char *phases;
	u32 profile;
	struct ks_digest policy;
};

/**
 * struct ks_offline - a manifest; zero-initialised is empty, ks_offline_done() frees
 * @certs: signers' and embedded certificates, none twice
 * @cert_sha256: their fingerprints in hex
 */
struct ks_offline {
	struct ks_certs certs;
	char cert_sha256[KS_MAX_CERTS][KS_OFFLINE_SHA256_BYTES];
	struct ks_offline_entry *entry;
	size_t nr_entries;
};

void ks_offline_done(struct ks_offline *manifest);

/**
 * ks_offline_id() - name of an entry: its kind and its place in the manifest, from 1
 *
 * "<id>.sig" is its signature. Since names follow from the place, no manifest can name two entries
 * alike, nor a file outside of the directory of signatures.
 */
void ks_offline_id(const struct ks_offline *manifest, size_t idx, char id[KS_OFFLINE_ID_BYTES]);

/**
 * ks_offline_push() - append an entry, whose memory the manifest takes over
 * Return: 0; -E2BIG above KS_MAX_OFFLINE_ENTRIES; -ENOMEM. On failure the caller still owns it.
 */
int __must_check ks_offline_push(struct ks_offline *manifest, const struct ks_offline_entry *entry,
				 struct ks_diag *diag);

/** ks_offline_entry_done() - free what an entry owns; accepts an empty one */
void ks_offline_entry_done(struct ks_offline_entry *entry);

/** ks_offline_cert() - place of a certificate in the manifest, appended if it is new */
int __must_check ks_offline_cert(struct ks_offline *manifest, const struct ks_cert *cert,
				 size_t *ret_idx, struct ks_diag *diag);

/**
 * ks_offline_build() - the manifest as JSON
 * @out: appended to
 * Return: 0; -EOPNOTSUPP for a path that is not UTF-8, which JSON cannot hold; -ENOMEM.
 */
int __must_check ks_offline_build(const struct ks_offline *manifest, struct ks_buf *out,
				  struct ks_diag *diag);

/**
 * ks_offline_parse() - read a manifest
 * @json: hostile: nothing of it is believed before attach has compared it with the files
 * @ret_manifest: owned by the caller, ks_offline_done()
 *
 * Return: 0; -EBADMSG for what is not JSON, a key that is missing, unknown or of another type, a
 * certificate that is not the one of its fingerprint, names out of order; -E2BIG; -EOPNOTSUPP for
 * another version of the format.
 */
int __must_check ks_offline_parse(struct ks_span json, struct ks_offline *ret_manifest,
				  struct ks_diag *diag);

/** struct ks_offline_pe - an image that prepare is to list */
struct ks_offline_pe {
	const char *path;
	const char *output;
	const struct ks_certs *chain;
	enum ks_if_signed mode;
	bool first;
};

/**
 * struct ks_offline_errors - every file that failed, in the order of the manifest
 *
 * Work goes on behind a failure, so that all of them are named at once.
 */
struct ks_offline_errors {
	struct ks_diag *diag;
	size_t nr_diags;
};

void ks_offline_errors_done(struct ks_offline_errors *errors);

/**
 * struct ks_offline_modules - modules that prepare is to list
 * @hash: name of the digest; that of the signer
 * @path: as the arguments of ks_modules_find()
 * @nr_jobs: threads
 * @progress: as in struct ks_batch; may be NULL
 */
struct ks_offline_modules {
	const char *hash;
	char **path;
	int nr_paths;
	unsigned int nr_jobs;
	void (*progress)(size_t nr_done, size_t nr_paths);
};

/**
 * ks_offline_add_modules() - list modules
 * @signer: certificate and digest; its key is not used
 * @errors: a line per file that module sign would refuse
 *
 * Return: 0, also with errors; -ENOENT if there is no module; what ks_modules_find() said.
 */
int __must_check ks_offline_add_modules(struct ks_offline *manifest, const struct ks_signer *signer,
					const struct ks_offline_modules *modules,
					struct ks_offline_errors *errors, struct ks_diag *diag);

/** ks_offline_add_pe() - list an image. Return: as ks_pe_sign_begin(). */
int __must_check ks_offline_add_pe(struct ks_offline *manifest, const struct ks_signer *signer,
				   const struct ks_offline_pe *pe, struct ks_diag *diag);

/**
 * ks_offline_add_pcr() - list the PCR policies of a unified kernel image
 * @signer: certificate of the PCR key, whose public half the image has in .pcrpkey
 * @phases: NULL for ks_uki_default_phases
 * @output: where the image with its .pcrsig goes; it can be signed only after that
 *
 * Return: 0; as ks_uki_check_pcrsigs() and ks_uki_predict().
 */
int __must_check ks_offline_add_pcr(struct ks_offline *manifest, const struct ks_signer *signer,
				    const struct ks_uki_phases *phases, const char *path,
				    const char *output, struct ks_diag *diag);

/**
 * ks_offline_add_auth() - list an update of a firmware variable
 * @signer: an RSA key's certificate
 * @path: the bytes that are signed, as ks_efi_update_put_signed() made them
 * @output: where the update goes
 *
 * Return: 0; as ks_efi_update_read_any() and ks_efi_update_digest().
 */
int __must_check ks_offline_add_auth(struct ks_offline *manifest, const struct ks_signer *signer,
				     const char *path, const char *output, struct ks_diag *diag);

/**
 * ks_offline_check_files() - a error for each file that two entries name, and for each that has no
 * directory to be written to
 * @below: directory that no written file may be outside of, links resolved; NULL for anywhere
 *
 * ks_offline_attach() does it too; prepare reports it before the signatures are made.
 */
int __must_check ks_offline_check_files(const struct ks_offline *manifest, const char *below,
					struct ks_offline_errors *errors, struct ks_diag *diag);

/**
 * struct ks_offline_attach_opts - what attach works with
 * @sig_dir: directory of the signatures
 * @allowed: only signatures by these certificates are attached
 * @below: directory that no file outside of is written
 * @allow_expired: as in struct ks_signer_opts
 * @nr_jobs: threads
 * @progress: as in struct ks_batch; may be NULL
 */
struct ks_offline_attach_opts {
	const char *sig_dir;
	const char *below;
	const struct ks_certs *allowed;
	bool allow_expired;
	unsigned int nr_jobs;
	void (*progress)(size_t nr_done, size_t nr_paths);
};

/**
 * ks_offline_attach() - check every entry against its file, then write all files
 * @errors: a line per entry that failed
 *
 * Nothing is written while any entry has a error. Each file is written aside and renamed, after its
 * content was compared with the manifest once more; a failure there (a full disk) leaves the files
 * that were written before.
 *
 * Return: 0; -EKEYREJECTED if all errors are signatures that do not verify; -EIO for others.
 */
int __must_check ks_offline_attach(const struct ks_offline *manifest,
				   const struct ks_offline_attach_opts *opts,
				   struct ks_offline_errors *errors, struct ks_diag *diag);

#endif
