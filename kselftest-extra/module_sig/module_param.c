// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signed module with a parameter that steers hardware: dummy-irq takes an interrupt line. Without
 * the parameter its own code runs and refuses to stay, under lockdown as well.
 */
#include "kselftest_harness.h"
#include "modules.h"

#define MODULE	DATA_DIR "dummy-irq.ko"
#define REFUSED "unsafe module parameters is restricted"

TEST(a_hardware_parameter_is_taken_only_without_lockdown)
{
	int tries;

	ASSERT_MODE_IS_KNOWN();
	/* Lockdown limits the rate of its lines, to some in five seconds; others may have used them. */
	for (tries = 0; tries < 3; tries++) {
		EXPECT_EQ(locked() ? -EPERM : 0, load_module_with(MODULE, "irq=5"));
		if (!locked() || kernel_log_has(REFUSED))
			break;
		sleep(6);
	}
	EXPECT_EQ(locked(), kernel_log_has(REFUSED));
}

TEST(without_the_parameter_the_module_itself_answers)
{
	EXPECT_EQ(-EIO, load_module(MODULE));
	EXPECT_TRUE(kernel_log_has("dummy-irq: no IRQ given"));
}

TEST_VM_MAIN("/proc/modules")
