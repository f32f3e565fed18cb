// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules of modules in the state that the firmware brought the kernel into: locked down with
 * Secure Boot, permissive without.
 */
#include "rules.h"

FIXTURE(module_rules)
{
	const char *state;
};

FIXTURE_SETUP(module_rules)
{
	ASSERT_MODE_IS_KNOWN();
	if (sig_enforce())
		self->state = "sig_enforce";
	else
		self->state = locked() ? "lockdown" : "permissive";
}

FIXTURE_TEARDOWN(module_rules)
{
}

TEST_F_TIMEOUT(module_rules, finit_module_returns_what_kseal_predicted, 300)
{
	check_predictions(_metadata, self->state);
}

TEST_VM_MAIN("/proc/modules")
