/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run an act in a child with exactly the privileges named, and hand its errno back.
 */
#ifndef KSEAL_CAPS_H
#define KSEAL_CAPS_H

#include "common.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif

#define NOBODY	     65534
#define NO_CAPS	     0ULL
#define CAP_BIT(cap) (1ULL << (cap))

/* Become @uid with the capabilities in @caps, and only those. Return: 0 or -1. */
static inline int drop_to(uid_t uid, unsigned long long caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (unsigned int)caps, .permitted = (unsigned int)caps },
		{ .effective = (unsigned int)(caps >> 32),
		  .permitted = (unsigned int)(caps >> 32) },
	};

	if (prctl(PR_SET_KEEPCAPS, 1UL, 0UL, 0UL, 0UL) || setgroups(0, NULL) ||
	    setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -1;
	return (int)syscall(SYS_capset, &header, data);
}

/* Collect what the child left. Return: 0, -errno of the act, or -SETUP_FAILED. */
static inline int child_result(pid_t pid, int fd)
{
	int rc = -SETUP_FAILED, value;

	if (read(fd, &value, sizeof(value)) == sizeof(value))
		rc = value;
	close(fd);
	waitpid(pid, NULL, 0);
	return rc;
}

static inline int act_in_child(uid_t uid, unsigned long long caps, bool in_userns, int (*act)(void))
{
	int fds[2], rc;
	pid_t pid;

	if (pipe(fds))
		return -SETUP_FAILED;
	pid = fork();
	if (pid < 0)
		return -SETUP_FAILED;
	if (!pid) {
		rc = drop_to(uid, caps) || (in_userns && unshare(CLONE_NEWUSER)) ? -SETUP_FAILED :
										   act();
		_exit(write(fds[1], &rc, sizeof(rc)) != sizeof(rc));
	}
	close(fds[1]);
	return child_result(pid, fds[0]);
}

/* Return: what @act returned as @uid with only @caps; -SETUP_FAILED if that could not be tried. */
static inline int act_as(uid_t uid, unsigned long long caps, int (*act)(void))
{
	return act_in_child(uid, caps, false, act);
}

/*
 * As act_as(), as root (all capabilities) of a user namespace that an unprivileged user has. The
 * capability is there to make it (patch 0009), and stays behind.
 */
static inline int act_in_userns(int (*act)(void))
{
	return act_in_child(NOBODY, CAP_BIT(CAP_SYS_ADMIN), true, act);
}

/* A descriptor that one process opened and another one writes to, as after SCM_RIGHTS. */
static struct {
	const char *text;
	int fd;
} handed;

static inline int write_handed(void)
{
	return write(handed.fd, handed.text, strlen(handed.text)) < 0 ? -errno : 0;
}

/*
 * Open @path with the privileges of the caller, write @text to it as @uid with only @caps.
 * Return: 0 or -errno of write(); -SETUP_FAILED if that could not be tried.
 */
static inline int write_handed_as(uid_t uid, unsigned long long caps, const char *path,
				  const char *text)
{
	int rc;

	handed.fd = open(path, O_WRONLY | O_CLOEXEC);
	if (handed.fd < 0)
		return -SETUP_FAILED;
	handed.text = text;
	rc = act_as(uid, caps, write_handed);
	close(handed.fd);
	return rc;
}

#endif
