# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `load helpers`: $ROOT is the repository, $KSEAL_BIN the directory of the programs under test.

# run --separate-stderr
bats_require_minimum_version 1.5.0

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
: "${KSEAL_BIN:=$ROOT/out/bin}"
[[ $KSEAL_BIN == /* ]] || KSEAL_BIN=$ROOT/$KSEAL_BIN
# An EFI image of the same machine stands for a kernel; the flow uses the real one.
STUB=/usr/lib/systemd/boot/efi/linuxx64.efi.stub
IMAGE=/usr/lib/systemd/boot/efi/systemd-bootx64.efi
# A module by the kernel's own kbuild and modpost (scripts/dev/fuzz-seeds); tests/sign/module-kernel.bats has the
# kernel's loader look at it.
KO=$ROOT/sign/fuzz/corpus/elf/module-x86-64
export ROOT KSEAL_BIN STUB IMAGE KO

# What the caller set for a build must not steer a test, least of all where `make clean` works.
unset O SKU LINUX LINUX_TARBALL KERNEL_MIRROR INITRD KEYS RELEASE ALLOW_DEV_KEYS SOURCE_DATE_EPOCH JOBS V
unset {MODULE,UKI,PCR,PK,KEK}_{KEY,CERT} PASSPHRASE_FILE SIGNATURES
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# kseal ARGUMENT...: what it says as JSON has to be what docs/schema says.
kseal() { checked "$KSEAL_BIN/kseal" "$@"; }

# checked PROGRAM ARGUMENT...: run it; with --json check its output, which may be empty if it failed.
checked()
{
	local json rc=0

	[[ " ${*:2} " == *' --json '* ]] || {
		"$@"
		return
	}
	json=$("$@") || rc=$?
	[[ -z $json ]] || {
		printf '%s\n' "$json"
		# shellcheck disable=SC2119 # its own arguments
		check_json <<<"$json" || return 99
	}
	return $rc
}

# check_json [--control PROGRAM/VERB] <DOCUMENT: fails, with the reason on stderr, if it is not what its schema says.
# With --control that schema also has to refuse changes of this document.
# shellcheck disable=SC2120 # most have none
check_json() { "$ROOT/tests/check-json" "$@" >&2; }

# new_cert NAME [ALGORITHM [OPTION...]]: NAME.key (RSA-2048 if nothing is said) and its self-signed
# certificate NAME.pem, as `openssl req -x509` makes it
new_cert()
{
	local name=$1

	shift
	[[ $# -gt 0 ]] || set -- rsa:2048
	openssl req -x509 -new -nodes -newkey "$@" -keyout "$name.key" -out "$name.pem" \
		-subj "/CN=test ${name##*/}" -days 3650 2>/dev/null
	chmod 0600 "$name.key"
}

# new_module FILE [INFO]: a module, with one more line of modinfo if it must not be like the others
new_module()
{
	cp "$KO" "$1"
	[[ $# == 1 ]] || {
		objcopy --dump-section .modinfo="$1.modinfo" "$1"
		printf '%s\0' "$2" >>"$1.modinfo"
		objcopy --update-section .modinfo="$1.modinfo" "$1"
		rm "$1.modinfo"
	}
}

# large_module FILE DATA: a module that has the bytes of DATA in it
large_module()
{
	objcopy --add-section .data.large="$2" --set-section-flags .data.large=alloc,load,data "$KO" "$1"
}

# said TEXT: the output of the last `run` has TEXT; shows the output when not.
said()
{
	# shellcheck disable=SC2154 # bats sets $output
	[[ $output == *"$1"* ]] || {
		printf 'no "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

# not_said TEXT: the contrary.
not_said()
{
	[[ $output != *"$1"* ]] || {
		printf 'unexpected "%s" in:\n%s\n' "$1" "$output"
		return 1
	}
}

# fake NAME: make a program of that name out of stdin, found first in PATH.
fake()
{
	mkdir -p "$BATS_TEST_TMPDIR/fake"
	cat >"$BATS_TEST_TMPDIR/fake/$1"
	chmod +x "$BATS_TEST_TMPDIR/fake/$1"
	[[ $PATH == "$BATS_TEST_TMPDIR/fake:"* ]] || PATH=$BATS_TEST_TMPDIR/fake:$PATH
}
