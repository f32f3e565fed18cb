#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# scripts/build/fetch from mirrors that are directories.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_CACHE_HOME=$PWD/cache KERNEL_MIRROR=file://$PWD/mirror KSEAL_TARBALL_MIB=1
	unset LINUX_TARBALL
	mkdir -p mirror/k archive/pool
	head -c 50000 /dev/urandom >mirror/k/linux-9.9.1.tar.xz
	head -c 50000 /dev/urandom >archive/pool/linux_9.9.1.orig.tar.xz
	kernel_sha=$(sha256sum <mirror/k/linux-9.9.1.tar.xz | cut -d ' ' -f 1)
	archive_sha=$(sha256sum <archive/pool/linux_9.9.1.orig.tar.xz | cut -d ' ' -f 1)
	printf '%s\n' '# releases' "9.9.1 kernel.org $kernel_sha k/linux-9.9.1.tar.xz" >PIN
	cached=$PWD/cache/kseal/linux-9.9.1.tar.xz
}

fetch() { "$ROOT/scripts/build/fetch" --pin PIN "$@"; }

@test "the repository's PIN: four releases, a hash per source, and that of the queue is one of them" {
	run awk '!/^#/ && NF &&
		!($1 ~ /^6\.18\.[0-9]+$/ && $2 ~ /^(debian|kernel\.org)$/ && $3 ~ /^[0-9a-f]+$/ && length($3) == 64 && NF == 4)' \
		"$ROOT/linux/PIN"
	[ -z "$output" ]
	run awk 'NF == 4 && !/^#/ && !s[$1]++ { n++ } $1 == "release" { d = $2 } END { print n, (d in s) }' \
		"$ROOT/linux/PIN" "$ROOT/patches/6.18/base.lock"
	[ "$output" = '4 1' ]
}

@test "download, verify, print the path; the second run asks nobody" {
	run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
	[ "$output" = "$cached" ]
	cmp "$cached" mirror/k/linux-9.9.1.tar.xz
	rm -r mirror
	run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
	[ "$output" = "$cached" ]
}

@test "a wrong hash names both hashes and leaves nothing" {
	wrong=${kernel_sha/[0-9]/a}
	[ "$wrong" != "$kernel_sha" ] || wrong=${kernel_sha/[a-f]/0}
	sed -i "s/$kernel_sha/$wrong/" PIN
	run fetch 9.9.1
	[ "$status" -eq 1 ]
	said "$kernel_sha"
	said "$wrong"
	[ -z "$(find cache -name 'linux*')" ]
}

@test "a broken download is resumed where it ended" {
	mkdir -p cache/kseal
	head -c 20000 mirror/k/linux-9.9.1.tar.xz >"$cached.part"
	fake curl <<-END
		#!/bin/sh
		echo "\$@" >>"$PWD/curl-calls"
		exec $(command -v curl) "\$@"
	END
	run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
	cmp "$cached" mirror/k/linux-9.9.1.tar.xz
	grep -q -e '--continue-at -' curl-calls
	[ ! -e "$cached.part" ]
}

@test "a finished download whose rename was missed is not downloaded again" {
	mkdir -p cache/kseal
	cp mirror/k/linux-9.9.1.tar.xz "$cached.part"
	rm -r mirror
	run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
}

@test "a damaged file in the cache is removed and fetched again" {
	fetch 9.9.1
	"$ROOT/scripts/build/flip" "$cached" 100
	run fetch 9.9.1
	[ "$status" -eq 0 ]
	said 'removed from the cache'
	cmp "$cached" mirror/k/linux-9.9.1.tar.xz
}

@test "LINUX_TARBALL with a pinned hash is taken, whatever its name" {
	cp mirror/k/linux-9.9.1.tar.xz mine.tar
	rm -r mirror
	LINUX_TARBALL=$PWD/mine.tar run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
	[ "$output" = "$cached" ]
}

@test "LINUX_TARBALL with another hash is refused, and stays" {
	echo other >mine.tar
	LINUX_TARBALL=$PWD/mine.tar run fetch 9.9.1
	[ "$status" -eq 1 ]
	said "$(sha256sum <mine.tar | cut -d ' ' -f 1)"
	said "$kernel_sha"
	[ -e mine.tar ]
	[ ! -e "$cached" ]
}

@test "the archive comes first, with the address that apt knows for this release" {
	sed -i "/^# releases/a 9.9.1 debian $archive_sha pool/linux_9.9.1.orig.tar.xz" PIN
	fake apt-get <<-END
		#!/bin/sh
		echo "file://$PWD/nowhere other-updates"
		echo "file://$PWD/archive other"
	END
	echo VERSION_CODENAME=other >os-release
	KSEAL_OS_RELEASE=$PWD/os-release run --separate-stderr fetch 9.9.1
	[ "$status" -eq 0 ]
	[ "$output" = "$PWD/cache/kseal/linux_9.9.1.orig.tar.xz" ]
}

@test "an archive without the file: the next source is tried, and that is said" {
	sed -i "/^# releases/a 9.9.1 debian $archive_sha pool/gone.orig.tar.xz" PIN
	fake apt-get <<-END
		#!/bin/sh
		echo "file://$PWD/archive other"
	END
	echo VERSION_CODENAME=other >os-release
	KSEAL_OS_RELEASE=$PWD/os-release run fetch 9.9.1
	[ "$status" -eq 0 ]
	said 'from debian: download failed'
	[ -e "$cached" ]
}

@test "no source: one line that says what to do" {
	rm -r mirror
	run fetch 9.9.1
	[ "$status" -eq 1 ]
	said 'no source of Linux 9.9.1 could be reached'
	said 'LINUX_TARBALL'
}

@test "too little space is found before the download" {
	KSEAL_TARBALL_MIB=99999999 run fetch 9.9.1
	[ "$status" -eq 1 ]
	said 'no space: 99999999 MiB needed'
	[ ! -e "$cached.part" ]
}

@test "the disk fills up during the download: said so, the part stays for the next run" {
	fake curl <<-'END'
		#!/bin/sh
		exit 23
	END
	run fetch 9.9.1
	[ "$status" -eq 1 ]
	said 'cannot write: no space?'
	said 'the next run resumes'
}

@test "a release that is not pinned: those that are get listed" {
	run fetch 9.9.2
	[ "$status" -eq 1 ]
	said 'Linux 9.9.2 is not in linux/PIN, which has: 9.9.1'
}

@test "two runs at once: the second waits for the first" {
	mkdir -p cache/kseal
	flock cache/kseal/.lock sleep 2 &
	sleep 0.5
	run fetch 9.9.1
	[ "$status" -eq 0 ]
	said 'waiting for it'
}
