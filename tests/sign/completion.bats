# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of kseal for bash: all of its words come out of the table that parses the command line.

load ../helpers

setup() { cd "$BATS_TEST_TMPDIR" || return; }


# complete_line WORD...: what the completion offers for the last word, as $output
complete_line() {
	# shellcheck disable=SC2016 # the inner shell's own variables
	run bash -c '
		source "$1"
		kseal=$2
		shift 2
		COMP_WORDS=(kseal "$@") COMP_CWORD=$#
		_kseal "$kseal"
		printf "%s\n" "${COMPREPLY[@]}"' sh "$ROOT/sign/cli/completion.bash" "${table:-$KSEAL_BIN/kseal}" "$@"
	[ "$status" -eq 0 ]
}

# offers WORD...: exactly these
offers() {
	[ "$output" = "$(printf '%s\n' "$@")" ] || { printf 'offered:\n%s\n' "$output"; return 1; }
}

@test "completion of nouns and verbs is the table's" {
	complete_line ''
	# shellcheck disable=SC2046 # words
	offers $(kseal help --words | awk -F '\t' '{ print $1 == "" ? $2 : $1 }' | uniq) help --help --version
	complete_line mod
	offers module
	complete_line module ''
	# shellcheck disable=SC2046 # words
	offers $(kseal help --words | awk -F '\t' '$1 == "module" { print $2 }') --help
	complete_line module str
	offers strip
	complete_line help ''
	said module
	not_said --version
	complete_line help keyring de
	offers dev-keys
	complete_line insp
	offers inspect
	: >file
	complete_line inspect 'fi'
	offers file
	complete_line nothing ''
	offers --help
	complete_line module nothing ''
	offers ''
}

@test "completion of options is the table's, for every verb" {
	# A tab in front, of a verb without a noun, is a field too.
	while IFS=$'\x1f' read -r noun verb _; do
		complete_line ${noun:+"$noun"} "$verb" --
		# shellcheck disable=SC2046 # words
		offers $(kseal help --words | awk -F '\t' -v n="$noun" -v v="$verb" '
			$1 == n && $2 == v { for (i = 4; i <= NF; i++) { sub(/=.*/, "", $i); print $i } }') --help --quiet --color
	done < <(kseal help --words | tr '\t' '\037')
	complete_line module sign --ke
	offers --key
	complete_line pe sign --signed ''
	offers refuse add replace
	# The option's own words, in either way of writing it.
	cat >table <<'END'
#!/bin/sh
printf 'module\tsign\tPATH...\t--signed=refuse|keep|replace\t--jobs=N\t--fast\nuki\tnone\t\t--out=F\n'
END
	chmod +x table
	table=$PWD/table
	complete_line module sign --signed re
	offers refuse replace
	complete_line module sign --signed = k
	offers keep
	complete_line module sign --signed =
	offers refuse keep replace
	complete_line module sign --fast --j
	offers --jobs
	: >k.ko
	complete_line module sign --jobs ''
	offers ''
	complete_line module sign --fast k
	offers k.ko
	complete_line uki none k
	offers ''
	complete_line uki none --out k
	offers k.ko
}

@test "completion of a program without nouns" {
	table=$KSEAL_BIN/vm
	complete_line ''
	# shellcheck disable=SC2046 # words
	offers $("$table" help --words | cut -f 2) help --help --version
	complete_line help exp
	offers expect-refusal expect-start
	complete_line run --mo
	offers --mode
	complete_line run --mode ''
	offers enforced control
	complete_line run --accel = t
	offers tcg
	: >u.efi
	complete_line run --uki u
	offers u.efi
	complete_line probe u
	offers ''
}

@test "completion of files, also behind --, with blanks in their names" {
	mkdir sub
	: >"one two.ko"
	: >--strange.ko
	complete_line module sign --key ''
	said 'one two.ko'
	said sub
	complete_line module sign -- --str
	offers --strange.ko
	complete_line module show o
	offers 'one two.ko'
}

@test "bash itself completes: the function is bound and set up as bash wants it" {
	# shellcheck disable=SC2016 # the inner shell's own argument
	run bash --norc -c 'source "$1"; complete -p kseal' sh "$ROOT/sign/cli/completion.bash"
	offers 'complete -F _kseal kseal'
	# kq and vm have no nouns.
	for program in kq vm; do
		# shellcheck disable=SC2016 # the inner shell's own variables
		run bash --norc -c 'source "$1"; complete -p "$2"' sh "$ROOT/sign/cli/completion.bash" "$program"
		offers "complete -F _kseal $program"
	done
	cat >line <<END
source $ROOT/sign/cli/completion.bash
PATH=$KSEAL_BIN:\$PATH
PS1=
kseal help modu	sig	>out
exit
END
	# A terminal, so that readline reads the tabs.
	# The history and the key bindings of who runs the tests are not ours.
	HISTFILE='' INPUTRC=/dev/null timeout 60 script -qec 'bash --norc --noprofile -i' /dev/null <line >typescript
	cat typescript
	grep -q 'usage: kseal module sign' out
}

@test "make install puts programs, manuals and completion in place" {
	mkdir -p out/bin
	cp "$KSEAL_BIN"/{kseal,kq,vm} out/bin/
	make -s -C "$ROOT" -o tools O="$PWD/out" DESTDIR="$PWD/dest" PREFIX=/usr install >/dev/null
	dest/usr/bin/kseal --version
	dest/usr/bin/kq --help | grep 'usage: kq'
	dest/usr/bin/vm --help | grep 'usage: vm'
	for name in kseal kq vm; do
		cmp "$ROOT/sign/cli/completion.bash" "dest/usr/share/bash-completion/completions/$name"
	done
	cmp "$ROOT/sign/man/kseal.1" dest/usr/share/man/man1/kseal.1
	cmp "$ROOT/sign/man/kseal-keys.7" dest/usr/share/man/man7/kseal-keys.7
	cmp "$ROOT/scripts/kq/man/kq.1" dest/usr/share/man/man1/kq.1
	cmp "$ROOT/scripts/vm/man/vm.1" dest/usr/share/man/man1/vm.1
	# A page that one names is there.
	for page in dest/usr/share/man/man?/*; do
		sed -n -E 's/^\.(It )?Xr ((kseal|kq|vm)[a-z-]*) ([17]).*/\4\/\2.\4/p' "$page"
	done | sort -u >named
	[ -s named ]
	while read -r page; do
		[ -e "dest/usr/share/man/man$page" ]
	done <named
}
