// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is there room for a crash kernel, and which one does kexec_file_load() take? The room comes with a
 * signed addon beside the image (crashkernel.addon.efi), so what the firmware thinks of that is asked as
 * well; scripts/build/prove boots without the addon and with one of a foreign key.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/kernels.h"

#define CRASH_SIZE   "/sys/kernel/kexec_crash_size"
#define CRASH_LOADED "/sys/kernel/kexec_crash_loaded"
#define PCR_12	     "/sys/class/tpm/tpm0/pcr-sha256/12"

/* Return: 0, or -errno of loading. What was loaded stays. */
static int load_crash_kernel(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -SETUP_FAILED;
	if (syscall(SYS_kexec_file_load, fd, -1, 1UL, "",
		    KEXEC_FILE_NO_INITRAMFS | KEXEC_FILE_ON_CRASH))
		rc = -errno;
	close(fd);
	return rc;
}

static int unload_crash_kernel(void)
{
	return syscall(SYS_kexec_file_load, -1, -1, 1UL, "",
		       KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH) ? -errno : 0;
}

static long value_of(const char *path)
{
	char text[32];

	return read_text(path, text, sizeof(text)) > 0 ? atol(text) : -1;
}

FIXTURE(crash_load)
{
};

FIXTURE_SETUP(crash_load)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, value_of(CRASH_LOADED));
}

FIXTURE_TEARDOWN(crash_load)
{
	unload_crash_kernel();
	unlink(UNSIGNED);
}

TEST_F(crash_load, the_addon_reserves_memory)
{
	const char *crashkernel = getenv("KSEAL_CRASHKERNEL");
	char word[256];

	ASSERT_NE(NULL, crashkernel);
	snprintf(word, sizeof(word), "crashkernel=%s", crashkernel);
	EXPECT_TRUE(cmdline_has(word));
	EXPECT_LE(64L << 20, value_of(CRASH_SIZE));
}

/* What the stub added to the command line is measured, as kseal uki measure predicts. */
TEST_F(crash_load, pcr_12_is_what_the_host_predicted)
{
	const char *expected = getenv("KSEAL_PCR12");
	char value[128] = "";

	ASSERT_NE(NULL, expected);
	ASSERT_EQ(64, read_text(PCR_12, value, sizeof(value)));
	EXPECT_EQ(0, strcasecmp(expected, value)) TH_LOG("predicted %s, measured %s", expected, value);
}

TEST_F(crash_load, the_kernel_that_ships_for_kexec_is_loaded)
{
	ASSERT_EQ(0, load_crash_kernel(SHIPPED));
	EXPECT_EQ(1, value_of(CRASH_LOADED));
	ASSERT_EQ(0, unload_crash_kernel());
	EXPECT_EQ(0, value_of(CRASH_LOADED));
}

TEST_F(crash_load, an_unsigned_kernel_is_refused)
{
	ASSERT_EQ(0, make_unsigned());
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_crash_kernel(UNSIGNED));
	EXPECT_EQ(!enforced(), value_of(CRASH_LOADED));
}

TEST_VM_MAIN(NULL)
