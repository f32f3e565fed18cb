# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `load flow`: a repository with the real scripts and host programs, and a "Linux" of a few files,
# in which whole flows take seconds. No compiler of a kernel is needed.

# shellcheck disable=SC2154 # bats sets status and output
load ../helpers

# In setup_file: the repository that every test gets a copy of.
new_repo()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	local t=linux-9.9.1

	mkdir -p $t/drivers repo/{linux,patches/9.9,configs/sku,configs/fragments} keys
	echo licence >$t/COPYING
	printf 'one\ntwo\nthree\n' >$t/drivers/a.c
	printf 'four\nfive\nsix\n' >$t/drivers/b.c
	printf 'config ALPHA\n\tbool "Alpha"\nconfig BETA\n\tbool "Beta"\n' >$t/Kconfig
	{
		printf 'VERSION = 9\nPATCHLEVEL = 9\nSUBLEVEL = 1\nEXTRAVERSION =\n'
		echo "MODULE = $KO"
		cat "$BATS_TEST_DIRNAME/flow-kernel.mk"
	} >$t/Makefile
	touch -d 2026-01-02T03:04:05Z $t/COPYING $t/Makefile $t/Kconfig $t/drivers/*
	tar -cJf linux-9.9.1.tar.xz $t

	cp -r "$ROOT/Makefile" "$ROOT/Kbuild.overlay" "$ROOT/scripts" "$ROOT/keyring" repo
	# The programs under test are built already.
	printf '.PHONY: tools\ntools: ;\n' >repo/scripts/build/tools.mk
	printf '#!/bin/sh\n' >repo/scripts/build/setup
	echo 'int main(void) { return 0; }' >repo/scripts/kconfig/kernel/resolve.c
	mkdir -p repo/out
	ln -s "$KSEAL_BIN" repo/out/bin
	printf '%s\n' "9.9.1 kernel.org $(sha256sum <linux-9.9.1.tar.xz | cut -d ' ' -f 1) linux-9.9.1.tar.xz" \
		>repo/linux/PIN
	cat >repo/configs/sku/tiny.sku <<-'END'
		DESCRIPTION=a few files
		ARCH=x86_64
		FRAGMENTS=base
		QUEUE=9.9
		KEYRING=microsoft
		CMDLINE=quiet
		MODULES=y
		OBJECTS=2
		TESTS=none
	END
	echo CONFIG_ALPHA=y >repo/configs/fragments/base.config
	# The tests that the SKU lists, and what they need.
	mkdir -p repo/kselftest-extra/{init,t,data}
	touch repo/kselftest-extra/{init/init.c,init/config,t/none.c,t/some.c,data/make-rules}
	printf '# needed by none\nCONFIG_ALPHA=y\n# needed by some\n# CONFIG_BETA is not set\n' >repo/kselftest-extra/t/config
	echo 0001-two.patch >repo/patches/9.9/series
	patch_of drivers/a.c '-two' '+TWO' >repo/patches/9.9/0001-two.patch
	(cd repo && XDG_CACHE_HOME=$PWD/../cache KERNEL_MIRROR=file://$PWD/.. KSEAL_TARBALL_MIB=1 \
		"$KSEAL_BIN/kq" lock --queue patches/9.9 --write 9.9.1)
	for name in module uki PK KEK; do
		new_cert keys/$name
	done
}

# patch_of FILE MINUS PLUS: replaces the middle one of three lines
patch_of()
{
	local first=one last=three

	[[ $1 != drivers/b.c ]] || first=four last=six
	cat <<-END
		From: A Person <a@example.org>
		Date: Thu, 1 Jan 2026 00:00:00 +0000
		Subject: [PATCH] test: change it

		Because.

		Upstream-status: never, a test
		Owner: kernel
		Review-by: 2027-01-01
		Signed-off-by: A Person <a@example.org>
		---
		diff --git a/$1 b/$1
		--- a/$1
		+++ b/$1
		@@ -1,3 +1,3 @@
		 $first
		$2
		$3
		 $last
		-- 
		2.39.5
	END
}

setup_file() { new_repo; }

setup()
{
	cp -r "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return 1
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache KERNEL_MIRROR=file://$BATS_FILE_TMPDIR
	export KSEAL_TARBALL_MIB=1 KSEAL_TREE_MIB=1 KEYS=$BATS_FILE_TMPDIR/keys SKU=tiny CCACHE_DISABLE=1
}

# What really ran, out of the records: each is newer than the last call of flow().
flow()
{
	touch "$BATS_TEST_TMPDIR/mark"
	run make "$@"
	# shellcheck disable=SC2034 # for the tests
	ran=$(find out/tiny/stages -type f -newer "$BATS_TEST_TMPDIR/mark" -printf '%f\n' 2>/dev/null | sort | xargs)
}

is_done()
{
	[ "$status" -eq 0 ] || {
		echo "$output"
		return 1
	}
}

# knob NAME=VALUE...: for the Makefile of the "Linux", to which HOME is all that comes through. Without any: none.
knob()
{
	export HOME=$BATS_TEST_TMPDIR
	printf '%s\n' "${@/#/export }" >"$HOME/flow-knobs.mk"
}

# interrupt_at FILE GOAL...: Ctrl-C to all of `make GOAL` when FILE is there; output in log
interrupt_at()
{
	local file=$1 tries=0 pid

	shift
	env --default-signal=INT setsid make "$@" >log 2>&1 &
	pid=$!
	while [[ ! -e $file ]] && ((tries++ < 300)); do sleep 0.1; done
	# Until it has become a group of its own.
	until kill -INT -- "-$pid" 2>/dev/null || ((tries++ > 600)); do sleep 0.1; done
	# make blocks signals while it forks, so that a child may begin after the signal and make waits for
	# it: then the user presses Ctrl-C once more.
	timeout 20 tail --pid="$pid" -f /dev/null || kill -INT -- "-$pid"
	status=0
	wait "$pid" || status=$?
}

# Stand-ins for what needs a real kernel: an image that is what it was made of, and results that pass.
stand_in()
{
	stand_in_uki
	stand_in_prove
	cp /usr/lib/systemd/boot/efi/linuxx64.efi.stub stub
	sed -i "s,^STUB := .*,STUB := $PWD/stub," Kbuild.overlay
}

stand_in_uki()
{
	cat >scripts/build/uki <<-'END'
		#!/bin/bash
		set -e
		out=$O/$SKU
		mkdir -p "$out"/uki/{selftest,data,foreign}
		cat "$out/build/arch/x86/boot/bzImage" "${!#}" ${INITRD:+"$INITRD"} >"$out/linux.unsigned.efi"
		printf '%s\n' "$@" >>"$out/linux.unsigned.efi"
		{ cat "$out/linux.unsigned.efi"; openssl pkey -in "$UKI_KEY_FILE" -pubout; cat "$PCR_CERT"; } >"$out/linux.efi" 2>/dev/null || :
		cp "$out/linux.unsigned.efi" "$out/selftest.unsigned.efi"
		{ cat "$out/linux.unsigned.efi"; openssl pkey -in "$out/test-keys/uki.key" -pubout; } >"$out/selftest.efi"
	END
}

stand_in_prove()
{
	cat >scripts/build/prove <<-'END'
		#!/bin/bash
		set -e
		mkdir -p "$O/$SKU/tests"
		for run in ${14}; do
			echo '{ "verdict": "pass", "failures": [], "tests": [ { "name": "t", "result": "pass", "cases": [] } ] }' >"$O/$SKU/tests/$run.json"
		done
	END
	echo code >OVMF_CODE
	echo vars >OVMF_VARS
	sed -i "s,^\(OVMF_CODE\|OVMF_VARS\)=.*,\1=$PWD/\1," scripts/build/arch/x86_64
}

# The real images: an EFI image (knob EFI_IMAGE=) stands for the kernel, whose keyring cannot be asked, and files of
# one line for the programs of the self-test.
real_images()
{
	stand_in_prove
	sed -i 's/^\tcheck_embedded .*/\t:/' scripts/build/steps
	# shellcheck disable=SC2016 # for make
	printf '%s\n' 'all: ; @mkdir -p $(OUTPUT)' 'initrd:' '	@echo init | cpio --quiet -o -H newc >$(INITRD) 2>/dev/null' >kselftest-extra/Makefile
	cat >kselftest-extra/data/make-data <<-'END'
		#!/bin/bash
		mkdir -p "$1" "${1%/*}"/{selftest,foreign}
	END
	chmod +x kselftest-extra/data/make-data
}
