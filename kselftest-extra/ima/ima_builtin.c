// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patch 0014 beside built-in rules, which are read-only once the kernel has booted: TEST_CMDLINE has
 * ima_policy=tcb, which may stay, since it only adds measurements. In the control boot the first rule
 * that is written replaces them.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"
#include "ima.h"

#define POLICY_FILE "/tmp/ima-policy"

#define BUILT_IN "dont_measure fsmagic=0x9fa0 \n"
#define REQUIRED "appraise func=POLICY_CHECK appraise_type=imasig \n"
#define RULE	 "measure func=FILE_CHECK uid=4242 "

static ssize_t read_policy(char *text, size_t text_bytes)
{
	int fd = open(POLICY, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + used, text_bytes - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	text[used] = '\0';
	return n < 0 ? n : (ssize_t)used;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

TEST(the_built_in_rules_are_in_force_and_no_other)
{
	char text[4096] = "";

	EXPECT_TRUE(cmdline_has("ima_policy=tcb"));
	ASSERT_LT(0, read_policy(text, sizeof(text)));
	EXPECT_TRUE(starts_with(text, BUILT_IN)) TH_LOG("%s", text);
	EXPECT_EQ(NULL, strstr(text, "appraise"));
}

TEST(a_rule_is_taken_only_while_the_kernel_is_not_locked_down)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EACCES : 0, write_text(POLICY, RULE));
}

TEST(a_file_with_a_rule_and_no_signature_is_taken_only_then)
{
	FILE *f = fopen(POLICY_FILE, "we");

	ASSERT_MODE_IS_KNOWN();
	ASSERT_NE(NULL, f);
	fputs(RULE "\n", f);
	fclose(f);
	EXPECT_EQ(locked() ? -EACCES : 0, write_text(POLICY, POLICY_FILE));
	unlink(POLICY_FILE);
}

TEST(what_was_refused_has_left_the_built_in_rules_in_force)
{
	char text[4096] = "";

	ASSERT_MODE_IS_KNOWN();
	ASSERT_LT(0, read_policy(text, sizeof(text)));
	EXPECT_TRUE(starts_with(text, locked() ? REQUIRED BUILT_IN : RULE)) TH_LOG("%s", text);
	EXPECT_EQ(!locked(), strstr(text, RULE) != NULL);
}

TEST_VM_MAIN(POLICY)
