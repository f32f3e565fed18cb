/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of every verb that signs: key, certificate, and where a passphrase comes from.
 */
#ifndef KS_CMD_KEY_OPTS_H
#define KS_CMD_KEY_OPTS_H

#include "cmd/verbs.h"
#include "ops/module.h"
#include "ops/signer.h"

/** struct ks_cmd_key - values of KS_KEY_OPTS; one process runs one verb */
struct ks_cmd_key {
	const char *uri;
	const char *cert_path;
	const char *pass_fd;
	const char *pass_path;
	bool group_may_read;
	bool allow_expired;
};

extern struct ks_cmd_key ks_cmd_key;

/* The rows of a verb's table. */
#define KS_PASS_OPTS                                                                        \
	{ "--passphrase-fd", "N", "read the passphrase or PIN from descriptor N",           \
	  .ret_value = &ks_cmd_key.pass_fd },                                               \
	{ "--passphrase-file", "F", "read it from a file that only you can read",           \
	  .ret_value = &ks_cmd_key.pass_path },                                             \
	{ .name = "--group-may-read", .ret_flag = &ks_cmd_key.group_may_read,               \
	  .help = "take key and passphrase files that their group may read (0640)" }

#define KS_CERT_HELP "its certificate, PEM, DER, PKCS#12 or pkcs11:; default: where the key is"

#define KS_EXPIRED_OPT                                                                      \
	{ .name = "--allow-expired", .ret_flag = &ks_cmd_key.allow_expired,                 \
	  .help = "sign as of SOURCE_DATE_EPOCH, for an old release, with its certificate" }

/* Where there is no key to ask. */
#define KS_CERT_OPT                                                                         \
	{ "--cert", "CERT", "the key's certificate: PEM, DER or pkcs11:", true,             \
	  .ret_value = &ks_cmd_key.cert_path }

#define KS_KEY_OPTS                                                                         \
	{ "--key", "URI", "private key: PEM, DER or PKCS#12 file, pkcs11:, exec: or a "     \
	  "provider's URI", true, .ret_value = &ks_cmd_key.uri },                           \
	{ "--cert", "CERT", KS_CERT_HELP, .ret_value = &ks_cmd_key.cert_path }, KS_PASS_OPTS, \
	KS_EXPIRED_OPT

/**
 * ks_cmd_pass() - where passphrases come from, as the options say
 * Return: valid until the process ends; a bad option shows when the first passphrase is wanted.
 */
const struct ks_pass_source *ks_cmd_pass(void);

/**
 * ks_cmd_signer_open() - ks_signer_open() of --key and --cert
 * @use: KS_SIGN_MODULE or KS_SIGN_PE
 * @hash: as ks_digest_alg_for()
 *
 * Return: what ks_signer_open() said.
 */
int __must_check ks_cmd_signer_open(unsigned int use, const char *hash,
				    struct ks_signer *ret_signer, struct ks_diag *diag);

#endif
