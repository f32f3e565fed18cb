/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who can sign code for a kernel: its own certificates, and those of the firmware.
 */
#ifndef KS_OPS_AUDIT_SIGNERS_H
#define KS_OPS_AUDIT_SIGNERS_H

#include "ops/audit_image.h"
#include "ops/dbx.h"

/* What a key may sign, in bits. */
enum ks_signs {
	KS_SIGNS_MODULES = 0x01,
	KS_SIGNS_KEXEC = 0x02,
	KS_SIGNS_IPE = 0x04,
	KS_SIGNS_VERITY = 0x08,
	KS_SIGNS_IMA = 0x10,	  /* policies of IMA, and the files that they appraise */
	KS_SIGNS_IMA_KEYS = 0x20, /* certificates that .ima takes then */
	KS_SIGNS_BOOT = 0x40,	  /* what firmware starts: UKIs, and their addons */
};
#define KS_NR_SIGNS 7U

/** ks_signs_name() - of bit @idx, "dm-verity roots" */
const char *ks_signs_name(unsigned int idx);

/* Where keys are: keyrings of the kernel, and the firmware's db. */
enum ks_signer_ring {
	KS_RING_BUILTIN,
	KS_RING_SECONDARY,
	KS_RING_MACHINE,
	KS_RING_PLATFORM,
	KS_RING_IMA,
	KS_RING_DB,
	KS_NR_RINGS,
};

/** ks_ring_name() - as /proc/keys has it, ".builtin_trusted_keys"; "db" */
const char *ks_ring_name(enum ks_signer_ring ring);

/**
 * struct ks_ring - a keyring
 * @is_there: the configuration has it
 * @may: KS_SIGNS_* of its keys
 * @from: static text: where its keys are from
 */
struct ks_ring {
	bool is_there;
	unsigned int may;
	const char *from;
};

enum ks_dbx_answer {
	KS_DBX_NOT_ASKED,
	KS_DBX_CLEAR,
	KS_DBX_CERT,   /* the certificate itself */
	KS_DBX_DIGEST, /* the digest of its to-be-signed part */
};

/**
 * struct ks_signer_key - a key that can sign
 * @cert: owned
 * @ring: KS_RING_BUILTIN or KS_RING_DB
 * @may: KS_SIGNS_*; 0 for one that is not loaded, or that the kernel revokes itself
 * @of_build: the kernel's build signed its modules with it
 * @is_loaded: a kernel loads it, or firmware takes it
 * @is_revoked: the kernel's own list has it
 * @dbx: what the firmware's has of it
 */
struct ks_signer_key {
	struct ks_cert cert;
	enum ks_signer_ring ring;
	unsigned int may;
	bool of_build;
	bool is_loaded;
	bool is_revoked;
	enum ks_dbx_answer dbx;
	struct ks_cert_traits traits;
};

/**
 * struct ks_signers - all of them; owned, zero-initialised is empty
 * @of_series: the release is known, and the rules here are those of its series
 * @fault: why the kernel's own cannot be told; err is 0 otherwise
 * @is_closed: the kernel takes no module but those that one key has signed, and nobody can add a key
 * @closed_when: static text: under which condition; "" for always
 * @open_why: static text: why not; NULL if closed
 */
struct ks_signers {
	struct ks_ring ring[KS_NR_RINGS];
	struct ks_signer_key *key;
	size_t nr_keys;
	bool of_series;
	struct ks_diag fault;
	bool is_closed;
	const char *closed_when;
	const char *open_why;
};

/** ks_signers_done() - free; accepts a zeroed struct */
void ks_signers_done(struct ks_signers *signers);

/**
 * ks_rings_of() - the keyrings of a configuration
 * @config: NULL if it is not known: then none is there but the built-in one, which may nothing
 *
 * By certs/system_keyring.c, security/integrity/digsig.c, security/integrity/platform_certs,
 * kernel/module/signing.c, kernel/kexec_file.c, security/ipe/policy.c, drivers/md/dm-verity-verify-sig.c and
 * security/integrity/ima of Linux 6.18.
 */
void ks_rings_of(const struct ks_kconfig *config, struct ks_ring ret_ring[KS_NR_RINGS]);

/**
 * ks_signers_find() - every key that can make this kernel run code
 * @audited: by ks_audited_image(); its image gets its lists
 * @db: certificates of the firmware; NULL if nobody said
 * @dbx: NULL if nobody said
 * @ret_signers: zeroed; ks_signers_done(), also after a failure
 *
 * Return: 0, also where @ret_signers->fault says that the kernel's own keys cannot be told; -ENOMEM.
 */
int __must_check ks_signers_find(struct ks_audited *audited, const struct ks_certs *db, const struct ks_dbx *dbx,
				 struct ks_signers *ret_signers, struct ks_diag *diag);

#endif
