// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/environ.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char **ks_environ_with(char *assignment)
{
	size_t name_bytes = strcspn(assignment, "=") + 1, nr = 0, kept = 0, i;
	char **env;

	while (environ[nr])
		nr++;
	env = calloc(nr + 2, sizeof(*env));
	for (i = 0; env && i < nr; i++)
		if (strncmp(environ[i], assignment, name_bytes))
			env[kept++] = environ[i];
	if (env)
		env[kept] = assignment;
	return env;
}
