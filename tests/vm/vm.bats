#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/vm against a QEMU that is played by tests/vm/fake-qemu.c: each way in which a run can look
# good without being good has a scene, and the good run is their control.

# shellcheck disable=SC2154  # bats sets $output, $status and $stderr
bats_require_minimum_version 1.5.0

load ../helpers
load vm

setup() {
	vm_setup || return 1
	printf 'alpha global.first\nalpha global.second\nbeta global.first\nbeta global.second\n' > plan
}

# play SCENE [OPTION...]: one run with both test programs expected.
play() {
	local scene=$1
	shift
	FAKE_SCENE=$scene run --separate-stderr timeout 60 "$VM" run --uki uki.efi --vars vars.fd \
		--code vars.fd --qemu "$FAKE" --accel tcg --mode enforced --tests "alpha beta" \
		--plan plan --timeout "${TIMEOUT:-20}" --log-dir log --json out.json "$@"
}

# refused SCENE REASON [OPTION...]: the same run fails, with a reason that is recorded in both reports.
refused() {
	play "$1" "${@:3}"
	[ "$status" -eq 3 ] || { echo "status $status"; echo "$output"; echo "$stderr"; return 1; }
	[[ "$stderr" == *"$2"* ]] || { echo "no '$2' in: $stderr"; return 1; }
	grep -q '"verdict": *"fail"' out.json
	check_json <out.json
	[[ "$stderr" == *"the last lines of the console"* ]]
}

@test "a full run passes and says so in KTAP and JSON" {
	play good
	[ "$status" -eq 0 ]
	[[ "$output" == *"1..2"* ]]
	[[ "$output" == *"ok 1 alpha"* ]]
	[[ "$output" == *"  ok 2 global.second"* ]]
	[[ "$output" != *"not ok"* ]]
	grep -q '"verdict": *"pass"' out.json
	grep -q '"passed": *4' out.json
	check_json --control vm/run <out.json
}

@test "settings and the mode reach the guest" {
	play good --set pcr11=00ff --set "expected_certs=A, B;C"
	[ "$status" -eq 0 ]
	grep -q 'SET mode enforced' log/ttyS0.log
	grep -q 'SET tests alpha beta' log/ttyS0.log
	grep -q 'SET pcr11 00ff' log/ttyS0.log
	grep -q 'SET expected_certs A, B;C' log/ttyS0.log
}

# on ARCHITECTURE [OPTION...]: a good run, the options of QEMU in qemu.args
on() {
	printf '#!/bin/sh\necho "$*" >"%s/qemu.args"\nexec "%s" "$@"\n' "$PWD" "$FAKE" >qemu
	chmod +x qemu
	FAKE=$PWD/qemu play good --arch "$@"
}

@test "the board, its devices and the file that the firmware starts are those of the architecture" {
	on x86_64
	[ "$status" -eq 0 ]
	grep -q -- '-machine q35,smm=on ' qemu.args
	grep -q -- '-serial chardev:results' qemu.args
	mdir -i log/esp.img ::/EFI/BOOT/BOOTX64.EFI
	on arm64
	[ "$status" -eq 0 ]
	grep -q -- '-machine virt,gic-version=3 ' qemu.args
	grep -q -- '-device pci-serial,chardev=results' qemu.args
	run -1 grep -E 'smm|q35|ICH9' qemu.args
	mdir -i log/esp.img ::/EFI/BOOT/BOOTAA64.EFI
	run -1 mdir -i log/esp.img ::/EFI/BOOT/BOOTX64.EFI
	play good --arch mips
	[ "$status" -eq 2 ]
	[[ "$stderr" == *'--arch is x86_64 or arm64'* ]]
}

@test "the copy of the variable store is as long as the store, whatever it ends with" {
	{ printf store; head -c 5000 /dev/zero; } >vars.fd
	play good
	cmp vars.fd log/vars.fd
	head -c 5000 /dev/zero >vars.fd
	play good
	cmp vars.fd log/vars.fd
}

@test "KVM is not asked for another architecture's kernel" {
	mkdir log
	other=arm64
	[ "$(uname -m)" != aarch64 ] || other=x86_64
	run -0 "$VM" probe --arch $other --kernel uki.efi --log-dir log
	[ "$output" = "tcg: this machine is not $other" ]
}

@test "a run without the END frame fails although every test passed" {
	refused no-end "went off in phase"
}

@test "END that counts other tests than arrived fails" {
	refused wrong-count "counts other tests"
}

@test "something after END fails" {
	refused after-end "after END"
}

@test "a frame with a foreign nonce fails" {
	refused bad-nonce "another run's nonce"
}

@test "a frame with a wrong CRC fails" {
	refused bad-crc "CRC does not match"
}

@test "a gap in the sequence numbers fails" {
	refused gap "missing or out of order"
}

@test "a sequence number twice fails" {
	refused repeat "missing or out of order"
}

@test "kernel messages on the results port fail" {
	refused noise "line is not a frame"
}

@test "an endless line on the results port fails" {
	refused long-line "too long"
}

@test "fewer results than planned fail" {
	refused wrong-plan "3 cases planned, 2 reported"
}

@test "a failed case fails and brings its reason along" {
	refused failed-case "1 of 2 cases failed"
	[[ "$output" == *"not ok 2 global.second"* ]]
	grep -q 'Expected 0 (0) == rc (1)' out.json
}

@test "a nested '# not ok' under a passing parent fails" {
	refused nested-not-ok "nested result"
}

@test "an indented 'not ok' under a passing parent fails" {
	refused indented-not-ok "nested result"
}

@test "a case that is reported twice fails" {
	refused duplicate-case "one case twice"
}

@test "a misnumbered result fails" {
	refused misnumbered "result number 2"
}

@test "a missing test program fails by its name" {
	refused missing-program "beta: expected, did not run"
}

@test "another program than the expected one fails" {
	refused other-program "beta: expected, did not run"
}

@test "a program that runs twice fails" {
	refused twice "ran twice"
}

@test "a case that the plan has and the guest has not fails" {
	echo "beta global.third" >> plan
	refused good "beta: no result for global.third"
}

@test "a case that the plan does not have fails" {
	sed -i '/beta global.second/d' plan
	refused good "2 cases reported, 1 are in the plan"
}

@test "a test that crashes fails" {
	refused signal "ended by signal 11"
}

@test "a test that was killed for its time fails" {
	refused test-timeout "killed after 120 s"
}

@test "an exit code that no result explains fails" {
	refused exit-without-failure "exit code 1, but no case failed"
}

@test "a test that leaves a kernel warning in the taint mask fails" {
	refused tainted "tainted the kernel (0x200)"
}

@test "a skipped case that is listed passes and is reported as skipped, with its reason" {
	printf '# a test\nalpha global.second has none\nbeta global.second has none\n' > skips
	play skipped-case --skips skips
	[ "$status" -eq 0 ]
	[[ "$output" == *"# SKIP not compiled in"* ]]
	grep -q '"skipped": *2' out.json
}

@test "a skipped case that nobody listed fails, and so does a line that is not needed" {
	refused skipped-case "alpha: global.second was skipped and is not in the list of skips"
	printf 'alpha global.second has none\n' > skips
	refused skipped-case "beta: global.second was skipped" --skips skips
	refused good "alpha: global.second is in the list of skips, but was not skipped" --skips skips
	play skipped-case --skips none
	[ "$status" -eq 1 ]
	[[ "$stderr" == *none* ]]
}

@test "a panic fails although QEMU exits 0" {
	refused panic "Kernel panic"
}

@test "a panic after END fails" {
	refused panic-after-end "Kernel panic"
}

@test "an oops on the console fails although all tests pass" {
	refused oops "NULL pointer"
}

@test "a kernel that starts twice fails" {
	refused reboot "started 2 times"
}

@test "only the kernel after the last kexec reports" {
	play good --kexecs 2
	[ "$status" -eq 0 ]
	[ "$(grep -c 'Linux version' log/ttyS0.log)" -eq 3 ]
	[ "$(grep -c 'SET mode' log/ttyS0.log)" -eq 1 ]
}

@test "a kexec that does not come fails" {
	refused no-kexec "went off in phase kexec" --kexecs 2
}

@test "a kexec of which the console knows nothing fails" {
	refused only-says-kexec "started 1 times, 3 were expected" --kexecs 2
}

@test "one kexec too many fails" {
	refused reboot "started 4 times, 3 were expected" --kexecs 2
}

@test "only the kernel after the crash reports" {
	play good --crash
	[ "$status" -eq 0 ]
	[ "$(grep -c 'Linux version' log/ttyS0.log)" -eq 2 ]
	[ "$(grep -c 'sysrq triggered crash' log/ttyS0.log)" -eq 1 ]
	# The disk for the dump, which must not be an old one.
	[ "$(stat -c '%s %b' log/crash.img)" = "$((1280 << 20)) 0" ]
	play good --crash --memory 3072
	[ "$(stat -c '%s %b' log/crash.img)" = "$((3328 << 20)) 0" ]
	play good --kexecs 1 --crash
	[ "$status" -eq 0 ]
	[ "$(grep -c 'Linux version' log/ttyS0.log)" -eq 3 ]
}

@test "a crash that does not come, or is another one, or comes twice, fails" {
	refused no-kexec "went off in phase kexec" --crash
	refused only-says-crash "did not crash as it was told to" --crash
	refused other-crash "did not crash as it was told to" --crash
	refused crashes-twice "console: Kernel panic" --crash
}

@test "the panic of a crash is one where none was asked for" {
	refused sysrq-crash "sysrq triggered crash"
	refused sysrq-crash "sysrq triggered crash" --kexecs 1
}

@test "addons lie where the stub looks for them" {
	printf 'an addon' >x.addon.efi
	play good --addon x.addon.efi
	[ "$status" -eq 0 ]
	[ "$(mtype -i log/esp.img ::/EFI/BOOT/BOOTX64.EFI.extra.d/x.addon.efi)" = 'an addon' ]
	play good
	[ "$status" -eq 0 ]
	run ! mdir -i log/esp.img ::/EFI/BOOT/BOOTX64.EFI.extra.d
	play good --addon no.addon.efi
	[ "$status" -eq 1 ]
	[[ "$stderr" == *no.addon.efi* ]]
	play good --addon .
	[ "$status" -eq 1 ]
	[[ "$stderr" == *'not an addon'* ]]
}

@test "a machine that goes off at once fails" {
	refused off-at-once "went off in phase firmware"
}

@test "what QEMU itself complains about is shown" {
	refused bad-option "fake-qemu: no such option"
	[[ "$stderr" == *"went off in phase firmware"* ]]
}

@test "logs of an earlier run are not taken for those of this one" {
	play bad-option
	play good
	[ "$status" -eq 0 ]
	[ ! -s log/qemu.log ]
}

@test "a console that never stops printing is stopped" {
	refused flood "does not stop printing"
}

@test "a hang is stopped at the limit and its phase named" {
	FAKE_SCENE=silent run --separate-stderr timeout 60 "$VM" run --uki uki.efi --vars vars.fd \
		--code vars.fd --qemu "$FAKE" --accel tcg --mode control --tests alpha --timeout 1 \
		--log-dir log
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"hang in phase firmware"* ]]
	FAKE_SCENE=hang-in-test run --separate-stderr timeout 60 "$VM" run --uki uki.efi \
		--vars vars.fd --code vars.fd --qemu "$FAKE" --accel tcg --mode control \
		--tests alpha --timeout 1 --log-dir log
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"hang in phase alpha"* ]]
	TIMEOUT=2 play no-power-off
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"hang in phase power-off"* ]]
}

@test "control bytes of the guest reach neither the terminal nor the JSON" {
	play control-bytes
	[ "$status" -eq 3 ]
	run ! grep -q "$(printf '\033')" out.json
	[[ "$output$stderr" != *$'\033'* ]]
	[[ "$output$stderr" != *$'\a'* ]]
}

# A run whose machine never says a word: its process in $vm, the machine's in the file child.
start_silent() {
	FAKE_SCENE=silent "$VM" run --uki uki.efi --vars vars.fd --code vars.fd --qemu "$FAKE" \
		--accel tcg --mode control --tests alpha --timeout 60 --log-dir log 2> err 3>&- &
	vm=$!
	for _ in $(seq 100); do
		pgrep -P "$vm" -x fake-qemu > child && break
		sleep 0.1
	done
	[ -s child ]
}

@test "an interrupted run ends its children and says so" {
	local vm
	start_silent
	kill -TERM "$vm"
	local rc=0
	wait "$vm" || rc=$?
	[ "$rc" -eq 1 ]
	run ! kill -0 "$(cat child)" 2> /dev/null
	grep -q interrupted err
}

@test "killing the runner kills the machine" {
	local vm
	start_silent
	kill -KILL "$vm"
	for _ in $(seq 50); do
		kill -0 "$(cat child)" 2> /dev/null || break
		sleep 0.1
	done
	run ! kill -0 "$(cat child)" 2> /dev/null
}

@test "the variable store is copied and never changed" {
	play good
	cmp log/vars.fd vars.fd
	printf 'not really a variable store' | cmp - vars.fd
}

@test "probe without a kernel chooses TCG and says why" {
	run "$VM" probe --log-dir log
	[ "$status" -eq 0 ]
	[[ "$output" == "tcg: "* ]]
}

@test "probe believes a kernel's first line only, and keeps the answer" {
	[ -w /dev/kvm ] || skip "no /dev/kvm that opens"
	FAKE_SCENE=silent run "$VM" probe --log-dir log --kernel uki.efi --qemu "$FAKE" \
		--probe-seconds 1
	[ "$status" -eq 0 ]
	[[ "$output" == "tcg: no kernel line under KVM within 1 s"* ]]
	FAKE_SCENE=hang-in-kernel run "$VM" probe --log-dir log --kernel uki.efi --qemu "$FAKE"
	[[ "$output" == "tcg: no kernel line"* ]]
	FAKE_SCENE=hang-in-kernel run "$VM" probe --log-dir log2 --kernel uki.efi --qemu "$FAKE"
	[[ "$output" == "kvm: "* ]]
}

@test "a missing QEMU is one line that names it" {
	run --separate-stderr "$VM" run --uki uki.efi --vars vars.fd --code vars.fd \
		--qemu /nonexistent/qemu --accel tcg --mode control --tests alpha --log-dir log
	[ "$status" -eq 1 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" == *"/nonexistent/qemu"* ]]
}

@test "missing input files are named" {
	run --separate-stderr "$VM" run --uki none.efi --vars vars.fd --code vars.fd --qemu "$FAKE" \
		--accel tcg --mode control --tests alpha --log-dir log
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"none.efi"* ]]
	run --separate-stderr "$VM" run --uki uki.efi --vars none.fd --code vars.fd --qemu "$FAKE" \
		--accel tcg --mode control --tests alpha --log-dir log
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"none.fd"* ]]
}

@test "wrong usage exits 2 with one line" {
	run -2 "$VM"
	run -2 "$VM" fly
	run -2 "$VM" run
	run -2 "$VM" run --uki uki.efi --vars vars.fd --log-dir log --tests a --mode maybe
	local given=(--uki uki.efi --vars vars.fd --log-dir log --mode control --tests a)
	run -2 "$VM" run "${given[@]}" --set novalue
	[[ "$output" == *'novalue: --set needs name=value'* ]]
	run -2 "$VM" run "${given[@]}" --set "a=$(printf 'b\nGO')"
	[[ "$output" == *'a value must be printable text'* ]]
	run -2 "$VM" run "${given[@]}" --timeout 0
	[[ "$output" == *'0: not a number of seconds'* ]]
	run -2 "$VM" run --uki a --uki b
	run -2 "$VM" expect-start --uki a --vars b --log-dir c --ends d
	run -2 "$VM" expect-start --uki a --vars b --log-dir c --says d
	run -2 "$VM" expect-start --says ''
	run -0 "$VM" --help
}

@test "the initrd is not made without a test program or the data that it needs" {
	local initrd=$BATS_TEST_DIRNAME/../../kselftest-extra/init/initrd.sh
	mkdir programs data
	run -1 "$initrd" programs data initrd.cpio lockdown
	[[ "$output" == *"no test lockdown in programs"* ]]
	cp /bin/true programs/lockdown
	run -1 "$initrd" programs none initrd.cpio lockdown
	[[ "$output" == *"none: no such directory"* ]]
	[ ! -e initrd.cpio ]
	run -2 "$initrd" programs data initrd.cpio
}

@test "plan.awk reads the harness's list and refuses what it does not know" {
	local awk=$BATS_TEST_DIRNAME/../../kselftest-extra/init/plan.awk
	printf '%-20s %-25s %s\n' '# FIXTURE' VARIANT TEST global '' one '' '' two > list
	echo '--------------------' >> list
	printf '%-20s %-25s %s\n' fix '' three >> list
	run -0 awk -v program=p -f "$awk" list
	[ "$output" = "$(printf 'p global.one\np global.two\np fix.three')" ]
	printf '%-20s %-25s %s\n' fix some four > list
	run ! awk -v program=p -f "$awk" list
	run ! awk -v program=p -f "$awk" /dev/null
}
