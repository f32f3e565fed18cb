// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/certs.h"

int ks_load_certs(const struct ks_values *paths, struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < paths->nr_values && !rc; i++)
		rc = ks_certs_append(certs, paths->value[i], diag);
	return rc;
}

int ks_load_chain(const struct ks_signer *signer, const struct ks_values *paths, struct ks_certs *chain,
		  struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < signer->chain.nr_certs && !rc; i++)
		rc = ks_certs_push(chain, &signer->chain.cert[i], diag);
	return rc ? rc : ks_load_certs(paths, chain, diag);
}
