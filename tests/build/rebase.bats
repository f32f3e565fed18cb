#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# make rebase: two "releases" of a few files, a queue on the first. Releases come from the cache as
# always; the host programs are the real ones.

load ../helpers
load rebase

# release NR: a tarball of "Linux 6.18.NR", whose f starts with NR lines more
release()
{
	local dir=linux-6.18.$1

	mkdir "$dir"
	echo licence >"$dir/COPYING"
	printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = %d\nEXTRAVERSION =\n' "$1" >"$dir/Makefile"
	{
		seq 201 $((200 + $1))
		seq 1 40
	} >"$dir/f"
	tar -cJf "$dir.tar.xz" "$dir"
	printf '6.18.%d kernel.org %s %s\n' "$1" "$(sha256sum <"$dir.tar.xz" | cut -d ' ' -f 1)" "$dir.tar.xz"
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p repo/{linux,patches/6.18,out}
	{
		echo '# releases'
		release 1
		release 2
	} >repo/linux/PIN
	cp -r "$ROOT/Makefile" "$ROOT/Kbuild.overlay" "$ROOT/scripts" repo
	mkdir -p repo/configs/sku repo/keyring
	: >repo/keyring/none.keyring
	printf '%s\n' DESCRIPTION=x ARCH=x86_64 FRAGMENTS=f QUEUE=6.18 MODULES=n KEYRING=none >repo/configs/sku/x.sku
	mkdir repo/configs/fragments
	: >repo/configs/fragments/f.config
	printf '.PHONY: tools\ntools: ;\n' >repo/scripts/build/tools.mk
	printf '#!/bin/sh\n' >repo/scripts/build/setup
	ln -s "$KSEAL_BIN" repo/out/bin
	echo 0001-x.patch >repo/patches/6.18/series
	cat >repo/patches/6.18/0001-x.patch <<-END
		From: A Person <a@example.org>
		Date: Thu, 1 Jan 2026 00:00:00 +0000
		Subject: [PATCH] test: change it

		Because.
		---
		diff --git a/f b/f
		--- a/f
		+++ b/f
		@@ -20,3 +20,3 @@
		 19
		-20
		+twenty
		 21
		-- 
		2.39.5
	END
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache KERNEL_MIRROR=file://$BATS_TEST_TMPDIR
	export KSEAL_TARBALL_MIB=1 KSEAL_TREE_MIB=1
	cd repo || return 1
	"$KSEAL_BIN/kq" lock --write 6.18.1
}

# builds RELEASE: `make` takes this release, and asks for nothing
builds()
{
	makes 0 SKU=x queue
	said "[ 2/11] queue    patches/6.18 on linux/$1"
	not_said 'rebase'
}

@test "the queue moves, and make takes the new release, which base.lock names" {
	builds 6.18.1
	makes 2 SKU=x LINUX=6.18.2 queue
	said 'LINUX=6.18.2: patches/6.18 is made on Linux 6.18.1, says base.lock; leave LINUX= out'
	makes 0 rebase LTS=6.18.2
	grep -q '^@@ -21,3 +21,3 @@' patches/6.18/0001-x.patch
	grep -q '^release 6.18.2$' patches/6.18/base.lock
	builds 6.18.2
	cmp <(sed 's/^20$/twenty/' ../linux-6.18.2/f) linux/6.18.2/f
	# Once more is nothing.
	before=$(stat -c %i,%Y linux/PIN patches/6.18/*)
	makes 0 rebase LTS=6.18.2
	[ "$before" = "$(stat -c %i,%Y linux/PIN patches/6.18/*)" ]
}

# A release whose f conflicts with the patch, and a rebase that stopped there.
conflict()
{
	sed -i 's/^20$/upstream/' ../linux-6.18.2/f
	tar -C .. -cJf ../linux-6.18.2.tar.xz linux-6.18.2
	sed -i "s/^\(6.18.2 kernel.org\) [0-9a-f]*/\1 $(sha256sum <../linux-6.18.2.tar.xz | cut -d ' ' -f 1)/" linux/PIN
	makes 2 rebase LTS=6.18.2 # make's own code for a recipe that failed
	said 'conflict in 0001-x.patch'
}

@test "a conflict changes nothing; the same command goes on when it is resolved" {
	conflict
	builds 6.18.1
	makes 2 rebase LTS=6.18.1
	said 'a rebase to 6.18.2 is under way'
	sed -i '/^<<<<<<< /,/^>>>>>>> /c both' .kq/rebase/conflict/tree/f
	makes 0 rebase LTS=6.18.2
	grep -q '^+both$' patches/6.18/0001-x.patch
	builds 6.18.2
}

@test "a rebase that kq continue ended is one to make as well" {
	conflict
	sed -i '/^<<<<<<< /,/^>>>>>>> /c both' .kq/rebase/conflict/tree/f
	out/bin/kq continue
	builds 6.18.2
	makes 0 rebase LTS=6.18.2
	makes 0 SKU=x queue
	said 'nothing to do: x 6.18.2'
}

@test "a release that is not pinned is refused before anything is fetched" {
	makes 2 rebase LTS=6.18.3
	said 'Linux 6.18.3 is not in linux/PIN, which has: 6.18.1 6.18.2'
	makes 2 rebase
	said 'usage: rebase RELEASE'
	[ ! -e .kq ]
}
