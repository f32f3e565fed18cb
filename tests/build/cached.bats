#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The compiler cache hands out no object of another input, though it lets the compiler say what that was.

load ../helpers

setup()
{
	command -v ccache >/dev/null || skip 'no ccache'
	cached=$BATS_TEST_DIRNAME/../../scripts/build/cached
	cd "$BATS_TEST_TMPDIR" || return 1
	unset CCACHE_DISABLE
	export CCACHE_DIR=$PWD/cache CCACHE_LOGFILE=$PWD/log CCACHE_NODEPEND=1
	echo one >blob
	echo '#define ANSWER 1' >answer.h
}

# compile SOURCE [OPTION...], as kbuild does: its object is 'object'
compile()
{
	rm -f object log
	"$cached" gcc -Wp,-MMD,.object.d -nostdinc -I. "${@:2}" -c -o object "$1"
}

hits() { ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit\t/ { n += $2 } END { print n + 0 }'; }

@test "a source in C is not preprocessed to be hashed, is found again, and is not when its header changed" {
	printf '%s\n' '#include "answer.h"' 'int answer = ANSWER;' >a.c
	compile a.c
	run ! grep -E 'Executing.* -E ' log
	[ -s .object.d ]
	cp object first
	rm .object.d
	compile a.c
	cmp first object
	[ -s .object.d ]
	[ "$(hits)" -eq 1 ]
	echo '#define ANSWER 2' >answer.h
	compile a.c
	[ "$(hits)" -eq 1 ]
	run ! cmp -s first object
}

@test "what an .incbin holds is looked at: in C, in assembler, and in a file that assembler includes" {
	echo 'asm(".incbin \"blob\"");' >a.c
	echo '.incbin "blob"' >b.S
	printf '%s\n' '#include "c.h"' 'embed' >c.S
	printf '%s\n' '.macro embed' '.incbin "blob"' '.endm' >c.h
	for source in a.c b.S c.S; do
		echo one >blob
		compile "$source"
		grep -q one object
		echo two >blob
		compile "$source"
		grep -q two object
		run ! grep -q one object
	done
}

@test "what an .incbin holds is looked at in a source that another one includes, and in one that is not beside it" {
	mkdir -p sub far
	echo '#include "sub/inner.c"' >direct.c
	printf '%s\n' '#ifdef NEVER' '#include "inner.c"' '#endif' '  #  include "middle.c"' >sub/outer.c
	echo '#include "../sub/inner.c"' >sub/middle.c
	echo 'asm(".incbin \"blob\"");' >sub/inner.c
	cp sub/inner.c far/away.c
	echo '#include "away.c"' >far.c
	echo '#include <away.c>' >system.c
	for source in direct.c sub/outer.c far.c system.c; do
		echo one >blob
		compile "$source" -Ifar
		grep -q one object
		echo two >blob
		compile "$source" -Ifar
		grep -q two object
		run ! grep -q one object
	done
}

@test "a source that includes others without an .incbin, or itself, is not preprocessed to be hashed" {
	printf '%s\n' '#include "b.c"' 'int a;' >a.c
	printf '%s\n' '#ifndef ONCE' '#define ONCE' '#include "b.c"' '#include "a.c"' '#endif' >b.c
	compile a.c
	run ! grep -E 'Executing.* -E ' log
	[ -s object ]
}

# What the program is for: were this to fail, ccache would see an .incbin by itself.
@test "ccache's depend mode, alone, hands out an .incbin of yesterday" {
	echo 'asm(".incbin \"blob\"");' >a.c
	unset CCACHE_NODEPEND
	export CCACHE_DEPEND=1
	cached=ccache
	compile a.c
	echo two >blob
	compile a.c
	grep -q one object
}
