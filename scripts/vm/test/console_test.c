// SPDX-License-Identifier: LGPL-2.1-or-later
/* The console's patterns, below what tests/vm/vm.bats plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "splat.h"

static void splats_are_found_and_look_alikes_are_not(void **state)
{
	static const struct {
		const char *line;
		bool is_splat;
	} lines[] = {
		{ "[    1.0] Kernel panic - not syncing: x", true },
		{ "[    1.0] BUG: unable to handle page fault for address: 0", true },
		{ "BUG: x", true },
		{ "[    1.0] DEBUG: BUG: x", true },
		{ "[    1.0] Oops: 0000 [#1] SMP", true },
		{ "[    1.0] WARNING: CPU: 0 PID: 1 at kernel/x.c:1 f+0x0/0x10", true },
		{ "[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!", true },
		{ "[    1.0] rcu: INFO: rcu_sched self-detected stall on CPU", true },
		{ "[    1.0] INFO: task init:1 blocked for more than 120 seconds.", true },
		{ "[    1.0] BUG: KASAN: slab-out-of-bounds in f", true },
		{ "[    1.0] DEBUG: all is well", false },
		{ "[    1.0] Linux version 6.18.15", false },
		{ "[    1.0] Spectre V2 : WARNING: Unprivileged eBPF is enabled", false },
		{ "[    1.0] kasan: KernelAddressSanitizer initialized", false },
		{ "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(lines); i++)
		assert_int_equal(vm_splat_find(ks_span_str(lines[i].line)) != NULL,
				 lines[i].is_splat);
}

static void the_console_is_read_whatever_the_pieces(void **state)
{
	static const char text[] =
		"x\r\n[0.0] Linux version 6\n\033[2JAccess Denied\nKernel panic - x\n";
	struct vm_console console;
	size_t piece, i;

	(void)state;
	for (piece = 1; piece < sizeof(text); piece++) {
		console = (struct vm_console){ .fd = -1 };
		for (i = 0; i < sizeof(text) - 1; i += piece) {
			size_t left = sizeof(text) - 1 - i;

			vm_console_feed(&console, (struct ks_span){ (const u8 *)text + i,
								    left < piece ? left : piece });
		}
		assert_int_equal(console.nr_lines, 4);
		assert_int_equal(console.nr_kernels, 1);
		assert_true(console.is_dead);
		assert_string_equal(console.refusal, "?[2JAccess Denied");
		vm_console_done(&console);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splats_are_found_and_look_alikes_are_not),
		cmocka_unit_test(the_console_is_read_whatever_the_pieces),
	};

	return cmocka_run_group_tests_name("vm console", tests, NULL, NULL);
}
