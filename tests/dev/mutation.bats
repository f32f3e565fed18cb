#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Are the tests of sign/base good enough? scripts/dev/mutate plants small defects, one at a time.

load ../helpers

setup()
{
	run "$KSEAL_BIN/confine" --hostile -- true
	[ "$status" -eq 0 ] || skip "$output"
}

@test 'every small defect planted into sign/base is noticed by its test' {
	cd "$ROOT"
	run scripts/dev/mutate
	echo "$output"
	[ "$status" -eq 0 ]
	said ' 0 unnoticed'
}

@test 'every small defect planted into the readers of policies is noticed by their tests' {
	cd "$ROOT"
	run scripts/dev/mutate fmt/{kconfig,exceptions,policy,policy_line,policy_want,policy_check}
	echo "$output"
	[ "$status" -eq 0 ]
	said ' 0 unnoticed'
}

@test 'a test that looks away is found out' {
	cd "$ROOT"
	# Without its first test, which reads text, clock_test.c no longer sees the checks.
	sed 's/^.*cmocka_unit_test(the_build_time_must_be_a_number),$//' sign/test/clock_test.c |
		sed 's/^static void the_build_time_must/__attribute__((unused)) &/' >"$BATS_TEST_TMPDIR/clock_test.c"
	run scripts/dev/mutate --tests "$BATS_TEST_TMPDIR" clock
	[ "$status" -eq 1 ]
	said 'of clock: '
	not_said ' 0 unnoticed'
	run scripts/dev/mutate clock
	[ "$status" -eq 0 ]
}

@test 'a reason that excuses nothing is refused' {
	cp -r "$ROOT/sign" "$ROOT/scripts" "$BATS_TEST_TMPDIR"
	echo 'clock: return 12; # it never mattered' >>"$BATS_TEST_TMPDIR/scripts/dev/mutants.equal"
	run "$BATS_TEST_TMPDIR/scripts/dev/mutate" clock
	[ "$status" -eq 1 ]
	said 'no survivor is "clock: return 12;"'
}

@test 'a test that fails by itself proves nothing' {
	cd "$ROOT"
	sed 's/{ "1767225600", 1767225600 }/{ "1767225600", 1 }/' sign/test/clock_test.c >"$BATS_TEST_TMPDIR/clock_test.c"
	run scripts/dev/mutate --tests "$BATS_TEST_TMPDIR" clock
	[ "$status" -eq 1 ]
	said 'clock_test fails without any defect'
	run scripts/dev/mutate nothing
	[ "$status" -eq 2 ]
}

# Once a defect in output.c made it change the mode of its standard input: of the machine's /dev/null.
@test 'nothing that a defect does is seen outside' {
	local ns=(unshare -m)

	cd "$ROOT"
	[ "$(id -u)" = 0 ] || ns=(unshare -rm)
	"${ns[@]}" true 2>/dev/null || skip "no mount name space here (${ns[*]})"
	touch "$BATS_TEST_TMPDIR"/{null,victim}
	chmod 0666 "$BATS_TEST_TMPDIR"/{null,victim}
	{
		cat sign/test/clock_test.c
		cat <<-END
			#include <signal.h>
			#include <sys/stat.h>
			#include <unistd.h>
			__attribute__((constructor)) static void anything(void)
			{
				int fd;

				for (fd = 0; fd < 20; fd++)
					fchmod(fd, 0640);
				chmod("/dev/null", 0640);
				chmod("$BATS_TEST_TMPDIR/victim", 0640);
				rename("$BATS_TEST_TMPDIR/victim", "$BATS_TEST_TMPDIR/moved");
				unlink("$BATS_TEST_TMPDIR/victim");
				/* Only below the first process of its own PID name space. */
				if (getppid() == 1)
					kill(-1, SIGKILL);
				if (!fork())
					execlp("sleep", "sleep", "4731", NULL);
			}
		END
	} >"$BATS_TEST_TMPDIR/clock_test.c"
	# shellcheck disable=SC2016 # the inner shell's own argument
	run "${ns[@]}" sh -c 'mount --bind "$1/null" /dev/null && exec scripts/dev/mutate --tests "$1" clock' sh "$BATS_TEST_TMPDIR"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$BATS_TEST_TMPDIR"/{null,victim} | sort -u)" = 666 ]
	run ! pgrep -f 'sleep 473[1]'
	# The control: without confine it is the file that changes.
	gcc -D_GNU_SOURCE= -Isign -o "$BATS_TEST_TMPDIR/test" -x c - <<-END
		#include <sys/stat.h>
		int main(void) { return fchmod(0, 0640); }
	END
	"$BATS_TEST_TMPDIR/test" <"$BATS_TEST_TMPDIR/null"
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/null")" = 640 ]
}

@test 'where nothing can be confined, nothing is planted' {
	mkdir -p "$BATS_TEST_TMPDIR/scripts/dev"
	cp "$ROOT"/scripts/dev/mutate "$ROOT"/scripts/dev/mutants.* "$BATS_TEST_TMPDIR/scripts/dev"
	cp -r "$ROOT/sign" "$BATS_TEST_TMPDIR"
	echo 'int main(void) { return 125; }' >"$BATS_TEST_TMPDIR/scripts/dev/confine.c"
	run "$BATS_TEST_TMPDIR/scripts/dev/mutate" clock
	[ "$status" -eq 4 ]
	said 'no defect was planted'
}
