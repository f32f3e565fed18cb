#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# scripts/report: the verdict follows from the records, and nothing stale or missing looks good.

load ../helpers

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	new_cert one
	new_cert two
	kseal keyring show --json one.pem >trusted.json
	kseal keyring show --json two.pem >signers.json
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p f/stages f/tests f/keyring f/build/arch/x86/boot f/modules/lib
	for s in fetch keyring kernel sign uki test; do
		record "$s" ok 0
	done
	for f in f/build/.config f/keyring/trusted.pem f/build/arch/x86/boot/bzImage f/linux.efi f/selftest.efi f/modules/lib/a.ko; do
		echo "$f" >"$f"
	done
	certificates false
	result enforced pass pass
	result control pass pass
}

record() { printf '%s\n' "STAGE=$1" "STATUS=$2" "EXIT=$3" STARTED=1 SECONDS=7 >"f/stages/$1"; }

certificates()
{
	cp "$BATS_FILE_TMPDIR/trusted.json" f/keyring
	jq ".files[].certificates[].dev = $1" "$BATS_FILE_TMPDIR/signers.json" >f/keyring/signers.json
}

# $1: run, $2: verdict, $3: result of its second case
result()
{
	cat >"f/tests/$1.json" <<-END
		{ "schema": "vm/run/1", "verdict": "$2", "accel": "tcg", "failures": [], "tests": [ { "name": "alpha", "result": "$3", "cases": [
		  { "name": "first", "result": "pass" },
		  { "name": "second", "result": "$3", "reason": "because of this" } ] } ] }
	END
}

# shellcheck disable=SC2120 # `run report ...` gives arguments
report()
{
	local rc=0

	"$KSEAL_BIN/report" --sku tiny --release 9.9.1 --directory f --stages 'fetch keyring kernel sign uki test' \
		--runs 'enforced control' "$@" || rc=$?
	[[ ! -e f/report.json ]] || check_json <f/report.json || return 99
	return $rc
}

@test "all is well: PROVED, counts, exit 0, both files" {
	run report
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'kseal: tiny 9.9.1: PROVED, 4 passed, 0 failed, 0 skipped' ]
	[ "${lines[-2]}" = '4 passed, 0 failed, 0 skipped' ]
	[ "$(cat f/report.txt)" = "$output" ]
	[ "$(jq -r '.verdict, .passed, .dev_keys' f/report.json | xargs)" = 'PROVED 4 false' ]
	check_json --control kseal/report <f/report.json
}

@test "artifacts carry the SHA-256 that sha256sum says" {
	run report
	run jq -r '.artifacts[] | select(.name == "linux.efi") | .sha256' f/report.json
	[ "$output" = "$(sha256sum <f/linux.efi | cut -d ' ' -f 1)" ]
	run jq -r '.artifacts[] | select(.name == "modules") | .nr_files, .sha256' f/report.json
	[ "${lines[0]}" = 1 ]
	[ "${lines[1]}" = "$( (cd f/modules && sha256sum lib/a.ko) | sha256sum | cut -d ' ' -f 1)" ]
}

@test "a development certificate, also one of the firmware's, is in the verdict" {
	certificates true
	run report
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == *', DEV KEYS' ]]
}

@test "a test kernel says so in the verdict, whoever signed it" {
	certificates true
	run "$KSEAL_BIN/report" --sku tiny --release 9.9.1 --directory f --stages 'fetch keyring kernel sign uki test' \
		--runs 'enforced control' --test-kernel
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == *', 0 skipped, TEST KERNEL, not for shipping' ]]
	[ "$(jq -r .test_kernel f/report.json)" = true ]
}

@test "what was proved of which image stands in the report, unless the results are of an older build" {
	echo '{ "schema": "vm/run/1", "verdict": "pass", "images": [ { "name": "linux.efi", "use": "to ship", "sha256": "abcd", "signed_by": "a signer 0123",
		"proved": [ "started by the firmware" ] } ] }' >f/tests/images.json
	run report
	[ "$status" -eq 0 ]
	said 'linux.efi     to ship, signed by a signer 0123'
	said 'sha256 abcd'
	said '    started by the firmware'
	[ "$(jq -r '.images[0].proved[0]' f/report.json)" = 'started by the firmware' ]
	record uki failed 1
	run report
	not_said 'to ship'
}

@test "a failed case: FAILED, exit 1, its name and reason" {
	result enforced fail fail
	run report
	[ "$status" -eq 1 ]
	said 'FAILED  alpha: second: because of this'
	[[ ${lines[-1]} == *': FAILED, 3 passed, 1 failed, 0 skipped' ]]
}

@test "a skipped case is listed with its reason" {
	result control pass skip
	run report
	[ "$status" -eq 0 ]
	said 'skipped alpha: second: because of this'
	[ "${lines[-2]}" = '3 passed, 0 failed, 1 skipped' ]
}

@test "a run that says it failed while its cases passed is a failure" {
	result control fail pass
	run report
	[ "$status" -eq 1 ]
	said 'the run says that it did not pass'
}

@test "a reason of the runner (hang, oops) is a failure and is shown" {
	jq '.failures = ["hang in phase kernel"]' f/tests/control.json >x
	mv x f/tests/control.json
	run report
	[ "$status" -eq 1 ]
	said 'FAILED  hang in phase kernel'
}

@test "a planned run without a result, or with a broken or empty one, is a failure" {
	rm f/tests/control.json
	run report
	[ "$status" -eq 1 ]
	said 'no result, the run did not end'
	echo '{ "verdict": "pa' >f/tests/control.json
	run report
	[ "$status" -eq 1 ]
	echo '{ "verdict": "pass", "tests": [] }' >f/tests/control.json
	run report
	[ "$status" -eq 1 ]
	said 'the result has no tests'
}

@test "a failed stage: later records and results are those of an older build, and do not count" {
	record kernel failed 2
	run report
	[ "$status" -eq 1 ]
	said 'kernel    failed'
	said 'sign      not run'
	[[ ${lines[-1]} == *': FAILED, 0 passed, 1 failed, 0 skipped' ]]
	[ "$(jq -r '.artifacts[].name' f/report.json | grep -c linux.efi)" -eq 0 ]
}

@test "a planned stage without a record was not run, which is not a failure and no proof" {
	rm f/stages/uki
	run report
	[ "$status" -eq 1 ]
	said 'uki       not run'
	said 'test      not run'
	[ "${lines[-1]}" = 'kseal: tiny 9.9.1: UNPROVED (uki: not run), 0 passed, 0 failed, 0 skipped' ]
	[ "$(jq -r '.verdict, .unproved' f/report.json | xargs)" = 'UNPROVED uki: not run' ]
}

@test "an interrupted stage proves nothing either, one with an unknown word has failed" {
	record test interrupted 130
	run report
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == *': UNPROVED (test: interrupted), 0 passed, 0 failed, 0 skipped' ]]
	record test great 0
	run report
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == *': FAILED, 0 passed, 1 failed, 0 skipped' ]]
}

@test "a stage whose inputs changed since is out of date, and what follows was not run" {
	run report --outdated 'uki'
	[ "$status" -eq 1 ]
	said 'uki       out of date'
	said 'test      not run'
	[[ ${lines[-1]} == *': UNPROVED (uki: out of date), 0 passed, 0 failed, 0 skipped' ]]
	# The first thing that is wrong is the one that counts.
	record kernel failed 2
	run report --outdated 'uki'
	[[ ${lines[-1]} == *': FAILED, 0 passed, 1 failed, 0 skipped' ]]
}

@test "the report says what the verdict rests on: programs, keys and files of the machine, each once" {
	for s in kernel uki; do
		printf '%s\n' 'READ=program 11aa gcc: gcc (Debian) 12' 'READ=file 22bb /usr/lib/stub' \
			'READ=file - /usr/lib/gone' 'READ=key 33cc keys/uki.key' 'READ=file 44dd scripts/build/uki' \
			'READ=value - SKU=tiny x' 'MADE=file 55ee linux.efi' >>f/stages/$s
	done
	run report
	[ "$status" -eq 0 ]
	[ "$(grep -c 'gcc (Debian) 12' <<<"$output")" -eq 1 ]
	said '  program 11aa.. gcc: gcc (Debian) 12'
	said '  file    22bb.. /usr/lib/stub'
	said '  file    - not there /usr/lib/gone'
	said '  key     33cc.. keys/uki.key'
	not_said 'scripts/build/uki'
	run jq -c '.stages[] | select(.name == "uki") | .inputs[-2:], .products' f/report.json
	[ "${lines[0]}" = '[{"kind":"file","sha256":"44dd","name":"scripts/build/uki"},{"kind":"value","sha256":"-","name":"SKU=tiny x"}]' ]
	[ "${lines[1]}" = '[{"kind":"file","sha256":"55ee","name":"linux.efi"}]' ]
}

@test "a test stage that failed still shows its results" {
	record test failed 1
	result enforced fail fail
	run report
	[ "$status" -eq 1 ]
	said 'because of this'
}

@test "an artifact that is gone is a failure" {
	rm f/linux.efi
	run report
	[ "$status" -eq 1 ]
	said 'f/linux.efi: its stage succeeded, but it is gone'
}

@test "control bytes of a guest do not reach the terminal" {
	jq '.tests[0].cases[1].result = "fail" | .tests[0].cases[1].reason = "a\u001b[31mred"' f/tests/control.json >x
	mv x f/tests/control.json
	run report
	said 'a?[31mred'
}

@test "a directory that cannot be written: exit 1 and one line" {
	rm -r f
	run report
	[ "$status" -eq 1 ]
	said 'report: f/report.json'
}

@test "wrong calls" {
	run "$KSEAL_BIN/report" --sku tiny
	[ "$status" -eq 2 ]
	said 'usage: report'
}

@test "what the image holds of its policy: counts, and each rule that fails; of the stage's own last run" {
	printf '%s\n' 'source own a test' 'A y own config,artifact a is on' 'B n own config,artifact b is off' 'C y own config,artifact c' >p.policy
	printf '%s\n' '# Linux/x86 6.18.15 Kernel Configuration' CONFIG_A=y CONFIG_B=y CONFIG_C=y >config
	"$KSEAL_BIN/kseal" audit config --policy p.policy --json config >f/audit.json || [ $? -eq 3 ]
	run report
	[ "$status" -eq 0 ]
	said 'Policy: what linux.efi, its addons and modules hold of it'
	said '2 rules hold, 0 needed otherwise, 0 excepted, 1 failed, 0 unknown, 0 for other kernels'
	said 'FAILED  CONFIG_B is y, wanted n: b is off (p.policy:3)'
	[ "$(jq -r '.audit.counts.ok, .audit.failures[].symbol' f/report.json | xargs)" = '2 B' ]
	check_json --control kseal/report <f/report.json
	# A stage that stopped at a rule shows it; one that did not run has no image.
	record uki failed 3
	run report
	[ "$status" -eq 1 ]
	said 'FAILED  CONFIG_B is y'
	rm f/stages/uki
	run report
	not_said 'Policy:'
	[ "$(jq .audit f/report.json)" = null ]
	record uki ok 0
	echo '[]' >f/audit.json
	run report
	not_said 'Policy:'
}
