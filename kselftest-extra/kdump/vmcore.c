// SPDX-License-Identifier: GPL-2.0-only
/*
 * In a crash kernel, which init.c loaded with a command line as a hostile root would choose it, before it
 * crashed the kernel that the firmware started: is this one locked down as that one was, and does it hand
 * out the dump? scripts/build/vmcore looks at what was written.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/disk.h"
#include "../kseal_lib/kernels.h"

#include <elf.h>

#define VMCORE "/proc/vmcore"
/* scripts/vm gives this serial number to the disk that a dump is for. */
#define DISK_SERIAL "kseal-crash"
#define BLOCK_BYTES (1UL << 20)

FIXTURE(vmcore)
{
	int dump, disk;
	char *block;
};

FIXTURE_SETUP(vmcore)
{
	ASSERT_MODE_IS_KNOWN();
	self->disk = -1;
	self->block = malloc(BLOCK_BYTES);
	ASSERT_NE(NULL, self->block);
	self->dump = open(VMCORE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->dump) TH_LOG(VMCORE ": %s", strerror(errno));
}

FIXTURE_TEARDOWN(vmcore)
{
	free(self->block);
	close(self->dump);
	close(self->disk);
}

/* Return: bytes of the block, fewer than asked for at the end only; -errno. */
static ssize_t read_block(int fd, char *block)
{
	size_t used = 0;

	while (used < BLOCK_BYTES) {
		ssize_t n = read(fd, block + used, BLOCK_BYTES - used);

		if (n < 0)
			return -errno;
		if (!n)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static bool is_zero(const char *block, size_t bytes)
{
	return !block[0] && !memcmp(block, block + 1, bytes - 1);
}

TEST_F(vmcore, the_kernel_before_this_one_crashed)
{
	Elf64_Ehdr header;

	EXPECT_TRUE(cmdline_has("kseal_crash=1"));
	ASSERT_EQ((ssize_t)sizeof(header), read(self->dump, &header, sizeof(header)));
	EXPECT_EQ(0, memcmp(header.e_ident, ELFMAG, SELFMAG));
	EXPECT_EQ(ET_CORE, header.e_type);
}

TEST_F(vmcore, the_crash_kernel_is_locked_down_as_that_one_was)
{
	char level[128] = "";

	ASSERT_LT(0, read_text(LOCKDOWN, level, sizeof(level)));
	EXPECT_STREQ(enforced() ? "none [integrity] confidentiality"
				: "[none] integrity confidentiality",
		     level);
	EXPECT_EQ(enforced(), kernel_log_has("Kernel is locked down from EFI Secure Boot"));
}

TEST_F(vmcore, the_state_of_secure_boot_has_come_through_the_crash)
{
	EXPECT_EQ(enforced() ? SECURE_BOOT_ENABLED : SECURE_BOOT_DISABLED, secure_boot_state());
}

TEST_F(vmcore, parameters_that_lower_hardening_are_refused)
{
	EXPECT_EQ(!enforced(), cmdline_has("efi=noruntime"));
	EXPECT_EQ(!enforced(), cmdline_has("mitigations=off"));
	EXPECT_EQ(enforced(), kernel_log_has("Lockdown: boot parameter mitigations=off refused"));
}

TEST_F(vmcore, an_unsigned_kernel_is_loaded_only_without_secure_boot)
{
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
}

/* Blocks of zeros are left out: the disk is new, and sparse on the host. */
TEST_F_TIMEOUT(vmcore, the_dump_is_written_to_a_disk, 110)
{
	char device[64];
	off_t at = 0;
	ssize_t n;

	ASSERT_EQ(0, find_disk(DISK_SERIAL, device, sizeof(device))) TH_LOG("no disk " DISK_SERIAL);
	self->disk = open(device, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, self->disk) TH_LOG("%s: %s", device, strerror(errno));
	while ((n = read_block(self->dump, self->block)) > 0) {
		if (!is_zero(self->block, (size_t)n))
			ASSERT_EQ(n, pwrite(self->disk, self->block, (size_t)n, at)) TH_LOG("%s", strerror(errno));
		at += n;
	}
	ASSERT_EQ(0, n) TH_LOG("reading at %lld: %s", (long long)at, strerror((int)-n));
	ASSERT_EQ(0, fsync(self->disk));
	TH_LOG("%lld MiB of dump", (long long)at >> 20);
}

TEST_VM_MAIN(NULL)
