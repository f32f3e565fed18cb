#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The directories of kselftest-extra in the kernel's own tools/testing/selftests: each builds there as it
# is and runs there, and is skipped as kselftest says it where it proves nothing. With the sources of the
# release that the queue is based on.

load ../helpers
load ../sign/module-kernel

extra=$ROOT/kselftest-extra
selftests=tools/testing/selftests

setup_file()
{
	kernel_sources $selftests/{Makefile,lib.mk,kselftest.h,kselftest_harness.h} \
		$selftests/kselftest/{runner.sh,prefix.pl,ktap_helpers.sh} scripts/subarch.include
	export SOURCES
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	unset KSEAL_MODE
}

# What the VM's build knows as directories with tests.
directories() { sed -n 's/^TARGETS := //p' "$extra/Makefile"; }

# $1: directory. Its test programs, as its Makefile names them.
programs() { sed -n 's/^TEST_GEN_PROGS := //p' "$extra/$1/Makefile"; }

# tree DIR: a kernel tree of the files that a selftest needs, with this directory copied into it
tree()
{
	mkdir -p "$1.tree/$selftests/kselftest" "$1.tree/scripts"
	cp "$SOURCES"/$selftests/{Makefile,lib.mk,kselftest.h,kselftest_harness.h} "$1.tree/$selftests"
	cp "$SOURCES"/$selftests/kselftest/{runner.sh,prefix.pl,ktap_helpers.sh} "$1.tree/$selftests/kselftest"
	cp "$SOURCES/scripts/subarch.include" "$1.tree/scripts"
	cp -r "$extra/kseal_lib" "$extra/$1" "$1.tree/$selftests"
}

# build DIR: as people build one selftest; no warning
build()
{
	tree "$1"
	make -C "$1.tree/$selftests" "TARGETS=$1" FORCE_TARGETS=1 >"$1.log" 2>&1 || {
		cat "$1.log"
		return 1
	}
	run ! grep -i warning "$1.log"
}

# in_tree DIR PROGRAM [ARGUMENT...]
in_tree() { "$1.tree/$selftests/$1/$2" "${@:3}"; }

@test "every directory with a Makefile is one that the VM's build knows, and none has a name of the kernel's own" {
	[ "$(directories | xargs -n 1 | sort)" = "$(cd "$extra" && printf '%s\n' */Makefile | sed 's,/Makefile,,')" ]
	for dir in $(directories) kseal_lib; do
		run ! grep -x "TARGETS += $dir" "$SOURCES/$selftests/Makefile"
	done
	# The search can find one.
	grep -q -x 'TARGETS += kexec' "$SOURCES/$selftests/Makefile"
}

@test "each directory builds in the kernel's tree unchanged, and its tests are skipped where nobody says which boot this is" {
	local dir program

	for dir in $(directories); do
		build "$dir"
		for program in $(programs "$dir"); do
			run -4 in_tree "$dir" "$program"
			[ "${lines[0]}" = 'TAP version 13' ]
			[[ ${lines[1]} == '1..0 # SKIP KSEAL_MODE is neither enforced nor control'* ]]
		done
		make -s -C "$dir.tree/$selftests" "TARGETS=$dir" run_tests >"$dir.tap"
		run ! grep '^not ok' "$dir.tap"
		[ "$(grep -c "^ok [0-9]* selftests: $dir: .* # SKIP$" "$dir.tap")" -eq "$(programs "$dir" | wc -w)" ]
	done
}

@test "each program lists its cases, and all of them together are the plan of the VM" {
	local dir program

	mkdir -p ksrc/usr ksrc/$selftests
	cp "$SOURCES"/$selftests/{lib.mk,kselftest.h,kselftest_harness.h} ksrc/$selftests
	echo 'int main(void) { return 0; }' >ksrc/usr/gen_init_cpio.c
	make -s -C "$extra" "KSRC=$PWD/ksrc" "OUTPUT=$PWD/out" >log 2>&1 || { cat log; return 1; }
	run ! grep -i warning log
	for dir in $(directories); do
		for program in $(programs "$dir"); do
			[ "$(grep -c "^$program " out/plan)" -ge 1 ]
		done
	done
	[ "$(cut -d ' ' -f 1 out/plan | sort -u)" = "$(for dir in $(directories); do programs "$dir"; done | xargs -n 1 | sort)" ]
}

@test "two tests of one name in two directories are refused: all programs share a directory in the VM" {
	cp -r "$extra" extra
	mkdir -p ksrc/usr ksrc/$selftests
	cp "$SOURCES"/$selftests/{lib.mk,kselftest.h,kselftest_harness.h} ksrc/$selftests
	echo 'int main(void) { return 0; }' >ksrc/usr/gen_init_cpio.c
	sed -i 's/^TARGETS := .*/TARGETS := uki secure_boot/' extra/Makefile
	make -s -C extra "KSRC=$PWD/ksrc" "OUTPUT=$PWD/out" >log 2>&1
	sed -i 's/^TEST_GEN_PROGS := .*/& uki/' extra/secure_boot/Makefile
	cp extra/uki/uki.c extra/secure_boot
	run ! make -s -C extra "KSRC=$PWD/ksrc" "OUTPUT=$PWD/out"
	said uki
}

@test "with a mode the same programs run: what needs nothing of a SKU passes, what is missing fails or is skipped by name" {
	build lockdown
	build kexec_sig
	build hardening
	export KSEAL_MODE=control
	if [[ -e /sys/kernel/security/lockdown ]]; then
		run -0 in_tree lockdown lockdown -t the_null_device_opens_in_every_mode
		said 'ok 1 global.the_null_device_opens_in_every_mode'
	else
		run -4 in_tree lockdown lockdown
		said '1..0 # SKIP /sys/kernel/security/lockdown is not there'
	fi
	if [[ ! -e /proc/sys/kernel/userns_create_restrict ]]; then
		run -4 in_tree hardening userns
		said '1..0 # SKIP /proc/sys/kernel/userns_create_restrict is not there'
	fi
	# The VM's data is not here, and that is not a reason to skip.
	if [[ ! -e /kselftest/data ]]; then
		run -1 in_tree kexec_sig kexec -t a_kernel_signed_by_a_trusted_key_is_loaded
		said 'not ok 1'
	fi
	KSEAL_MODE=nonsense run -1 in_tree kexec_sig kexec -t a_kernel_signed_by_a_trusted_key_is_loaded
	said 'KSEAL_MODE must be enforced or control'
}
