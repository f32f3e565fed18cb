#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks of scripts/dev/lint and the judge of the test results can fail, each on a planted fault.

# shellcheck disable=SC2030,SC2031 # each test has its own environment
load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p root/sign/{base,fmt,ops,cmd} root/scripts root/linux
	# REUSE-IgnoreStart
	lgpl='SPDX-License-Identifier: LGPL-2.1-or-later'
	# REUSE-IgnoreEnd
	plant sign/fmt/a.c '#include "base/x.h"'
	plant sign/ops/o.c '#include "fmt/a.h"' 'int ks_o(void);' 'int ks_o(void)' '{' '	return 0;' '}'
}

# plant FILE LINE...: a source with its SPDX line
plant()
{
	local file=$1
	shift
	printf '%s\n' "/* $lgpl */" "$@" >"root/$file"
}

lint() { run "$ROOT/scripts/dev/lint" --root root "$@"; }

@test "clean sources pass" {
	lint includes sizes spdx markers shellcheck
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 5 ]
}

@test "an edge between rooms that the design forbids" {
	plant sign/fmt/b.c '#include "ops/o.h"'
	plant scripts/s.c '#include "fmt/a.h"'
	lint includes
	[ "$status" -eq 1 ]
	said 'sign/fmt/b.c includes ops/'
	said 'scripts/s.c includes fmt/'
}

@test "a format that knows another one" {
	plant sign/fmt/b.c '#include "fmt/a.h"'
	lint includes
	[ "$status" -eq 1 ]
	said 'fmt/b includes fmt/a'
}

@test "a global name without ks_" {
	plant sign/ops/bad.c 'int stray;' 'int ks_fine;'
	gcc -c -o bad.o root/sign/ops/bad.c
	ar rc lib.a bad.o
	KSEAL_LIB=$PWD/lib.a lint symbols
	[ "$status" -eq 1 ]
	said 'stray'
	not_said 'ks_fine'
}

@test "a function that no program reaches, a prototype without one" {
	plant sign/fmt/c.h 'int ks_dead(void);' 'int ks_deader(void);' 'int ks_live(void);' 'int ks_gone(void);'
	plant sign/fmt/b.c 'int ks_dead(void) { return ks_deader(); }'
	plant sign/fmt/c.c 'int ks_deader(void) { return 1; }' 'int ks_live(void) { return 0; }'
	plant sign/cmd/m.c 'int main(void) { return ks_live(); }'
	mkdir -p built/obj/sign/{fmt,cmd} built/obj/scripts built/{lib,bin}
	for file in fmt/b fmt/c cmd/m; do
		gcc -ffunction-sections -include root/sign/fmt/c.h -c -o "built/obj/sign/$file.o" "root/sign/$file.c"
	done
	# Its source is gone.
	cp built/obj/sign/fmt/b.o built/obj/sign/fmt/old.o
	ar rc built/lib/lib.a built/obj/sign/fmt/[bc].o
	gcc -Wl,--gc-sections -o built/bin/kseal built/obj/sign/cmd/m.o built/lib/lib.a
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint dead
	[ "$status" -eq 1 ]
	said 'sign/fmt/b.c: ks_dead: no program reaches it'
	# Only the dead one calls it.
	said 'sign/fmt/c.c: ks_deader: no program'
	said 'ks_gone: declared, but'
	not_said ks_live
	not_said old.c
}

@test "files that call each other, also through a third, headers that include each other" {
	mkdir -p built/obj/sign/{base,fmt} built/obj/scripts built/{lib,bin}
	plant sign/fmt/a.c 'int ks_b(void); int ks_a(void); int ks_a(void) { return ks_b(); }'
	plant sign/fmt/b.c 'int ks_c(void); int ks_b(void); int ks_b(void) { return ks_c(); }'
	plant sign/fmt/c.c 'int ks_a(void); int ks_c(void); int ks_c(void) { return ks_a(); }'
	# Another room, and an edge that goes one way.
	plant sign/base/d.c 'int ks_a(void); int ks_d(void); int ks_d(void) { return ks_a(); }'
	plant sign/fmt/e.c 'int ks_d(void); int ks_a(void); int ks_e(void); int ks_e(void) { return ks_d() + ks_a(); }'
	for file in fmt/a fmt/b fmt/c base/d fmt/e; do
		gcc -c -o "built/obj/sign/$file.o" "root/sign/$file.c"
	done
	touch built/lib/lib.a
	cp "$(type -P true)" built/bin/kseal
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint circles
	[ "$status" -eq 1 ]
	for file in a b c; do said "sign/fmt/$file.c"; done
	said 'files of one room that call each other'
	not_said d.c
	not_said e.c
	plant sign/fmt/c.c 'int ks_c(void); int ks_c(void) { return 0; }'
	gcc -c -o built/obj/sign/fmt/c.o root/sign/fmt/c.c
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint circles
	[ "$status" -eq 0 ]
	plant sign/fmt/f.h '#include "fmt/g.h"'
	plant sign/fmt/g.h '#include "fmt/f.h"'
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint circles
	[ "$status" -eq 1 ]
	said 'fmt/f.h'
	said 'headers that include each other'
	rm root/sign/fmt/[fg].h
	# A program of one directory, whose headers have no directory in their names.
	mkdir root/scripts/vm root/scripts/report
	plant scripts/vm/f.h '#include "g.h"'
	plant scripts/report/g.h '#include "f.h"'
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint circles
	[ "$status" -eq 0 ]
	plant scripts/vm/g.h '#include "f.h"'
	KSEAL_LIB=$PWD/built/lib/lib.a KSEAL_BIN=$PWD/built/bin lint circles
	[ "$status" -eq 1 ]
	said 'scripts/vm/f.h'
	said 'headers that include each other'
}

@test "a file of 801 lines, a function of 61" {
	{
		echo "/* $lgpl */"
		seq 800 | sed 's,.*,// &,'
	} >root/sign/ops/long.c
	{
		echo "/* $lgpl */"
		echo '{'
		seq 61
		echo '}'
	} >root/sign/ops/deep.c
	lint sizes
	[ "$status" -eq 1 ]
	said 'long.c: 801 lines'
	said 'deep.c:2: function of 61 lines'
}

@test "a host that apt downloads from" {
	fake apt-get <<-'END'
		#!/bin/sh
		echo 'http://deb.test.invalid/debian'
	END
	plant sign/ops/net.c '// http://deb.test.invalid/debian/pool'
	lint hosts
	[ "$status" -eq 1 ]
	said 'net.c'
	not_said 'o.c:'
}

@test "no SPDX line, and the wrong one for kernel tests" {
	echo 'int x;' >root/sign/ops/x.c
	mkdir -p root/kselftest-extra/data
	plant kselftest-extra/t.c
	plant kselftest-extra/data/host.c
	lint spdx
	[ "$status" -eq 1 ]
	said 'sign/ops/x.c: no SPDX line'
	said 'kselftest-extra/t.c: kselftest-extra is GPL-2.0-only'
	not_said 'host.c'
}

@test "a file without copyright, and a licence without a text" {
	git init -q root
	mkdir root/.reuse root/LICENSES
	cp "$ROOT/LICENSES/LGPL-2.1-or-later.txt" root/LICENSES
	printf '%s\n' 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/' '' \
		'Files: sign/*' 'Copyright: somebody' 'License: LGPL-2.1-or-later' >root/.reuse/dep5
	lint spdx
	[ "$status" -eq 0 ]
	plant scripts/s.c
	lint spdx
	[ "$status" -eq 1 ]
	said 'scripts/s.c'
	rm root/scripts/s.c root/LICENSES/*
	lint spdx
	[ "$status" -eq 1 ]
	said 'Missing licenses: LGPL-2.1-or-later'
}

@test "links to no file and to no heading, a claim that nothing or another test proves" {
	mkdir root/docs root/tests
	echo '@test "it holds" {' >root/tests/a.bats
	# shellcheck disable=SC2016 # code, for Markdown
	printf '%s\n' '# The `first` room' '[up](../README.md#a-b), [here](#the-first-room), [out](https://test.invalid/x)' \
		'```' '[code](nowhere)' '```' '`[code](nowhere)`' >root/docs/page.md
	printf '%s\n' '## A, b' '[docs](docs/) [root](docs/..) [page](docs/page.md#the-first-room)' >root/README.md
	printf '%s\n' '| claim | proof |' '|---|---|' '| "a" is b | [a](../tests/a.bats) "it holds" |' >root/docs/claims.md
	lint links
	[ "$status" -eq 0 ]
	echo '[x](../README.md#c), [y](page.txt), [z](#d)' >>root/docs/page.md
	# shellcheck disable=SC2016
	printf '%s\n' '| c | [a](../tests/a.bats) "it fails" |' '| d | [b](../tests/b.bats) |' '| e | `tests/a.bats` |' \
		>>root/docs/claims.md
	lint links
	[ "$status" -eq 1 ]
	[ "$(grep -c '^# docs' <<<"$output")" -eq 6 ]
	said 'docs/page.md:7: README.md has no heading #c'
	said 'docs/page.md:7: docs/page.txt: no such file or directory'
	said 'docs/page.md:7: docs/page.md has no heading #d'
	said 'docs/claims.md:4: tests/a.bats has nothing that is named "it fails"'
	said 'docs/claims.md:5: tests/b.bats: no such file'
	said 'docs/claims.md:6: a claim without a link'
}

@test "a change log whose newest release is another one than the programs say" {
	mkdir root/scripts/build
	echo 'KS_VERSION ?= 0.2' >root/scripts/build/tools.mk
	printf '%s\n' '## [Unreleased]' '## [0.2] - 2026-01-02' '## [0.1] - 2026-01-01' >root/CHANGELOG.md
	lint version
	[ "$status" -eq 0 ]
	sed -i '/0\.2/d' root/CHANGELOG.md
	lint version
	[ "$status" -eq 1 ]
	said "the newest release is '0.1', but scripts/build/tools.mk says KS_VERSION '0.2'"
}

@test "a marker of unfinished work" {
	plant sign/ops/m.c "// TO""DO: later"
	lint markers
	[ "$status" -eq 1 ]
	said 'm.c:2'
}

@test "a compiler warning, with both compilers; a shell fault" {
	plant sign/ops/w.c 'int ks_w(long v);' 'int ks_w(long v)' '{' '	return v;' '}'
	# shellcheck disable=SC2016 # the fault
	printf '#!/bin/sh\n# %s\necho $1\n' "$lgpl" >root/scripts/bad
	lint gcc clang shellcheck
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 3 ]
}

@test "a call that OpenSSL deprecated, and an engine" {
	rm root/sign/fmt/a.c root/sign/ops/o.c
	plant sign/ops/w.c '#include <openssl/evp.h>' '#include <openssl/rsa.h>' 'void *ks_w(void);' 'void *ks_w(void)' '{' \
		'	return EVP_PKEY_new();' '}'
	lint openssl3
	[ "$status" -eq 0 ]
	sed -i 's/EVP_PKEY_new/RSA_new/' root/sign/ops/w.c
	lint openssl3
	[ "$status" -eq 1 ]
	said RSA_new
	plant sign/ops/w.c '/* ENGINE_by_id */'
	lint openssl3
	[ "$status" -eq 1 ]
}

@test "an unknown check is a failure" {
	lint nonsense
	[ "$status" -eq 1 ]
}

# judge EXIT-CODE LINE...: what run-tests makes of a program's output
judge()
{
	local rc=$1
	shift
	output=$(printf '%s\n' "$@" | awk -v name=prog -v rc="$rc" -f "$ROOT/scripts/dev/tap.awk")
	sum=${output##*$'\n'}
}

@test "results: passed, failed and skipped are counted" {
	judge 1 1..3 'ok 1 - a' 'not ok 2 - b' '# why' 'ok 3 - c # skip no such tool'
	[ "$sum" = 'COUNT 1 1 1' ]
	said 'FAILED  prog: b'
	said '# why'
	said 'skipped prog: c : no such tool'
}

@test "results: what cmocka skips is a skip, with the comment before as its reason" {
	judge 0 1..3 'ok 1 - a' '# no such library' 'not ok 2 # SKIP b' 'ok 3 - c'
	[ "$sum" = 'COUNT 2 0 1' ]
	said 'skipped prog: b: no such library'
	judge 0 1..2 '# of another test' 'ok 1 - a' 'not ok 2 # SKIP b'
	[ "$sum" = 'COUNT 1 1 1' ]
	said 'b: skipped without a reason'
}

@test "results: two plans in a row are added up" {
	judge 0 1..1 'ok 1 - a' 1..2 'ok 1 - b' 'ok 2 - c'
	[ "$sum" = 'COUNT 3 0 0' ]
}

@test "results: a program that died, fell short or printed nothing has failed" {
	judge 139 1..3 'ok 1 - a'
	[ "$sum" = 'COUNT 1 1 0' ]
	judge 0
	[ "$sum" = 'COUNT 0 1 0' ]
	judge 0 'ok 1 - a'
	[ "$sum" = 'COUNT 1 1 0' ]
	judge 1 1..1 'ok 1 - a'
	[ "$sum" = 'COUNT 1 1 0' ]
}

@test "results: a skip without a reason is a failure" {
	judge 0 1..1 'ok 1 # SKIP'
	[ "$sum" = 'COUNT 0 1 1' ]
}

# page OPTION-LINE...: the page of "thing make", with a synopsis of --out and these lines
page()
{
	printf '%s\n' ".\\\" $lgpl" '.Sh SYNOPSIS' '.Fl -out Ar F' '.Op Fl -fast' '.Sh DESCRIPTION' '.Bl -tag' "$@" '.El' \
		>root/sign/man/kseal-thing-make.1
}

# programs TABLE: kseal, kq and vm with a page each; kseal prints TABLE, the others have no verb
programs()
{
	local name dir

	mkdir -p root/sign/man root/scripts/{kq,vm}/man bin
	for name in kseal kq vm; do
		dir=root/scripts/$name/man
		[[ $name != kseal ]] || dir=root/sign/man
		printf '#!/bin/sh\n' >"bin/$name"
		: >"$dir/$name.1"
	done
	printf '#!/bin/sh\n%s\n' "printf '$1'" >bin/kseal
	chmod +x bin/*
	export KSEAL_BIN=$PWD/bin
}

@test "man pages: a verb without one, a page of no verb, an option on one side only" {
	programs 'thing\tmake\tIN\t--out=F\t--fast\nthing\tlist\t\n'
	printf '.Xr kseal-thing-make 1\n.Xr kseal-thing-list 1\n' >root/sign/man/kseal.1
	printf '.Sh SYNOPSIS\n' >root/sign/man/kseal-thing-list.1
	page '.It Fl -out Ar F' '.It Fl -fast'
	lint pages
	[ "$status" -eq 0 ]
	# Not described, described but unknown, and an option that only the text knows.
	page '.It Fl -out Ar F , Fl -slow' 'as with' '.Fl -other .'
	lint pages
	[ "$status" -eq 1 ]
	said 'no .It Fl tells what --fast does'
	said 'make.1: --slow is not an option of its verb'
	not_said '--other'
	page '.It Fl -out Ar F' '.It Fl -fast'
	sed -i '/Op Fl -fast/d' root/sign/man/kseal-thing-make.1
	lint pages
	[ "$status" -eq 1 ]
	said '--fast is missing in the SYNOPSIS'
	printf 'no reference\n' >root/sign/man/kseal.1
	mv root/sign/man/kseal-thing-make.1 root/sign/man/kseal-thing.1
	lint pages
	[ "$status" -eq 1 ]
	said "kseal-thing-make.1: missing, the page of 'kseal thing make'"
	said 'kseal-thing.1: the page of no verb'
	said 'kseal.1: no .Xr kseal-thing-list'
}

@test "man pages: those of kq and vm, whose verbs have no noun" {
	local name

	programs ''
	for name in kq vm; do
		printf '#!/bin/sh\n%s\n' "printf '\\tmake\\t\\t--out=F\\t--fast\\n'" >bin/$name
		printf '.Xr %s-make 1\n' $name >root/scripts/$name/man/$name.1
		printf '%s\n' ".\\\" $lgpl" '.Sh SYNOPSIS' '.Fl -out Ar F' '.Op Fl -fast' '.Sh DESCRIPTION' '.It Fl -out Ar F' \
			'.It Fl -fast' >root/scripts/$name/man/$name-make.1
	done
	lint pages
	[ "$status" -eq 0 ]
	for name in kq vm; do
		cp -r root/scripts/$name/man saved
		sed -i '/It Fl -fast/d' root/scripts/$name/man/$name-make.1
		lint pages
		[ "$status" -eq 1 ]
		said "$name-make.1: no .It Fl tells what --fast does"
		mv root/scripts/$name/man/$name-make.1 root/scripts/$name/man/$name-none.1
		lint pages
		[ "$status" -eq 1 ]
		said "$name-none.1: the page of no verb"
		said "$name-make.1: missing, the page of '$name make'"
		rm root/scripts/$name/man/$name*.1
		lint pages
		[ "$status" -eq 1 ]
		said "man/$name.1: missing, the page of $name"
		rm -r root/scripts/$name/man
		mv saved root/scripts/$name/man
	done
}

@test "nothing is built yet, or a program is not installed: one line with the command that helps" {
	unset KSEAL_BIN KSEAL_LIB
	O=$PWD/nowhere lint includes symbols
	[ "$status" -eq 1 ]
	[ "$output" = "lint: $PWD/nowhere/lib/libkseal.a is not built, run make tools first" ]
	O=$PWD/nowhere lint pages
	[ "$status" -eq 1 ]
	[ "$output" = "lint: $PWD/nowhere/bin/kseal is not built, run make tools first" ]
	ln -s "$(command -v bash)" "$(command -v find)" "$(command -v dirname)" "$(command -v nproc)" .
	PATH=$PWD lint cppcheck
	[ "$status" -eq 1 ]
	[ "$output" = 'lint: cppcheck is not installed, run make setup first' ]
	# What needs nothing is judged all the same.
	O=$PWD/nowhere lint includes
	[ "$status" -eq 0 ]
}
