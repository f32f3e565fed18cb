#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Releases by their number, the cache that makes them quick, and base.lock.
# shellcheck disable=SC2030,SC2031,SC2154 # bats sets status, output and stderr anew in every test

load kq-source

# toolkit: scripts/fetch prints the pinned tarball and counts how often it was asked
toolkit() {
	mkdir -p scripts
	tar -cJf pinned.tar.xz linux-6.18.5
	echo "6.18.5 debian $(sha256sum < pinned.tar.xz | cut -d' ' -f1) pool/x" > linux/PIN
	cat > scripts/fetch <<-'END'
		#!/bin/sh
		echo x >> calls
		echo progress >&2
		[ "$1" = 6.18.5 ] && echo pinned.tar.xz
	END
	chmod +x scripts/fetch
}

calls() { wc -l < calls; }

@test "a number is fetched once; then neither scripts/fetch nor the tarball is needed" {
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
	[[ "$output" == *"kq: scripts/fetch 6.18.77 failed"* ]]
	rm scripts/fetch
	run "$KQ" lock --queue queue 6.18.77
	[ "$status" -eq 1 ]
	[[ "$output" == *"run kq in the toolkit's folder"* ]]
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
	[[ "$output" == *"kq: $PWD/cache/kseal: cannot make folder: Read-only file system; free some space or set XDG_CACHE_HOME" ]]
	seq 1 60000 > linux-6.18.5/a/Kconfig.big
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
