// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which kernels does kexec_file_load() take? Only DATA_DIR/kernel-signed.efi is shipped, a bzImage
 * with a signature by a key of the kernel's or of the firmware's db. The unsigned and the tampered
 * one are made from it here, which keeps the initrd small.
 */
#include "kselftest_harness.h"
#include "common.h"

#include <linux/kexec.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SIGNED	 DATA_DIR "kernel-signed.efi"
#define UNSIGNED "/tmp/kernel-unsigned.efi"
#define TAMPERED "/tmp/kernel-tampered.efi"

/* Offsets in a PE32+ file, from the "PE" magic: the certificate table's directory entry. */
#define PE_OFFSET   0x3c
#define PE_CERT_DIR (24 + 112 + 4 * 8)

/* Load without an initrd, then unload. Return: 0, or -errno of loading. */
static int load_kernel(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_kexec_file_load, fd, -1, 1UL, "", KEXEC_FILE_NO_INITRAMFS))
		rc = -errno;
	else
		syscall(SYS_kexec_file_load, -1, -1, 1UL, "", KEXEC_FILE_UNLOAD);
	close(fd);
	return rc;
}

static int write_whole(const char *path, const unsigned char *content, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t used = 0;

	if (fd < 0)
		return -errno;
	while (used < bytes) {
		ssize_t n = write(fd, content + used, bytes - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	/* The kernel reads no image that somebody still has open for writing. */
	close(fd);
	return used == bytes ? 0 : -EIO;
}

/* Find the certificate table. Return: false when the image has none. */
static bool cert_table(const unsigned char *image, size_t bytes, uint32_t *ret_dir,
		       uint32_t *ret_off)
{
	uint32_t pe, off;

	if (bytes < PE_OFFSET + 4)
		return false;
	memcpy(&pe, image + PE_OFFSET, sizeof(pe));
	if ((size_t)pe + PE_CERT_DIR + 8 > bytes)
		return false;
	memcpy(&off, image + pe + PE_CERT_DIR, sizeof(off));
	if (!off || off > bytes)
		return false;
	*ret_dir = pe + PE_CERT_DIR;
	*ret_off = off;
	return true;
}

FIXTURE(kexec)
{
	unsigned char *image;
	size_t bytes;
	uint32_t cert_dir, cert_off;
};

FIXTURE_SETUP(kexec)
{
	ASSERT_MODE_IS_KNOWN();
	self->image = read_whole(SIGNED, &self->bytes);
	ASSERT_NE(NULL, self->image);
	ASSERT_TRUE(cert_table(self->image, self->bytes, &self->cert_dir, &self->cert_off));
}

FIXTURE_TEARDOWN(kexec)
{
	free(self->image);
	unlink(UNSIGNED);
	unlink(TAMPERED);
}

TEST_F(kexec, a_kernel_signed_by_a_trusted_key_is_loaded)
{
	EXPECT_EQ(0, load_kernel(SIGNED));
}

TEST_F(kexec, an_unsigned_kernel_is_refused)
{
	memset(self->image + self->cert_dir, 0, 8);
	ASSERT_EQ(0, write_whole(UNSIGNED, self->image, self->cert_off));
	EXPECT_EQ(enforced() ? -EPERM : 0, load_kernel(UNSIGNED));
}

/* The byte before the certificate table is covered by the signature, and is padding or data. */
TEST_F(kexec, a_kernel_with_one_flipped_byte_is_refused)
{
	self->image[self->cert_off - 1] ^= 1;
	ASSERT_EQ(0, write_whole(TAMPERED, self->image, self->bytes));
	EXPECT_EQ(enforced() ? -EPERM : 0, load_kernel(TAMPERED));
}

TEST_F(kexec, a_file_that_is_no_kernel_is_refused_in_every_boot)
{
	ASSERT_EQ(0, write_whole(UNSIGNED, (const unsigned char *)"no kernel", 9));
	EXPECT_EQ(-ENOEXEC, load_kernel(UNSIGNED));
}

TEST_HARNESS_MAIN
