#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# make rebase and the configurations: two "releases" that have the kernel's own Makefile and Kconfig programs,
# and a few symbols; two SKUs, one made of the other.

load ../helpers
load rebase

# release NR: a tarball of "Linux 6.18.NR" with the symbols on standard input
release()
{
	local dir=linux-6.18.$1

	mkdir -p "$dir"
	cp -r kernel/. "$dir"
	sed -i "s/^SUBLEVEL = .*/SUBLEVEL = $1/" "$dir/Makefile"
	echo licence >"$dir/COPYING"
	cat >"$dir/Kconfig"
	seq 1 40 >"$dir/f"
	tar -cf - "$dir" | xz -0 >"$dir.tar.xz"
	printf '6.18.%d kernel.org %s %s\n' "$1" "$(sha256sum <"$dir.tar.xz" | cut -d ' ' -f 1)" "$dir.tar.xz" >>repo/linux/PIN
}

# What the kernel's make needs for its config goals, of the release that the queue is made on.
kernel_programs()
{
	local release tree tarball parts=(Makefile Kbuild scripts arch/x86/Makefile)

	release=$(sed -n 's/^release //p' "$ROOT/patches/6.18/base.lock")
	tree=$ROOT/linux/$release
	tarball=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/linux_$release.orig.tar.xz
	mkdir kernel
	if [[ -e $tree/.kseal-tree ]]; then
		tar -C "$tree" --exclude '*.o' --exclude '*.pyc' -cf - "${parts[@]}" | tar -C kernel -xf -
	elif [[ -e $tarball ]]; then
		tar -C kernel -xf "$tarball" --strip-components=1 "${parts[@]/#/linux-$release/}"
	else
		skip "no sources of Linux $release here, scripts/build/fetch $release gets them"
	fi
}

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	kernel_programs
	mkdir -p repo/{linux,patches/6.18,out,keyring,configs/{sku,fragments,resolved}}
	echo '# releases' >repo/linux/PIN
	release 1 <<-'END'
		config ALPHA
			bool "Alpha"
		config BETA
			bool "Beta"
		config GOES
			bool "Goes"
		config NUMBER
			int "Number"
			default 5
	END
	release 2 <<-'END'
		config ALPHA
			bool "Alpha"
			select QUIET
		config BETA
			bool "Beta"
		config NUMBER
			int "Number"
			default 5 if !BETA
			default 7
		config QUIET
			bool
		config COMES
			bool "Comes"
			depends on BETA
			default y
			help
			  What it is.
			  -----
			  And what it is not.
		config BOTH
			bool "Both"
	END
	release 3 <linux-6.18.1/Kconfig
	cp -r "$ROOT/Makefile" "$ROOT/Kbuild.overlay" "$ROOT/scripts" repo
	: >repo/keyring/none.keyring
	printf '%s\n' DESCRIPTION=one ARCH=x86_64 FRAGMENTS=base QUEUE=6.18 KEYRING=none LOCKDOWN=none CMDLINE=quiet MODULES=n \
		OBJECTS=1 TESTS=none >repo/configs/sku/one.sku
	printf '%s\n' DESCRIPTION=two BASE=one ADD=more >repo/configs/sku/two.sku
	echo CONFIG_ALPHA=y >repo/configs/fragments/base.config
	echo CONFIG_BETA=y >repo/configs/fragments/more.config
	printf '.PHONY: tools\ntools: ;\n' >repo/scripts/build/tools.mk
	printf '#!/bin/sh\n' >repo/scripts/build/setup
	ln -s "$KSEAL_BIN" repo/out/bin
	mkdir -p repo/kselftest-extra/{init,t}
	touch repo/kselftest-extra/{init/init.c,init/config,t/none.c,t/config}
	: >repo/patches/6.18/series
	cd repo || return 1
	environment
	"$KSEAL_BIN/kq" lock --write 6.18.1
	make -s config-update
	grep -qx '# CONFIG_GOES is not set' configs/resolved/one.config
	grep -qx +CONFIG_BETA=y configs/resolved/two.diff
}

environment()
{
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache KERNEL_MIRROR=file://$BATS_FILE_TMPDIR
	export KSEAL_TARBALL_MIB=1 KSEAL_TREE_MIB=1
	# Each configuration of each release compiles Kconfig, which is most of what these tests take: into a cache that
	# ends with them, whatever scripts/dev/run-tests says of ccache.
	export CCACHE_DIR=$BATS_FILE_TMPDIR/ccache
	unset CCACHE_DISABLE
}

setup()
{
	environment
	cp -a "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return 1
}

# has LINE: the report has it
has() { grep -qxF -e "$1" .kq/rebase-config.md; }

@test "the report has each symbol once, with its SKUs; configs/resolved is that of the new release" {
	makes 0 rebase LTS=6.18.2
	said 'configs/resolved: 2 came, 1 went, 2 changed otherwise, for one, two'
	diff - .kq/rebase-config.md <<-'END'
		# Configurations: 6.18.1 to 6.18.2

		2 came, 1 went, 2 changed otherwise, for one, two

		## Went: Linux 6.18.2 has no such symbol

		- GOES: `n` all

		## Changed, without a question

		`-` is a symbol that cannot be had there.

		- NUMBER: `5 -> 7` two
		- QUIET: `- -> y` all

		## Came, with a question

		Nobody has answered these, so they have the default unless a fragment requests them. Values in brackets are
		those of the first SKU that is asked.

		### BOTH: `n` all

		    There is no help available for this option.
		    Type  : bool
		    Defined at Kconfig:20
		      Prompt: Both
		      Location:
		        -> Both (BOTH [=n])

		### COMES: `y` two

		    What it is.
		    -----
		    And what it is not.
		    Type  : bool
		    Defined at Kconfig:12
		      Prompt: Comes
		      Depends on: BETA [=y]
		      Location:
		        -> Comes (COMES [=y])

	END
	grep -qx CONFIG_QUIET=y configs/resolved/one.config
	run ! grep -q GOES configs/resolved/*
	grep -qx +CONFIG_COMES=y configs/resolved/two.diff
	grep -qx +CONFIG_NUMBER=7 configs/resolved/two.diff
	# Once more is the same report, though configs/resolved is the new one already.
	cp .kq/rebase-config.md before
	makes 0 rebase LTS=6.18.2
	cmp before .kq/rebase-config.md
}

@test "a request of a symbol that is gone: one line; the queue is there, and the same command ends it" {
	echo CONFIG_GOES=y >>configs/fragments/base.config
	sed -i 's/^# CONFIG_GOES is not set/CONFIG_GOES=y/' configs/resolved/one.config
	makes 2 rebase LTS=6.18.2
	[ "$(grep -c 'configs/fragments/base.config:2: CONFIG_GOES' <<<"$output")" -eq 1 ]
	said 'patches/6.18 is on 6.18.2, but not every SKU resolves there (above); mend configs/, then: make rebase LTS=6.18.2'
	grep -q '^release 6.18.2$' patches/6.18/base.lock
	has "- GOES: \`y\` all"
	sed -i /GOES/d configs/fragments/base.config
	makes 0 rebase LTS=6.18.2
	has '# Configurations: 6.18.1 to 6.18.2'
	has "- GOES: \`y\` all"
	run ! grep -q GOES configs/resolved/*
}

@test "a release that changes no configuration says so, also when kq alone moved the queue there" {
	cp -r configs/resolved before
	out/bin/kq rebase --to 6.18.3
	makes 0 rebase LTS=6.18.3
	said 'configs/resolved: 0 came, 0 went, 0 changed otherwise, for one, two'
	has '# Configurations: 6.18.1 to 6.18.3'
	diff -r before configs/resolved
}

@test "a SKU that was never resolved is named, and the others are compared" {
	printf '%s\n' DESCRIPTION=three BASE=one >configs/sku/three.sku
	makes 0 rebase LTS=6.18.3
	said 'rebase: three: configs/resolved has no configuration of it'
	said 'for one, two'
}
