# shellcheck shell=bash disable=SC2034 # its variables are the tests'
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `load uki`, after `load helpers`: parts of an image, and programs of newer systemds to compare with.

MEASURE=/lib/systemd/systemd-measure

# For the tests of a file that has no setup of its own, or calls it there: a directory each, and the parts in $K.
setup_file() { make_parts; }

enter_test() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

setup() { enter_test; }

# What every test of a file builds from; call in setup_file.
make_parts() {
	cd "$BATS_FILE_TMPDIR" || return
	for name in signer other; do
		new_cert $name
		openssl x509 -in $name.pem -noout -pubkey >$name.pub
	done
	printf 'ID=kseal\nPRETTY_NAME="kseal test"\nVERSION_ID=1\n' >os-release
	head -c 5000 /dev/zero >init
	echo init | cpio -o -H newc --quiet >initrd
	printf 'console=ttyS0' >cmdline
	# A BMP of no pixels, and a device tree that is a header alone.
	printf 'BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\0\0\0\0\x01\0\x18\0' >splash.bmp
	{
		printf '\xd0\x0d\xfe\xed\0\0\0\x28'
		head -c 32 /dev/zero
	} >board.dtb
}

# uki OPTION...: u.efi out of the parts; a --stub, --linux, --uname or --cmdline of the caller wins.
uki() {
	local parts=()

	[[ " $* " == *' --stub '* ]] || parts+=(--stub "$STUB")
	[[ " $* " == *' --linux '* ]] || parts+=(--linux "$IMAGE")
	[[ " $* " == *' --uname '* ]] || parts+=(--uname 6.18.15)
	[[ " $* " == *' --cmdline '* ]] || parts+=(--cmdline "@$K/cmdline")
	kseal uki build "${parts[@]}" --initrd "$K/initrd" --os-release "$K/os-release" --output u.efi "$@"
}

# section NAME FILE: its content.
section() {
	objcopy -O binary --only-section="$1" "$2" section.out
	cat section.out
}

# values IN OPTION...: PCR values, one per line.
values() { kseal uki measure "${@:2}" "$1" | sed 's/.*=//; s/ .*//'; }

# newer [SUITE]: unpack its systemd once (trixie: 257) and set NEW, NEW_STUB; skips when the archive does
# not answer.
newer() {
	local suite=${1-trixie} measure=systemd-tpm dir why packages

	[ "$(uname -m)" = x86_64 ] || skip "systemd of $suite is unpacked for x86-64 only"
	# Which package has systemd-measure.
	[ "$suite" != trixie ] || measure=systemd
	packages=(libc6 libssl3t64 libsystemd-shared "$measure" systemd-boot-efi systemd-ukify python3-pefile
		libacl1 libaudit1 libblkid1 libcap2 libcap-ng0 libcrypt1 libmount1 libpam0g libpcre2-8-0 libseccomp2 libselinux1 zlib1g libzstd1 libtss2-esys-3.0.2-0t64
		libtss2-mu-4.0.1-0t64 libtss2-rc0t64 libtss2-sys1t64 libtss2-tctildr0t64
		libtss2-tcti-swtpm0t64)
	dir=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/newer-deb/$suite
	why=$("$ROOT/scripts/build/newer-deb" "$suite" "$dir" "${packages[@]}" 2>&1) || skip "$why"
	NEW=$dir/root/usr
	NEW_STUB=$NEW/lib/systemd/boot/efi/linuxx64.efi.stub
	# Its own C library, found by its own loader.
	mkdir -p tools
	cat >tools/systemd-measure <<-END
		#!/bin/sh
		exec $NEW/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path \
			$NEW/lib/x86_64-linux-gnu:$NEW/lib/x86_64-linux-gnu/systemd $NEW/lib/systemd/systemd-measure "\$@"
	END
	chmod +x tools/systemd-measure
}

# ukify OPTION...: the one of that systemd, with its own systemd-measure.
ukify() {
	PYTHONPATH=$NEW/lib/python3/dist-packages python3 "$NEW/bin/ukify" build --tools tools "$@"
}

# tpm_start: a TPM for this test; tpm_stop ends it. Its clients expect the names of the sockets.
tpm_start() {
	mkdir -p tpm
	swtpm socket --tpm2 --tpmstate "dir=$PWD/tpm" --server "type=unixio,path=$PWD/tpm/s" \
		--ctrl "type=unixio,path=$PWD/tpm/s.ctrl" --flags not-need-init,startup-clear --daemon \
		--pid "file=$PWD/tpm/pid"
	export TPM2TOOLS_TCTI=swtpm:path=$PWD/tpm/s
}

tpm_stop() {
	[ ! -e tpm/pid ] || kill "$(cat tpm/pid)" 2>/dev/null || true
	rm -rf tpm
}
