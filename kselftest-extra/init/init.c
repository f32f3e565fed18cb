// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the test initrd: mounts what the tests read, shakes hands with scripts/vm on the second
 * serial port, runs the programs that the host names and powers off; or, if the host says so, goes
 * into the next kernel by kexec or a crash, where all of this happens again. There is no shell in here.
 *
 * A program that the initrd has not is one of the userland on the root disk: init goes there, and what
 * systemd starts at the end of its boot is this program again, which runs the rest.
 *
 * Results leave only through frames (frame.h). This program's own complaints go to the console.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kseal_lib/machine.h"
#include "frame.h"
#include "next_kernel.h"
#include "root.h"
#include "run.h"

#define HANDSHAKE_LIMIT_S    120
#define DEFAULT_TEST_LIMIT_S 120

/* What is not built in is not mounted; the test that needs it fails with its own words. */
static void mount_all(void)
{
	static const struct {
		const char *type, *where;
		unsigned long flags;
	} mounts[] = {
		{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "devtmpfs", "/dev", MS_NOSUID },
		{ "tmpfs", "/tmp", MS_NOSUID | MS_NODEV },
		{ "tmpfs", "/run", MS_NOSUID | MS_NODEV },
		{ "securityfs", "/sys/kernel/security", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "efivarfs", "/sys/firmware/efi/efivars", MS_NOSUID | MS_NODEV | MS_NOEXEC },
	};
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags, NULL))
			fprintf(stderr, "init: cannot mount %s: %s\n", mounts[i].where,
				strerror(errno));
	}
}

static int test_limit_s(void)
{
	const char *text = getenv("KSEAL_TEST_TIMEOUT");
	long limit_s = text ? strtol(text, NULL, 10) : 0;

	return limit_s > 0 && limit_s < 3600 ? (int)limit_s : DEFAULT_TEST_LIMIT_S;
}

static bool is_here(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/kselftest/%s", name);
	return !access(path, X_OK);
}

/* Only the programs that are @here, or only the others. Return: how many there were of both. */
static unsigned int run_those(struct frame_port *port, bool here)
{
	const char *tests = getenv("KSEAL_TESTS");
	char *list = strdup(tests ? tests : ""), *rest = list, *name;
	unsigned int nr_tests = 0;

	while ((name = strsep(&rest, " "))) {
		if (!name[0])
			continue;
		nr_tests++;
		if (is_here(name) == here)
			run_test(port, name, test_limit_s());
	}
	free(list);
	return nr_tests;
}

static int run_all(struct frame_port *port)
{
	unsigned int nr_tests = run_those(port, true);

	if (getpid() == 1 && is_here("verity")) {
		if (frame_save(port, FRAME_STATE))
			fprintf(stderr, "init: cannot write " FRAME_STATE ": %s\n", strerror(errno));
		else
			enter_root();
		/* Whatever failed: the programs of that root are missing, which the host notices. */
	} else if (getpid() == 1) {
		run_those(port, false);
	}
	return frame_send(port, "END %u %lu", nr_tests, port->seq);
}

/* Started by systemd: the initrd's init has the handshake and the first programs behind it. */
static int go_on(struct frame_port *port)
{
	/*
	 * Groups of checks are named as programs are (nft), so their directory is not in PATH. What they
	 * leave running is adopted here.
	 */
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (!access(RESTART, F_OK)) {
		/* It ends this program too, if it succeeds. */
		if (!system("/bin/sh " RESTART))
			pause();
		fprintf(stderr, "init: no kexec out of the userland\n");
		return -1;
	}
	if (frame_open(port, "/dev/" RESULTS_PORT) || frame_load(port, FRAME_STATE)) {
		fprintf(stderr, "init: cannot go on with the report: %s\n", strerror(errno));
		return -1;
	}
	return run_all(port);
}

/* The next kernel: from here, or, where there is a userland, from there. */
static void leave_for_next_kernel(void)
{
	pid_t pid;

	if (!is_here("verity")) {
		start_next_kernel();
		return;
	}
	pid = fork();
	if (!pid) {
		/* No host has said it; the command line has what this program is about. */
		setenv("KSEAL_MODE", "enforced", 1);
		execl("/kselftest/verity", "verity", NULL);
		_exit(127);
	}
	/* The devices that it opened, or did not, are what the root is mounted from. */
	if (pid > 0 && waitpid(pid, NULL, 0) == pid && !write_restart())
		enter_root();
}

int main(void)
{
	struct frame_port port = { .fd = -1 };
	int rc;

	umask(022);
	if (getpid() != 1) {
		go_on(&port);
		goto off;
	}
	mount_all();
	mkdir("/run/kseal", 0700);
	load_modules();
	setenv("PATH", "/kselftest", 1);
	if (frame_open(&port, "/dev/" RESULTS_PORT))
		fprintf(stderr, "init: cannot open /dev/" RESULTS_PORT ": %s\n", strerror(errno));
	else if ((rc = frame_handshake(&port, kexecs_so_far(), HANDSHAKE_LIMIT_S)) == FRAME_KEXEC)
		leave_for_next_kernel();
	else if (rc == FRAME_CRASH)
		crash_into_next_kernel();
	else if (rc)
		fprintf(stderr, "init: no handshake on /dev/" RESULTS_PORT ": %s\n", strerror(errno));
	else if (run_all(&port))
		fprintf(stderr, "init: cannot report: %s\n", strerror(errno));
off:
	if (port.fd >= 0)
		frame_drain(&port);
	sync();
	reboot(RB_POWER_OFF);
	/* Without ACPI power-off the machine halts here; the host has its END frame already. */
	for (;;)
		pause();
}
