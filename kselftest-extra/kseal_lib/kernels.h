/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels for kexec_file_load(), all the same bzImage. A key of the firmware's db signed SIGNED, and the
 * one that the kernel embeds signed SHIPPED: the firmware itself does not start that. The others are made
 * from these, which keeps the initrd small.
 */
#ifndef KSEAL_KERNELS_H
#define KSEAL_KERNELS_H

#include "common.h"

#include <linux/kexec.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SIGNED	 DATA_DIR "kernel-signed.efi"
#define SHIPPED	 DATA_DIR "vmlinuz-kexec"
#define UNSIGNED "/tmp/kernel-unsigned.efi"

/*
 * What loading UNSIGNED gives. Under lockdown kexec enforces its signatures (patch 0002) and
 * returns what the verifier found: no signature.
 */
#define UNSIGNED_REFUSED (-ENODATA)

/* boot_params.secure_boot, see Documentation/arch/x86/zero-page.rst: enum efi_secureboot_mode */
#define SECURE_BOOT_OFFSET   0x1ec
#define SECURE_BOOT_DISABLED 2
#define SECURE_BOOT_ENABLED  3

/* What the kernel was told about Secure Boot when it started. Return: that, or -SETUP_FAILED. */
static inline int secure_boot_state(void)
{
	size_t bytes = 0;
	unsigned char *params = read_whole("/sys/kernel/boot_params/data", &bytes);
	int state = params && bytes > SECURE_BOOT_OFFSET ? params[SECURE_BOOT_OFFSET] : -SETUP_FAILED;

	free(params);
	return state;
}

/* Offsets in a PE32+ file, from the "PE" magic: the certificate table's directory entry. */
#define PE_OFFSET   0x3c
#define PE_CERT_DIR (24 + 112 + 4 * 8)

/* Load without an initrd, then unload. Return: 0, or -errno of loading. */
static inline int load_kernel_as(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
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

static inline int load_kernel(const char *path)
{
	return load_kernel_as(path, 0);
}

static inline int write_whole(const char *path, const unsigned char *content, size_t bytes)
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
static inline bool cert_table(const unsigned char *image, size_t bytes, uint32_t *ret_dir,
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

/* Make UNSIGNED out of SIGNED. Return: 0, -errno, or -EBADMSG when there is no signature. */
static inline int make_unsigned(void)
{
	size_t bytes = 0;
	unsigned char *image = read_whole(SIGNED, &bytes);
	uint32_t dir, off;
	int rc = -EBADMSG;

	if (!image)
		return -errno;
	if (cert_table(image, bytes, &dir, &off)) {
		memset(image + dir, 0, 8);
		rc = write_whole(UNSIGNED, image, off);
	}
	free(image);
	return rc;
}

/*
 * Make an unsigned kernel, load and remove it. Return: what load_kernel() says; -SETUP_FAILED if it
 * could not be made.
 */
static inline int load_unsigned(void)
{
	int rc = make_unsigned() ? -SETUP_FAILED : load_kernel(UNSIGNED);

	unlink(UNSIGNED);
	return rc;
}

#endif
