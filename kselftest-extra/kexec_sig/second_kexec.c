// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of Secure Boot after two kexecs? init.c loaded this kernel from one that was loaded
 * by kexec itself, each time with a command line as a hostile root would choose it; the machine was
 * started by the firmware before all of them (patches 0002, 0007, 0015). The command lines of the
 * control work, so EFI is out of reach there, and the mode is what the host says.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/efivars.h"
#include "../kseal_lib/kernels.h"

TEST(two_kexecs_lie_behind_this_kernel)
{
	EXPECT_TRUE(cmdline_has("kseal_kexecs=2"));
}

TEST(the_kernel_is_locked_down_as_the_first_one_was)
{
	char level[128] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_text(LOCKDOWN, level, sizeof(level)));
	EXPECT_STREQ(enforced() ? "none [integrity] confidentiality"
				: "[none] integrity confidentiality",
		     level);
	EXPECT_EQ(enforced(), kernel_log_has("Kernel is locked down from EFI Secure Boot"));
}

/*
 * What the firmware said, handed on by each kexec. Under Secure Boot efi=noruntime is refused, so that
 * EFI is handed on as well; without, it works, and the state must come through on its own (patch 0015).
 */
TEST(the_state_of_secure_boot_has_come_through_both_kexecs)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? SECURE_BOOT_ENABLED : SECURE_BOOT_DISABLED, secure_boot_state());
}

TEST(an_unsigned_kernel_is_loaded_only_without_secure_boot)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
}

TEST(a_kernel_that_the_firmware_vouches_for_is_loaded)
{
	EXPECT_EQ(0, load_kernel(SIGNED));
}

/*
 * Before the first kexec init left its certificate in the firmware, where a shim leaves those of the machine's owner.
 * A kernel that believes the variable does so at each boot, and no shim started this machine (integrity.config). In
 * the control any signature will do, and there is no firmware to ask.
 */
TEST(a_kernel_that_root_vouches_for_by_a_variable_of_shim_is_refused)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(enforced() ? 0 : -ENOENT, try_open(SHIM_KEYS, O_RDONLY));
	EXPECT_EQ(enforced() ? FOREIGN_REFUSED : 0, load_foreign());
}

TEST(parameters_that_lower_hardening_are_refused)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(!enforced(), cmdline_has("efi=noruntime"));
	EXPECT_EQ(!enforced(), cmdline_has("mitigations=off"));
	EXPECT_EQ(enforced(), kernel_log_has("Lockdown: boot parameter efi=noruntime refused"));
	EXPECT_EQ(enforced(), kernel_log_has("Lockdown: boot parameter mitigations=off refused"));
}

TEST_VM_MAIN(NULL)
