# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal help: it reads the table that parses the command line.

load ../helpers

setup() { cd "$BATS_TEST_TMPDIR" || return; }


@test "help lists all verbs, those of a noun, and the options of one" {
	run -0 kseal help
	said 'module sign'
	said 'pe sign'
	run -0 kseal help module
	said 'module sign'
	not_said 'pe sign'
	run -0 kseal help module sign
	said 'usage: kseal module sign --key URI'
	said '--signed'
	run -0 kseal module --help
	not_said 'pe sign'
}

@test "--help works wherever an option may stand, and only there" {
	kseal help module sign >want
	kseal module sign --help >got
	cmp want got
	kseal module sign --key k.key --help x.ko >got
	cmp want got
	# Behind -- it is a file.
	run -1 kseal module show -- --help
	said '--help: '
}

@test "every verb has its help, and every option stands in it" {
	nr=0
	# A tab in front, of a verb without a noun, is a field too.
	while IFS=$'\x1f' read -r noun verb rest; do
		run -0 kseal help ${noun:+"$noun"} "$verb"
		said "usage: kseal ${noun:+$noun }$verb"
		while read -r name; do
			grep -q -E -- "^  $name( |\$)" <<<"$output"
		done < <(grep -o -E -- '--[a-z0-9-]+' <<<"$rest")
		nr=$((nr + 1))
	done < <(kseal help --words | tr '\t' '\037')
	[ "$nr" -ge 16 ]
}

@test "an unknown word is exit 2 and names what is near" {
	run -2 kseal module sing
	said "did you mean 'module sign'?"
	run -2 kseal modul sign
	said "no noun 'modul', did you mean 'module'?"
	run -2 kseal help pe verfy
	said "did you mean 'pe verify'?"
	run -2 kseal sign m.ko
	said "as in 'kseal module sign'"
	run -2 kseal module sign --singed keep
	said 'did you mean --signed?'
	run -2 kseal module frobnicate
	said "no verb 'module frobnicate', there are sign, verify, strip, show"
	not_said 'did you mean'
	run -2 kseal qqqq
	not_said 'did you mean'
	run -2 kseal help module sign now
	said "'now' was not expected"
	run -2 kseal
	said 'module sign'
}

@test "an unknown option is named without its value, which may be a secret" {
	run -2 kseal module sign --pass-phrase=geheim m.ko
	not_said geheim
	said '--pass-phrase'
}

@test "help that cannot be written is a failure" {
	# shellcheck disable=SC2016 # the inner shell's own argument
	run -1 bash -c '"$1" help >/dev/full' sh "$KSEAL_BIN/kseal"
	said 'cannot write'
	# shellcheck disable=SC2016 # the inner shell's own argument
	run -1 bash -c '"$1" module sign --help >/dev/full' sh "$KSEAL_BIN/kseal"
}
