// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules of modules once module.sig_enforce is on. There is no way back, so this is one of the
 * last tests; module_rules before it is the control.
 */
#include "rules.h"

#define SIG_ENFORCE "/sys/module/module/parameters/sig_enforce"

FIXTURE(module_enforce)
{
};

FIXTURE_SETUP(module_enforce)
{
	if (!sig_enforce())
		ASSERT_EQ(0, write_text(SIG_ENFORCE, "1"));
	ASSERT_TRUE(sig_enforce());
}

FIXTURE_TEARDOWN(module_enforce)
{
}

TEST_F_TIMEOUT(module_enforce, finit_module_returns_what_kseal_predicted, 300)
{
	check_predictions(_metadata, "sig_enforce");
}

TEST_F(module_enforce, enforcement_cannot_be_turned_off)
{
	EXPECT_NE(0, write_text(SIG_ENFORCE, "0"));
	EXPECT_TRUE(sig_enforce());
}

TEST_VM_MAIN(SIG_ENFORCE)
