// SPDX-License-Identifier: GPL-2.0-only
/* Secure Boot locks the kernel down (integrity) without being told to, and lockdown bites. */
#include "kselftest_harness.h"
#include "../kseal_lib/kconfig.h"
#include "probe.h"

/* What only a test kernel has (configs/fragments/test-surface.config); the others say so. */
#define EXPECT_DENIED_WHEN_LOCKED(symbol, probe)        \
	do {                                            \
		int __rc = (probe);                     \
		ASSERT_MODE_IS_KNOWN();                 \
		SKIP_IF_ABSENT(symbol, __rc);           \
		EXPECT_EQ(locked() ? -EPERM : 0, __rc); \
	} while (0)

static const char *expected_level(void)
{
	if (always_locked())
		return "none integrity [confidentiality]";
	return enforced() ? "none [integrity] confidentiality" : "[none] integrity confidentiality";
}

TEST(the_level_is_the_sku_s_and_integrity_only_with_secure_boot)
{
	char level[128] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_text(LOCKDOWN, level, sizeof(level)));
	EXPECT_STREQ(expected_level(), level);
}

TEST(nothing_on_the_command_line_asks_for_lockdown)
{
	char cmdline[4096] = "";

	ASSERT_LT(0, read_text("/proc/cmdline", cmdline, sizeof(cmdline)));
	EXPECT_EQ(NULL, strstr(cmdline, "lockdown=")) TH_LOG("%s", cmdline);
}

TEST(the_kernel_log_names_secure_boot_as_the_reason)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced(), kernel_log_has("Kernel is locked down from EFI Secure Boot"));
}

/* In the control boot the level is "none" already; the program lockdown_raise has the rest. */
TEST(the_level_cannot_be_lowered)
{
	char before[128] = "", after[128] = "";

	ASSERT_LT(0, read_text(LOCKDOWN, before, sizeof(before)));
	EXPECT_EQ(-EPERM, write_text(LOCKDOWN, "none"));
	ASSERT_LT(0, read_text(LOCKDOWN, after, sizeof(after)));
	EXPECT_STREQ(before, after);
}

TEST(a_level_that_does_not_exist_is_refused)
{
	EXPECT_EQ(-EINVAL, write_text(LOCKDOWN, "nonsense"));
}

TEST(dev_mem_does_not_open)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_DEVMEM", probe_dev_mem());
}

TEST(dev_port_does_not_open)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_DEVPORT", probe_dev_port());
}

TEST(ioperm_is_refused)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_X86_IOPL_IOPERM", probe_ioperm());
}

TEST(iopl_is_refused)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_X86_IOPL_IOPERM", probe_iopl());
}

TEST(model_specific_registers_cannot_be_written)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_X86_MSR", probe_msr());
}

TEST(runtime_services_of_the_firmware_cannot_be_called)
{
	EXPECT_DENIED_WHEN_LOCKED("CONFIG_EFI_TEST", probe_efi_test());
}

TEST(pci_configuration_space_cannot_be_written)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EPERM : 0, probe_pci_config());
}

TEST(the_null_device_opens_in_every_mode)
{
	EXPECT_EQ(0, try_open("/dev/null", O_RDWR));
}

TEST_VM_MAIN(LOCKDOWN)
