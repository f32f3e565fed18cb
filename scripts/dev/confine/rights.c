// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What COMMAND may do besides.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

/* The first of 65536 ids that nobody has. */
#define HOSTILE_ID 1879048192u

void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("%s", path);
	close(fd);
}

void limit(int resource, rlim_t most)
{
	const struct rlimit value = { most, most };

	if (setrlimit((__rlimit_resource_t)resource, &value))
		die("cannot set a limit");
}

void become_foreign(void)
{
	int ready[2], mapped[2], status;
	char map[64], path[64], byte;
	pid_t self = getpid(), helper;

	if (pipe(ready) || pipe(mapped))
		die("pipe");
	helper = fork();
	if (helper < 0)
		die("fork");
	if (!helper) {
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		snprintf(map, sizeof(map), "0 %u 65536\n", HOSTILE_ID);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", self);
		write_text(path, map);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", self);
		write_text(path, map);
		_exit(0);
	}
	if (unshare(CLONE_NEWUSER))
		die("cannot make a user name space");
	if (write(ready[1], "", 1) != 1 || waitpid(helper, &status, 0) != helper || status)
		die("cannot map the ids");
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		die("cannot change the ids");
}

void drop_capabilities(void)
{
	static const int caps[] = { CAP_SYS_MODULE,   CAP_SYS_RAWIO,	CAP_SYS_BOOT,
				    CAP_SYS_TIME,     CAP_SYSLOG,	CAP_NET_ADMIN,
				    CAP_MAC_ADMIN,    CAP_MAC_OVERRIDE, CAP_MKNOD,
				    CAP_SYS_RESOURCE, CAP_SYS_NICE,	CAP_SYS_TTY_CONFIG,
				    CAP_WAKE_ALARM,   CAP_PERFMON,	CAP_BPF };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		prctl(PR_CAPBSET_DROP, caps[i]);
}
