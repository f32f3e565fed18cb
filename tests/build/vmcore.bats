#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/build/vmcore: what is no dump of this build fails. That a real dump passes is for the VM (run
# vmcore of `make`): no file that is made here has a kernel's memory, so the log is never found.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '.globl x\nx: .long 1\n' >x.s
	gcc -nostdlib -static -Wl,--build-id -Wl,-e,0 x.s -o vmlinux
	build_id=$(readelf -n vmlinux | sed -n 's/^ *Build ID: //p')
	[ -n "$build_id" ]
	core 6.18.15 "$build_id"
}

# core RELEASE BUILD-ID: dump, an ELF core file with this VMCOREINFO and three segments
core()
{
	cat >core.s <<-END
		.section .note.info, "a", @note
		.long 11, 3f - 2f, 0
		.asciz "VMCOREINFO"
		.balign 4
		2: .ascii "OSRELEASE=$1\nBUILD-ID=$2\nPAGESIZE=4096\n"
		3: .balign 4
		.text
		.long 1
		.data
		.long 2
		.section .rodata
		.long 3
	END
	gcc -nostdlib -static -Wl,--build-id=none -Wl,-e,0 -Wl,-z,separate-code core.s -o dump
	# ET_CORE
	printf '\004' | dd of=dump bs=1 seek=16 conv=notrunc status=none
}

# failed DUMP [MODE]: the sentences of the cases that failed, in order
failed()
{
	run "$ROOT/scripts/build/vmcore" "$1" vmlinux 6.18.15 "${2-enforced}" out.json
	[ "$status" -eq 1 ]
	[ "$(jq -r .verdict out.json)" = fail ]
	check_json <out.json
	jq -r '.tests[0].cases[] | select(.result == "fail").name' out.json >failed
}

@test "release and build ID of the dump are compared with those of the build" {
	failed dump
	[ "$(grep -cE 'ELF core|release|build ID|memory' failed)" -eq 0 ]
	grep -q 'makedumpfile finds the log' failed
	core 6.18.14 "$build_id"
	failed dump
	grep -q 'of this release' failed
	[ "$(grep -cE 'build ID' failed)" -eq 0 ]
	said "is '6.18.14', should be '6.18.15'"
	core 6.18.15 "${build_id%?}"
	failed dump
	grep -q 'build ID' failed
	[ "$(grep -cE 'of this release' failed)" -eq 0 ]
}

@test "a file that is no dump, an empty disk and a program fail in all that was asked" {
	truncate -s 1M zeros
	for file in zeros x.s /dev/null; do
		failed "$file"
		[ "$(grep -cE 'ELF core|release|build ID|memory|log|last words' failed)" -eq 6 ]
	done
	failed vmlinux
	grep -q 'ELF core' failed
}

@test "a kernel that was not locked down is the control's alone" {
	failed dump enforced
	grep -q 'locked down by the firmware' failed
	failed dump control
	[ "$(grep -cE 'locked down by the firmware' failed)" -eq 0 ]
}
