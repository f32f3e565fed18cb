# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of scripts/vm share: a QEMU that is played by tests/vm/fake-qemu.c, built once per file.

setup_file() {
	local root
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	VM=${KSEAL_BIN:-$root/out/bin}/vm
	FAKE=$BATS_FILE_TMPDIR/fake-qemu
	export VM FAKE
	"${CC:-cc}" -Wall -Wextra -Werror -o "$FAKE" "$BATS_TEST_DIRNAME/fake-qemu.c" -lz
}

# An image and a variable store that only the player reads, in the test's directory.
vm_setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	printf 'not really a UKI' > uki.efi
	printf 'not really a variable store' > vars.fd
}
