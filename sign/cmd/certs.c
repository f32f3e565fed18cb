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
