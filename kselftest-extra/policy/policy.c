// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the kernel that runs hold the policy that it was built by? A case for each rule: its symbol in /proc/config.gz
 * with what the command line makes of it, and its probes.
 *
 * The rules are a file (rules.h), so that the cases are not known when this is compiled: "-l" lists those of the file
 * that KSEAL_RULES names, for the plan. Without it, and in the VM, they are /kselftest/data/policy.rules.
 */
#include "kselftest_harness.h"
#include "probes.h"

static struct rules rules;
static char *config;
static int config_err;
static char cmdline[8192];

/* A rule as a case of the harness, which knows only those that are functions. */
struct rule_case {
	struct __test_metadata metadata;
	const struct rule *rule;
};

static const char *rules_path(void)
{
	const char *path = getenv("KSEAL_RULES");

	return path ? path : DATA_DIR "policy.rules";
}

/*
 * What this rule asks for happens under Secure Boot only: the control boot, where it does not, shows that the probe can
 * tell.
 */
static bool waits_for_secure_boot(const struct rule *rule)
{
	return !strcmp(rule->symbol, "LOCK_DOWN_IN_EFI_SECURE_BOOT");
}

static void read_value(const struct rule *rule, struct value *value)
{
	read_symbol(config, rule->symbol, value);
	if (!value->is_named && rule->was)
		read_symbol(config, rule->was, value);
	apply_cmdline(&rules, rule, cmdline, value);
}

/* "CONFIG_X is n, wanted >= 3 (kspp: why)" */
static void say_value(const struct rule *rule, const struct value *value, char *text, size_t text_bytes)
{
	snprintf(text, text_bytes, "CONFIG_%s is %s%s%s%s, wanted %s%s%s (%s)", rule->symbol,
		 value->is_named ? value->text : "not there", value->word[0] ? " by " : "", value->word,
		 value->word[0] ? " of the command line" : "", rule->op, rule->want ? " " : "",
		 rule->want ? rule->want : "", rule->why);
}

static void check_rule(struct __test_metadata *_metadata, struct __fixture_variant_metadata *variant)
{
	const struct rule *rule = ((const struct rule_case *)_metadata)->rule;
	struct value value;
	struct seen seen = {};
	char said[4096];
	bool wanted, held;
	int i;

	ASSERT_MODE_IS_KNOWN();
	ASSERT_NE(NULL, config) TH_LOG("/proc/config.gz: %s", strerror(config_err));
	read_value(rule, &value);
	say_value(rule, &value, said, sizeof(said));
	if (rule->excuse) {
		TH_LOG("not judged, %s: %s", rule->excuse, said);
		return;
	}
	held = is_met(rule, &value);
	EXPECT_TRUE(held) TH_LOG("%s", said);
	for (i = rule->first_note; i < rule->first_note + rule->nr_notes; i++) {
		if (!rules.note[i].is_probe)
			continue;
		wanted = !waits_for_secure_boot(rule) || locked();
		held = probe_holds(rules.note[i].text, &seen);
		EXPECT_EQ(wanted, held)
			TH_LOG("CONFIG_%s: %s: %s (%s)", rule->symbol, rules.note[i].text, seen.text, rule->why);
	}
}

/* The first line of a file below /proc/sys. */
static const char *kernel_says(const char *name, char *text, size_t text_bytes)
{
	char path[512];

	path_below(path, sizeof(path), "/proc/sys/kernel/%s", name);
	return read_text(path, text, text_bytes) < 0 ? "" : text;
}

TEST(the_rules_are_those_of_this_kernel)
{
	char release[128], arch[128];
	size_t bytes;

	ASSERT_STREQ("", rules.wrong) TH_LOG("%s: %s", rules_path(), rules.wrong);
	bytes = strlen(rules.release);
	kernel_says("osrelease", release, sizeof(release));
	EXPECT_EQ(0, strncmp(rules.release, release, bytes)) TH_LOG("rules of %s, kernel %s", rules.release, release);
	EXPECT_FALSE(isdigit((unsigned char)release[bytes])) TH_LOG("rules of %s, kernel %s", rules.release, release);
	EXPECT_STREQ(!strcmp(rules.arch, "arm64") ? "aarch64" : rules.arch, kernel_says("arch", arch, sizeof(arch)));
}

static struct __fixture_metadata rule_fixture = { .name = "rule" };

static void add_case(const struct rule *rule)
{
	struct rule_case *c = calloc(1, sizeof(*c));

	if (!c)
		ksft_exit_fail_msg("no memory for the cases\n");
	c->metadata = (struct __test_metadata){
		.name = rule->name,
		.fn = check_rule,
		.fixture = &rule_fixture,
		.termsig = -1,
		.timeout = TEST_TIMEOUT_DEFAULT,
	};
	c->rule = rule;
	__register_test(&c->metadata);
}

/* In the order of the file, whichever way the harness builds its lists. */
static void add_cases(void)
{
	int i;

	__register_fixture(&rule_fixture);
	for (i = 0; i < rules.nr; i++)
		add_case(&rules.rule[__constructor_order_forward ? i : rules.nr - 1 - i]);
}

/* Once, for all cases, which are children. */
static void read_kernel(void)
{
	char path[512];

	config = load_config();
	config_err = config ? 0 : errno;
	path_below(path, sizeof(path), "%s", "/proc/cmdline");
	if (read_text(path, cmdline, sizeof(cmdline)) < 0)
		cmdline[0] = '\0';
}

int main(int argc, char **argv)
{
	bool lists = argc == 2 && !strcmp(argv[1], "-l");

	skip_elsewhere(argc, argv, NULL);
	if (load_rules(rules_path(), &rules)) {
		add_cases();
		if (!lists)
			read_kernel();
	} else if (lists && getenv("KSEAL_RULES")) {
		/* A plan without them would not miss them. */
		fprintf(stderr, "# %s: %s\n", rules_path(), rules.wrong);
		return KSFT_FAIL;
	}
	return test_harness_run(argc, argv);
}
