#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/build/images: what was tested is what ships, part by part, or the run "images" fails.

load ../helpers

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	local name

	mkdir -p out/tiny/{test-keys,keyring,vm,tests,build/arch/x86/boot} out/bin keys
	for name in uki module pcr; do
		new_cert keys/$name
		new_cert out/tiny/test-keys/$name
	done
	cp "$IMAGE" out/tiny/build/arch/x86/boot/bzImage
	echo ID=test >os-release
	head -c 5000 /dev/urandom >init
	cpio -o -H newc --quiet <<<init >initrd.cpio
	"$KSEAL_BIN/kseal" keyring show --json keys/module.pem >out/tiny/keyring/trusted.json
	"$KSEAL_BIN/kseal" keyring show --json keys/uki.pem >out/tiny/keyring/signers.json
	"$KSEAL_BIN/kseal" efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --output out/tiny/vm/shipped.fd \
		--pk keys/module.pem --kek keys/module.pem --db keys/uki.pem
	# The stand-in for a kernel embeds no keyring.
	cat >out/bin/kseal <<-END
		#!/bin/sh
		case "\$*" in
		"keyring show"*.efi) cat "\${EMBEDDED-$PWD/out/tiny/keyring/trusted.json}" | jq '.files[].certificates[].purposes = ["builtin"]' ;;
		*) exec "$KSEAL_BIN/kseal" "\$@" ;;
		esac
	END
	chmod +x out/bin/kseal
	image linux.efi quiet
	image selftest.efi quiet out/tiny/test-keys --initrd initrd.cpio
	image params.efi 'quiet nokaslr' out/tiny/test-keys --initrd initrd.cpio
	for name in ships unsigned tampered foreign enforced control params params-control test-keys; do
		echo '{ "verdict": "pass", "tests": [ { "cases": [ { "result": "pass" } ] } ] }' >out/tiny/tests/$name.json
	done
}

# image NAME CMDLINE [KEYS [OPTION...]]: into out/tiny
image()
{
	local name=$1 cmdline=$2 keys=${3-keys}

	# shellcheck disable=SC2153 # helpers.bash sets it
	"$KSEAL_BIN/kseal" uki build --stub "$STUB" --linux "${LINUX_IMAGE-$IMAGE}" --cmdline "$cmdline" --os-release os-release \
		--pcr-key "$keys/pcr.key" --pcr-cert "$keys/pcr.pem" "${@:4}" \
		--key "$keys/uki.key" --cert "$keys/uki.pem" --output "out/tiny/$name"
}

setup()
{
	cp -r "$BATS_FILE_TMPDIR"/. "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR" || return 1
	export O=out SKU=tiny KEYS=keys UKI_CERT=keys/uki.pem MODULE_CERT=keys/module.pem
}

images()
{
	run "$ROOT/scripts/build/images" x86_64 quiet "${1-quiet nokaslr}" out/tiny/tests/images.json
	echo "$output"
}

# fails WORDS REASON: one case has these words, and failed with this reason; no other failed
fails()
{
	images
	[ "$status" -eq 1 ]
	run jq -r '.tests[0].cases[] | select(.result != "pass") | .name + ": " + .reason' out/tiny/tests/images.json
	echo "$output"
	[ "${#lines[@]}" -eq 1 ]
	said "$1"
	said "$2"
	[ "$(jq -r .verdict out/tiny/tests/images.json)" = fail ]
}

@test "images that differ in their initrd and policies alone pass, and the rows say what was seen" {
	images
	[ "$status" -eq 0 ]
	[ "$(jq '[.tests[0].cases[] | select(.result == "pass")] | length' out/tiny/tests/images.json)" -eq 12 ]
	check_json --control vm/run <out/tiny/tests/images.json
	run jq -r '.images[] | .name, .sha256, .signed_by, .proved[]' out/tiny/tests/images.json
	said "$(sha256sum <out/tiny/selftest.efi | cut -d ' ' -f 1)"
	said "started by the firmware of a shipped machine, and locked down (run ships)"
	said "same stub and .linux as linux.efi (.linux sha256 $(sha256sum <"$IMAGE" | cut -d ' ' -f 1)); other: .initrd .pcrpkey .pcrsig"
	said 'other: .cmdline .initrd .pcrpkey .pcrsig'
	said "$(openssl x509 -in keys/uki.pem -outform DER | sha256sum | cut -c 1-16)"
}

@test "what was not proved is not claimed" {
	echo '{ "verdict": "fail", "tests": [] }' >out/tiny/tests/ships.json
	rm out/tiny/tests/tampered.json
	images
	[ "$status" -eq 0 ]
	run jq -r '.images[0].proved[]' out/tiny/tests/images.json
	not_said 'run ships'
	not_said 'run tampered'
	said 'run foreign'
}

@test "another os-release, command line or kernel in the tested image" {
	echo ID=other >os-release
	image selftest.efi quiet out/tiny/test-keys --initrd initrd.cpio
	fails 'selftest.efi differs from linux.efi in nothing but' 'differ: .osrel'
	echo ID=test >os-release
	image selftest.efi 'quiet nosmap' out/tiny/test-keys --initrd initrd.cpio
	fails 'selftest.efi differs from linux.efi in nothing but' 'differ: .cmdline'
	cp "$IMAGE" other
	printf 'x' | dd of=other bs=1 seek=600 conv=notrunc status=none
	LINUX_IMAGE=other image selftest.efi quiet out/tiny/test-keys --initrd initrd.cpio
	images
	[ "$status" -eq 1 ]
	run jq -r '.tests[0].cases[] | select(.result != "pass") | .name' out/tiny/tests/images.json
	said 'the kernel in selftest.efi is the one of this build'
	said 'selftest.efi differs from linux.efi'
}

@test "what ships has a test parameter, an initrd that nobody gave, or another one than was given" {
	image linux.efi 'quiet nokaslr'
	images
	[ "$status" -eq 1 ]
	run jq -r '.tests[0].cases[] | select(.result != "pass") | .name + ": " + .reason' out/tiny/tests/images.json
	said 'and no test parameter: its command line is quiet nokaslr'
	image linux.efi quiet keys --initrd initrd.cpio
	fails 'linux.efi has no initrd' 'its .initrd has'
	INITRD=initrd.cpio images
	[ "$status" -eq 0 ]
	head -c 5000 /dev/zero >zeros
	INITRD=zeros fails 'linux.efi has zeros as its initrd' 'its .initrd has'
}

@test "signed by another key, by two, or not at all" {
	image linux.efi quiet out/tiny/test-keys
	fails 'linux.efi is signed by keys/uki.pem alone' 'signed by'
	image linux.efi quiet
	"$KSEAL_BIN/kseal" pe sign --key out/tiny/test-keys/uki.key --cert out/tiny/test-keys/uki.pem --signed add \
		--output two.efi out/tiny/linux.efi
	mv two.efi out/tiny/linux.efi
	fails 'linux.efi is signed by keys/uki.pem alone' 'signed by'
	image selftest.efi quiet keys --initrd initrd.cpio
	image linux.efi quiet
	fails 'selftest.efi is signed by out/tiny/test-keys/uki.pem alone' 'signed by'
}

@test "a test key that the kernel or the firmware of a shipped machine trusts" {
	"$KSEAL_BIN/kseal" efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --output out/tiny/vm/shipped.fd \
		--pk keys/module.pem --kek keys/module.pem --db keys/uki.pem --db out/tiny/test-keys/uki.pem
	fails 'no test key is trusted by what ships' 'trusted: out/tiny/test-keys/uki.pem'
}

@test "a kernel that embeds another keyring" {
	"$KSEAL_BIN/kseal" keyring show --json keys/uki.pem >other.json
	EMBEDDED=other.json fails 'linux.efi embeds the keyring of this build' 'it embeds'
}

@test "a test kernel: one set of keys for all, and no image for parameters that nobody refuses" {
	cp -r out/tiny/test-keys/. keys
	image linux.efi quiet out/tiny/test-keys
	rm out/tiny/params.efi
	KEYS=out/tiny/test-keys images ''
	[ "$status" -eq 0 ]
	run jq -r '.images[].name' out/tiny/tests/images.json
	[ "$output" = $'linux.efi\nselftest.efi' ]
}

@test "KEYS signs no test material: a test that needs it is refused where the kernel ships" {
	run "$ROOT/scripts/build/uki" linux/none x86_64 quiet 'kexec module_rules' y '' '' '' '' '' '' '' '' addon stub
	[ "$status" -eq 1 ]
	[ "$output" = "uki: configs/sku/tiny.sku: module_rules needs modules that the kernel's own key signed for a test; only a SKU with SHIP=no can have it" ]
	KEYS=out/tiny/test-keys run "$ROOT/scripts/build/uki" linux/none x86_64 quiet 'kexec module_rules' y '' '' '' '' '' '' '' '' addon stub
	[ "$output" = 'uki: stub: not there, install systemd-boot-efi' ]
}

# with_kexec: what a SKU with a crash kernel ships beside linux.efi
with_kexec()
{
	mkdir -p out/tiny/linux.efi.extra.d
	"$KSEAL_BIN/kseal" pe sign --key keys/module.key --cert keys/module.pem --output out/tiny/vmlinuz-kexec "$IMAGE"
	newer_stubs
	"$KSEAL_BIN/kseal" uki addon --stub "$STUBS/addonx64.efi.stub" --cmdline "${1-crashkernel=1G-4G:192M,4G-:256M}" \
		--key keys/uki.key --cert keys/uki.pem --output out/tiny/linux.efi.extra.d/crashkernel.addon.efi
	# Its PK is another one than that of the kexec image.
	"$KSEAL_BIN/kseal" efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --output out/tiny/vm/shipped.fd \
		--pk keys/uki.pem --kek keys/uki.pem --db keys/uki.pem
}

newer_stubs()
{
	STUBS=$(cd "$ROOT" && scripts/build/stubs / linuxx64.efi.stub 2>&1) || skip "$STUBS"
}

@test "the kernel for kexec and the addon have rows of their own, and pass" {
	with_kexec
	images
	[ "$status" -eq 0 ]
	run jq -r '.images[] | .name, .proved[]' out/tiny/tests/images.json
	said vmlinuz-kexec
	said linux.efi.extra.d/crashkernel.addon.efi
	said 'loaded by kexec_file_load() under lockdown (run enforced)'
}

@test "a kernel for kexec that the firmware would start fails" {
	with_kexec
	"$KSEAL_BIN/kseal" efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --output out/tiny/vm/shipped.fd \
		--pk keys/uki.pem --kek keys/uki.pem --db keys/uki.pem --db keys/module.pem
	fails 'no variable of the firmware has keys/module.pem' 'one has'
}

@test "a kernel for kexec that is another one, or that the firmware's key signed, fails" {
	with_kexec
	"$KSEAL_BIN/kseal" pe sign --key keys/uki.key --cert keys/uki.pem --output out/tiny/vmlinuz-kexec "$IMAGE"
	fails 'vmlinuz-kexec is signed by keys/module.pem alone' 'signed by'
	"$KSEAL_BIN/kseal" pe sign --key keys/module.key --cert keys/module.pem --output out/tiny/vmlinuz-kexec \
		"$STUB"
	fails 'vmlinuz-kexec is the kernel of this build' 'it is not'
}

@test "an addon that says more than crashkernel= fails" {
	with_kexec 'crashkernel=256M debug'
	fails 'its addon says crashkernel= and no more' 'crashkernel=256M debug'
}
