// SPDX-License-Identifier: GPL-2.0-only
/* kernel.perf_event_paranoid = 3 closes perf_event_open() to whoever has no CAP_PERFMON. */
#include "kselftest_harness.h"
#include "../kseal_lib/caps.h"

#include <linux/perf_event.h>

#define PARANOID "/proc/sys/kernel/perf_event_paranoid"

/* The least that can be asked for: the caller's own time, in user mode. */
static int open_own_clock(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL);

	if (fd < 0)
		return -errno;
	close((int)fd);
	return 0;
}

static int open_without_attributes(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0UL) < 0 ? -errno : 0;
}

static int set_level_one(void)
{
	return write_text(PARANOID, "1");
}

static bool level_is(const char *level)
{
	char now[16] = "";

	return read_text(PARANOID, now, sizeof(now)) > 0 && !strcmp(now, level);
}

FIXTURE(perf)
{
	char at_boot[16];
};

FIXTURE_SETUP(perf)
{
	ssize_t n = read_text(PARANOID, self->at_boot, sizeof(self->at_boot));

	ASSERT_LT(0, n);
	ASSERT_EQ(0, write_text(PARANOID, "3"));
}

FIXTURE_TEARDOWN(perf)
{
	if (self->at_boot[0])
		EXPECT_EQ(0, write_text(PARANOID, self->at_boot));
}

TEST_F(perf, the_level_is_three_at_boot)
{
	EXPECT_STREQ("3", self->at_boot);
}

TEST_F(perf, an_unprivileged_process_gets_no_event)
{
	EXPECT_EQ(-EACCES, act_as(NOBODY, NO_CAPS, open_own_clock));
}

TEST_F(perf, the_refusal_comes_before_the_attributes_are_read)
{
	EXPECT_EQ(-EACCES, act_as(NOBODY, NO_CAPS, open_without_attributes));
	EXPECT_EQ(-EFAULT, act_as(NOBODY, CAP_BIT(CAP_PERFMON), open_without_attributes));
}

TEST_F(perf, root_of_a_user_namespace_gets_no_event)
{
	EXPECT_EQ(-EACCES, act_in_userns(open_own_clock));
}

TEST_F(perf, the_perfmon_capability_is_enough)
{
	EXPECT_EQ(0, act_as(NOBODY, CAP_BIT(CAP_PERFMON), open_own_clock));
}

TEST_F(perf, at_level_two_the_same_call_succeeds_unprivileged)
{
	ASSERT_EQ(0, write_text(PARANOID, "2"));
	EXPECT_EQ(0, act_as(NOBODY, NO_CAPS, open_own_clock));
}

TEST_F(perf, root_without_the_capability_cannot_change_the_level)
{
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, set_level_one));
	EXPECT_EQ(-EPERM, act_as(0, CAP_BIT(CAP_PERFMON), set_level_one));
	EXPECT_TRUE(level_is("3"));
	EXPECT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_ADMIN), set_level_one));
	EXPECT_TRUE(level_is("1"));
	/* This kernel starts shut, so that a level which was lowered is not lowered further. */
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, set_level_one));
}

TEST_F(perf, root_of_a_user_namespace_cannot_change_the_level)
{
	EXPECT_EQ(-EACCES, act_in_userns(set_level_one));
	EXPECT_TRUE(level_is("3"));
}

TEST_F(perf, a_descriptor_from_the_privileged_does_not_carry_the_privilege)
{
	EXPECT_EQ(-EPERM, write_handed_as(0, NO_CAPS, PARANOID, "1"));
	EXPECT_EQ(-EPERM, write_handed_as(NOBODY, NO_CAPS, PARANOID, "1"));
	EXPECT_TRUE(level_is("3"));
	EXPECT_EQ(0, write_handed_as(0, CAP_BIT(CAP_SYS_ADMIN), PARANOID, "1"));
	EXPECT_TRUE(level_is("1"));
}

TEST_VM_MAIN(PARANOID)
