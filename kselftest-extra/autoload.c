// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.modules_autoload_restrict: who may make the kernel load a module by asking for a feature.
 * The errno of the asker never tells (no such module exists here); whether the helper ran does.
 */
#include "kselftest_harness.h"
#include "caps.h"

#include <sys/socket.h>

#define RESTRICT "/proc/sys/kernel/modules_autoload_restrict"
#define MODPROBE "/proc/sys/kernel/modprobe"
#define HELPER	 "/kselftest/modprobe_record"
#define RECORD	 "/tmp/modprobe.record"

/* AF_DECnet left the kernel long ago; its module alias is net-pf-12. */
#define AF_ABSENT 12
#define ALIAS	  "net-pf-12"

static int ask_for_family(void)
{
	int fd = socket(AF_ABSENT, SOCK_DGRAM, 0);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* The kernel waits for the helper, so its record is complete when the socket call returns. */
static bool helper_ran(void)
{
	char record[512] = "";
	bool ran = read_text(RECORD, record, sizeof(record)) > 0 && strstr(record, ALIAS);

	unlink(RECORD);
	return ran;
}

static int set_level_two(void)
{
	return write_text(RESTRICT, "2");
}

FIXTURE(autoload)
{
	char at_boot[16];
	char modprobe[256];
};

FIXTURE_SETUP(autoload)
{
	ssize_t n = read_text(RESTRICT, self->at_boot, sizeof(self->at_boot));

	ASSERT_LT(0, n);
	ASSERT_LT(0, read_text(MODPROBE, self->modprobe, sizeof(self->modprobe)));
	ASSERT_EQ(0, write_text(MODPROBE, HELPER));
	ASSERT_EQ(0, write_text(RESTRICT, "1"));
	unlink(RECORD);
}

FIXTURE_TEARDOWN(autoload)
{
	if (!self->at_boot[0])
		return;
	EXPECT_EQ(0, write_text(RESTRICT, self->at_boot));
	EXPECT_EQ(0, write_text(MODPROBE, self->modprobe));
	unlink(RECORD);
}

TEST_F(autoload, the_level_is_one_at_boot)
{
	EXPECT_STREQ("1", self->at_boot);
}

TEST_F(autoload, an_unprivileged_process_loads_nothing)
{
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, NO_CAPS, ask_for_family));
	EXPECT_FALSE(helper_ran());
	EXPECT_TRUE(kernel_said("autoload of " ALIAS));
}

TEST_F(autoload, root_of_a_user_namespace_loads_nothing)
{
	EXPECT_EQ(-EAFNOSUPPORT, act_in_userns(ask_for_family));
	EXPECT_FALSE(helper_ran());
}

TEST_F(autoload, at_level_zero_the_same_process_runs_the_helper)
{
	ASSERT_EQ(0, write_text(RESTRICT, "0"));
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, NO_CAPS, ask_for_family));
	EXPECT_TRUE(helper_ran());
}

TEST_F(autoload, at_level_one_root_and_the_network_administrator_run_it)
{
	EXPECT_EQ(-EAFNOSUPPORT, ask_for_family());
	EXPECT_TRUE(helper_ran());
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, CAP_BIT(CAP_NET_ADMIN), ask_for_family));
	EXPECT_TRUE(helper_ran());
}

TEST_F(autoload, at_level_two_only_the_module_capability_counts)
{
	ASSERT_EQ(0, write_text(RESTRICT, "2"));
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, CAP_BIT(CAP_NET_ADMIN), ask_for_family));
	EXPECT_FALSE(helper_ran());
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, CAP_BIT(CAP_SYS_MODULE), ask_for_family));
	EXPECT_TRUE(helper_ran());
}

TEST_F(autoload, a_level_that_does_not_exist_is_refused)
{
	EXPECT_EQ(-EINVAL, write_text(RESTRICT, "3"));
	EXPECT_EQ(-EINVAL, write_text(RESTRICT, "-1"));
}

TEST_F(autoload, root_without_the_module_capability_cannot_change_the_level)
{
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, set_level_two));
	EXPECT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_MODULE), set_level_two));
}

TEST_HARNESS_MAIN
