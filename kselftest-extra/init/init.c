// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the test initrd: mounts what the tests read, shakes hands with scripts/vm on the second
 * serial port, runs the programs that the host names and powers off; or, if the host says so, goes
 * into the next kernel by kexec, where all of this happens again. There is no shell in here.
 *
 * Results leave only through frames (frame.h). This program's own complaints go to the console.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kseal_lib/machine.h"
#include "frame.h"
#include "next_kernel.h"
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

static int run_all(struct frame_port *port)
{
	const char *tests = getenv("KSEAL_TESTS");
	char *list = strdup(tests ? tests : ""), *rest = list, *name;
	unsigned int nr_tests = 0;

	while ((name = strsep(&rest, " "))) {
		if (!name[0])
			continue;
		run_test(port, name, test_limit_s());
		nr_tests++;
	}
	free(list);
	return frame_send(port, "END %u %lu", nr_tests, port->seq);
}

int main(void)
{
	struct frame_port port = { .fd = -1 };
	int rc;

	umask(022);
	mount_all();
	setenv("PATH", "/kselftest", 1);
	if (frame_open(&port, "/dev/" RESULTS_PORT))
		fprintf(stderr, "init: cannot open /dev/" RESULTS_PORT ": %s\n", strerror(errno));
	else if ((rc = frame_handshake(&port, kexecs_so_far(), HANDSHAKE_LIMIT_S)) == FRAME_KEXEC)
		start_next_kernel();
	else if (rc)
		fprintf(stderr, "init: no handshake on /dev/" RESULTS_PORT ": %s\n", strerror(errno));
	else if (run_all(&port))
		fprintf(stderr, "init: cannot report: %s\n", strerror(errno));
	if (port.fd >= 0)
		frame_drain(&port);
	sync();
	reboot(RB_POWER_OFF);
	/* Without ACPI power-off the machine halts here; the host has its END frame already. */
	for (;;)
		pause();
}
