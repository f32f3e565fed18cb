// SPDX-License-Identifier: GPL-2.0-only
/*
 * SysRq does less on a locked-down kernel, and all that it is asked to on one that is not. The
 * program lockdown_raise has the dumps, which go with the level "confidentiality".
 */
#include "kselftest_harness.h"
#include "sysrq.h"

#include <sched.h>

#define PRINTK "/proc/sys/kernel/printk"

static int console_level(void)
{
	char levels[64] = "";

	return read_text(PRINTK, levels, sizeof(levels)) > 0 ? atoi(levels) : -1;
}

static int set_console_level(int level)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", level);
	return write_text(PRINTK, text);
}

FIXTURE(sysrq){};

FIXTURE_SETUP(sysrq)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, try_open(TRIGGER, O_WRONLY));
}

FIXTURE_TEARDOWN(sysrq)
{
}

TEST_F(sysrq, the_log_level_changes_only_without_lockdown)
{
	int before = console_level();
	/* Up, never down: the host reads this console. */
	int wanted = before == 8 ? 9 : 8;

	ASSERT_LT(0, before);
	EXPECT_EQ(0, write_text(TRIGGER, wanted == 8 ? "8" : "9"));
	EXPECT_EQ(locked() ? before : wanted, console_level());
	EXPECT_EQ(0, set_console_level(before));
}

TEST_F(sysrq, real_time_tasks_lose_their_class_only_without_lockdown)
{
	struct sched_param lowest = { .sched_priority = 1 }, none = {};

	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &lowest));
	EXPECT_EQ(0, write_text(TRIGGER, "n"));
	EXPECT_EQ(locked() ? SCHED_FIFO : SCHED_OTHER, sched_getscheduler(0));
	EXPECT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &none));
}

TEST_F(sysrq, a_refusal_is_in_the_log)
{
	int level = console_level();

	EXPECT_EQ(locked(), sysrq_says("8", "This sysrq operation is disabled by lockdown"));
	EXPECT_EQ(locked(),
		  kernel_said("SysRq that meddles with the running system is restricted"));
	EXPECT_EQ(0, set_console_level(level));
}

TEST_F(sysrq, dumps_work_up_to_integrity)
{
	EXPECT_EQ(!always_locked(), sysrq_says(KEY_DUMP, DUMP_SAYS));
}

TEST_F(sysrq, sync_works_in_every_mode)
{
	EXPECT_EQ(1, sysrq_says("s", "Emergency Sync"));
}

TEST_HARNESS_MAIN
