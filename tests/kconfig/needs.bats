#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kconfig-check needs: what the users of a SKU need is there, or one line says what is not and why. Small inputs; what
# Kconfig says comes from a file (resolve.bats has the real one).

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p configs/{sku,needs}
	printf '%s\n' DESCRIPTION=one ARCH=x86_64 FRAGMENTS=f QUEUE=6.18 KEYRING=none NEEDS=one >configs/sku/one.sku
	printf '%s\n' CONFIG_A=y CONFIG_M=m CONFIG_NUM=64 'CONFIG_TEXT="a b"' '# CONFIG_OFF is not set' >resolved
	: >fragment
	: >facts
}

# need NAME LINE...: after a source and a reason
need()
{
	local name=$1

	shift
	printf '%s\n' '# a need' 'source a document, 1.0' 'unproved a test' "$@" >"configs/needs/$name.need"
}

# fact SYMBOL VALUE TYPE PROMPT REASON
fact() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>facts; }

check() { run "$KSEAL_BIN/kconfig-check" needs --config resolved --facts facts --sku one "$@" fragment; }

accepted() { [[ $status -eq 0 && -z $output ]] || { echo "$output"; return 1; }; }

# unmet LINE: the only one, and a clear no
unmet()
{
	[[ $status -eq 3 && $output == "kconfig-check: configs/needs/$1" ]] || {
		printf 'not "%s":\n%s\n' "$1" "$output"
		return 1
	}
}

# refused LINE: the file cannot be read as one
refused()
{
	[[ $status -eq 1 && $output == "kconfig-check: configs/needs/$1 (EBADMSG)" ]] || {
		printf 'not "%s":\n%s\n' "$1" "$output"
		return 1
	}
}

@test "needs that are met, of every form, in silence; a SKU without needs too" {
	need one A M 'A|GONE any of them' 'GONE|A' A_NOT=n OFF=n M=m NUM=64 'TEXT="a b" with a reason' 'KVM_AMD @arm64 not for this one'
	sed -i 's/^M=m/A=y @x86_64/' configs/needs/one.need
	check
	accepted
	need one 'NUM>=64' 'NUM>=8 @x86_64'
	sed -i '$d' configs/needs/one.need
	check
	accepted
	rm configs/needs/one.need
	sed -i /NEEDS/d configs/sku/one.sku
	check
	accepted
}

@test "one that is not met: file, line, symbol, what it is, value and the chain" {
	need one 'B for the test'
	fact B m tristate 'Bee driver' 'defined at b/Kconfig:3, depends on PCI[=n]'
	check
	unmet 'one.need:4: CONFIG_B (y or m) "Bee driver" is needed, got n: defined at b/Kconfig:3, depends on PCI[=n]'
	echo CONFIG_B=m >>resolved
	check
	accepted
}

@test "another value, a number that is too small, a text" {
	need one M=y
	check
	unmet 'one.need:4: CONFIG_M=y is needed, got m'
	need one 'NUM>=65'
	check
	unmet 'one.need:4: CONFIG_NUM>=65 is needed, got 64'
	need one 'A>=1'
	check
	unmet 'one.need:4: CONFIG_A>=1 is needed, got y'
	need one 'NUM>=18446744073709551616'
	check
	refused 'one.need:4: >= wants a decimal number below 2^64'
	need one 'TEXT="a"'
	check
	unmet 'one.need:4: CONFIG_TEXT="a" is needed, got "a b"'
	need one A=n
	fact A n bool Alpha 'defined at Kconfig:1, selected by Z[=y]'
	check
	unmet 'one.need:4: CONFIG_A=n "Alpha" is needed, got y: defined at Kconfig:1, selected by Z[=y]'
}

@test "none of several: each with its value and reason" {
	need one 'B|OFF|M=y why'
	fact B m none '' ''
	fact OFF m bool Off 'defined at k:2, depends on A[=y]'
	check
	unmet 'one.need:4: CONFIG_B or CONFIG_OFF or CONFIG_M=y is needed; CONFIG_B is n: no such symbol for x86_64; CONFIG_OFF is n: defined at k:2, depends on A[=y]; CONFIG_M is m'
}

@test "a symbol that this tree has not, also where it has to be off" {
	need one B C=n
	fact B m none '' ''
	fact C n none '' ''
	check
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = 'kconfig-check: configs/needs/one.need:4: CONFIG_B (y or m) is needed: no such symbol in this tree for x86_64; mend the need, or say @ARCH if another one has it' ]
	[[ ${lines[1]} == *'one.need:5: CONFIG_C=n is needed: no such symbol in this tree for x86_64;'* ]]
	# One of two names is enough, and the other one's absence is not said.
	need one 'B|A'
	check
	accepted
}

@test "two needs that contradict each other, once, and no kernel's values matter" {
	sed -i 's/^NEEDS=.*/NEEDS=one two/' configs/sku/one.sku
	need one A
	need two M A=n
	check
	unmet 'two.need:5: CONFIG_A=n is needed here, and CONFIG_A at configs/needs/one.need:4; no kernel has both, change NEEDS or one of them'
	need two A=m
	need one A=y
	check
	unmet 'two.need:4: CONFIG_A=m is needed here, and CONFIG_A=y at configs/needs/one.need:4; no kernel has both, change NEEDS or one of them'
	need one NUM=64
	need two 'NUM>=65'
	check
	unmet 'two.need:4: CONFIG_NUM>=65 is needed here, and CONFIG_NUM=64 at configs/needs/one.need:4; no kernel has both, change NEEDS or one of them'
	need two 'NUM>=64'
	check
	accepted
	# All ways out are closed, or not.
	need one OFF=n B=n
	need two 'OFF|B|M=y'
	check
	[[ $output == *'two.need:4: CONFIG_OFF or CONFIG_B or CONFIG_M=y is needed; '* ]]
	need two 'OFF|B'
	check
	unmet 'two.need:4: CONFIG_OFF or CONFIG_B is needed here, and CONFIG_B=n at configs/needs/one.need:5; no kernel has both, change NEEDS or one of them'
	# Another architecture's does not count.
	need one 'A=n @arm64'
	need two A
	check
	accepted
}

@test "a need and a fragment that requests something else" {
	need one OFF
	printf '%s\n' '# why' '# CONFIG_OFF is not set' >fragment
	fact OFF m bool Off 'what Kconfig says is not the point'
	check
	unmet 'one.need:4: CONFIG_OFF (y or m) "Off" is needed, got n: n is requested at fragment:2'
	# What is overridden is not requested any more.
	printf '%s\n' '# CONFIG_OFF is not set' >fragment
	printf '%s\n' '# override: for the test' CONFIG_OFF=y >other
	sed -i 's/^# CONFIG_OFF is.*/CONFIG_OFF=y/' resolved
	run "$KSEAL_BIN/kconfig-check" needs --config resolved --facts facts --sku one fragment other
	accepted
}

@test "no source, no check, and lines that are no needs are refused with their place" {
	printf '%s\n' '# first' A >configs/needs/one.need
	check
	refused 'one.need:2: the first line has to be "source DOCUMENT": who says that this is needed'
	printf '%s\n' 'source x' A >configs/needs/one.need
	check
	refused 'one.need:2: no check proves it, write "check NAME..." or "unproved REASON"'
	printf '%s\n' 'source x' 'check a.b' >configs/needs/one.need
	check
	refused 'one.need:2: needs nothing'
	printf '%s\n' 'source' >configs/needs/one.need
	check
	refused 'one.need:1: source without a document'
	need one 'unproved'
	check
	refused 'one.need:4: unproved without a reason'
	need one 'check'
	check
	refused 'one.need:4: check without a name'
	local bad
	for bad in ab .b a. a.b.c A.b 'a b'; do
		need one "check $bad"
		check
		refused 'one.need:4: check wants names like cgroup.memory_limit'
	done
	for bad in '|A' 'A|' 'A||B' '=y' '-'; do
		need one "$bad"
		check
		refused 'one.need:4: not a need, write SYMBOL, A|B, SYMBOL=VALUE or SYMBOL>=NUMBER, then why'
	done
	for bad in 'A=' 'A="x' 'A>='; do
		need one "$bad"
		check
		refused 'one.need:4: the value is neither a word nor a closed "string"'
	done
	need one ' A'
	check
	refused 'one.need:4: begins with a blank'
	for bad in 'A @ why' 'A @amd64'; do
		need one "$bad"
		check
		refused 'one.need:4: @ without an architecture that is known, write @x86_64 or @arm64'
	done
	need one A A=y
	check
	refused 'one.need:5: the file needs this symbol already, in a line above'
	need one $'A\r'
	check
	refused 'one.need:4: control byte in the line (CR?), write plain text'
	need one 'A|A|A|A|A|A|A|A|A'
	check
	[ "$status" -eq 1 ]
	[[ $output == *'one.need:4: more than 8 alternatives (E2BIG)' ]]
	rm configs/needs/one.need
	check
	[ "$status" -eq 1 ]
	[[ $output == *configs/needs/one.need* ]]
}

@test "a check that no file of the userland has" {
	need one A 'check cgroup.limit nft.nat'
	check --checks userland
	accepted
	mkdir userland
	printf '%s\n' '#!/bin/sh' '#: cgroup.limit one memory.max holds' '#:nft.nat is none' >userland/a.sh
	check --checks userland
	unmet 'one.need:5: nft.nat is no check of userland, where a line "#: nft.nat ..." would name it'
	printf '%s\n' '/*' '#: nft.nat one masquerade' '*/' >userland/b.c
	check --checks userland
	accepted
	mv userland/b.c userland/b.txt
	check --checks userland
	[ "$status" -eq 3 ]
}

@test "what Kconfig is asked: every request that counts, every name of every need, every symbol of the tests" {
	mkdir k
	touch k/t.c
	echo CONFIG_T=y >k/config
	printf '%s\n' CONFIG_A=y 'CONFIG_TEXT="a b"' '# CONFIG_OFF is not set' >fragment
	printf '%s\n' '# override: for the test' CONFIG_A=m >other
	need one 'B|C=n' 'NUM>=3 why'
	run "$KSEAL_BIN/kconfig-check" ask --output asked --sku one --tests k/t.c fragment other
	accepted
	[ "$(sort asked | xargs -d '\n' printf '%s;')" = 'A m;B m;C n;NUM 3;OFF n;T y;TEXT "a b";' ]
}

@test "the needs of this repository can be read, and each is that of a SKU" {
	[[ -d $ROOT/configs/needs ]] || skip "no needs are written yet"
	local name

	rm -r configs/needs
	cp -r "$ROOT/configs/needs" configs
	for name in configs/needs/*.need; do
		name=$(basename "$name" .need)
		sed -i "s/^NEEDS=.*/NEEDS=$name/" configs/sku/one.sku
		run "$KSEAL_BIN/kconfig-check" ask --output asked --sku one fragment
		accepted
		grep -q -E "^NEEDS=(.* )?$name( |$)" "$ROOT"/configs/sku/*.sku || {
			echo "$name: needed by no SKU"
			return 1
		}
	done
}
