#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/vm where the console alone speaks: images that the firmware must refuse, and one that it must
# start and that carries no tests. The QEMU is that of tests/vm/vm.bats.

# shellcheck disable=SC2154  # bats sets $output, $status and $stderr
bats_require_minimum_version 1.5.0

load vm

setup() {
	vm_setup
}

# expect SCENE [OPTION...]: the firmware must refuse the image.
expect() {
	local scene=$1
	shift
	FAKE_SCENE=$scene run --separate-stderr timeout 60 "$VM" expect-refusal --uki uki.efi \
		--vars vars.fd --code vars.fd --qemu "$FAKE" --accel tcg --log-dir log "$@"
}

@test "a refusal by the firmware is what expect-refusal wants" {
	expect refusal
	[ "$status" -eq 0 ]
	[[ "$output" == *"Access Denied"* ]]
}

@test "an image that starts is not a refusal" {
	expect hang-in-kernel
	[ "$status" -eq 3 ]
}

@test "a kernel that starts after a refusal is not a refusal" {
	expect refused-then-started
	[ "$status" -eq 3 ]
}

@test "a silent firmware is not a refusal" {
	expect silent --timeout 1
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"neither refused"* ]]
}

# started SCENE [OPTION...]: the kernel must start, and come as far as to look for its root.
started() {
	local scene=$1
	shift
	FAKE_SCENE=$scene run --separate-stderr timeout 60 "$VM" expect-start --uki uki.efi \
		--vars vars.fd --code vars.fd --qemu "$FAKE" --accel tcg --log-dir log \
		--ends 'Unable to mount root fs' "$@"
}

@test "a kernel that starts and says what it must is what expect-start wants, its last words included" {
	started no-root --says 'locked down from EFI' --lacks 'no such words'
	[ "$status" -eq 0 ]
	[[ "$output" == *"said: [    0.0] Kernel is locked down from EFI Secure Boot"* ]]
	[[ "$output" == *"said: [    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs"* ]]
}

@test "expect-start: other words, another end, an oops on the way or no kernel at all" {
	started no-root --says 'locked down from somewhere else'
	[ "$status" -eq 3 ]
	[[ "$stderr" == *'uki.efi: the kernel did not say "locked down from somewhere else"'* ]]
	started no-root --lacks 'locked down from EFI'
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"must not say: [    0.0] Kernel is locked down from EFI"* ]]
	started panic --lacks 'locked down'
	[ "$status" -eq 3 ]
	[[ "$stderr" == *'did not come to say "Unable to mount root fs"'* ]]
	started oops-and-no-root --says 'locked down'
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"WARNING: CPU: 0"* ]]
	started refusal --says 'locked down'
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"the firmware did not start it: BdsDxe: failed to load"* ]]
	started hang-in-kernel --says Linux --timeout 1
	[ "$status" -eq 3 ]
	started off-at-once --says Linux
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"the firmware did not start it"* ]]
}
