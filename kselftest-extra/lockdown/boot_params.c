// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patch 0007: a locked-down kernel takes parameters that lower hardening off its command line.
 * TEST_CMDLINE of the SKU puts these on it, one for each way in which the kernel finds its
 * parameters, and in which the cut of words or a list of bad values could miss one. Where nothing
 * locks the kernel down each of them works:
 *	clearcpuid=lahf_lm		looked up in the line before anything is parsed (x86)
 *	setcpuid=cyrix_arr		the same, by a name that was not guarded
 *	vsyscall=emulate		early_param()
 *	arm64.nopauth			looked up in the line before the kernel has moved (arm64)
 *	id_aa64pfr1.bt=0		the same, by the register's field
 *	rodata=off			both, that and early_param()
 *	norandmapsX			__setup(), which takes longer words for its own
 *	iommu=force"",soft		next_arg() leaves quotes within a value alone
 *	x=NBSP kfence.sample_interval=0	a byte that is a space to next_arg(), but not to all
 *	spectre_v2=retpoline,lfence	a weak value without "off" in it
 *	initcall_blacklist=...		any initialisation, by name
 *	init_on_alloc=1			may stay: it lowers nothing
 */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"
#include "../kseal_lib/machine.h"

/* In TEST_CMDLINE, UTF-8. */
#define NBSP "\xc2\xa0"

/* Does a text file of /proc have @text in one of its lines? */
static bool file_has(const char *path, const char *text)
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

static const char *const hostile[] = {
#if defined(__aarch64__)
	"arm64.nopauth",
	"id_aa64pfr1.bt=0",
	"rodata=off",
#else
	"clearcpuid=lahf_lm",
	"setcpuid=cyrix_arr",
	"vsyscall=emulate",
#endif
	"norandmapsX",
	"iommu=force\"\",soft",
	"x=" NBSP "kfence.sample_interval=0",
	"spectre_v2=retpoline,lfence",
	"initcall_blacklist=proc_execdomains_init",
};

TEST(the_command_line_that_all_see_lacks_what_was_refused)
{
	ASSERT_MODE_IS_KNOWN();
	/* Braces, since EXPECT_EQ() is more than one statement */
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		EXPECT_EQ(!locked(), cmdline_has(hostile[i])) TH_LOG("%s", hostile[i]);
	}
}

TEST(what_lowers_nothing_stays)
{
	EXPECT_TRUE(cmdline_has("init_on_alloc=1"));
	EXPECT_TRUE(cmdline_has("console=" CONSOLE_PORT));
	EXPECT_FALSE(kernel_log_has("boot parameter init_on_alloc"));
}

TEST(the_log_names_what_was_refused_and_why)
{
	char text[256];

	ASSERT_MODE_IS_KNOWN();
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		if (strstr(hostile[i], NBSP))
			continue;
		snprintf(text, sizeof(text),
			 "Lockdown: boot parameter %s refused, it could lower the configured hardening; locked down from %s",
			 hostile[i], always_locked() ? "Kernel configuration" : "EFI Secure Boot");
		EXPECT_EQ(locked(), kernel_log_has(text)) TH_LOG("%s", text);
	}
	EXPECT_EQ(locked(), kernel_log_has("refused, it has a byte that is not printable ASCII"));
}

TEST(the_processor_keeps_its_features)
{
	ASSERT_MODE_IS_KNOWN();
#if defined(__aarch64__)
	EXPECT_EQ(locked(), file_has("/proc/cpuinfo", " paca"));
	EXPECT_EQ(locked(), file_has("/proc/cpuinfo", " bti"));
#else
	EXPECT_EQ(locked(), file_has("/proc/cpuinfo", " lahf_lm"));
	EXPECT_EQ(!locked(), file_has("/proc/cpuinfo", " cyrix_arr"));
#endif
}

#if !defined(__aarch64__)
TEST(no_page_at_a_fixed_address_appears)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(!locked(), file_has("/proc/self/maps", "[vsyscall]"));
}
#endif

TEST(addresses_of_programs_stay_random)
{
	char level[8] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_text("/proc/sys/kernel/randomize_va_space", level, sizeof(level)));
	EXPECT_STREQ(locked() ? "2" : "0", level);
}

/* arm64 has no parameter with a list of values that could show it. */
#if !defined(__aarch64__)
TEST(a_quote_within_a_value_hides_nothing)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(!locked(), kernel_log_has("software IO TLB: mapped"));
}
#endif

TEST(a_byte_that_only_some_take_for_a_space_hides_nothing)
{
	char interval[16] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_text("/sys/module/kfence/parameters/sample_interval", interval, sizeof(interval)));
	EXPECT_STREQ(locked() ? "100" : "0", interval);
}

TEST(no_initcall_is_left_out)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? 0 : -ENOENT, try_open("/proc/execdomains", O_RDONLY));
}

TEST_VM_MAIN(LOCKDOWN)
