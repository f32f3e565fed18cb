// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the test initrd: mounts what the tests read, shakes hands with scripts/vm on the second
 * serial port, runs every program of /kselftest/list and powers off. There is no shell in here.
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

#include "frame.h"
#include "run.h"

#define LIST_PATH	     "/kselftest/list"
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
	unsigned int nr_tests = 0;
	char name[64];
	FILE *list;

	list = fopen(LIST_PATH, "re");
	if (!list) {
		fprintf(stderr, "init: cannot open %s: %s\n", LIST_PATH, strerror(errno));
		return -1;
	}
	while (fgets(name, sizeof(name), list)) {
		name[strcspn(name, "\n")] = '\0';
		if (!name[0])
			continue;
		run_test(port, name, test_limit_s());
		nr_tests++;
	}
	fclose(list);
	return frame_send(port, "END %u %lu", nr_tests, port->seq);
}

int main(void)
{
	struct frame_port port = { .fd = -1 };

	umask(022);
	mount_all();
	setenv("PATH", "/kselftest", 1);
	if (frame_open(&port, "/dev/ttyS1"))
		fprintf(stderr, "init: cannot open /dev/ttyS1: %s\n", strerror(errno));
	else if (frame_handshake(&port, HANDSHAKE_LIMIT_S))
		fprintf(stderr, "init: no handshake on /dev/ttyS1: %s\n", strerror(errno));
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
