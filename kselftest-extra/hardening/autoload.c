// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.modules_autoload_restrict: who may make the kernel load a module by asking for a feature.
 * The errno of the asker never tells (no such module exists here); whether the helper ran does.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/caps.h"
#include "../kseal_lib/kconfig.h"

#include <linux/if_alg.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
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

/* What the kernel requests only for the network's administrator: a congestion control ... */
static int ask_for_congestion_control(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), rc;

	if (fd < 0)
		return -SETUP_FAILED;
	rc = setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "absent", strlen("absent")) ? -errno : 0;
	close(fd);
	return rc;
}

/* ... and a device, by its name. */
static int ask_for_device(void)
{
	struct ifreq request = { .ifr_name = "absent0" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), rc;

	if (fd < 0)
		return -SETUP_FAILED;
	rc = ioctl(fd, SIOCGIFFLAGS, &request) ? -errno : 0;
	close(fd);
	return rc;
}

/* The kernel looks for the template "absent" in a thread of its own. */
static int ask_for_crypto_template(void)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG,
					.salg_type = "hash",
					.salg_name = "absent(absent)" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0), rc;

	if (fd < 0)
		return -SETUP_FAILED;
	rc = bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	close(fd);
	return rc;
}

/*
 * Did the kernel run the helper for @alias? It waits for the helper, so the record is complete when
 * the asker's call returns.
 */
static bool helper_ran_for(const char *alias)
{
	char record[512] = "", line[64];
	bool ran;

	snprintf(line, sizeof(line), "--\n%s\n", alias);
	ran = read_text(RECORD, record, sizeof(record) - 1) > 0 &&
	      strstr(strcat(record, "\n"), line);
	unlink(RECORD);
	return ran;
}

static bool helper_ran(void)
{
	return helper_ran_for(ALIAS);
}

static int set_level_two(void)
{
	return write_text(RESTRICT, "2");
}

static int set_helper(void)
{
	return write_text(MODPROBE, HELPER);
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
	EXPECT_TRUE(kernel_log_has("autoload of " ALIAS));
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

TEST_F(autoload, at_level_one_the_administrator_runs_it)
{
	EXPECT_EQ(-EAFNOSUPPORT, ask_for_family());
	EXPECT_TRUE(helper_ran());
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, CAP_BIT(CAP_SYS_ADMIN), ask_for_family));
	EXPECT_TRUE(helper_ran());
}

TEST_F(autoload, at_level_one_the_network_administrator_runs_it_for_what_is_only_theirs)
{
	unsigned long long net_admin = CAP_BIT(CAP_NET_ADMIN);

	EXPECT_EQ(-ENOENT, act_as(NOBODY, net_admin, ask_for_congestion_control));
	EXPECT_TRUE(helper_ran_for("tcp_absent"));
	EXPECT_EQ(-ENODEV, act_as(NOBODY, net_admin, ask_for_device));
	EXPECT_TRUE(helper_ran_for("netdev-absent0"));

	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, net_admin, ask_for_family));
	EXPECT_FALSE(helper_ran());
	ASSERT_EQ(0, write_text(RESTRICT, "0"));
	EXPECT_EQ(-EAFNOSUPPORT, act_as(NOBODY, net_admin, ask_for_family));
	EXPECT_TRUE(helper_ran());
}

TEST_F(autoload, a_thread_of_the_kernel_runs_nothing_for_the_unprivileged)
{
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	SKIP_IF_ABSENT("CONFIG_CRYPTO_USER_API_HASH", fd < 0 ? -errno : 0);
	ASSERT_LE(0, fd);
	close(fd);
	EXPECT_EQ(-ENOENT, act_as(NOBODY, NO_CAPS, ask_for_crypto_template));
	EXPECT_FALSE(helper_ran_for("crypto-absent"));
	EXPECT_EQ(-ENOENT, act_as(NOBODY, CAP_BIT(CAP_SYS_MODULE), ask_for_crypto_template));
	EXPECT_TRUE(helper_ran_for("crypto-absent"));
	ASSERT_EQ(0, write_text(RESTRICT, "0"));
	EXPECT_EQ(-ENOENT, act_as(NOBODY, NO_CAPS, ask_for_crypto_template));
	EXPECT_TRUE(helper_ran_for("crypto-absent"));
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
	EXPECT_EQ(-EPERM, write_handed_as(0, NO_CAPS, RESTRICT, "0"));
	EXPECT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_MODULE), set_level_two));
	EXPECT_EQ(0, write_handed_as(0, CAP_BIT(CAP_SYS_MODULE), RESTRICT, "0"));
}

/* The program runs with all capabilities, whoever named it. */
TEST_F(autoload, root_without_the_module_capability_cannot_name_the_program)
{
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, set_helper));
	EXPECT_EQ(-EPERM, write_handed_as(0, NO_CAPS, MODPROBE, HELPER));
	EXPECT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_MODULE), set_helper));
	ASSERT_EQ(0, write_text(RESTRICT, "0"));
	EXPECT_EQ(0, act_as(0, NO_CAPS, set_helper));
}

TEST_VM_MAIN(RESTRICT)
