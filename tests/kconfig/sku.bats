#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kconfig-check sku: what a SKU is after BASE, ADD and DROP, and that bad input is one line with its place.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p configs/{sku,fragments,needs,policy}
	touch configs/fragments/{a,b,c,d,e}.config configs/needs/{x,y}.need configs/policy/{p,q}.policy
	sku root DESCRIPTION='a root' ARCH=x86_64 FRAGMENTS='a b c' NEEDS=x QUEUE=6.18 KEYRING=none CMDLINE='one two=3,"4" ' MODULES=y
}

# sku NAME KEY=VALUE...
sku()
{
	local name=$1

	shift
	printf '%s\n' '# a SKU' '' "$@" >"configs/sku/$name.sku"
}

resolve() { run "$KSEAL_BIN/kconfig-check" sku "$1"; }

# has LINE: the last resolve printed it
has() { grep -q -x -F -e "$1" <<<"$output" || { printf 'no line "%s" in:\n%s\n' "$1" "$output"; return 1; }; }

# refused NAME PLACE TEXT: it could not be resolved, in one line that says so
refused()
{
	resolve "$1"
	[[ $status -eq 1 && ${#lines[@]} -eq 1 && $output == "kconfig-check: configs/sku/$2: $3 (EBADMSG)" ]] || {
		printf 'not "%s: %s": %s\n' "$2" "$3" "$output"
		return 1
	}
}

@test "a root is what it says, with defaults and the file that it comes from" {
	resolve root
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf '%s\n' 'DESCRIPTION=a root' ARCH=x86_64 COMPILER=gcc 'FRAGMENTS=a b c' NEEDS=x QUEUE=6.18 \
		KEYRING=none 'CMDLINE=one two=3,"4"' MODULES=y SKU_FILES=configs/sku/root.sku)" ]
}

@test "a derived SKU has all of its base but its description; ADD comes at the end, DROP leaves the order" {
	sku one DESCRIPTION=one BASE=root ADD='e d' DROP=b NEEDS='y x' MODULES=n CMDLINE=
	resolve one
	[ "$status" -eq 0 ]
	has DESCRIPTION=one
	has BASE=root
	has 'FRAGMENTS=a c e d'
	has 'NEEDS=y x'
	has MODULES=n
	has ARCH=x86_64
	has 'SKU_FILES=configs/sku/one.sku configs/sku/root.sku'
	# An empty value is one.
	[[ $output != *CMDLINE=* ]]
	sku two DESCRIPTION=two BASE=one ADD=b DROP='a e' COMPILER=clang
	resolve two
	[ "$status" -eq 0 ]
	has 'FRAGMENTS=c d b'
	has 'NEEDS=y x'
	has COMPILER=clang
	has 'SKU_FILES=configs/sku/two.sku configs/sku/one.sku configs/sku/root.sku'
	sed -i /DESCRIPTION/d configs/sku/two.sku
	refused two two.sku:1 'lacks the key: DESCRIPTION'
}

@test "a base that is not there, is no name, leads back, or lies too deep" {
	sku one DESCRIPTION=one BASE=other
	refused one one.sku:4 'BASE names a SKU that is not there: other'
	sku one DESCRIPTION=one BASE=../sku/root
	refused one one.sku:4 'BASE is not the name of a SKU: ../sku/root'
	sku one DESCRIPTION=one BASE=one
	refused one one.sku:4 'BASE leads back to the SKU itself: one'
	sku one DESCRIPTION=one BASE=two
	sku two DESCRIPTION=two BASE=three
	sku three DESCRIPTION=three BASE=two
	refused one three.sku:4 'BASE leads back to the SKU itself: two'
	local i
	sku s1 DESCRIPTION=s BASE=root
	for i in 2 3 4 5 6 7 8; do
		sku s$i DESCRIPTION=s BASE=s$((i - 1))
	done
	resolve s7
	[ "$status" -eq 0 ]
	resolve s8
	[ "$status" -eq 1 ]
	[ "$output" = 'kconfig-check: configs/sku/s1.sku:4: more than 8 SKUs in a chain of bases (E2BIG)' ]
}

@test "DROP and ADD that change nothing, and fragments that are not there" {
	sku one DESCRIPTION=one BASE=root DROP='a d'
	refused one one.sku:5 'drops a fragment that the base has not: d'
	sku one DESCRIPTION=one BASE=root ADD=d DROP=d
	refused one one.sku:6 'drops a fragment that the base has not: d'
	sku one DESCRIPTION=one BASE=root ADD='d c'
	refused one one.sku:5 'adds a fragment that is in the list already: c'
	sku one DESCRIPTION=one BASE=root ADD=c DROP=c
	refused one one.sku:5 'adds a fragment that is in the list already: c'
	sku one DESCRIPTION=one BASE=root ADD='d e d'
	refused one one.sku:5 'adds a fragment that is in the list already: d'
	sku one DESCRIPTION=one BASE=root ADD='d gone'
	refused one one.sku:5 'names a fragment that is not in fragments/: gone'
	sku one DESCRIPTION=one BASE=root NEEDS='x gone'
	refused one one.sku:5 'names a need that is not in needs/: gone'
	sku one DESCRIPTION=one BASE=root POLICY='p gone'
	refused one one.sku:5 'names a policy that is not in policy/: gone'
	sku one DESCRIPTION=one BASE=root POLICY='q p'
	resolve one
	[ "$status" -eq 0 ]
	has 'POLICY=q p'
	# The line that is to blame is the base's.
	rm configs/fragments/b.config
	sku one DESCRIPTION=one BASE=root ADD=d
	refused one root.sku:5 'names a fragment that is not in fragments/: b'
	sku one DESCRIPTION=one BASE=root DROP=b
	resolve one
	[ "$status" -eq 0 ]
}

@test "keys of the wrong kind of SKU, unknown ones, twice the same, and values that no key takes" {
	sku one DESCRIPTION=one BASE=root FRAGMENTS=a
	refused one one.sku:5 'FRAGMENTS in a SKU that has a BASE, say with ADD and DROP what differs'
	sku one DESCRIPTION=one ADD=d
	refused one one.sku:4 'changes the fragments of a BASE, and there is none: ADD'
	sku one DESCRIPTION=one DROP=d
	refused one one.sku:4 'changes the fragments of a BASE, and there is none: DROP'
	sku one DESCRIPTION=one BASE=root FRAGMENT=a
	refused one one.sku:5 'unknown key: FRAGMENT'
	sku one DESCRIPTION=one BASE=root SKU_FILES=a
	refused one one.sku:5 'unknown key: SKU_FILES'
	sku one DESCRIPTION=one BASE=root QUEUE=a QUEUE=a
	refused one one.sku:6 'key is given twice: QUEUE'
	sku one DESCRIPTION=one BASE=root ' QUEUE=a'
	refused one one.sku:5 'unknown key:  QUEUE'
	sku one DESCRIPTION=one BASE=root QUEUE
	refused one one.sku:5 'neither KEY=VALUE nor a comment'
	sku one DESCRIPTION=one BASE=root COMPILER=tcc
	refused one one.sku:5 'value is not one of those that the key takes: COMPILER=tcc, wanted one of: gcc clang'
	sku one DESCRIPTION=one BASE=root SHIP=yes
	refused one one.sku:5 'value is not one of those that the key takes: SHIP=yes, wanted one of: no'
	sku one DESCRIPTION=one ARCH=x86_64 QUEUE=6.18 KEYRING=none
	refused one one.sku:1 'lacks the key: FRAGMENTS'
}

@test "what make would not take as it is" {
	local bad

	# shellcheck disable=SC2016 # the dollar is the test
	for bad in 'CMDLINE=$(shell touch hit)' "CMDLINE=a'b" 'CMDLINE=a #b' $'CMDLINE=a\\' $'CMDLINE=a\r' $'CMDLINE=\033'; do
		sku one DESCRIPTION=one BASE=root "$bad"
		refused one one.sku:5 "has a control byte or one of \$ # ' \\, which make would not take as it is; write plain text"
	done
	[ ! -e hit ]
	# No recipe has it.
	sku one "DESCRIPTION=somebody's" BASE=root
	resolve one
	[ "$status" -eq 0 ]
	has "DESCRIPTION=somebody's"
	# Any other byte comes out as it went in.
	sku one DESCRIPTION=one BASE=root $'CMDLINE=x=\u00a0 "~,;:*&|<>!`"'
	resolve one
	[ "$status" -eq 0 ]
	has $'CMDLINE=x=\u00a0 "~,;:*&|<>!`"'
}

@test "a name that is no name, or of no file, and a wrong command line" {
	resolve ../sku/root
	[ "$status" -eq 1 ]
	[ "$output" = 'kconfig-check: not the name of a SKU: ../sku/root (EINVAL)' ]
	resolve other
	[ "$status" -eq 1 ]
	[[ $output == 'kconfig-check: configs/sku/other.sku: '* ]]
	run "$KSEAL_BIN/kconfig-check" sku
	[ "$status" -eq 2 ]
	run "$KSEAL_BIN/kconfig-check" sku root root
	[ "$status" -eq 2 ]
	run "$KSEAL_BIN/kconfig-check" sku --config root root
	[ "$status" -eq 2 ]
	: >full
	run bash -c '"$1" sku root >/dev/full' sh "$KSEAL_BIN/kconfig-check"
	[ "$status" -eq 1 ]
}

@test "every SKU of this repository resolves" {
	cd "$ROOT"
	local file

	for file in configs/sku/*.sku; do
		resolve "$(basename "$file" .sku)"
		echo "$output"
		[ "$status" -eq 0 ]
	done
}
