# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of kq rebase share: a queue on directory "old", and the new base in directory "new".

# shellcheck disable=SC2154 # bats sets status, output and lines

load kq

# patch_of NAME OLD NEW FILE: the patch that changes FILE from OLD to NEW (two files)
patch_of() {
	rm -rf a b
	mkdir -p "a/$(dirname "$4")" "b/$(dirname "$4")"
	[ ! -s "$2" ] || cp "$2" "a/$4"
	[ ! -s "$3" ] || cp "$3" "b/$4"
	queue_patch "$1"
}

# change NAME FILE SED: append a patch that does SED to FILE, on top of those before (directory "top")
change() {
	mkdir -p top
	[ -e "top/$2" ] || { mkdir -p "top/$(dirname "$2")"; cp "old/$2" "top/$2"; }
	sed "$3" "top/$2" > changed
	patch_of "$1" "top/$2" changed "$2"
	mv changed "top/$2"
}

# rebased STATUS [OPTION...]: kq rebase from old to new ends so
rebased() {
	local want=$1

	shift
	run "$KQ" rebase --queue queue --from old --to new "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

# kq_is STATUS VERB...: any other verb ends so
kq_is() {
	local want=$1

	shift
	run "$KQ" "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

# total NAME: a number out of the report
total()
{
	check_json <.kq/rebase-report.json
	jq ".totals.$1" .kq/rebase-report.json
}

# outcome PATCH
outcome() { jq -r ".patches[] | select(.patch == \"$1\").outcome" .kq/rebase-report.json; }

# makes FILE...: the new queue applies to a copy of the new base, and makes these files of "want"
makes() {
	local file

	rm -rf made
	cp -r new made
	"$KQ" apply --queue queue made
	for file; do
		cmp "want/$file" "made/$file"
	done
}

# resolve FILE TEXT: put a text in place of the (only) conflict region
resolve() {
	local tree=.kq/rebase/conflict/tree

	awk -v text="$2" '/^<<<<<<< / { print text; skip = 1 } !skip { print } /^>>>>>>> / { skip = 0 }' \
		"$tree/$1" > resolved
	cp resolved "$tree/$1"
}
