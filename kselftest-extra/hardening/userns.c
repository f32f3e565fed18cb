// SPDX-License-Identifier: GPL-2.0-only
/* kernel.userns_create_restrict = 1: nobody without privileges makes a user namespace. */
#include "kselftest_harness.h"
#include "../kseal_lib/caps.h"

#include <linux/sched.h>
#include <signal.h>

#define RESTRICT "/proc/sys/kernel/userns_create_restrict"

static int make_by_unshare(void)
{
	return unshare(CLONE_NEWUSER) ? -errno : 0;
}

/* What clone() and clone3() returned: the child ends at once, the parent reaps it. */
static int end_child(long pid)
{
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(0);
	waitpid((pid_t)pid, NULL, 0);
	return 0;
}

static int make_by_clone(void)
{
	return end_child(
		syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), 0UL, 0UL, 0UL, 0UL));
}

/* The flags that imply or accompany a user namespace, and the system call that takes any. */
static int make_with_all_others(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) ? -errno : 0;
}

static int make_by_clone3(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_CLEAR_SIGHAND,
				   .exit_signal = SIGCHLD };

	return end_child(syscall(SYS_clone3, &args, sizeof(args)));
}

/* Enter the namespace that one is in already: nothing new may come of it. */
static int enter_own(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -SETUP_FAILED;
	rc = setns(fd, CLONE_NEWUSER) ? -errno : 0;
	close(fd);
	return rc;
}

/* Who has no user id in a namespace can make none below it, privileged or not. */
static int map_own_ids(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", NOBODY);
	if (prctl(PR_SET_DUMPABLE, 1UL, 0UL, 0UL, 0UL) ||
	    write_text("/proc/self/setgroups", "deny") || write_text("/proc/self/gid_map", map) ||
	    write_text("/proc/self/uid_map", map))
		return -SETUP_FAILED;
	return 0;
}

static int make_one_more(void)
{
	return map_own_ids() ?: make_by_unshare();
}

static int make_one_more_without_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};

	if (map_own_ids() || syscall(SYS_capset, &header, none))
		return -SETUP_FAILED;
	return make_by_unshare();
}

static int set_to_zero(void)
{
	return write_text(RESTRICT, "0");
}

FIXTURE(userns)
{
	char at_boot[16];
};

FIXTURE_SETUP(userns)
{
	ssize_t n = read_text(RESTRICT, self->at_boot, sizeof(self->at_boot));

	ASSERT_LT(0, n);
	ASSERT_EQ(0, write_text(RESTRICT, "1"));
}

FIXTURE_TEARDOWN(userns)
{
	if (self->at_boot[0])
		EXPECT_EQ(0, write_text(RESTRICT, self->at_boot));
}

TEST_F(userns, the_restriction_is_on_at_boot)
{
	EXPECT_STREQ("1", self->at_boot);
}

TEST_F(userns, an_unprivileged_process_makes_none)
{
	EXPECT_EQ(-EPERM, act_as(NOBODY, NO_CAPS, make_by_unshare));
	EXPECT_EQ(-EPERM, act_as(NOBODY, NO_CAPS, make_by_clone));
	EXPECT_EQ(-EPERM, act_as(NOBODY, NO_CAPS, make_by_clone3));
	EXPECT_EQ(-EPERM, act_as(NOBODY, NO_CAPS, make_with_all_others));
	EXPECT_EQ(-EINVAL, act_as(NOBODY, NO_CAPS, enter_own));
}

TEST_F(userns, uid_zero_without_capabilities_is_unprivileged)
{
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, make_by_unshare));
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, make_by_clone3));
}

TEST_F(userns, other_capabilities_are_not_enough)
{
	EXPECT_EQ(-EPERM,
		  act_as(NOBODY, CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_NET_ADMIN), make_by_unshare));
}

TEST_F(userns, with_the_capability_unshare_and_clone_succeed)
{
	EXPECT_EQ(0, act_as(NOBODY, CAP_BIT(CAP_SYS_ADMIN), make_by_unshare));
	EXPECT_EQ(0, act_as(NOBODY, CAP_BIT(CAP_SYS_ADMIN), make_by_clone));
	EXPECT_EQ(0, act_as(NOBODY, CAP_BIT(CAP_SYS_ADMIN), make_by_clone3));
	EXPECT_EQ(0, act_as(NOBODY, CAP_BIT(CAP_SYS_ADMIN), make_with_all_others));
}

TEST_F(userns, at_zero_the_same_unprivileged_process_succeeds)
{
	ASSERT_EQ(0, write_text(RESTRICT, "0"));
	EXPECT_EQ(0, act_as(NOBODY, NO_CAPS, make_by_unshare));
	EXPECT_EQ(0, act_as(NOBODY, NO_CAPS, make_by_clone));
	EXPECT_EQ(0, act_as(NOBODY, NO_CAPS, make_by_clone3));
	EXPECT_EQ(0, act_as(NOBODY, NO_CAPS, make_with_all_others));
	EXPECT_EQ(0, act_as(0, NO_CAPS, make_by_unshare));
}

TEST_F(userns, one_level_down_the_capability_in_that_namespace_counts)
{
	EXPECT_EQ(0, act_in_userns(make_one_more));
	EXPECT_EQ(-EPERM, act_in_userns(make_one_more_without_capabilities));
}

TEST_F(userns, a_value_that_does_not_exist_is_refused)
{
	EXPECT_EQ(-EINVAL, write_text(RESTRICT, "2"));
	EXPECT_EQ(-EINVAL, write_text(RESTRICT, "-1"));
}

TEST_F(userns, root_without_the_capability_and_root_of_a_namespace_cannot_change_it)
{
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, set_to_zero));
	EXPECT_EQ(-EPERM, write_handed_as(0, NO_CAPS, RESTRICT, "0"));
	EXPECT_EQ(-EACCES, act_in_userns(set_to_zero));
	EXPECT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_ADMIN), set_to_zero));
}

TEST_VM_MAIN(RESTRICT)
