// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a UKI's TPM sees: which sections count for which stub and profile, the policy over it, and
 * the JSON that carries the signatures. The expected values are systemd-measure's (252.39).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "crypto/base64.h"
#include "fmt/bzimage.h"
#include "ops/uki_pcrsig.h"

static void add(struct ks_uki_image *image, const char *name, const char *text)
{
	assert_int_equal(0, ks_uki_add(image, name, ks_span_str(text), NULL));
}

static void hex_of(const struct ks_digest *d, char hex[65])
{
	ks_hex(ks_digest_span(d), hex, 65);
}

/* PCR 11 of a profile at the end of the stub. */
static void pcr_of(struct ks_uki_image *image, u32 profile, char hex[65])
{
	struct ks_digest pcr = { 0 };

	assert_int_equal(0, ks_uki_hash(image, NULL));
	assert_int_equal(0, ks_uki_pcr(image, profile, NULL, "", &pcr, NULL));
	hex_of(&pcr, hex);
}

static void value_and_policy_are_those_of_systemd_measure(void **state)
{
	struct ks_uki_image image = { .stub_version = 252 };
	static struct ks_uki_policies policies;
	char hex[65];
	(void)state;

	add(&image, ".linux", "x");
	assert_int_equal(0, ks_uki_hash(&image, NULL));
	assert_int_equal(0, ks_uki_policies_of_banks(&image, NULL, NULL, 0, &policies, NULL));
	assert_int_equal(4, policies.nr_policies);
	hex_of(&policies.policy[0].pcr, hex);
	assert_string_equal(
		"3b2311e8addeea0ace627c9fc19ec3d1d9e9f0f90604fc8217567b23e48092b4", hex);
	hex_of(&policies.policy[0].policy, hex);
	assert_string_equal(
		"60a4efd4fd4a59a5933cc417526f8778553cd7a49ae6e642ff01e1d3e01ac53c", hex);
	assert_string_equal("enter-initrd:leave-initrd:sysinit:ready", policies.policy[3].phases);
	hex_of(&policies.policy[3].pcr, hex);
	assert_string_equal(
		"019232aa84019e18ef08355709919ef8d970e404bb26d65c175b09c861a7a93b", hex);
}

static void only_what_the_stub_measures_changes_the_value(void **state)
{
	static const struct {
		const char *section;
		u32 old, new;
	} since[] = {
		{ ".uname", 252, 254 },
		{ ".sbat", 252, 254 },
		{ ".ucode", 255, 256 },
		{ ".hwids", 256, 257 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(since); i++) {
		struct ks_uki_image plain = { .stub_version = since[i].old };
		struct ks_uki_image more = { .stub_version = since[i].old };
		char a[65], b[65];

		add(&plain, ".linux", "x");
		add(&more, ".linux", "x");
		add(&more, since[i].section, "y");
		pcr_of(&plain, 0, a);
		pcr_of(&more, 0, b);
		assert_string_equal(a, b);
		more.stub_version = since[i].new;
		pcr_of(&more, 0, b);
		assert_string_not_equal(a, b);
	}
}

static void pcrsig_is_never_measured_and_zeros_behind_the_data_are(void **state)
{
	struct ks_uki_image plain = { .stub_version = 257 }, more = { .stub_version = 257 };
	char a[65], b[65];
	(void)state;

	add(&plain, ".linux", "x");
	add(&more, ".linux", "x");
	add(&more, ".pcrsig", "{}");
	pcr_of(&plain, 0, a);
	pcr_of(&more, 0, b);
	assert_string_equal(a, b);
	more.section[0].zero_bytes = 1;
	pcr_of(&more, 0, b);
	assert_string_not_equal(a, b);
}

/* A file of some hundred bytes can ask for them; they are not all in memory at once. */
static void zeros_are_counted_over_all_sections(void **state)
{
	static const u8 zeros[200000];
	struct ks_uki_image image = { .stub_version = 257 }, whole = { .stub_version = 257 };
	char a[65], b[65];
	(void)state;

	add(&image, ".linux", "x");
	add(&image, ".osrel", "y");
	image.section[0].zero_bytes = KS_MAX_KERNEL_BYTES;
	image.section[1].zero_bytes = 1;
	assert_int_equal(-E2BIG, ks_uki_hash(&image, NULL));
	image.section[0].zero_bytes = 0;
	image.section[0].data = (struct ks_span){ zeros, 1 };
	image.section[1].zero_bytes = sizeof(zeros) - 1;
	image.section[1].data = (struct ks_span){ zeros, 1 };
	whole = image;
	whole.section[1].data.bytes = sizeof(zeros);
	whole.section[1].zero_bytes = 0;
	pcr_of(&image, 0, a);
	pcr_of(&whole, 0, b);
	assert_string_equal(a, b);
}

static void a_profile_overrides_the_base_and_nothing_else(void **state)
{
	struct ks_uki_image image = { .stub_version = 257 };
	char at0[65], at1[65];
	(void)state;

	add(&image, ".cmdline", "base");
	add(&image, ".linux", "x");
	assert_int_equal(1, ks_uki_nr_profiles(&image));
	assert_ptr_equal(&image.section[0], ks_uki_find(&image, 0, ".cmdline"));
	add(&image, ".profile", "ID=a");
	add(&image, ".profile", "ID=b");
	add(&image, ".cmdline", "own");
	assert_int_equal(2, ks_uki_nr_profiles(&image));
	assert_ptr_equal(&image.section[0], ks_uki_find(&image, 0, ".cmdline"));
	assert_ptr_equal(&image.section[4], ks_uki_find(&image, 1, ".cmdline"));
	assert_ptr_equal(&image.section[2], ks_uki_find(&image, 0, ".profile"));
	assert_ptr_equal(&image.section[3], ks_uki_find(&image, 1, ".profile"));
	assert_ptr_equal(&image.section[1], ks_uki_find(&image, 1, ".linux"));
	assert_null(ks_uki_find(&image, 1, ".initrd"));
	pcr_of(&image, 0, at0);
	pcr_of(&image, 1, at1);
	assert_string_not_equal(at0, at1);
}

static void what_is_not_known_is_not_guessed(void **state)
{
	static const u32 unknown[] = { 0, 251, 253, KS_UKI_NEWEST_STUB + 1, 9999 };
	struct ks_uki_image image = { 0 };
	struct ks_digest pcr = { 0 };
	size_t i;
	(void)state;

	add(&image, ".linux", "x");
	assert_int_equal(0, ks_uki_hash(&image, NULL));
	for (i = 0; i < KS_ARRAY_SIZE(unknown); i++) {
		image.stub_version = unknown[i];
		assert_int_equal(-EOPNOTSUPP, ks_uki_pcr(&image, 0, NULL, "", &pcr, NULL));
	}
	image.stub_version = 256;
	assert_int_equal(0, ks_uki_pcr(&image, 0, NULL, "", &pcr, NULL));
	image.nr_profiles = 1;
	assert_int_equal(-EOPNOTSUPP, ks_uki_pcr(&image, 0, NULL, "", &pcr, NULL));
	image.nr_profiles = 0;
	image.stub_version = 257;
	assert_int_equal(0, ks_uki_pcr(&image, 0, NULL, "", &pcr, NULL));
	image.is_misread = true;
	assert_int_equal(-EOPNOTSUPP, ks_uki_pcr(&image, 0, NULL, "", &pcr, NULL));
	image.is_misread = false;
}

/* Words like ks_uki_choice_text(), of all choices of a profile. */
static void choices_of(struct ks_uki_image *image, u32 profile, char *to, size_t to_bytes)
{
	struct ks_uki_choice choice[16];
	char text[KS_UKI_CHOICE_BYTES];
	u64 nr, i;

	assert_int_equal(0, ks_uki_hash(image, NULL));
	nr = ks_uki_choices(image, profile, choice, KS_ARRAY_SIZE(choice));
	assert_in_range(nr, 1, KS_ARRAY_SIZE(choice));
	to[0] = '\0';
	for (i = 0; i < nr; i++) {
		ks_uki_choice_text(image, &choice[i], text);
		assert_true(strlen(to) + strlen(text) + 2 < to_bytes);
		strcat(strcat(to, text), ";");
	}
}

static void what_a_machine_may_pick_is_all_of_the_base_and_of_the_profile_and_nothing(void **state)
{
	struct ks_uki_image image = { .stub_version = 258 };
	char text[512];
	(void)state;

	add(&image, ".linux", "x");
	choices_of(&image, 0, text, sizeof(text));
	assert_string_equal(";", text);
	add(&image, ".dtbauto", "a");
	add(&image, ".dtbauto", "b");
	/* The stub takes the first that fits, and measures the same for both. */
	add(&image, ".dtbauto", "a");
	choices_of(&image, 0, text, sizeof(text));
	assert_string_equal(".dtbauto#-;.dtbauto#1;.dtbauto#2;", text);
	add(&image, ".profile", "ID=one");
	add(&image, ".profile", "ID=two");
	add(&image, ".dtbauto", "c");
	choices_of(&image, 0, text, sizeof(text));
	assert_string_equal(".dtbauto#-;.dtbauto#1;.dtbauto#2;", text);
	choices_of(&image, 1, text, sizeof(text));
	assert_string_equal(".dtbauto#-;.dtbauto#1;.dtbauto#2;.dtbauto#4;", text);
	add(&image, ".efifw", "f");
	choices_of(&image, 0, text, sizeof(text));
	assert_string_equal(".dtbauto#- .efifw#-;.dtbauto#1 .efifw#-;.dtbauto#2 .efifw#-;", text);
	choices_of(&image, 1, text, sizeof(text));
	assert_string_equal(".dtbauto#- .efifw#-;.dtbauto#1 .efifw#-;.dtbauto#2 .efifw#-;.dtbauto#4 .efifw#-;"
			    ".dtbauto#- .efifw#1;.dtbauto#1 .efifw#1;.dtbauto#2 .efifw#1;.dtbauto#4 .efifw#1;", text);
	image.stub_version = 257;
	choices_of(&image, 1, text, sizeof(text));
	assert_string_equal(".dtbauto#- .efifw#-;.dtbauto#1 .efifw#-;.dtbauto#2 .efifw#-;.dtbauto#4 .efifw#-;", text);
}

static void what_is_picked_is_measured_under_its_name(void **state)
{
	struct ks_uki_image none = { .stub_version = 258 }, one = { .stub_version = 258 };
	const struct ks_uki_choice first = { { 1, 0 } }, second = { { 2, 0 } }, firmware = { { 0, 1 } };
	struct ks_digest pcr[5] = { 0 };
	size_t i, k;
	(void)state;

	add(&none, ".linux", "x");
	add(&one, ".linux", "x");
	add(&one, ".dtbauto", "a");
	add(&one, ".dtbauto", "b");
	add(&one, ".efifw", "a");
	assert_int_equal(0, ks_uki_hash(&none, NULL));
	assert_int_equal(0, ks_uki_hash(&one, NULL));
	assert_int_equal(0, ks_uki_pcr(&none, 0, NULL, "", &pcr[0], NULL));
	assert_int_equal(0, ks_uki_pcr(&one, 0, NULL, "", &pcr[1], NULL));
	assert_true(ks_span_eq(ks_digest_span(&pcr[0]), ks_digest_span(&pcr[1])));
	assert_int_equal(0, ks_uki_pcr(&one, 0, &first, "", &pcr[2], NULL));
	assert_int_equal(0, ks_uki_pcr(&one, 0, &second, "", &pcr[3], NULL));
	assert_int_equal(0, ks_uki_pcr(&one, 0, &firmware, "", &pcr[4], NULL));
	for (i = 1; i < KS_ARRAY_SIZE(pcr); i++)
		for (k = 1; k < i; k++)
			assert_false(ks_span_eq(ks_digest_span(&pcr[i]), ks_digest_span(&pcr[k])));
}

static void policies_for_all_choices_are_bounded(void **state)
{
	static char text[KS_MAX_PE_SECTIONS][8];
	struct ks_uki_image image = { .stub_version = 258 };
	static struct ks_uki_policies policies;
	u32 i;
	(void)state;

	add(&image, ".linux", "x");
	for (i = 1; i < KS_UKI_MAX_POLICIES / 4; i++) {
		snprintf(text[i], sizeof(text[i]), "%u", i);
		add(&image, ".dtbauto", text[i]);
	}
	assert_int_equal(0, ks_uki_policies_of_banks(&image, NULL, NULL, 0, &policies, NULL));
	assert_int_equal(KS_UKI_MAX_POLICIES, policies.nr_policies);
	assert_int_equal(255, policies.policy[KS_UKI_MAX_POLICIES - 1].choice.nr[0]);
	add(&image, ".dtbauto", "more");
	assert_int_equal(-E2BIG, ks_uki_policies_of_banks(&image, NULL, NULL, 0, &policies, NULL));
	image.section[image.nr_sections - 1].name = ".efifw";
	assert_int_equal(-E2BIG, ks_uki_policies_of_banks(&image, NULL, NULL, 0, &policies, NULL));
	image.section[image.nr_sections - 1].data = (struct ks_span){ 0 };
	image.section[image.nr_sections - 1].name = ".own";
	assert_int_equal(0, ks_uki_policies_of_banks(&image, NULL, NULL, 0, &policies, NULL));
}

static void older_stubs_take_the_beginning_of_a_name_for_it(void **state)
{
	(void)state;

	assert_true(ks_uki_is_misread(252, ".osrel2"));
	assert_true(ks_uki_is_misread(252, ".linux64"));
	assert_true(ks_uki_is_misread(256, ".dtbauto"));
	assert_true(ks_uki_is_misread(252, ".pcrsig2"));
	assert_false(ks_uki_is_misread(252, ".unamex"));
	assert_true(ks_uki_is_misread(254, ".unamex"));
	assert_false(ks_uki_is_misread(252, ".osrel"));
	assert_false(ks_uki_is_misread(252, ".osre"));
	assert_false(ks_uki_is_misread(252, "x.osrel"));
	assert_false(ks_uki_is_misread(257, ".osrel2"));
	assert_false(ks_uki_is_misread(0, ".osrel2"));
}

static void phase_paths_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *path[2];
		size_t nr;
		int err;
	} cases[] = {
		{ { "a:b" }, 1, 0 },
		{ { "" }, 1, 0 },
		{ { "1:2:3:4:5:6:7:8" }, 1, 0 },
		{ { "1:2:3:4:5:6:7:8:9" }, 1, -E2BIG },
		{ { ":" }, 1, -EINVAL },
		{ { "a::b" }, 1, -EINVAL },
		{ { "a:" }, 1, -EINVAL },
		{ { "a", "b" }, 2, 0 },
		{ { "a", "a" }, 2, -EINVAL },
	};
	struct ks_uki_image image = { .stub_version = 252 };
	static struct ks_uki_policies policies;
	size_t i;
	(void)state;

	add(&image, ".linux", "x");
	assert_int_equal(0, ks_uki_hash(&image, NULL));
	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		struct ks_uki_phases phases = { cases[i].path, cases[i].nr };

		if (ks_uki_policies_of_banks(&image, &phases, NULL, 0, &policies, NULL) != cases[i].err)
			fail_msg("%s", cases[i].path[0]);
	}
}

#define HEX32 "60a4efd4fd4a59a5933cc417526f8778553cd7a49ae6e642ff01e1d3e01ac53c"
#define ENTRY(pcrs, pkfp, pol, sig) \
	"{\"sha256\":[{\"pcrs\":" pcrs ",\"pkfp\":\"" pkfp "\",\"pol\":\"" pol "\"," sig "}]}"

static void signatures_of_other_pcrs_are_passed_over_and_broken_ones_refused(void **state)
{
	static const struct {
		const char *json;
		int err;
		size_t nr;
	} cases[] = {
		{ ENTRY("[11]", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 1 },
		{ ENTRY("[11,12]", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 0 },
		{ ENTRY("[12]", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 0 },
		{ ENTRY("11", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 0 },
		{ ENTRY("[\"11\"]", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 0 },
		{ ENTRY("[11.0]", HEX32, HEX32, "\"sig\":\"AAEC\""), 0, 0 },
		{ ENTRY("[11]", "ab", HEX32, "\"sig\":\"AAEC\""), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, "zz", "\"sig\":\"AAEC\""), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, HEX32 "\\u0000", "\"sig\":\"AAEC\""), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, HEX32, "\"sig\":\"AAE\""), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, HEX32, "\"sig\":1234"), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, HEX32, "\"sig\":null"), -EBADMSG, 0 },
		{ ENTRY("[11]", HEX32, HEX32, "\"x\":1"), -EBADMSG, 0 },
		{ "{\"sha256\":[]}", 0, 0 },
		{ "{\"sha256\":{}}", -EBADMSG, 0 },
		{ "{\"sha1\":[]}", 0, 0 },
		{ "{\"sha3\":[]}", -EBADMSG, 0 },
		{ "{\"sha256\":[],\"sha384\":{}}", -EBADMSG, 0 },
		{ "{\"sha256\":[", -EBADMSG, 0 },
		{ "[]", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(cases); i++) {
		__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };

		if (ks_pcrsigs_parse(ks_span_str(cases[i].json), &sigs, NULL) != cases[i].err ||
		    sigs.nr_entries != cases[i].nr)
			fail_msg("%s: %zu entries", cases[i].json, sigs.nr_entries);
	}
}

static void a_nul_ends_the_signatures_and_hides_nothing(void **state)
{
	static const char padded[] = "{\"sha256\":[]}\0\0", more[] = "{\"sha256\":[]}\0more";
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	struct ks_span text = { (const u8 *)padded, sizeof(padded) };
	(void)state;

	assert_int_equal(0, ks_pcrsigs_parse(text, &sigs, NULL));
	text = (struct ks_span){ (const u8 *)more, sizeof(more) };
	assert_int_equal(-EBADMSG, ks_pcrsigs_parse(text, &sigs, NULL));
}

static void base64_reads_back_and_takes_nothing_else(void **state)
{
	static const char *const bad[] = { "A", "AA", "AAA", "AA=A", "=AAA", "AA==AAAA", "AA A",
					   "A===", "AAA\n" };
	static const char *const good[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foobar", "Zm9vYmFy" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		__cleanup(ks_buf_done) struct ks_buf text = { 0 }, back = { 0 };

		ks_base64_put(&text, ks_span_str(good[i][0]));
		assert_true(ks_span_eq(ks_buf_span(&text), ks_span_str(good[i][1])));
		assert_int_equal(0, ks_base64_get(ks_buf_span(&text), &back, NULL));
		assert_true(ks_span_eq(ks_buf_span(&back), ks_span_str(good[i][0])));
	}
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		__cleanup(ks_buf_done) struct ks_buf back = { 0 };

		if (ks_base64_get(ks_span_str(bad[i]), &back, NULL) != -EBADMSG)
			fail_msg("%s", bad[i]);
	}
}

static void the_release_is_the_first_word_behind_the_setup_header(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	static const u16 no_version[] = { 0, 0x200, 0xffff };
	size_t i;
	(void)state;

	ks_put_fill(&b, 0, 0x400);
	assert_int_equal(0, ks_bzimage_release(ks_buf_span(&b)).bytes);
	ks_buf_patch(&b, 0x202, ks_span_str("HdrS"));
	ks_buf_patch_le16(&b, 0x20e, 0x100);
	ks_buf_patch(&b, 0x300, ks_span_str("6.18.15 (a@b) #1"));
	assert_true(ks_span_eq(ks_bzimage_release(ks_buf_span(&b)), ks_span_str("6.18.15")));
	for (i = 0; i < KS_ARRAY_SIZE(no_version); i++) {
		ks_buf_patch_le16(&b, 0x20e, no_version[i]);
		assert_int_equal(0, ks_bzimage_release(ks_buf_span(&b)).bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_and_policy_are_those_of_systemd_measure),
		cmocka_unit_test(only_what_the_stub_measures_changes_the_value),
		cmocka_unit_test(pcrsig_is_never_measured_and_zeros_behind_the_data_are),
		cmocka_unit_test(zeros_are_counted_over_all_sections),
		cmocka_unit_test(a_profile_overrides_the_base_and_nothing_else),
		cmocka_unit_test(what_is_not_known_is_not_guessed),
		cmocka_unit_test(what_a_machine_may_pick_is_all_of_the_base_and_of_the_profile_and_nothing),
		cmocka_unit_test(what_is_picked_is_measured_under_its_name),
		cmocka_unit_test(policies_for_all_choices_are_bounded),
		cmocka_unit_test(older_stubs_take_the_beginning_of_a_name_for_it),
		cmocka_unit_test(phase_paths_that_are_none_are_refused),
		cmocka_unit_test(signatures_of_other_pcrs_are_passed_over_and_broken_ones_refused),
		cmocka_unit_test(the_release_is_the_first_word_behind_the_setup_header),
		cmocka_unit_test(a_nul_ends_the_signatures_and_hides_nothing),
		cmocka_unit_test(base64_reads_back_and_takes_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
