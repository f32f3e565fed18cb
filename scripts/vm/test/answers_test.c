// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lines that efi/judge.c wrote under OVMF 2022.11, numbered anew: whole, cut at each byte, and changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware.h"

static const char said[] = "try 1\nstore 1 0 800000000000000e\n"
			   "try 2\nimage 2 0 0 0\n"
			   "try 3\nimage 3 800000000000000f 800000000000000f 0\n"
			   "try 4\nimage 4 0 8000000000000003 0\n"
			   "end\n";

static char store[] = "self", image[] = "x.efi";
static struct vm_trial cases[4];
static struct vm_firmware fw = { .cases = cases, .nr_cases = 4 };
static struct vm_boot boot;

static void read_part(const char *text, size_t bytes)
{
	size_t i;

	boot = (struct vm_boot){ .reached = fw.nr_cases };
	for (i = 0; i < fw.nr_cases; i++)
		cases[i] = (struct vm_trial){ .store = store, .image = i ? image : NULL };
	vm_answers_read(&fw, &boot, (struct ks_span){ (const u8 *)text, bytes });
}

static void every_answer_is_read(void **state)
{
	size_t i;
	(void)state;

	read_part(said, strlen(said));
	for (i = 0; i < fw.nr_cases; i++)
		assert_true(cases[i].answer == VM_ANSWERED && cases[i].has_first);
	assert_int_equal(0x800000000000000e, cases[0].second);
	assert_int_equal(0x800000000000000f, cases[2].first);
	assert_int_equal(0x8000000000000003, cases[3].second);
	assert_true(boot.is_end);
	assert_int_equal(3, boot.reached);
}

/* The machine may stop at each byte: what is said by then is what is said in the whole, or nothing. */
static void no_cut_makes_another_answer(void **state)
{
	struct vm_trial whole[4];
	size_t bytes, i, nr;
	(void)state;

	read_part(said, strlen(said));
	memcpy(whole, cases, sizeof(whole));
	for (bytes = 0; bytes < strlen(said); bytes++) {
		read_part(said, bytes);
		assert_false(boot.is_end);
		for (i = 0, nr = 0; i < fw.nr_cases; i++) {
			nr += cases[i].answer == VM_ANSWERED;
			assert_true(!cases[i].has_first || cases[i].first == whole[i].first);
			if (cases[i].answer != VM_ANSWERED)
				continue;
			assert_int_equal(whole[i].second, cases[i].second);
			assert_int_equal(whole[i].control, cases[i].control);
		}
		/* And what is complete is there. */
		assert_int_equal((bytes >= 33) + (bytes >= 53) + (bytes >= 103) + (bytes >= 138), nr);
	}
}

static void what_the_application_does_not_write_is_no_answer(void **state)
{
	static const char *const lines[] = {
		"image 2 0 0\n",	"image 2 0 0 0 0\n",	"image 2 0 0 0 x\n",
		"image 2 0 0 -1\n",	"image 2 +0 0 0\n",	"image 2 0x0 0 0\n",
		"image 2 0 0 G\n",	"image 2 0 0 8000000000000000e\n", "image -2 0 0 0\n",
		"image 0 0 0 0\n",	"image 5 0 0 0\n",	"image 18446744073709551618 0 0 0\n",
		"image 1 0 0 0\n",	"store 2 0 0 0\n",	"Image 2 0 0 0\n",
		"image2 0 0 0\n",	"image\n",		"\n",
		"image 2 0 0 0",	"try 2",
	};
	size_t i, k;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(lines); i++) {
		read_part(lines[i], strlen(lines[i]));
		for (k = 0; k < fw.nr_cases; k++)
			if (cases[k].answer == VM_ANSWERED)
				fail_msg("an answer to case %zu: %s", k, lines[i]);
		assert_int_equal(fw.nr_cases, boot.reached);
	}
	read_part("image 2 0 0 0\n", 14);
	assert_true(cases[1].answer == VM_ANSWERED);
}

/* A boot behind a hang begins with the store once more, whose answer is known. */
static void a_later_boot_goes_on_behind(void **state)
{
	static const char text[] = "try 1\nstore 1 0 0\ntry 2\nimage 2 0 1 0\n";
	(void)state;

	read_part("", 0);
	boot = (struct vm_boot){ .first = 2, .again = true, .reached = fw.nr_cases };
	vm_answers_read(&fw, &boot, ks_span_str(text));
	assert_int_equal(2, boot.reached);
	assert_true(cases[2].answer == VM_ANSWERED && cases[2].second == 1);
	assert_true(cases[0].answer == VM_NO_ANSWER && cases[1].answer == VM_NO_ANSWER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_read),
		cmocka_unit_test(no_cut_makes_another_answer),
		cmocka_unit_test(what_the_application_does_not_write_is_no_answer),
		cmocka_unit_test(a_later_boot_goes_on_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
