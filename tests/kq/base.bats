#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Releases by their number, the cache that makes them quick, and base.lock.
# shellcheck disable=SC2030,SC2031,SC2154 # bats sets status, output and stderr anew in every test

load source

# toolkit: scripts/build/fetch prints the pinned tarball and counts how often it was asked
toolkit() {
	mkdir -p scripts/build
	tar -cJf pinned.tar.xz linux-6.18.5
	echo "6.18.5 debian $(sha256sum < pinned.tar.xz | cut -d' ' -f1) pool/x" > linux/PIN
	cat > scripts/build/fetch <<-'END'
		#!/bin/sh
		echo x >> calls
		echo progress >&2
		[ "$1" = 6.18.5 ] && echo pinned.tar.xz
	END
	chmod +x scripts/build/fetch
}

calls() { wc -l < calls; }

@test "a number is fetched once; then neither scripts/build/fetch nor the tarball is needed" {
	toolkit
	run --separate-stderr "$KQ" lock --queue queue --write 6.18.5
	[ "$status" -eq 0 ]
	[ "$stderr" = progress ]
	[ "$(calls)" -eq 1 ]
	rm pinned.tar.xz
	run "$KQ" lock --queue queue 6.18.5
	[ "$status" -eq 0 ]
	[ "$(calls)" -eq 1 ]
	rm -r cache
	run "$KQ" lock --queue queue 6.18.5
	[ "$status" -eq 1 ]
	[[ "$output" == *"kq: pinned.tar.xz: No such file"* ]]
}

@test "a number whose tarball is another release, or whose fetch fails, is refused" {
	toolkit
	makefile_of 6.18.9 > linux-6.18.5/Makefile
	tar -cJf pinned.tar.xz linux-6.18.5
	run "$KQ" lock --queue queue 6.18.5
	[ "$status" -eq 3 ]
	[[ "$output" == *"kq: 6.18.5: its Makefile says that it is 6.18.9"* ]]
	run "$KQ" lock --queue queue 6.18.77
	[ "$status" -eq 1 ]
	[[ "$output" == *"kq: scripts/build/fetch 6.18.77 failed"* ]]
	rm scripts/build/fetch
	run "$KQ" lock --queue queue 6.18.77
	[ "$status" -eq 1 ]
	[[ "$output" == *"run kq in the toolkit's directory"* ]]
}

@test "base.lock: the same tree and the pinned tarballs are the base, others are not" {
	toolkit
	"$KQ" lock --queue queue --write 6.18.5
	before=$(cat queue/base.lock)
	zstd -q -o t.tar.zst <(xz -dc pinned.tar.xz)
	run "$KQ" lock --queue queue t.tar.zst
	[ "$status" -eq 0 ]
	tree_id linux-6.18.5
	run "$KQ" lock --queue queue git:repo:HEAD
	[ "$status" -eq 0 ]
	echo more > linux-6.18.5/nonfree
	tar -cJf other.tar.xz linux-6.18.5
	run "$KQ" lock --queue queue other.tar.xz
	[ "$status" -eq 3 ]
	[[ "$output" == *"queue/base.lock: another 6.18.5: tree "*", and linux/PIN does not list it"* ]]
	echo "6.18.5 kernel.org $(sha256sum < other.tar.xz | cut -d' ' -f1) pub/x" >> linux/PIN
	run "$KQ" lock --queue queue other.tar.xz
	[ "$status" -eq 0 ]
	make_release 6.18.9
	tar -cJf nine.tar.xz linux-6.18.9
	run "$KQ" lock --queue queue nine.tar.xz
	[ "$status" -eq 3 ]
	[[ "$output" == *"the queue is made on 6.18.5, this is 6.18.9; kq rebase moves it"* ]]
	[ "$before" = "$(cat queue/base.lock)" ]
	rm queue/base.lock
	run "$KQ" lock --queue queue nine.tar.xz
	[ "$status" -eq 3 ]
	[[ "$output" == *"queue/base.lock: is not there; --write makes it"* ]]
	[ ! -e queue/base.lock ]
}

@test "remove writes the release of base.lock into dropped.log, not where it lies on this machine" {
	local i

	mkdir a b state
	cp linux-6.18.5/a.c state
	tar -cf t.tar linux-6.18.5
	"$KQ" lock --queue queue --write t.tar
	for i in 1 2; do
		step "000$i-x$i.patch" a.c "s/$/ $i/"
	done
	run "$KQ" remove --queue queue --reason 'not needed' 1 2
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -v '^#' queue/dropped.log | cut -f 4,5 | sort -u)" = $'6.18.5\t6.18.5' ]
	[ "$(grep -c -v '^#' queue/dropped.log)" -eq 2 ]
}

@test "apply refuses a tree of another release; without base.lock or Makefile it does not ask" {
	toolkit
	"$KQ" lock --queue queue --write 6.18.5
	mkdir a b tree
	seq 1 40 > a/f
	sed 's/^20$/new/' a/f > b/f
	queue_patch 0001-x.patch
	cp a/f tree/f
	makefile_of 6.18.9 > tree/Makefile
	refused 3 "queue/base.lock: the queue is made on 6.18.5, this is 6.18.9; kq rebase moves it"
	makefile_of 6.18 > tree/Makefile
	refused 3 "this is 6.18;"
	echo 'release 6.18.5' > queue/base.lock
	refused 1 "queue/base.lock: no line 'tarball'"
	"$KQ" lock --queue queue --write 6.18.5
	makefile_of 6.18.5 > tree/Makefile # control
	applied
	rm tree/.kq-applied tree/Makefile
	cp a/f tree/f
	applied
	rm tree/.kq-applied queue/base.lock
	cp a/f tree/f
	makefile_of 6.18.9 > tree/Makefile
	applied
}

@test "two programs that fill the same cache at once both succeed" {
	toolkit
	for i in 1 2 3 4; do
		mkdir "q$i"
		"$KQ" lock --queue "q$i" --write pinned.tar.xz > /dev/null &
	done
	wait
	for i in 2 3 4; do
		cmp q1/base.lock "q$i/base.lock"
	done
	[ -z "$(find cache -name '*.??????' -not -path '*/manifests/git*')" ]
	chmod -R a-w cache
	run "$KQ" lock --queue q1 pinned.tar.xz
	[ "$status" -eq 0 ]
	chmod -R u+w cache
}

@test "a cache that cannot be written says so, and base.lock stays; one that is full too" {
	toolkit
	local ns=(unshare -m)
	[ "$(id -u)" = 0 ] || ns=(unshare -rm)
	"${ns[@]}" true 2> /dev/null || skip "no mount name space here (${ns[*]})"
	mkdir cache
	run "${ns[@]}" sh -c "mount -t tmpfs -o size=1m,ro none cache; '$KQ' lock --queue queue --write pinned.tar.xz"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"kq: $PWD/cache/kseal: cannot make this directory: Read-only file system; free some space or set XDG_CACHE_HOME" ]]
	seq 1 60000 | sed 's/^/# /' >> linux-6.18.5/Makefile # which is always stored
	tar -cJf pinned.tar.xz linux-6.18.5
	run "${ns[@]}" sh -c "mount -t tmpfs -o size=64k none cache
		'$KQ' lock --queue queue --write pinned.tar.xz; rc=\$?; find cache -name '*.??????'; exit \$rc"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == "kq: $PWD/cache/kseal/kq/blobs/"*": cannot write: No space left on device; free"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e queue/base.lock ]
	run "${ns[@]}" sh -c "mount -t tmpfs -o size=4m none cache; '$KQ' lock --queue queue --write pinned.tar.xz"
	[ "$status" -eq 0 ] # control
}

@test "the project's base.lock is true, and the queue's ids are those of its base" {
	lock=$ROOT/patches/6.18/base.lock
	read -r _ release < <(grep '^release ' "$lock")
	read -r _ hash < <(grep '^tarball ' "$lock")
	path=$(awk -v r="$release" -v h="$hash" '$1 == r && $3 == h { print $4 }' "$ROOT/linux/PIN")
	[ -n "$path" ] # linux/PIN has the very tarball
	tarball=$REAL_CACHE/kseal/${path##*/}
	[ -e "$tarball" ] || skip "$release is not in the cache, run make fetch"
	cd "$ROOT"
	run "$KQ" lock --queue patches/6.18 "$tarball"
	echo "$output"
	[ "$status" -eq 0 ]
	sed 's/^[^ ]* \([^ ]*\) /\1 /' "$XDG_CACHE_HOME/kseal/kq/manifests/$hash" > "$BATS_TEST_TMPDIR/ids"
	# The first patch that touches a file names its id on the base.
	sed 's/#.*//' patches/6.18/series | awk 'NF { print "patches/6.18/" $1 }' | xargs cat | awk '
		/^diff --git / { path = substr($3, 3) }
		/^index / && !(path in seen) { seen[path] = 1; split($2, id, "."); print id[1], path }' |
		grep -v '^0* ' > "$BATS_TEST_TMPDIR/touched"
	[ -s "$BATS_TEST_TMPDIR/touched" ]
	run grep -v -x -F -f "$BATS_TEST_TMPDIR/ids" "$BATS_TEST_TMPDIR/touched"
	echo "$output"
	[ "$status" -eq 1 ]
}
