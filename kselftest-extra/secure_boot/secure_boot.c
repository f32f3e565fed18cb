// SPDX-License-Identifier: GPL-2.0-only
/* Does the firmware enforce signatures, and does the kernel know it? */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"
#include "../kseal_lib/efivars.h"

/* A boolean variable is four bytes of attributes and one of value. Return: the value, or -errno. */
static int efi_flag(const char *path)
{
	unsigned char raw[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, raw, sizeof(raw));
	close(fd);
	return n == 5 ? raw[4] : -EBADMSG;
}

TEST(the_firmware_says_secure_boot_is_on_exactly_when_enforced)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? 1 : 0, efi_flag(EFIVARS "SecureBoot" GLOBAL_GUID));
}

TEST(the_firmware_is_in_setup_mode_only_without_a_platform_key)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? 0 : 1, efi_flag(EFIVARS "SetupMode" GLOBAL_GUID));
}

TEST(the_platform_key_is_there_exactly_when_enforced)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, try_open(EFIVARS "SecureBoot" GLOBAL_GUID, O_RDONLY));
	EXPECT_EQ(enforced() ? 0 : -ENOENT, try_open(EFIVARS "PK" GLOBAL_GUID, O_RDONLY));
}

/* Only x86 has words for it. */
#if !defined(__aarch64__)
TEST(the_kernel_log_says_the_same_about_secure_boot)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced(), kernel_log_has("Secure boot enabled"));
	EXPECT_EQ(!enforced(), kernel_log_has("Secure boot disabled"));
}
#endif

TEST(a_forged_secure_boot_variable_cannot_be_written)
{
	static const char path[] = EFIVARS "SecureBoot" GLOBAL_GUID;

	/* Attributes of the real variable (boot and runtime access), and the opposite value. */
	const unsigned char forged[5] = { 6, 0, 0, 0, enforced() ? 0 : 1 };
	int before = efi_flag(path), fd;

	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(enforced() ? 1 : 0, before);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		EXPECT_EQ(-1, write(fd, forged, sizeof(forged)));
		close(fd);
	}
	EXPECT_EQ(before, efi_flag(path));
}

/* Return: 0, or -errno of making @path or of writing @attributes and the value 1. */
static int make_efi_flag(const char *path, unsigned char attributes)
{
	const unsigned char raw[5] = { attributes, 0, 0, 0, 1 };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, raw, sizeof(raw)) != sizeof(raw))
		rc = -errno;
	close(fd);
	return rc;
}

/*
 * A volatile MokSBStateRT is shim's word that Secure Boot does not count, and the stub believes it.
 * No shim started this machine, so nobody made the variable; root must not be able to. A stored one
 * can be made, and means nothing.
 */
TEST(the_variable_of_shim_that_turns_secure_boot_off_cannot_be_made)
{
	static const char path[] = EFIVARS "MokSBStateRT" SHIM_GUID;

	ASSERT_EQ(-ENOENT, efi_flag(path));
	/* Boot and runtime access, without and with EFI_VARIABLE_NON_VOLATILE. */
	EXPECT_GT(0, make_efi_flag(path, 6));
	EXPECT_EQ(-ENOENT, efi_flag(path));
	EXPECT_EQ(0, make_efi_flag(path, 7));
	EXPECT_EQ(1, efi_flag(path));
}

TEST_VM_MAIN(EFIVARS)
