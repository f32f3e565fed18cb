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

/*
 * Keys that this machine survives, what they are about, and which mode refuses them. Not j: 6.18.15
 * unlocks each super block twice there, and the next sync() hangs (upstream has "fs/super: fix
 * emergency thaw double-unlock of s_umount"). Not R: the host counts the kernels on the console.
 */
static const struct {
	const char *key, *says;
	enum { NEVER, CONFIDENTIALITY, INTEGRITY } refused_from;
} keys[] = {
	{ "s", "Emergency Sync", NEVER },
	{ "m", "Mem-Info:", NEVER },
	{ "p", "Show Regs", CONFIDENTIALITY },
	{ "l", "Show backtrace of all active CPUs", CONFIDENTIALITY },
	{ "w", "Show Blocked State", CONFIDENTIALITY },
	{ KEY_DUMP, DUMP_SAYS, CONFIDENTIALITY },
	{ "n", "Nice All RT Tasks", INTEGRITY },
};

static bool key_is_refused(size_t i)
{
	return always_locked() ? keys[i].refused_from != NEVER
			       : locked() && keys[i].refused_from == INTEGRITY;
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

TEST_F(sysrq, the_log_level_is_always_raised_and_lowered_only_without_lockdown)
{
	int before = console_level();

	ASSERT_LT(0, before);
	ASSERT_EQ(0, set_console_level(8));
	EXPECT_EQ(0, write_text(TRIGGER, "9"));
	EXPECT_EQ(9, console_level());
	EXPECT_EQ(0, write_text(TRIGGER, "9"));
	EXPECT_EQ(9, console_level());
	/* Not lower than that: the host reads this console. */
	EXPECT_EQ(0, write_text(TRIGGER, "8"));
	EXPECT_EQ(locked() ? 9 : 8, console_level());
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
	EXPECT_EQ(locked(), sysrq_logs("n", REFUSED));
	EXPECT_EQ(locked(),
		  kernel_log_has("SysRq that interferes with the running system is restricted"));
}

TEST_F(sysrq, what_rescues_works_and_dumps_work_up_to_integrity)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		EXPECT_EQ(!key_is_refused(i), sysrq_logs(keys[i].key, keys[i].says))
		TH_LOG("key %s", keys[i].key);
		EXPECT_EQ(key_is_refused(i), sysrq_logs(keys[i].key, REFUSED))
		TH_LOG("key %s", keys[i].key);
	}
}

/* A kernel without sched_ext does not know the keys, locked down or not. */
TEST_F(sysrq, the_way_back_from_a_bpf_scheduler_is_open)
{
	bool known = !try_open("/sys/kernel/sched_ext/state", O_RDONLY);

	EXPECT_EQ(1, sysrq_logs("S", known ? "Disable sched_ext" : "HELP :"));
	EXPECT_EQ(0, sysrq_logs("S", REFUSED));
	EXPECT_EQ(!known || !always_locked(),
		  sysrq_logs("D", known ? "Trigger sched_ext debug dump" : "HELP :"));
}

TEST_VM_MAIN(TRIGGER)
