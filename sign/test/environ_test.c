// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/environ.h"

/* Does what comes back have exactly these, in this order? */
static void expect(char *from[], char *assignment, char *const want[])
{
	char **before = environ, **env;
	size_t i;

	environ = from;
	env = ks_environ_with(assignment);
	environ = before;
	assert_non_null(env);
	for (i = 0; want[i]; i++)
		assert_string_equal(want[i], env[i]);
	assert_null(env[i]);
	free(env);
}

static void a_variable_comes_last(void **state)
{
	char *none[] = { NULL }, *some[] = { "A=1", "B=", NULL };

	(void)state;
	expect(none, "K=v", (char *[]){ "K=v", NULL });
	expect(some, "K=v=w", (char *[]){ "A=1", "B=", "K=v=w", NULL });
}

static void all_that_have_its_name_go_and_no_others(void **state)
{
	char *from[] = { "K=old", "KK=1", "K", "K=older", "J=1", NULL };

	(void)state;
	expect(from, "K=new", (char *[]){ "KK=1", "K", "J=1", "K=new", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_variable_comes_last),
		cmocka_unit_test(all_that_have_its_name_go_and_no_others),
	};

	return cmocka_run_group_tests_name("environ", tests, NULL, NULL);
}
