#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What kq apply must not take: hostile paths, damaged patches, full disks; the tree stays.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

# diff_of NAME: a one-line change of a file with that name
diff_of() {
	printf 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n-x\n+y\n' "$1" "$1" "$1" "$1"
}

@test "paths that leave the tree are refused" {
	printf 'x\n' > outside
	for name in ../outside /outside d/../../outside ./f d//f .git/config .kq-applied; do
		: > queue/series
		diff_of "$name" | queue_raw 0001-x.patch
		refused 1 "0001-x.patch:14: file name leaves the tree or is not a plain path"
	done
	: > queue/series
	diff_of link/outside | queue_raw 0001-x.patch
	ln -s .. tree/link
	refused 3 "link is a symbolic link, refused"
	rm tree/link && mkdir tree/link
	ln -s ../../outside tree/link/outside
	refused 3 "link/outside is a symbolic link, refused"
	[ "$(cat outside)" = x ]
	rm tree/link/outside && cp outside tree/link/outside # control
	applied
	[ "$(cat tree/link/outside)" = y ]
}

@test "names that differ between the header lines are refused" {
	diff_of f | sed 's,^+++ b/f,+++ b/g,' | queue_raw 0001-x.patch
	printf 'x\n' | tee tree/f > tree/g
	refused 1 "0001-x.patch:16: file name differs from the diff --git line"
	: > queue/series
	diff_of f | sed 's,^diff.*,diff --git a/f b/g,' | queue_raw 0001-x.patch
	refused 1 "0001-x.patch:14: want two equal names"
}

@test "a file in the way of a directory, and a directory in the way of a file, are refused" {
	mkdir b/n && printf 'x\n' > b/n/f
	queue_patch 0001-x.patch
	printf 'x\n' > tree/n
	refused 3 "0001-x.patch: "
	rm -rf b/n tree/n && printf 'x\n' > b/n
	queue_patch 0002-y.patch
	refused 3 "0002-y.patch: n: n/f is in the way"
}

@test "wrong counts, cut-off hunks and junk are refused at their line" {
	one_line_patch
	cp a/f tree/f
	cp queue/0001-x.patch good
	sed 's/^@@ .*/@@ -17,7 +17,8 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:27: hunk is shorter than its @@ line says"
	sed 's/^@@ .*/@@ -17,8 +17,7 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:27: hunk is shorter than its @@ line says"
	sed 's/^@@ .*/@@ -17,6 +17,6 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:26: this line belongs to no hunk"
	sed 's/^@@ .*/@@ -17,7 +17,6 @@/' good > queue/0001-x.patch
	refused 1 "hunk has other lines than its @@ line says"
	sed 's/^@@ .*/@@ bad @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:18: damaged hunk header"
	head -22 good > queue/0001-x.patch
	refused 1 "0001-x.patch:23: hunk is shorter than its @@ line says"
	head -c -20 good | head -22 | head -c -2 > queue/0001-x.patch
	refused 1 "cut off"
	{ cat good; echo junk; } > queue/0001-x.patch
	refused 1 "belongs to no hunk"
	{ cat good; cat good; } > queue/0001-x.patch
	refused 1 "belongs to no hunk"
	head -13 good > queue/0001-x.patch
	refused 1 "no diff --git line"
	# Cut between two hunks: everything that is left is in order.
	sed '/^-- $/,$d' good > queue/0001-x.patch
	refused 1 "is it cut off?"
	sed 's/$/\r/' good > queue/0001-x.patch
	refused 1 "CRLF line ends"
	cp good queue/0001-x.patch
	applied
}

@test "binary patches, renames, copies and links are refused with a reason" {
	printf 'a\0b' > a/bin && printf 'a\0c' > b/bin
	{ message; git diff --no-index --no-prefix --binary a b || true; } > queue/0001-x.patch
	echo 0001-x.patch > queue/series
	cp a/bin tree/bin
	refused 1 "binary patches are refused"
	queue_patch 0001-x.patch
	echo 0001-x.patch > queue/series
	refused 1 "binary patches are refused"
	printf 'diff --git a/f b/f\nsimilarity index 100%%\nrename from f\nrename to g\n' | queue_raw 0002-y.patch
	echo 0002-y.patch > queue/series
	refused 1 "0002-y.patch:15: renames and copies are refused"
	printf 'diff --git a/f b/f\ncopy from g\ncopy to f\n' | queue_raw 0002-y.patch
	echo 0002-y.patch > queue/series
	refused 1 "renames and copies are refused"
	rm a/bin b/bin && ln -s x b/l
	queue_patch 0003-z.patch
	echo 0003-z.patch > queue/series
	refused 1 "symbolic links and submodules are refused"
	diff_of f | sed 's/+y/+y\x00/' | queue_raw 0004-z.patch
	echo 0004-z.patch > queue/series
	refused 1 "contains binary data"
}

@test "dashes in the message, removed dashes and the signature are told apart" {
	printf '1\n- \n3\n' > a/f
	printf '1\n3\n' > b/f
	queue_patch 0001-x.patch 'One.\n---\nTwo.\n-- \nThree.'
	cp a/f tree/f
	applied
	cmp b/f tree/f
	run "$KQ" lint --queue queue # not a word on the diff, one on git am
	[ "$status" -eq 3 ]
	[[ "${lines[0]}" == *"git am ends the message at this line, and leaves out what follows" ]]
	[ "${#lines[@]}" -le 2 ]
}

@test "a diff inside of the message is refused, since others would apply it" {
	one_line_patch
	cp a/f tree/f
	sed 's/^Because.$/--- a\/f\n+++ b\/f\n@@ -1 +1 @@\n-1\n+2/' queue/0001-x.patch > queue/tmp
	mv queue/tmp queue/0001-x.patch
	refused 1 "hunk without a diff --git line"
}

@test "the series: comments, selection, and what is refused" {
	one_line_patch
	cp a/f tree/f
	cp queue/0001-x.patch queue/0002-y.patch
	sed -i 's/^+new$/+vm/' queue/0002-y.patch
	printf '# comment\n\n 0001-x.patch sku=metal # why\n0002-y.patch\tsku=vm,cloud arch=x86_64\n' > queue/series
	cp -a tree tree2
	run "$KQ" apply --queue queue --sku cloud --arch x86_64 tree2
	[ "$status" -eq 0 ]
	[ "$(sed -n 20p tree2/f)" = vm ]
	run "$KQ" apply --queue queue --sku metal tree
	[ "$(sed -n 20p tree/f)" = new ]
	run "$KQ" apply --queue queue --sku cloud --arch arm64 tree
	[ "$status" -eq 3 ]
	rm tree/.kq-applied
	while IFS='|' read -r line text; do
		printf '%b' "$line" > queue/series
		refused 1 "$text"
	done <<-'EOF'
		../0001-x.patch\n|queue/series:1: '../0001-x.patch' is not a plain file name
		dir/x.patch\n|is not a plain file name
		.hidden\n|is not a plain file name
		0001-x.patch\n#\n0001-x.patch\n|queue/series:3: 0001-x.patch is already on line 1
		0001-x.patch flavour=a\n|'flavour=a' is neither
		0001-x.patch sku=\n|one comma-separated list
		0001-x.patch sku=a,,b\n|one comma-separated list
		0001-x.patch sku=a sku=b\n|one comma-separated list
		0007-absent.patch\n|0007-absent.patch
	EOF
	rm queue/series
	refused 1 "queue/series: cannot open"
}

@test "usage errors exit 2, a missing tree 1" {
	one_line_patch
	for args in "" "unknown" "apply" "apply --queue queue" "apply --queue queue tree more" \
		"apply --queue queue --queue queue tree" "apply --fuzz 2 --queue queue tree" \
		"apply --queue" "lint --queue queue more" "apply --tree t --queue queue tree"; do
		# shellcheck disable=SC2086 # several words on purpose
		run "$KQ" $args
		echo "$args: $output"
		[ "$status" -eq 2 ]
	done
	run "$KQ" apply --queue queue no-such-tree
	[ "$status" -eq 1 ]
	run "$KQ" --help
	[ "$status" -eq 0 ]
}

@test "help: every verb has it, also as --help; the queue has a default" {
	"$KQ" help --words | cut -f 2 > verbs
	[ "$(head -n 1 verbs)" = apply ]
	while read -r verb; do
		run "$KQ" help "$verb"
		[ "$status" -eq 0 ]
		[[ "${lines[0]}" == "usage: kq $verb"* ]]
		[ "$output" = "$("$KQ" "$verb" --help)" ]
	done < verbs
	run "$KQ" help no-such-verb
	[ "$status" -eq 2 ]
	one_line_patch
	cp a/f tree/f
	mkdir patches
	mv queue patches/6.18
	"$KQ" apply tree
}

# in_small_tree OPTIONS SCRIPT: run with a tmpfs on ./small, in a mount name space of its own
in_small_tree() {
	local ns=(unshare -m)
	# Root needs no user name space, which a chroot does not allow.
	[ "$(id -u)" = 0 ] || ns=(unshare -rm)
	"${ns[@]}" true 2> /dev/null || skip "no mount name space here (${ns[*]})"
	mkdir -p small
	run "${ns[@]}" sh -c "mount -t tmpfs -o $1 none small && cp -a tree small/ && $2"
	echo "$output"
}

@test "a full disk: what was written is put back and the tree can be used" {
	one_line_patch
	cp a/f tree/f
	rm a/f b/f
	seq 1 60000 > b/big
	queue_patch 0002-y.patch
	in_small_tree size=128k "find small/tree -type f -exec sha256sum {} + > before
		'$KQ' apply --queue queue small/tree; echo rc=\$?
		find small/tree -type f -exec sha256sum {} + > after; ls -A small/tree"
	[[ "$output" == *"No space left"*"rc=1"* ]]
	[[ "$output" != *".kq-"* ]]
	cmp before after
	in_small_tree size=4m "'$KQ' apply --queue queue small/tree; echo rc=\$?"
	[[ "$output" == *"rc=0"* ]]
}

@test "a read-only tree is refused and stays" {
	one_line_patch
	cp a/f tree/f
	in_small_tree size=1m "mount -o remount,ro none small &&
		{ '$KQ' apply --queue queue small/tree; echo rc=\$?; ls -A small/tree; }"
	[[ "$output" == *"Read-only file system"*"rc=1"* ]]
	[[ "$output" != *".kq-appl"*".kq-appl"* ]]
	[ "${lines[-1]}" = f ]
}
