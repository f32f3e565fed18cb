#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The stages from the tarball to the signed modules, with a "Linux" of a few files: what runs when
# what changed, and that every failure is one clear line and loses nothing. No compiler of a kernel
# is needed; the host programs are the real ones.

load flow

@test "all stages up to sign; the second run does nothing and says so" {
	flow sign
	is_done
	[ "$ran" = 'config fetch kernel keyring modules queue sign' ]
	[ "$(xargs <linux/9.9.1/drivers/a.c)" = 'one TWO three' ]
	grep -q '^CONFIG_ALPHA=y' out/tiny/build/.config
	"$KSEAL_BIN/kseal" module show out/tiny/modules/lib/modules/9.9.1/a.ko
	run "$KSEAL_BIN/kseal" module show out/tiny/modules.unsigned/lib/modules/9.9.1/a.ko
	[ "$status" -eq 3 ]
	flow sign
	is_done
	[ -z "$ran" ]
	said 'nothing to do: tiny 9.9.1 is up to date'
}

@test "the build date is the release's, so that a commit rebuilds nothing" {
	flow kernel
	is_done
	grep -q 'TIMESTAMP=Fri Jan *2 03:04:05 UTC 2026' out/tiny/build/arch/x86/boot/bzImage
	SOURCE_DATE_EPOCH=0 flow kernel
	is_done
	[ "$ran" = kernel ]
	grep -q 'TIMESTAMP=Thu Jan *1 00:00:00 UTC 1970' out/tiny/build/arch/x86/boot/bzImage
}

@test "other keys in a second clone: the kernel holds them, not the first one's out of the cache" {
	cp -r "$KEYS" other
	openssl req -x509 -new -key other/module.key -out other/module.pem -subj '/CN=test module' -days 31
	export CCACHE_DIR=$BATS_TEST_TMPDIR/ccache
	unset CCACHE_DISABLE
	flow kernel
	is_done
	rm -rf out/tiny
	KEYS=$PWD/other flow kernel
	is_done
	diff <(fingerprints out/tiny/build/arch/x86/boot/bzImage) <(fingerprints out/tiny/keyring/trusted.pem)
}

fingerprints() { "$KSEAL_BIN/kseal" keyring show --json "$1" | jq -r '.files[].certificates[].sha256'; }

@test "a kernel that holds another keyring than it was given fails its stage, with both lists" {
	flow kernel
	is_done
	cp out/tiny/build/certs/trusted.pem "$BATS_TEST_TMPDIR/stale.pem"
	openssl req -x509 -new -key "$KEYS/module.key" -out other.pem -subj '/CN=the right one' -days 31
	cp -r "$KEYS" other
	mv other.pem other/module.pem
	knob "STALE_trusted=$BATS_TEST_TMPDIR/stale.pem"
	KEYS=$PWD/other flow kernel
	knob
	[ "$status" -ne 0 ]
	said 'embeds another keyring than it was given'
	said "$(openssl x509 -in "$KEYS/module.pem" -outform DER | sha256sum | cut -d ' ' -f 1)  test module"
	said "$(openssl x509 -in other/module.pem -outform DER | sha256sum | cut -d ' ' -f 1)  the right one"
	grep -q STATUS=failed out/tiny/stages/kernel
	KEYS=$PWD/other flow kernel
	is_done
}

@test "a changed fragment: config and what follows, no new tree" {
	flow sign
	is_done
	echo '# CONFIG_BETA is not set' >>configs/fragments/base.config
	flow sign
	is_done
	[ "$ran" = 'config kernel' ]
}

@test "a fragment that is only touched causes nothing, one that asks for the same only its own stage" {
	flow sign
	is_done
	touch configs/fragments/base.config
	flow sign
	is_done
	[ -z "$ran" ]
	# The same request in other words: the .config is the same.
	echo '# a comment' >>configs/fragments/base.config
	flow sign
	is_done
	[ "$ran" = config ]
	said 'since configs/fragments/base.config changed'
}

@test "a changed patch: new tree, and only files that differ look new" {
	flow kernel
	is_done
	cp -p linux/9.9.1/drivers/a.c a.before
	echo 0002-five.patch >>patches/9.9/series
	patch_of drivers/b.c '-five' '+FIVE' >patches/9.9/0002-five.patch
	flow kernel
	is_done
	[ "$ran" = 'config kernel queue' ]
	[ ! linux/9.9.1/drivers/a.c -nt a.before ]
	[ linux/9.9.1/drivers/b.c -nt a.before ]
	# Dropped again: the restored file must look newer than its object.
	touch -r linux/9.9.1/drivers/b.c b.before
	sed -i '$d' patches/9.9/series
	rm patches/9.9/0002-five.patch
	flow queue
	is_done
	[ linux/9.9.1/drivers/b.c -nt b.before ]
	[ "$(xargs <linux/9.9.1/drivers/b.c)" = 'four five six' ]
}

@test "an edited tree is never replaced nor built" {
	flow queue
	is_done
	sleep 0.1
	echo mine >>linux/9.9.1/drivers/b.c
	echo '# more' >>patches/9.9/series
	flow queue
	[ "$status" -ne 0 ]
	said 'linux/9.9.1/drivers/b.c: edited after the queue was applied; move the change into a patch'
	grep -q mine linux/9.9.1/drivers/b.c
	sed -i '$d' patches/9.9/series
	flow kernel
	[ "$status" -ne 0 ]
	said 'edited after the queue was applied'
	run make distclean
	[ "$status" -ne 0 ]
	grep -q mine linux/9.9.1/drivers/b.c
}

@test "the tree's record says whether an .incbin comes by way of a header" {
	in_headers() { sed -n 's/^INCBIN_IN_HEADERS=//p' linux/9.9.1/.kseal-tree; }
	flow queue
	[ "$(in_headers)" = no ]
	# In a source, and in one that it includes, scripts/build/cached sees it.
	echo 0002-five.patch >>patches/9.9/series
	patch_of drivers/b.c '-five' '+asm(".incbin")' >patches/9.9/0002-five.patch
	flow queue
	is_done
	[ "$(in_headers)" = no ]
	echo 0003-header.patch >>patches/9.9/series
	cat >patches/9.9/0003-header.patch <<-'END'
		From: A <a@example.org>
		Date: Fri, 2 Jan 2026 00:00:00 +0000
		Subject: [PATCH] drivers: share b.c

		---
		diff --git a/drivers/b.h b/drivers/b.h
		new file mode 100644
		--- /dev/null
		+++ b/drivers/b.h
		@@ -0,0 +1 @@
		+#include "b.c"
		-- 
		2.39.5
	END
	flow queue
	is_done
	[ "$(in_headers)" = yes ]
}

@test "a tree that was removed is made again, and the old objects are not trusted" {
	flow kernel
	is_done
	touch out/tiny/build/stale.o
	rm -r linux/9.9.1
	flow kernel
	is_done
	[ -e linux/9.9.1/.kseal-tree ]
	[ ! -e out/tiny/build/stale.o ]
}

@test "a manifest that revokes a certificate gets it embedded, one that does not embeds no list" {
	echo CONFIG_BETA=y >configs/fragments/keyring-revoked.config
	flow keyring
	is_done
	run ! grep BETA out/tiny/build/.config
	[ ! -s out/tiny/build/certs/revoked.pem ]
	cp "$KEYS/PK.pem" keyring/certs/gone.pem
	echo "gone $(openssl x509 -in "$KEYS/PK.pem" -outform DER | sha256sum | cut -d ' ' -f 1) revoked" \
		>>keyring/microsoft.keyring
	flow keyring
	is_done
	[ "$ran" = 'config keyring' ]
	grep -x CONFIG_BETA=y out/tiny/build/.config
	cmp <(openssl x509 -in out/tiny/build/certs/revoked.pem) <(openssl x509 -in "$KEYS/PK.pem")
	knob STALE_revoked=/dev/null
	flow kernel
	knob
	[ "$status" -ne 0 ]
	said 'embeds as revoked:'
	flow kernel
	is_done
}

@test "a patch that does not apply: patch, file and hunk are named, the old tree stays" {
	flow queue
	is_done
	patch_of drivers/a.c '-other' '+TWO' >patches/9.9/0001-two.patch
	flow queue
	[ "$status" -ne 0 ]
	said '0001-two.patch'
	said 'drivers/a.c'
	said 'the queue does not apply to Linux 9.9.1'
	[ "$(xargs <linux/9.9.1/drivers/a.c)" = 'one TWO three' ]
	[ -z "$(find linux -name '.*part*')" ]
}

@test "a request that is lost stops the build with its name" {
	echo CONFIG_LOST=y >>configs/fragments/base.config
	flow config
	said LOST
	[ ! -e out/tiny/build/.config ]
}

@test "a need that is not met stops the build with its name, and goes on once it is" {
	mkdir configs/needs
	echo NEEDS=some >>configs/sku/tiny.sku
	printf '%s\n' 'source a document' 'unproved a test' 'ALPHA' 'BETA|GAMMA why' >configs/needs/some.need
	flow config
	[ "$status" -ne 0 ]
	said 'kconfig-check: configs/needs/some.need:4: CONFIG_BETA or CONFIG_GAMMA is needed; CONFIG_BETA is n; CONFIG_GAMMA is n'
	[ ! -e out/tiny/build/.config ]
	echo CONFIG_BETA=y >>configs/fragments/base.config
	flow config
	is_done
	echo '# still' >>configs/needs/some.need
	flow config
	is_done
	[ "$ran" = config ]
}

@test "a configuration that is not the committed one stops the build, and config-update commits to it" {
	flow config
	is_done
	# That it is committed to from now on is news, too.
	mkdir configs/resolved
	flow config
	[ "$status" -ne 0 ]
	said 'configs/resolved/tiny.config: is not there; make config-update SKU=tiny'
	run env -u SKU make config-update
	is_done
	grep -q -x CONFIG_ALPHA=y configs/resolved/tiny.config
	flow config
	is_done
	[ -z "$ran" ]
	echo CONFIG_BETA=y >>configs/fragments/base.config
	flow config
	[ "$status" -ne 0 ]
	said 'configs/resolved/tiny.config: is not what the fragments come to now: CONFIG_BETA n -> y; make config-update SKU=tiny'
	# One on top of it.
	printf '%s\n' 'DESCRIPTION=another' BASE=tiny ADD=more >configs/sku/more.sku
	echo '# CONFIG_GAMMA is not set' >configs/fragments/more.config
	printf '%s\n' '# override: for the test' CONFIG_BETA=m >>configs/fragments/more.config
	run env -u SKU make config-update
	is_done
	grep -q -x CONFIG_BETA=y configs/resolved/tiny.config
	[ "$(grep -v '^#' configs/resolved/more.diff | xargs)" = '-CONFIG_BETA=y +CONFIG_BETA=m' ]
	# It is of no use to who commits a mistake.
	echo CONFIG_LOST=y >>configs/fragments/base.config
	cp configs/resolved/tiny.config before
	run env -u SKU make config-update
	[ "$status" -ne 0 ]
	said 'CONFIG_LOST: requested y, got n'
	cmp before configs/resolved/tiny.config
}

@test "a failing compile: its line, its stage, and the report says FAILED" {
	patch_of drivers/a.c '-two' '+BROKEN' >patches/9.9/0001-two.patch
	flow all
	[ "$status" -ne 0 ]
	said 'drivers/a.c:2:1: error: BROKEN'
	said 'kernel    failed'
	[[ ${output} == *'kseal: tiny 9.9.1: FAILED'* ]]
	[ "$(jq -r .verdict out/tiny/report.json)" = FAILED ]
}

@test "no space for the tree: said before anything is unpacked" {
	KSEAL_TREE_MIB=99999999 flow queue
	[ "$status" -ne 0 ]
	said 'no space: 99999999 MiB needed'
	[ ! -e linux/9.9.1 ]
}

@test "a release that is not pinned, a SKU that does not exist" {
	LINUX=9.9.2 flow fetch
	[ "$status" -ne 0 ]
	said 'LINUX=9.9.2: patches/9.9 is made on Linux 9.9.1, says base.lock; leave LINUX= out'
	rm patches/9.9/base.lock
	flow fetch
	[ "$status" -ne 0 ]
	said 'patches/9.9/base.lock: names no release'
	LINUX=9.9.2 flow fetch
	[ "$status" -ne 0 ]
	said 'not in linux/PIN, which has: 9.9.1'
	LINUX=9.9.1 flow fetch
	is_done
	SKU=huge flow all
	[ "$status" -ne 0 ]
	said "unknown SKU 'huge', known are: tiny"
	[ ! -e out/huge ]
	SKU=../x flow all
	[ "$status" -ne 0 ]
	said "unknown SKU"
}

@test "key and certificate that do not fit: nothing is signed" {
	mkdir mixed
	cp "$KEYS"/* mixed
	cp "$KEYS/uki.key" mixed/module.key
	KEYS=$PWD/mixed flow sign
	[ "$status" -ne 0 ]
	[ ! -e out/tiny/modules ]
	flow sign
	is_done
	[ -e out/tiny/modules ]
}

@test "a release build refuses a development key of the firmware's, unless allowed" {
	mkdir dev
	cp "$KEYS"/* dev
	"$KSEAL_BIN/kseal" keyring show --json dev/uki.pem
	openssl req -x509 -new -nodes -newkey rsa:2048 -keyout dev/uki.key -out dev/uki.pem -subj '/CN=dev' -days 30 \
		-addext "certificatePolicies=$(sed -n 's/.*KS_DEV_POLICY_OID "\(.*\)".*/\1/p' "$ROOT/sign/crypto/cert.h")" 2>/dev/null
	KEYS=$PWD/dev RELEASE=1 flow keyring
	[ "$status" -ne 0 ]
	said 'RELEASE=1 refuses'
	KEYS=$PWD/dev RELEASE=1 ALLOW_DEV_KEYS=1 flow keyring
	is_done
}

@test "a SKU that never ships: keys of its own sign it, whatever KEYS says, and no release is made of it" {
	echo SHIP=no >>configs/sku/tiny.sku
	flow sign
	is_done
	fingerprints out/tiny/keyring/trusted.pem >trusted
	run ! grep -f <(openssl x509 -in "$KEYS/module.pem" -outform DER | sha256sum | cut -d ' ' -f 1) trusted
	grep -f <(openssl x509 -in out/tiny/test-keys/module.pem -outform DER | sha256sum | cut -d ' ' -f 1) trusted
	"$KSEAL_BIN/kseal" module show --json out/tiny/modules/lib/modules/9.9.1/a.ko
	[ "$(jq -r '.files[].certificates[].name' out/tiny/keyring/signers.json | grep -c DEVELOPMENT)" -eq 3 ]
	RELEASE=1 ALLOW_DEV_KEYS=1 flow sign
	[ "$status" -ne 0 ]
	said 'configs/sku/tiny.sku: SHIP=no, a test kernel'
	flow report
	said 'TEST KERNEL, not for shipping'
}

@test "Ctrl-C while the kernel builds, then make again continues" {
	touch "$BATS_TEST_TMPDIR/slow"
	knob "SLOW=$BATS_TEST_TMPDIR/slow"
	interrupt_at "$BATS_TEST_TMPDIR/reached" sign
	knob
	[ "$status" -ne 0 ]
	grep -q 'make again continues' log
	grep -q 'STATUS=interrupted' out/tiny/stages/kernel
	[ ! -e out/tiny/stamps/kernel ]
	flow sign
	is_done
	[ "$ran" = 'kernel modules sign' ]
}

@test "a kill in the middle of the tree's renames: the tree comes back" {
	flow queue
	is_done
	mv linux/9.9.1 linux/.9.9.1.part.old
	mkdir linux/.9.9.1.part
	flow queue
	is_done
	[ -e linux/9.9.1/.kseal-tree ]
	[ ! -e linux/.9.9.1.part.old ]
}

@test "a SKU with patches of its own gets a tree of its own" {
	printf '%s\n' '0001-two.patch' '0002-five.patch sku=other,tiny' >patches/9.9/series
	patch_of drivers/b.c '-five' '+FIVE' >patches/9.9/0002-five.patch
	flow queue
	is_done
	[ "$(xargs <linux/9.9.1-tiny/drivers/b.c)" = 'four FIVE six' ]
	[ ! -e linux/9.9.1 ]
}

@test "clean keeps keys and trees, skus answers" {
	mkdir -p out/keys
	touch out/keys/module.key
	flow queue
	is_done
	run make clean
	[ "$status" -eq 0 ]
	[ -e out/keys/module.key ]
	[ ! -e out/tiny ]
	[ -e linux/9.9.1 ]
	run make skus
	said 'tiny'
	said 'a few files'
}

@test "make help fits on a screen and has every target, stage and variable" {
	local name

	run make help
	[ "${#lines[@]}" -le 24 ]
	[ "$(printf '%s\n' "$output" | wc -L)" -le 80 ]
	while read -r name; do
		[[ " $output " =~ [\ :]${name}[[:space:]] ]] || { echo "no $name"; return 1; }
	done < <(sed -n 's/^export STAGES := //p' Makefile | tr ' ' '\n')
	while read -r name; do
		said "make $name"
	done < <(sed -n -E 's/^([a-z]+):.*## .*/\1/p' Makefile)
	while read -r name; do
		[[ $name == LINUX ]] || said "$name="
	done < <(sed -n 's/^export \(SKU\|PASSPHRASE_FILE\) \([^$]*\).*/\1 \2/p' Makefile | tr -s ' ' '\n')
}

@test "an edit is known by its content: with an old time, behind a rename, removed, added, a link" {
	local edit

	flow queue
	is_done
	cp -a linux/9.9.1 pristine
	for edit in 'cp -p a.c b.new; echo mine >>b.new; touch -r b.c b.new; mv b.new b.c' 'rm b.c' \
		'echo mine >new.c; touch -d 2020-01-01 new.c' 'ln -sf a.c b.c' 'mkdir sub; mv b.c sub'; do
		(cd linux/9.9.1/drivers && eval "$edit")
		flow kernel
		[[ $status -ne 0 && $output == *"edited after the queue was applied"* ]] || {
			echo "$edit: $output"
			return 1
		}
		rm -rf linux/9.9.1
		cp -a pristine linux/9.9.1
	done
	# Control: a copy, whose files have all been written since, and other times.
	find linux/9.9.1 -name '*.c' -exec touch {} +
	flow kernel
	is_done
}

@test "distclean keeps a directory among the trees that is somebody's own" {
	flow queue
	is_done
	mkdir linux/mine
	echo work >linux/mine/file
	run make distclean
	[ "$status" -ne 0 ]
	said "linux/mine: not made by this script, so not removed; move it away"
	[[ -e linux/9.9.1 && -e linux/mine/file ]]
	mv linux/mine ..
	run make distclean
	[ "$status" -eq 0 ]
	[ ! -e linux/9.9.1 ]
}

@test "an architecture or a compiler that the build does not know is one line, before anything is done" {
	sed -i 's/^ARCH=.*/ARCH=mips/' configs/sku/tiny.sku
	flow config
	[ "$status" -ne 0 ]
	said 'configs/sku/tiny.sku:2: value is not one of those that the key takes: ARCH=mips, wanted one of: x86_64 arm64'
	[ -z "$ran" ]
	# One that SKUs may have, and that nothing here says how to build.
	sed -i 's/^ARCH=.*/ARCH=arm64/' configs/sku/tiny.sku
	rm scripts/build/arch/arm64
	flow config
	[ "$status" -eq 2 ]
	said 'kseal: configs/sku/tiny.sku: ARCH=arm64 is not known, known are: x86_64'
	sed -i 's/^ARCH=.*/ARCH=x86_64/' configs/sku/tiny.sku
	echo COMPILER=icc >>configs/sku/tiny.sku
	flow config
	[ "$status" -ne 0 ]
	said 'value is not one of those that the key takes: COMPILER=icc, wanted one of: gcc clang'
	[ -z "$ran" ]
}

# The words that kbuild got, out of what the "Linux" wrote down.
words_of_make() { sed -n "s/^$1=//p" out/tiny/build/words; }

# identity_of FILE...: what ccache is told of compilers that are these files
identity_of() { echo "string:$(printf '%s\n' "$@" | sort | xargs sha256sum | sha256sum)"; }

# What an object comes from, of a gcc.
parts_of() { type -P "$1" "$("$1" -print-prog-name=cc1)" "$("$1" -print-prog-name=as)"; }

@test "COMPILER=clang makes config, kernel and modules, and its libraries decide about a hit in the cache" {
	command -v clang-19 >/dev/null || skip 'no clang-19; a SKU that has COMPILER=clang installs it'
	flow kernel
	is_done
	[ "$(words_of_make CC)" = 'gcc' ] || [ "$(words_of_make CC)" = "$PWD/scripts/build/cached gcc" ]
	[ -z "$(words_of_make LLVM)" ]
	echo COMPILER=clang >>configs/sku/tiny.sku
	flow kernel
	is_done
	[ "$ran" = 'config kernel keyring' ]
	[[ "$(words_of_make CC)" == *clang-19 ]]
	[ "$(words_of_make LLVM)" = -19 ]
	mapfile -t libraries < <(ldd "$(type -P clang-19)" | grep -o '/[^ ]*/lib\(clang\|LLVM\)[^ ]*')
	[ "${#libraries[@]}" -ge 2 ]
	# shellcheck disable=SC2046 # words
	[ "$(words_of_make COMPILER)" = "$(identity_of "$(type -P clang-19)" "${libraries[@]}" $(parts_of gcc))" ]
	grep -q '^READ=program [0-9a-f]* clang-19:' out/tiny/stages/kernel
	grep -q '^READ=program [0-9a-f]* ld.lld-19:' out/tiny/stages/kernel
	flow kernel
	is_done
	[ -z "$ran" ]
}

@test "a kernel of arm64: its own goals, its own compiler, its own packages" {
	[ "$(uname -m)" = x86_64 ] || skip 'this machine is not one of x86-64'
	command -v aarch64-linux-gnu-gcc >/dev/null || skip 'no gcc-aarch64-linux-gnu; an arm64 SKU installs it'
	sed -i 's/^ARCH=.*/ARCH=arm64/' configs/sku/tiny.sku
	# What the archive gives, and what is asked of apt.
	cat >scripts/build/newer-deb <<-'END'
		#!/bin/sh
		echo "newer-deb $*" >>calls
	END
	cat >scripts/build/setup <<-'END'
		#!/bin/sh
		echo "setup $1: $SETUP_APT" | xargs >>calls
	END
	flow kernel
	is_done
	[[ "$(words_of_make CC)" == *aarch64-linux-gnu-gcc ]]
	[ "$(words_of_make CROSS_COMPILE)" = aarch64-linux-gnu- ]
	[ "$(words_of_make ARCH)" = arm64 ]
	# shellcheck disable=SC2046 # words
	[ "$(words_of_make COMPILER)" = "$(identity_of $(parts_of aarch64-linux-gnu-gcc) $(parts_of gcc))" ]
	[ "$(words_of_make GOALS)" = vmlinuz.efi ]
	diff <(fingerprints out/tiny/build/arch/arm64/boot/vmlinuz.efi) <(fingerprints out/tiny/keyring/trusted.pem)
	grep -qx 'setup build: qemu-efi-aarch64 qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user' calls
	grep -q '^newer-deb --arch arm64 trixie .* systemd-boot-efi zlib1g-dev$' calls
}
