#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# initrd.sh OUTPUT DATA INITRD TEST...: describe the initrd to the kernel's gen_init_cpio.
# Two archives: the first is plain, because the kernel looks for ACPI tables in plain archives only;
# the second is compressed, because the firmware hashes every byte of a UKI, and the test programs,
# which are static, have most of theirs in common. SOURCE_DATE_EPOCH sets every time stamp.
set -eu

die() {
	echo "initrd.sh: $1" >&2
	exit 1
}

[ $# -ge 4 ] || { echo "usage: initrd.sh OUTPUT DATA INITRD TEST..." >&2; exit 2; }
output=$1 data=$2 initrd=$3
shift 3

describe_plain() {
	for dir in /kernel /kernel/firmware /kernel/firmware/acpi; do
		echo "dir $dir 0755 0 0"
	done
	echo "file /kernel/firmware/acpi/kseal.aml $output/kseal.aml 0644 0 0"
}

describe_packed() {
	for dir in /dev /proc /sys /tmp /kselftest /kselftest/data; do
		echo "dir $dir 0755 0 0"
	done
	# Before devtmpfs is there, init complains through this one.
	echo "nod /dev/console 0600 0 0 c 5 1"
	echo "file /init $output/init 0755 0 0"
	echo "file /kselftest/modprobe_record $output/modprobe_record 0755 0 0"
	for test in "$@"; do
		echo "file /kselftest/$test $output/$test 0755 0 0"
	done
	for file in "$data"/*; do
		[ -f "$file" ] || continue
		echo "file /kselftest/data/${file##*/} $file 0644 0 0"
	done
	# One level of directories is enough for the sets of files that a test has.
	for dir in "$data"/*/; do
		[ -d "$dir" ] || continue
		name=$(basename "$dir")
		echo "dir /kselftest/data/$name 0755 0 0"
		for file in "$dir"*; do
			[ -f "$file" ] && echo "file /kselftest/data/$name/${file##*/} $file 0644 0 0"
		done
	done
}

# make_cpio NAME: OUTPUT/NAME.cpio from OUTPUT/NAME.list
make_cpio() {
	"$output/gen_init_cpio" -t "${SOURCE_DATE_EPOCH:-0}" "$output/$1.list" > "$output/$1.cpio"
}

for test in "$@"; do
	[ -x "$output/$test" ] || die "no test $test in $output (see TEST_GEN_PROGS)"
done
command -v zstd > /dev/null || die "zstd is not installed"
[ -d "$data" ] || die "$data: no such directory with test data"

# An ACPI table without code: signature, length 36, revision 2, checksum, OEM id, OEM table id,
# OEM revision, creator and its revision. All bytes add up to 0.
printf 'SSDT\044\000\000\000\002\160KSEAL KSEALTST\001\000\000\000KSEL\001\000\000\000' \
	> "$output/kseal.aml"

describe_plain > "$output/plain.list"
describe_packed "$@" > "$output/packed.list"
make_cpio plain
make_cpio packed
zstd -q -f -19 --long=27 -T1 -o "$output/packed.cpio.zst" "$output/packed.cpio"
cat "$output/plain.cpio" "$output/packed.cpio.zst" > "$initrd.tmp"
mv "$initrd.tmp" "$initrd"
