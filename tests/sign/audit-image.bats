#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal audit image: the configuration out of the kernel, and what command lines make of it.

load ../helpers
load keyring
load uki
load audit

setup() {
	enter_test
	policy 'INIT_ON_ALLOC_DEFAULT_ON y us artifact nobody reads what was there' \
		'effect init_on_alloc=0|off INIT_ON_ALLOC_DEFAULT_ON n' 'effect init_on_alloc=1|on INIT_ON_ALLOC_DEFAULT_ON y' \
		'DEFAULT_HOSTNAME "x" us artifact a value of the line' 'effect hostname=* DEFAULT_HOSTNAME *'
	config CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y 'CONFIG_DEFAULT_HOSTNAME="x"'
	S=INIT_ON_ALLOC_DEFAULT_ON
}

# guarded: .config with this fork's guard of command lines
guarded() { printf 'CONFIG_%s=y\n' SECURITY_LOCKDOWN_LSM LOCK_DOWN_IN_EFI_SECURE_BOOT LOCK_DOWN_BOOT_PARAMS >>.config; }

# image CMDLINE [OPTION...]: u.efi with the kernel of .config in it
image() {
	kernel 6.18.15
	uki --linux "$PWD/bz" --cmdline "$@"
}

@test "the configuration is the kernel's own, whatever packs it" {
	kernel 6.18.15
	for pack in gzip 'xz --check=crc32' 'zstd -q'; do
		# shellcheck disable=SC2086 # a program and its options
		make_bzimage bz vmlinux $pack
		audit image bz
		[ "$(jq -r '.kernel | "\(.release) \(.arch) \(.config) \(.config_sha256)"' audit.json)" = \
			"6.18.15-test x86_64 kernel $(sha256sum <.config | cut -d' ' -f1)" ]
	done
	audit image vmlinux
	sed -i 's/.*INIT_ON.*/# CONFIG_INIT_ON_ALLOC_DEFAULT_ON is not set/' .config
	kernel 6.18.15
	run -3 audit image bz
	[ "$(of "$S") $(of "$S" config)" = 'fail n' ]
}

@test "a kernel without a configuration cannot be told, and one that is claimed is said to be claimed" {
	kernel 6.18.15
	objcopy --remove-section .rodata vmlinux bare
	run -1 audit image bare
	[ "$(of "$S") $(jq -r .kernel.config audit.json)" = 'unknown none' ]
	run -1 kseal audit image --policy p.policy bare
	said 'configuration NOT THERE: the kernel has none inside, --config was not given'
	said 'NOT THERE: the kernel has none inside, --config was not given'
	audit image --config .config bare
	[ "$(of "$S") $(jq -r .kernel.config audit.json)" = 'ok claimed' ]
	run -0 kseal audit image --policy p.policy --config .config bare
	said 'configuration CLAIMED'
	# Against the one inside, a claim has to be the same.
	audit image --config .config bz
	[ "$(jq -r .kernel.config audit.json)" = kernel ]
	sed 's/DEFAULT_ON=y/DEFAULT_ON=n/' .config >other.config
	bad 'other.config: is not the configuration that is inside of the kernel' image --policy p.policy --config other.config bz
	# And of the kernel's release.
	printf '%s\n' '.section .rodata, "a"' '.asciz "Linux version 6.18.15-test (somebody@somewhere) #1 SMP"' >more.S
	gcc -c -o more.o more.S
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o silent kernel.o more.o
	audit image --config .config silent
	sed 's/6\.18\.15/6.12.1/' .config >other.config
	bad 'other.config: configuration is of another release than the kernel' image --policy p.policy --config other.config silent
}

@test "rules for newer kernels do not apply to 6.12" {
	policy 'INIT_ON_ALLOC_DEFAULT_ON y us artifact since=6.17 a' 'A n us artifact b'
	kernel 6.12.40
	audit image bz
	[ "$(of "$S") $(of A)" = 'other ok' ]
	run -3 kseal audit image --policy p.policy bz
	said '1 rules are for other releases than 6.12.40-test and do not apply'
}

@test "the image's own command line changes a value, and the last word counts" {
	image 'console=ttyS0 init_on_alloc=0'
	run -3 audit image u.efi
	[ "$(of "$S") $(of "$S" config) $(of "$S" effective) $(of "$S" line) $(of "$S" word)" = 'fail y n .cmdline init_on_alloc=0' ]
	run -3 kseal audit image --policy p.policy u.efi
	said '.cmdline says init_on_alloc=0, the configuration y'
	image 'init_on_alloc=0 "init_on_alloc=on"'
	audit image u.efi
	[ "$(of "$S" effective) $(of "$S" word)" = 'y "init_on_alloc=on"' ]
	image 'hostname=y'
	run -3 audit image u.efi
	[ "$(of DEFAULT_HOSTNAME) $(of DEFAULT_HOSTNAME effective)" = 'fail y' ]
	# What only looks like it.
	image 'xinit_on_alloc=0 init_on_alloc init_on_alloc=2 hostname=x'
	audit image u.efi
	[ "$(of "$S" line)" = null ]
}

@test "words behind -- may harm and do not help" {
	image '-- init_on_alloc=0'
	run -3 audit image u.efi
	[ "$(of "$S" word)" = init_on_alloc=0 ]
	image 'init_on_alloc=0 -- init_on_alloc=1'
	run -3 audit image u.efi
	[ "$(of "$S" word)" = init_on_alloc=0 ]
}

@test "CONFIG_CMDLINE stands before the line, or instead of it" {
	printf '%s\n' CONFIG_CMDLINE_BOOL=y 'CONFIG_CMDLINE="hostname=\"x\" init_on_alloc=0"' >>.config
	image quiet
	run -3 audit image u.efi
	[ "$(of "$S" line) $(of DEFAULT_HOSTNAME) $(of DEFAULT_HOSTNAME line)" = 'CONFIG_CMDLINE ok CONFIG_CMDLINE' ]
	image init_on_alloc=1
	audit image u.efi
	echo CONFIG_CMDLINE_OVERRIDE=y >>.config
	image init_on_alloc=1
	run -3 audit image u.efi
	[ "$(of "$S" word) $(of "$S" unread)" = 'init_on_alloc=0 init_on_alloc=1' ]
	run -3 kseal audit image --policy p.policy u.efi
	said 'init_on_alloc=1 is not read: the configuration takes CONFIG_CMDLINE instead of any other line'
	# On arm64 it is for a kernel that gets no line.
	sed -i '/OVERRIDE/d; s/X86_64/ARM64/' .config
	image quiet
	audit image u.efi
	[ "$(of "$S" unread)" = init_on_alloc=0 ]
	kernel 6.18.15
	run -3 audit image bz
	[ "$(of "$S" line)" = CONFIG_CMDLINE ]
}

@test "every profile's line is judged" {
	newer
	printf 'ID=main\n' >one
	printf 'ID=weak\nCMDLINE=init_on_alloc=0\n' >two
	printf 'ID=good\nCMDLINE=init_on_alloc=1\n' >three
	image quiet --stub "$NEW_STUB" --profile one --profile two --profile three
	run -3 audit image u.efi
	[ "$(of "$S") $(of "$S" word)" = 'fail init_on_alloc=0' ]
	[ "$(jq -r '[.command_lines[] | select(.who == ".cmdline").profile] | join(" ")' audit.json)" = '0 1 2' ]
	image quiet --stub "$NEW_STUB" --profile one --profile three
	audit image u.efi
}

@test "a loader's line: refused by this fork's guard, in effect without it" {
	kernel 6.18.15
	run -3 audit image --loader-cmdline 'quiet init_on_alloc=0' bz
	[ "$(of "$S") $(of "$S" line) $(of "$S" refused)" = 'fail the boot loader null' ]
	guarded
	kernel 6.18.15
	audit image --loader-cmdline 'quiet init_on_alloc=0' bz
	[ "$(of "$S") $(of "$S" effective) $(of "$S" refused)" = 'ok y init_on_alloc=0' ]
	[ "$(jq .kernel.guard audit.json)" = true ]
	run -3 kseal audit image --all --policy p.policy --loader-cmdline init_on_alloc=0 bz
	said 'init_on_alloc=0 of the boot loader is refused by the kernel under Secure Boot'
	# What the guard leaves alone stays in effect.
	run -3 audit image --loader-cmdline 'hostname=y' bz
	[ "$(of DEFAULT_HOSTNAME line)" = 'the boot loader' ]
}

@test "systemd-stub does not pass a loader's line on where the image has its own" {
	image quiet
	audit image --loader-cmdline init_on_alloc=0 u.efi
	[ "$(of "$S") $(of "$S" unread)" = 'ok init_on_alloc=0' ]
	run -3 kseal audit image --all --policy p.policy --loader-cmdline init_on_alloc=0 u.efi
	said "init_on_alloc=0 is not read: under Secure Boot systemd-stub takes the image's own line"
	# Without one it does.
	objcopy --remove-section .cmdline u.efi none.efi
	run -3 audit image --loader-cmdline init_on_alloc=0 none.efi
	[ "$(of "$S" line)" = 'the boot loader' ]
}

@test "an addon's line is signed: it fails the rule under the addon's name" {
	newer
	guarded
	image quiet
	for line in init_on_alloc=0 init_on_alloc=1 crashkernel=256M; do
		kseal uki addon --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --cmdline "$line" --output "${line##*=}.addon.efi" \
			--key "$K/signer.key" --cert "$K/signer.pem"
	done
	run -3 audit image --addon 256M.addon.efi --addon 0.addon.efi u.efi
	[ "$(of "$S") $(of "$S" line)" = 'fail 0.addon.efi' ]
	audit image --addon 0.addon.efi --addon 1.addon.efi u.efi
	audit image --addon 256M.addon.efi u.efi
	bad 'u.efi: is no addon' image --policy p.policy --addon u.efi u.efi
	bad 'bz: addons are of unified kernel images' image --policy p.policy --addon 0.addon.efi bz
	bad 'is no kernel and no unified kernel image' image --policy p.policy 0.addon.efi
}

@test "an image that is cut short, or none, is refused in one line" {
	image quiet
	head -c $(($(stat -c %s u.efi) / 2)) u.efi >half.efi
	bad 'half.efi: ' image --policy p.policy half.efi
	head -c $(($(stat -c %s bz) / 2)) bz >half
	bad 'half: ' image --policy p.policy half
	bad '.config: is no kernel and no unified kernel image' image --policy p.policy .config
	bad 'none: ' image --policy p.policy none
}
