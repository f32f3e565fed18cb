// SPDX-License-Identifier: GPL-2.0-only
#include "next_kernel.h"

#include "../kseal_lib/efivars.h"
#include "../kseal_lib/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* On a file system that goes along to another root. */
#define INITRD "/run/kseal/next-initrd.cpio"

/*
 * What root tells the kernels that he starts, one line for each kexec; the last one again for any
 * more. Secure Boot refuses some of it, and none of it may lower what the first kernel enforced.
 */
static const char *const hostile[] = {
	"efi=noruntime mitigations=off",
	"efi=noruntime mitigations=off",
};

/* Signed by a key of the firmware's db, and by the one that the kernel embeds. */
#define KERNEL	       "/kselftest/data/kernel-signed.efi"
#define SHIPPED_KERNEL "/kselftest/data/vmlinuz-kexec"

#define DATA "/kselftest/data/"

/* What root leaves in SHIM_KEYS: attributes, and a list with the certificate of a key that nobody trusts. */
#define ROOT_KEYS DATA "MokListRT"

static FILE *archive;

/* A crash kernel has little memory, and its tests need but one of the files that others load. */
static bool is_lean;

unsigned int kexecs_so_far(void)
{
	const char *text = getenv("kseal_kexecs");

	return text ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

/* One record of a cpio archive in the kernel's format "newc". Return: 0 or -1. */
static int add_record(const char *name, const struct stat *st, FILE *content)
{
	static unsigned int inode;
	unsigned long left = content ? (unsigned long)st->st_size : 0, padding;
	char block[65536];

	fprintf(archive, "070701%08X%08X%08X%08X%08X%08X%08lX%08X%08X%08X%08X%08zX%08X%s", ++inode,
		st->st_mode, 0U, 0U, 1U, 0U, left, 0U, 0U, major(st->st_rdev), minor(st->st_rdev),
		strlen(name) + 1, 0U, name);
	/* The NUL, and up to a multiple of four. */
	for (padding = 4 - (110 + strlen(name)) % 4; padding; padding--)
		putc(0, archive);
	while (left) {
		size_t n = fread(block, 1, left < sizeof(block) ? left : sizeof(block), content);

		if (!n || fwrite(block, 1, n, archive) != n)
			return -1;
		left -= n;
	}
	for (padding = content ? (4 - (unsigned long)st->st_size % 4) % 4 : 0; padding; padding--)
		putc(0, archive);
	return ferror(archive) ? -1 : 0;
}

static int add_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	FILE *content = NULL;
	int rc;

	if (is_lean && !strncmp(path, DATA, strlen(DATA)) && strcmp(path, KERNEL))
		return 0;
	if (!path[1] || (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)))
		return 0;
	if (S_ISREG(st->st_mode)) {
		content = fopen(path, "re");
		if (!content)
			return -1;
	}
	rc = add_record(path + 1, st, content);
	if (content)
		fclose(content);
	return rc;
}

/*
 * The files of the root directory's own file system: what the initrd of this kernel had. Return: 0, or -1 with the
 * reason on standard error.
 */
static int write_initrd(void)
{
	static const struct stat dir = { .st_mode = S_IFDIR | 0755 }, end = { 0 };
	const struct stat console = { .st_mode = S_IFCHR | 0600, .st_rdev = makedev(5, 1) };
	int rc = -1;

	archive = fopen(INITRD, "we");
	if (archive) {
		/* Below the mounts of this kernel; without a console the next init is mute. */
		rc = add_record("dev", &dir, NULL);
		rc = rc ? rc : add_record("dev/console", &console, NULL);
		rc = rc ? rc : nftw("/", add_file, 16, FTW_PHYS | FTW_MOUNT);
		rc = rc ? rc : add_record("TRAILER!!!", &end, NULL);
		rc = fclose(archive) || rc ? -1 : 0;
	}
	if (rc)
		fprintf(stderr, "init: cannot write %s: %s\n", INITRD, strerror(errno));
	return rc;
}

/* Load @kernel with the files of this initrd. Return: 0, or -1 with the reason on standard error. */
static int load_next_kernel(const char *kernel, unsigned long flags, const char *cmdline)
{
	int fd, initrd, rc;

	if (write_initrd())
		return -1;
	fd = open(kernel, O_RDONLY | O_CLOEXEC);
	initrd = open(INITRD, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -1 : syscall(SYS_kexec_file_load, fd, initrd, strlen(cmdline) + 1, cmdline, flags) ? -1 : 0;
	if (rc)
		fprintf(stderr, "init: cannot load %s: %s\n", kernel, strerror(errno));
	close(fd);
	close(initrd);
	return rc;
}

static const char *hostile_line(unsigned int n)
{
	const size_t nr_lines = sizeof(hostile) / sizeof(hostile[0]);

	return hostile[n < nr_lines ? n : nr_lines - 1];
}

/*
 * Where it cannot be done, EFI is out of reach, or it was done before the kexec that led here; the test looks. One
 * write() makes a variable.
 */
static void leave_keys(void)
{
	int from = open(ROOT_KEYS, O_RDONLY | O_CLOEXEC);
	int to = open(SHIM_KEYS, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char variable[4096];
	ssize_t n = read(from, variable, sizeof(variable));

	if (n > 0 && to >= 0 && write(to, variable, (size_t)n) != n)
		fprintf(stderr, "init: cannot write " SHIM_KEYS ": %s\n", strerror(errno));
	close(from);
	close(to);
}

int start_next_kernel(void)
{
	unsigned int n = kexecs_so_far();
	char cmdline[2048];

	leave_keys();
	snprintf(cmdline, sizeof(cmdline), "console=" CONSOLE_PORT " panic=-1 %s kseal_kexecs=%u", hostile_line(n),
		 n + 1);
	if (load_next_kernel(KERNEL, 0, cmdline))
		return -1;
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	fprintf(stderr, "init: kexec failed: %s\n", strerror(errno));
	return -1;
}

/* As an administrator does it: kexec-tools, the command line as it is, and systemd. */
int write_restart(void)
{
	unsigned int n = kexecs_so_far();
	FILE *script;

	if (write_initrd())
		return -1;
	script = fopen(RESTART, "we");
	if (script) {
		fprintf(script,
			"kexec -s -l " SHIPPED_KERNEL " --initrd=" INITRD
			" --reuse-cmdline --append='%s kseal_kexecs=%u' && systemctl kexec\n",
			hostile_line(n), n + 1);
		if (!fclose(script))
			return 0;
	}
	fprintf(stderr, "init: cannot write " RESTART ": %s\n", strerror(errno));
	return -1;
}

/*
 * The words that kdump of Debian gives a crash kernel, and what a hostile root would put behind them.
 */
int crash_into_next_kernel(void)
{
	char cmdline[2048];
	FILE *sysrq;

	snprintf(cmdline, sizeof(cmdline),
		 "console=" CONSOLE_PORT " panic=-1 reset_devices nr_cpus=1 irqpoll %s kseal_crash=1 kseal_kexecs=%u",
		 hostile[0], kexecs_so_far() + 1);
	is_lean = true;
	if (load_next_kernel(SHIPPED_KERNEL, KEXEC_FILE_ON_CRASH, cmdline))
		return -1;
	/* The kernel loaded a copy, and its own dump should not have to hold these. */
	unlink(INITRD);
	sync();
	sysrq = fopen("/proc/sysrq-trigger", "we");
	if (sysrq) {
		fputc('c', sysrq);
		fclose(sysrq);
	}
	fprintf(stderr, "init: SysRq does not crash this kernel: %s\n", strerror(errno));
	return -1;
}
