#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions with equal bodies: which of them a hunk belongs to. git rebase is asked beside.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

functions() { awk -v op="$1" "${@:3}" -f "$BATS_TEST_DIRNAME/../real/functions.awk" "$2"; }

# body NAME: a function that is like all others
body() {
	printf 'static int %s(struct dev *dev)\n{\n\tint ret;\n\n\tret = prepare(dev);\n\tif (ret)\n\t\treturn ret;\n\n' "$1"
	printf '\tlock(dev);\n\tdev->ready = true;\n\tunlock(dev);\n\n\treturn wake(dev);\n}\n\n'
}

# Both bases with the same three functions. The fix comes behind the 4th line of "place".
start() {
	mkdir old new
	{ body one; body two; body three; } > old/f.c
	cp old/f.c new/f.c
	sed -n 6,13p old/f.c > place
}

# fixed FILE NAME: the file with the fix in a function
fixed() { functions mark "$1" -v a="static int $2(struct dev *dev)" -v mark="	dev->fixed = true;" -v from=place; }

# fix NAME: the queue has a patch that fixes it
fix() {
	fixed old/f.c "$1" > fixed.c
	patch_of 0001-fix.patch old/f.c fixed.c f.c
	echo 0001-fix.patch > queue/series
}

# git_makes: git rebase's f.c goes to "git.c"; 1 if it has a conflict
git_makes() {
	local repo=repo run=(git -C repo -c user.name=t -c user.email=t@example.org)

	rm -rf "$repo"
	git init -q -b old "$repo"
	cp old/f.c "$repo"
	"${run[@]}" add f.c
	"${run[@]}" commit -q -m old
	"${run[@]}" checkout -q -b mine
	cp fixed.c "$repo/f.c"
	"${run[@]}" commit -q -a -m mine
	"${run[@]}" checkout -q -b new old
	cp new/f.c "$repo"
	"${run[@]}" commit -q -a -m new
	"${run[@]}" rebase -q --onto new old mine > /dev/null 2>&1 || return 1
	cp "$repo/f.c" git.c
}

# change OP NAME [OTHER]: what the new base does
change() {
	local other=()

	[ "$1" != fix ] || { fixed new/f.c "$2" > changed.c; cp changed.c new/f.c; return; }
	[ -z "${3-}" ] || other=(-v b="static int $3(struct dev *dev)")
	functions "$1" new/f.c -v a="static int $2(struct dev *dev)" "${other[@]}" > changed.c
	cp changed.c new/f.c
}

# judged: what kq says; unless it is a conflict, made.c is the result, and git's is no other
judged() {
	local status=0

	rm -rf .kq moved
	cp -r queue moved
	"$KQ" rebase --queue moved --from old --to new > said 2>&1 || status=$?
	cat said
	[ "$status" -ne 0 ] || {
		rm -rf made
		cp -r new made
		[ ! -s moved/series ] || "$KQ" apply --queue moved made
		! git_makes || cmp git.c made/f.c
	}
	return "$status"
}

# only NAME: of all functions that the new base has, this one is fixed
only() {
	[ "$(functions where made/f.c -v mark="	dev->fixed = true;")" = "static int $1(struct dev *dev)" ]
}

@test "a fix stays in its function, whatever happens to its neighbours" {
	local name other

	start
	for name in one two three; do
		fix "$name"
		for other in one two three; do
			[ "$name" != "$other" ] || continue
			cp old/f.c new/f.c
			change gone "$other"
			! judged || only "$name"
			cp old/f.c new/f.c
			change swap "$name" "$other"
			! judged || only "$name"
			cp old/f.c new/f.c
			change fix "$other"
			change move "$name"
			! judged || functions where made/f.c -v mark="	dev->fixed = true;" | grep -q " $name("
		done
	done
}

@test "a fix of a function that is gone is a conflict, though its neighbour was fixed" {
	local name other

	start
	for name in one two three; do
		fix "$name"
		for other in one two three; do
			[ "$name" != "$other" ] || continue
			cp old/f.c new/f.c
			change gone "$name"
			! judged
			grep -q '^conflict in 0001-fix.patch' said
			cp old/f.c new/f.c
			change fix "$other"
			change gone "$name"
			! judged
			grep -q '^conflict in 0001-fix.patch' said
		done
		# The control: in its own function it is upstream, and beside a changed one it is kept.
		cp old/f.c new/f.c
		change fix "$name"
		judged
		[ "$(outcome 0001-fix.patch)" = upstream ]
		cp old/f.c new/f.c
		sed -i 1i\\/\*\ more\ \*/ new/f.c
		judged
		[ "$(outcome 0001-fix.patch)" = kept ]
		only "$name"
	done
}

@test "apply refuses a stated line in another function than the @@ line names" {
	start
	cp old/f.c tree/f.c
	fix two
	"$KQ" apply --queue queue tree
	cmp fixed.c tree/f.c
	# The same hunk, with the line where function three has the text.
	cp old/f.c tree/f.c
	rm tree/.kq-applied
	awk '/^@@ / { split($2, n, /[-,]/); sub(/-[0-9]+,/, "-" n[2] + 15 ","); sub(/\+[0-9]+,/, "+" n[2] + 15 ",") } { print }' \
		queue/0001-fix.patch > stale
	cp stale queue/0001-fix.patch
	run "$KQ" apply --queue queue tree
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"is AMBIGUOUS: matches at line "*", which is not below 'static int two(struct dev *dev)' as its @@ line says; line "* ]]
	cmp old/f.c tree/f.c
	# Without a heading the stated line decides, as with git apply.
	sed -i 's/^\(@@ .* @@\).*/\1/' queue/0001-fix.patch
	"$KQ" apply --queue queue tree
	functions where tree/f.c -v mark="	dev->fixed = true;" | grep -q ' three('
}
