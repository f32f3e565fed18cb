/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels for kexec_file_load(), all of the same image. A key of the firmware's db signed SIGNED, and the
 * one that the kernel embeds signed SHIPPED: the firmware itself does not start that. A key that nobody trusts
 * signed FOREIGN. What is not in the initrd is made from SIGNED, which keeps that small.
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
#define FOREIGN	 "/tmp/kernel-foreign.efi"

/* The certificate table of FOREIGN, by which it differs from SIGNED. */
#define FOREIGN_SIGNATURE DATA_DIR "kernel-foreign.sig"

/*
 * What loading UNSIGNED and FOREIGN gives. Under lockdown kexec enforces its signatures (patch 0002) and
 * returns what the verifier found: no signature, none by a key that it knows.
 */
#define UNSIGNED_REFUSED (-ENODATA)
#define FOREIGN_REFUSED	 (-ENOKEY)

/* What the loader of this architecture says of a file that is none, after its signature was let pass. */
#if defined(__aarch64__)
#define NOT_A_KERNEL (-EINVAL)
#else
#define NOT_A_KERNEL (-ENOEXEC)
#endif

/* enum efi_secureboot_mode */
#define SECURE_BOOT_DISABLED 2
#define SECURE_BOOT_ENABLED  3

#if defined(__aarch64__)
/* The device tree is a file; the value stands behind its length and the offset of its name. */
#define STATE_FILE "/sys/firmware/fdt"
#define STATE_NAME "linux,uefi-secureboot-mode"

static inline unsigned int be32_at(const unsigned char *p)
{
	return (unsigned int)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/*
 * The one property of that name in a flattened device tree: a word 3, its length, the offset of its name
 * among the strings, its value. Return: -1 if it is not there, has another length, or is there twice.
 */
static inline int secure_boot_in(const unsigned char *fdt, size_t bytes)
{
	size_t at, end, strings, names_end;
	int state = -1;

	if (bytes < 40)
		return -1;
	at = be32_at(fdt + 8);
	end = at + be32_at(fdt + 36);
	strings = be32_at(fdt + 12);
	names_end = strings + be32_at(fdt + 32);
	if (end > bytes || names_end > bytes)
		return -1;
	for (; at + 16 <= end; at += 4) {
		size_t name = strings + be32_at(fdt + at + 8);

		if (be32_at(fdt + at) != 3 || be32_at(fdt + at + 4) != 4 ||
		    name + sizeof(STATE_NAME) > names_end || memcmp(fdt + name, STATE_NAME, sizeof(STATE_NAME)))
			continue;
		if (state >= 0)
			return -1;
		state = (int)be32_at(fdt + at + 12);
	}
	return state;
}
#else
/* boot_params.secure_boot, see Documentation/arch/x86/zero-page.rst */
#define STATE_FILE	   "/sys/kernel/boot_params/data"
#define SECURE_BOOT_OFFSET 0x1ec

static inline int secure_boot_in(const unsigned char *params, size_t bytes)
{
	return bytes > SECURE_BOOT_OFFSET ? params[SECURE_BOOT_OFFSET] : -1;
}
#endif

/* What the kernel was told about Secure Boot when it started. Return: that, or -SETUP_FAILED. */
static inline int secure_boot_state(void)
{
	size_t bytes = 0;
	unsigned char *params = read_whole(STATE_FILE, &bytes);
	int state = params ? secure_boot_in(params, bytes) : -1;

	free(params);
	return state < 0 ? -SETUP_FAILED : state;
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

/*
 * Make @path out of SIGNED, with another certificate table in the place of its own. Return: 0, -errno, or -EBADMSG
 * when SIGNED has none.
 */
static inline int make_with_table(const char *path, const unsigned char *table, size_t table_bytes)
{
	size_t bytes = 0;
	unsigned char *image = read_whole(SIGNED, &bytes), *made = NULL;
	const uint32_t none = 0, size = (uint32_t)table_bytes;
	uint32_t dir, off;
	int rc = -EBADMSG;

	if (!image)
		return -errno;
	if (cert_table(image, bytes, &dir, &off)) {
		memcpy(image + dir, size ? &off : &none, sizeof(off));
		memcpy(image + dir + sizeof(off), &size, sizeof(size));
		made = realloc(image, off + table_bytes);
		rc = -ENOMEM;
	}
	if (made) {
		image = made;
		memcpy(image + off, table, table_bytes);
		rc = write_whole(path, image, off + table_bytes);
	}
	free(image);
	return rc;
}

/* As make_with_table(), without any. */
static inline int make_unsigned(void)
{
	return make_with_table(UNSIGNED, (const unsigned char *)"", 0);
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

/* The same with a kernel that a foreign key signed. */
static inline int load_foreign(void)
{
	size_t bytes = 0;
	unsigned char *table = read_whole(FOREIGN_SIGNATURE, &bytes);
	int rc = !table || make_with_table(FOREIGN, table, bytes) ? -SETUP_FAILED : load_kernel(FOREIGN);

	free(table);
	unlink(FOREIGN);
	return rc;
}

#endif
