#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The front end of Kconfig (scripts/kconfig/kernel/resolve.c), linked with the kernel's own Kconfig and run on small
# Kconfig files: it resolves as olddefconfig does, and says why a symbol has another value than it should have.

load ../helpers

setup_file()
{
	local tree

	tree=$(find "$ROOT/linux" -maxdepth 3 -path '*/scripts/kconfig' 2>/dev/null | sort | tail -n 1)
	# setup() skips: bats 1.8 fails a file whose setup_file() does.
	[[ -n $tree ]] || return 0
	cd "$BATS_FILE_TMPDIR" || return 1
	bison -o parser.tab.c --defines=parser.tab.h -t -l "$tree/parser.y"
	flex -o lexer.lex.c -L "$tree/lexer.l"
	for file in "$tree"/{confdata,expr,menu,preprocess,symbol,util}.c parser.tab.c lexer.lex.c; do
		gcc -c "-I$tree" "-I${tree%/*}/include" -I. "$file"
	done
	gcc "-I$tree" "-I${tree%/*}/include" -o conf "$tree/conf.c" ./*.o
	gcc -Wall -Wextra -Wno-sign-compare -Werror -fsanitize=undefined -fno-sanitize-recover "-I$tree" "-I${tree%/*}/include" -o resolve \
		"$ROOT/scripts/kconfig/kernel/resolve.c" ./*.o
}

setup()
{
	[[ -e $BATS_FILE_TMPDIR/resolve ]] || skip "no kernel tree in linux/ whose Kconfig could be used (make queue)"
	cd "$BATS_TEST_TMPDIR" || return 1
	export srctree=. KCONFIG_CONFIG=config
	cat >Kconfig <<-'EOF'
		config MODULES
			bool "Modules"
			modules
			default y
		config NET
			bool "Networking"
		config PCI
			bool "PCI"
			default y
			depends on !TINY
		config TINY
			bool "Tiny"
		config DEEP
			tristate "Deep driver"
			depends on MIDDLE && PCI
		config MIDDLE
			tristate "Middle"
			depends on NET
		config HIDDEN
			bool
		config PULLER
			tristate "Puller"
			depends on NET
			select HIDDEN
			select PULLED if PCI
		config PULLED
			tristate "Pulled"
		config NUMBER
			int "Number"
			range 2 16
			default 8
		config TEXT
			string "Text"
			depends on NET
		config SUM
			bool "Sum"
			depends on NET || PULLER
		choice
			prompt "One of"
		config ONE
			bool "One"
		config OTHER
			bool "Other"
		endchoice
	EOF
}

# resolve 'SYMBOL VALUE'...: what is in the file "config", and these questions
resolve()
{
	printf '%s\n' "$@" >config.asked
	run "$BATS_FILE_TMPDIR/resolve" Kconfig
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

# reason NUMBER TEXT: the reason in that line of the facts
reason()
{
	[ "$(sed -n "$1p" config.facts | cut -f 5)" = "$2" ] || {
		cat config.facts
		return 1
	}
}

@test "the configuration is that of olddefconfig, whatever is asked" {
	for requests in 'CONFIG_NET=y CONFIG_DEEP=m CONFIG_NUMBER=3' 'CONFIG_PULLER=m CONFIG_NET=y CONFIG_TEXT="a"' CONFIG_TINY=y \
		CONFIG_NUMBER=99 CONFIG_OTHER=y ''; do
		tr ' ' '\n' <<<"$requests" >config
		cp config again
		resolve 'NET y' 'DEEP y' 'NUMBER 1'
		KCONFIG_CONFIG=again "$BATS_FILE_TMPDIR/conf" --olddefconfig Kconfig
		cmp config again
	done
}

@test "a symbol that has the value: its type and prompt, no reason" {
	printf '%s\n' CONFIG_NET=y CONFIG_MIDDLE=m 'CONFIG_TEXT="a b"' >config
	resolve 'NET y' 'MIDDLE m' 'TEXT "a b"' 'NUMBER 8' 'TINY n' 'HIDDEN n' 'NOTHING n'
	printf 'NET\ty\tbool\tNetworking\t\nMIDDLE\tm\ttristate\tMiddle\t\nTEXT\t"a b"\tstring\tText\t\nNUMBER\t8\tinteger\tNumber\t\nTINY\tn\tbool\tTiny\t\nHIDDEN\tn\tbool\t\t\nNOTHING\tn\tnone\t\t\n' |
		diff - config.facts
}

@test "too low: the chain of dependencies with values, down to the symbol that decides" {
	echo CONFIG_DEEP=m >config
	resolve 'DEEP m' 'MIDDLE y' 'NET y'
	reason 1 'defined at Kconfig:13, depends on MIDDLE[=n] && PCI[=y]; MIDDLE[=n] at Kconfig:16, depends on NET[=n]; NET[=n] at Kconfig:5, that is its default, nothing requests another value'
	reason 2 'defined at Kconfig:16, depends on NET[=n]; NET[=n] at Kconfig:5, that is its default, nothing requests another value'
	reason 3 'defined at Kconfig:5, that is its default, nothing requests another value'
	printf '%s\n' CONFIG_NET=y CONFIG_MIDDLE=m CONFIG_DEEP=y CONFIG_TINY=y >config
	resolve 'DEEP y' 'PCI y'
	reason 1 'defined at Kconfig:13, depends on MIDDLE[=m] && PCI[=n]; MIDDLE[=m] at Kconfig:16, a fragment requests that; PCI[=n] at Kconfig:7, depends on !TINY[=y]; TINY[=y] at Kconfig:11, a fragment requests that'
	reason 2 'defined at Kconfig:7, depends on !TINY[=y]; TINY[=y] at Kconfig:11, a fragment requests that'
	echo >config
	resolve 'SUM y' 'HIDDEN y'
	reason 1 'defined at Kconfig:35, depends on NET[=n] || PULLER[=n]; NET[=n] at Kconfig:5, that is its default, nothing requests another value; PULLER[=n] at Kconfig:21, depends on NET[=n]'
	reason 2 'defined at Kconfig:19, has no prompt, can only be selected by PULLER[=n] && NET[=n]'
}

@test "without a prompt: the condition of the default, where it has one" {
	printf 'config BARE\n\tbool\n\tdefault n\nconfig BOUND\n\tbool\n\tdefault y if NET\n' >>Kconfig
	echo >config
	resolve 'BARE y' 'BOUND y'
	reason 1 'defined at Kconfig:45, has no prompt, only a default sets it'
	reason 2 'defined at Kconfig:48, has no prompt, only a default sets it, if NET[=n]; NET[=n] at Kconfig:5, that is its default, nothing requests another value'
}

@test "too high: who selects it, or that it is a default" {
	printf '%s\n' CONFIG_NET=y CONFIG_PULLER=m '# CONFIG_PULLED is not set' >config
	resolve 'PULLED n' 'HIDDEN n' 'PCI n'
	reason 1 'defined at Kconfig:26, selected by PULLER[=m] && NET[=y] && PCI[=y]'
	reason 2 'defined at Kconfig:19, selected by PULLER[=m] && NET[=y]'
	reason 3 'defined at Kconfig:7, that is its default, nothing requests another value'
}

@test "a choice, a range, a text that cannot be set" {
	printf '%s\n' CONFIG_NUMBER=99 CONFIG_OTHER=y CONFIG_ONE=y 'CONFIG_TEXT="a"' >config
	resolve 'NUMBER 99' 'OTHER y' 'TEXT "a"' 'ONE y'
	reason 1 'defined at Kconfig:28, takes 2 to 16, a fragment requests that'
	reason 2 'defined at Kconfig:42, ONE is chosen instead'
	reason 4 ''
	reason 3 'defined at Kconfig:32, depends on NET[=n]; NET[=n] at Kconfig:5, that is its default, nothing requests another value'
}

@test "a long chain and a wide one end" {
	{
		for i in $(seq 1 60); do
			printf 'config D%d\n\tbool "d"\n\tdepends on D%d\n' "$i" $((i + 1))
			printf 'config S%d\n\tbool "s"\n\tselect WIDE\n' "$i"
		done
		printf 'config D61\n\tbool "d"\nconfig WIDE\n\tbool\n'
	} >>Kconfig
	echo >config
	resolve 'D1 y' 'WIDE y'
	grep -q '	defined at Kconfig:[0-9]*, has no prompt, can only be selected by S1\[=n\], S2\[=n\], S3\[=n\], S4\[=n\] and 56 more$' config.facts
	[ "$(head -n 1 config.facts | wc -c)" -lt 2500 ]
}

@test "a file of questions that is none, and one that is not there" {
	echo >config
	echo NET >config.asked
	run "$BATS_FILE_TMPDIR/resolve" Kconfig
	[ "$status" -eq 1 ]
	said 'resolve: "NET" asks for no value'
	rm config.asked
	run "$BATS_FILE_TMPDIR/resolve" Kconfig
	[ "$status" -eq 1 ]
	said 'resolve: config.asked: No such file'
	run "$BATS_FILE_TMPDIR/resolve"
	[ "$status" -eq 2 ]
}
