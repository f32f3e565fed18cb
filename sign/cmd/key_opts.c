// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/key_opts.h"

#include "cmd/passphrase.h"

struct ks_cmd_key ks_cmd_key;

static int get_passphrase(void *context, const char *what, struct ks_buf *ret_secret,
			  struct ks_diag *diag)
{
	const struct ks_cmd_key *key = context;

	return ks_passphrase_read(key->pass_fd, key->pass_path, what, ret_secret, diag);
}

const struct ks_pass_source *ks_cmd_pass(void)
{
	static const struct ks_pass_source source = { get_passphrase, &ks_cmd_key };

	return &source;
}

int ks_cmd_signer_open(unsigned int use, const char *hash, struct ks_signer *ret_signer, struct ks_diag *diag)
{
	const struct ks_signer_opts opts = {
		.key_uri = ks_cmd_key.uri,
		.cert_path = ks_cmd_key.cert_path,
		.hash = hash,
		.use = use,
		.pass = ks_cmd_pass(),
	};

	return ks_signer_open(&opts, ret_signer, diag);
}
