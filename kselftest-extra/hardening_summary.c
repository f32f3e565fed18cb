// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patch 0008: one line of the boot log says how hardened this boot is. Every key is compared with
 * what another interface of the kernel says.
 */
#include "kselftest_harness.h"
#include "modules.h"

#define PREFIX "hardening: "

FIXTURE(summary)
{
	char line[1024];
	int nr_lines;
};

/* The text of a record of /dev/kmsg stands behind the first ';' and ends at the first newline. */
FIXTURE_SETUP(summary)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8193], *text;
	ssize_t n;

	ASSERT_LE(0, fd);
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n > 0 ? n : 0] = '\0';
		text = strchr(record, ';');
		if (!text || strncmp(text + 1, PREFIX, strlen(PREFIX)))
			continue;
		self->nr_lines++;
		snprintf(self->line, sizeof(self->line), "%s", text + strlen(PREFIX));
		self->line[strcspn(self->line, "\n")] = '\0';
	}
	close(fd);
}

FIXTURE_TEARDOWN(summary)
{
}

/* Return: the value of @key, "" if it is missing; kept until the next call */
static const char *value_of(const char *line, const char *key)
{
	static char value[256];
	char start[64];
	const char *p;

	snprintf(start, sizeof(start), " %s=", key);
	p = strstr(line, start);
	snprintf(value, sizeof(value), "%s", p ? p + strlen(start) : "");
	value[strcspn(value, " ")] = '\0';
	return value;
}

/* What a small file says, "" if there is none */
static const char *file(const char *path)
{
	static char text[256];

	if (read_text(path, text, sizeof(text)) < 0)
		text[0] = '\0';
	return text;
}

TEST_F(summary, there_is_one_line)
{
	EXPECT_EQ(1, self->nr_lines);
}

TEST_F(summary, the_level_of_lockdown_is_that_of_securityfs)
{
	char bracketed[64];

	snprintf(bracketed, sizeof(bracketed), "[%s]", value_of(self->line, "lockdown"));
	EXPECT_NE(NULL, strstr(file("/sys/kernel/security/lockdown"), bracketed))
	TH_LOG("%s", bracketed);
}

TEST_F(summary, secure_boot_is_the_firmware_s)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_STREQ(enforced() ? "1" : "0", value_of(self->line, "secure_boot"));
}

/* boot_params has which ones */
TEST_F(summary, refused_parameters_are_counted)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_STREQ(enforced() ? "3" : "0", value_of(self->line, "params_refused"));
}

TEST_F(summary, values_that_are_sysctls_are_theirs)
{
	EXPECT_STREQ(file("/proc/sys/kernel/randomize_va_space"),
		     value_of(self->line, "user_random"));
	EXPECT_STREQ(file("/proc/sys/kernel/perf_event_paranoid"),
		     value_of(self->line, "perf_paranoid"));
	EXPECT_STREQ(file("/proc/sys/kernel/modules_autoload_restrict"),
		     value_of(self->line, "autoload_restrict"));
}

TEST_F(summary, the_order_of_lsms_is_that_of_securityfs)
{
	EXPECT_STRNE("", value_of(self->line, "lsm"));
	EXPECT_STREQ(file("/sys/kernel/security/lsm"), value_of(self->line, "lsm"));
}

/* The log of the memory setup: "mem auto-init: stack:..., heap alloc:on, heap free:on" */
TEST_F(summary, initialisation_of_memory_is_that_of_the_log)
{
	EXPECT_STREQ(kernel_said("heap alloc:on") ? "1" : "0",
		     value_of(self->line, "init_on_alloc"));
	EXPECT_STREQ(kernel_said("heap free:on") ? "1" : "0", value_of(self->line, "init_on_free"));
}

TEST_F(summary, module_signatures_are_there_if_modules_are)
{
	bool modules = access("/proc/modules", F_OK) == 0;

	EXPECT_STREQ(modules ? "384" : "", value_of(self->line, "sig_min_digest"));
	EXPECT_STREQ(modules ? "2048" : "", value_of(self->line, "sig_min_rsa"));
	/* In a SKU that does not enforce them from the start; module_enforce comes later. */
	EXPECT_STREQ(!modules	     ? ""
		     : sig_enforce() ? "1"
				     : "0",
		     value_of(self->line, "sig_enforce"));
}

TEST_F(summary, addresses_are_random_and_mitigations_on)
{
	EXPECT_STREQ("1", value_of(self->line, "kaslr"));
	EXPECT_STREQ("1", value_of(self->line, "kstack_random"));
	EXPECT_STREQ("1", value_of(self->line, "mitigations"));
}

TEST_HARNESS_MAIN
