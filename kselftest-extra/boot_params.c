// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patch 0007: under Secure Boot, parameters that lower hardening are taken off the command line.
 * TEST_CMDLINE of the SKU puts these on it, one for each way in which the kernel finds its
 * parameters; in the control boot each of them works:
 *	clearcpuid=lahf_lm	looked up in the line before anything is parsed
 *	vsyscall=emulate	early_param()
 *	norandmapsX		__setup(), which takes longer words for its own
 *	init_on_alloc=1		may stay: it lowers nothing
 */
#include "kselftest_harness.h"
#include "common.h"

static bool cmdline_has(const char *word)
{
	char cmdline[4096] = " ";
	char spaced[64];
	ssize_t n = read_text("/proc/cmdline", cmdline + 1, sizeof(cmdline) - 2);

	if (n > 0)
		strcpy(cmdline + 1 + n, " ");
	snprintf(spaced, sizeof(spaced), " %s ", word);
	return strstr(cmdline, spaced);
}

/* Does a text file of /proc have @text in one of its lines? */
static bool file_says(const char *path, const char *text)
{
	FILE *f = fopen(path, "re");
	char line[8192];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, text);
	if (f)
		fclose(f);
	return found;
}

TEST(the_command_line_that_all_see_lacks_what_was_refused)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(!enforced(), cmdline_has("clearcpuid=lahf_lm"));
	EXPECT_EQ(!enforced(), cmdline_has("vsyscall=emulate"));
	EXPECT_EQ(!enforced(), cmdline_has("norandmapsX"));
}

TEST(what_lowers_nothing_stays)
{
	EXPECT_TRUE(cmdline_has("init_on_alloc=1"));
	EXPECT_TRUE(cmdline_has("console=ttyS0"));
	EXPECT_FALSE(kernel_said("boot parameter init_on_alloc refused"));
}

TEST(the_log_names_what_was_refused)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced(), kernel_said("Lockdown: boot parameter clearcpuid refused"));
	EXPECT_EQ(enforced(), kernel_said("Lockdown: boot parameter vsyscall refused"));
	EXPECT_EQ(enforced(), kernel_said("Lockdown: boot parameter norandmaps refused"));
}

TEST(the_processor_keeps_its_features)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced(), file_says("/proc/cpuinfo", " lahf_lm"));
}

TEST(no_page_at_a_fixed_address_appears)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(!enforced(), file_says("/proc/self/maps", "[vsyscall]"));
}

TEST(addresses_of_programs_stay_random)
{
	char level[8] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_text("/proc/sys/kernel/randomize_va_space", level, sizeof(level)));
	EXPECT_STREQ(enforced() ? "2" : "0", level);
}

TEST_HARNESS_MAIN
