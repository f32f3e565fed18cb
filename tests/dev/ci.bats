#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# .ci/run: what it makes of its parts, with stand-ins for them; the table of the configurations is all-skus' own.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p .ci scripts/build scripts/dev tests/real out/real/queue out/azure-vm out/test configs/sku tree bin
	cp "$ROOT/.ci/run" .ci
	cp "$ROOT/scripts/dev/tap.awk" scripts/dev
	cp "$ROOT"/scripts/build/{all-skus,side-by-side} scripts/build
	touch configs/sku/{azure-vm,test}.sku
	echo ARCH=x86_64 | tee out/azure-vm/sku >out/test/sku
	export PATH=$PWD/bin:$PATH
	made 'echo "3 passed, 0 failed, 1 skipped"'
	program scripts/build/flow true
	# shellcheck disable=SC2016 # the program expands it
	program scripts/build/tree '[ "$5" = x86_64 ] && echo tree'
	program tests/real/queue 'printf "ok 1 - a\nok 2 - b\n1..2\n"'
	echo 'release 6.18.15' >out/real/queue/base.lock
	echo patch >out/real/queue/0001-a.patch
	echo "patch $(sha256sum <out/real/queue/0001-a.patch | cut -d ' ' -f 1) 0001-a.patch" >tree/.kq-applied
}

program()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# made CODE: what make does, but for the tree of the check and the configurations
made() { program bin/make "[ \"\$1\" != queue ] || exit 0; [ \"\$1\" != all-skus ] || exec scripts/build/all-skus config; $1"; }

# ends STATUS SUM: CI's exit status and last line
ends()
{
	run .ci/run
	echo "$output"
	[ "$status" -eq "$1" ]
	[ "${lines[-1]}" = "$2" ]
}

@test 'the parts are summed up' {
	ends 0 '13 passed, 0 failed, 3 skipped'
}

@test 'a part that fails or gives no sum fails all' {
	made 'echo "2 passed, 1 failed, 0 skipped"; exit 1'
	ends 1 '10 passed, 3 failed, 0 skipped'
	made 'echo broken'
	ends 1 '4 passed, 1 failed, 0 skipped'
	said 'ci: 2 of 5 parts gave a sum'
}

@test 'azure-vm is proved, and SKU test without a history; one that fails fails all' {
	program bin/git 'exit 128'
	made 'echo "$*" >>calls; echo "3 passed, 0 failed, 1 skipped"'
	ends 0 '13 passed, 0 failed, 3 skipped'
	[ "$(tail -n 2 calls | xargs)" = 'all SKU=azure-vm all SKU=test' ]
	# shellcheck disable=SC2016 # the program expands it
	made 'echo "3 passed, 0 failed, 1 skipped"; [ "$2" != SKU=test ]'
	ends 1 '13 passed, 1 failed, 3 skipped'
}

@test 'the commit says which other SKU is proved, and each has its turn' {
	local digits

	made 'echo "$*" >>calls; echo "3 passed, 0 failed, 1 skipped"'
	for digits in 0000 0001 0002 ffff fffd fffd; do
		program bin/git "echo ${digits}5c31f4"
		run .ci/run
	done
	[ "$(sed -n 's/^all SKU=//p' calls | grep -v azure-vm | xargs)" = 'test microvm test microvm microvm microvm' ]
	while read -r sku; do [ -e "$ROOT/configs/sku/$sku.sku" ]; done < <(sed -n 's/^all SKU=//p' calls)
}

@test 'a tree that the check cannot have fails it' {
	# shellcheck disable=SC2016 # the program expands it
	program bin/make '[ "$1" != queue ] || exit 2; [ "$1" != all-skus ] || exec scripts/build/all-skus config; echo "3 passed, 0 failed, 1 skipped"'
	ends 1 '10 passed, 1 failed, 2 skipped'
	said 'ci: 4 of 5 parts gave a sum'
}

@test 'a SKU whose configuration fails, and tools that do not build, fail all' {
	# shellcheck disable=SC2016 # the program expands it
	program scripts/build/flow '[ "$SKU $1" != "test config" ]'
	ends 1 '12 passed, 1 failed, 3 skipped'
	said 'test: config: FAILED'
	# shellcheck disable=SC2016 # the program expands it
	program scripts/build/flow '[ "$1" != tools ]'
	ends 1 '11 passed, 1 failed, 3 skipped'
}

@test 'a failed check, a broken plan or a crash of the real rebase fails all' {
	program tests/real/queue 'printf "ok 1 - a\nnot ok 2 - b\n1..2\n"; exit 1'
	ends 1 '12 passed, 1 failed, 3 skipped'
	said 'FAILED  real: b'
	program tests/real/queue 'printf "ok 1 - a\n1..2\n"'
	ends 1 '12 passed, 1 failed, 3 skipped'
	program tests/real/queue 'exit 2'
	ends 1 '11 passed, 1 failed, 3 skipped'
}

@test 'a kernel of another queue than the rebased one fails all' {
	echo other >out/real/queue/0001-a.patch
	ends 1 '13 passed, 1 failed, 3 skipped'
	said 'tree was not made from the rebased queue'
	rm tree/.kq-applied
	ends 1 '13 passed, 1 failed, 3 skipped'
}
