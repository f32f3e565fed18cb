/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Acts that lockdown (integrity) denies, each as a function that returns 0 or -errno and undoes
 * what it did. The arguments are harmless where the act is allowed.
 */
#ifndef KSEAL_PROBE_H
#define KSEAL_PROBE_H

#include "../kseal_lib/common.h"

#include <dirent.h>
#include <sys/syscall.h>

static inline int probe_dev_mem(void)
{
	return try_open("/dev/mem", O_RDONLY);
}

static inline int probe_dev_port(void)
{
	return try_open("/dev/port", O_RDONLY);
}

#if defined(__x86_64__)
/* Port 0x80 is the diagnostics port: nothing listens. */
static inline int probe_ioperm(void)
{
	if (syscall(SYS_ioperm, 0x80UL, 1UL, 1))
		return -errno;
	syscall(SYS_ioperm, 0x80UL, 1UL, 0);
	return 0;
}

static inline int probe_iopl(void)
{
	if (syscall(SYS_iopl, 3))
		return -errno;
	syscall(SYS_iopl, 0);
	return 0;
}
#else
static inline int probe_ioperm(void)
{
	return -ENOSYS;
}

static inline int probe_iopl(void)
{
	return -ENOSYS;
}
#endif

/* Four bytes are never a register write, so the gate is passed and nothing is written. */
static inline int probe_msr(void)
{
	int fd = open("/dev/cpu/0/msr", O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (pwrite(fd, "\0\0\0\0", 4, 0) < 0 && errno != EINVAL)
		rc = -errno;
	close(fd);
	return rc;
}

static inline int probe_efi_test(void)
{
	return try_open("/dev/efi_test", O_RDWR);
}

/* Write the interrupt line of a PCI device back as it is; the register is scratch for software. */
static inline int rewrite_interrupt_line(int fd)
{
	unsigned char line;

	if (pread(fd, &line, 1, 0x3c) != 1)
		return -errno;
	return pwrite(fd, &line, 1, 0x3c) == 1 ? 0 : -errno;
}

static inline int probe_pci_config(void)
{
	DIR *dir = opendir("/sys/bus/pci/devices");
	int rc = -ENOENT, fd = -1;
	struct dirent *entry;
	char path[512];

	if (!dir)
		return -errno;
	while (fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		rc = fd < 0 ? -errno : rewrite_interrupt_line(fd);
	}
	if (fd >= 0)
		close(fd);
	closedir(dir);
	return rc;
}

#endif
