/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SysRq by /proc/sysrq-trigger, and what the kernel answers in its log. Only with keys that this
 * machine survives, allowed or not.
 */
#ifndef KSEAL_SYSRQ_H
#define KSEAL_SYSRQ_H

#include "../kseal_lib/common.h"

#define TRIGGER	  "/proc/sysrq-trigger"
#define KEY_DUMP  "q" /* timers, with addresses; short enough for any log buffer */
#define DUMP_SAYS "Tick Device: mode:"
#define REFUSED	  "This sysrq operation is disabled by lockdown"

/* Does @key make the kernel say @text, from now on? Return: 1, 0 or -errno. */
static inline int sysrq_logs(const char *key, const char *text)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8193];
	int rc = -1;

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0)
		rc = -errno;
	else
		rc = write_text(TRIGGER, key);
	while (!rc && next_record(fd, record, sizeof(record)))
		rc = !!strstr(record, text);
	close(fd);
	return rc;
}

#endif
