#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The firmware as judge of pe verify and pe lint: OVMF under Secure Boot is asked about generated images
# in one boot, in stores of its own, and both must say what tests/sign/firmware/table says. tests/real/firmware
# asks all rows of it, and newer versions.

load ../helpers
load firmware

setup_file()
{
	local version

	for version in hash-to-efi-sig-list sign-efi-sig-list qemu-system-x86_64 mcopy; do
		command -v "$version" >/dev/null || skip "$version is not installed"
	done
	version=$(ovmf_version) || skip "OVMF is not one that the table knows"
	[[ $(uname -m) == x86_64 ]] || skip "the application is built for the machine, and OVMF is for x86-64"
	export DIR=$BATS_FILE_TMPDIR/judge COLUMN
	COLUMN=$(version_column "$version")
	generate "$DIR"
	table_rows + >"$DIR/rows"
	put_cases "$DIR" "$DIR/rows"
	firmware_says "$DIR" >"$DIR/firmware" 2>"$DIR/firmware.err" &
	kseal_says "$DIR" >"$DIR/kseal"
	wait $!
}

@test "the table has every image and every store, and each reason is said" {
	diff <(cd "$DIR/images" && printf '%s\n' * | sed 's/[.]efi$//' | sort) <(table_rows | cut -f 3 | grep -vx -e - | sort -u)
	diff <(sort "$DIR/names") <(table_rows | cut -f 2 | sort -u)
	run check_table
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the firmware answers what the table says" {
	cat "$DIR/firmware.err"
	[ "$(wc -l <"$DIR/firmware")" -ge 300 ]
	run differs "$DIR/rows" 4 "$COLUMN" "$DIR/firmware"
	echo "$output"
	[ -z "$output" ]
}

@test "kseal says what the table says" {
	run differs "$DIR/rows" 6 0 "$DIR/kseal"
	echo "$output"
	[ -z "$output" ]
}

@test "pe-says answers as the verbs do" {
	# One of each kind of answer, and where there is no db to say.
	awk -F '\t' '!(($3 $4) in seen) { seen[$3 $4] = 1; print $1, $2 ".efi" }' "$DIR/kseal" >"$DIR/some"
	[ "$(wc -l <"$DIR/some")" -ge 5 ]
	verbs_say "$DIR" <"$DIR/some" >"$DIR/verbs"
	while read -r line; do grep -xF "$line" "$DIR/kseal"; done <"$DIR/verbs"
	[ "$(wc -l <"$DIR/verbs")" = "$(wc -l <"$DIR/some")" ]
}

@test "another answer than the table's is seen" {
	awk -F '\t' -v OFS='\t' '$2 == "self" && $3 == "sha256" { $4 = "no" } { print }' "$DIR/rows" >"$DIR/other"
	run differs "$DIR/other" 4 "$COLUMN" "$DIR/firmware"
	[ "$output" = $'self sha256: the table says no\tyes, it is yes\tyes' ]
	grep -v $'^self\tsha256\t' "$DIR/firmware" >"$DIR/fewer"
	run differs "$DIR/rows" 4 "$COLUMN" "$DIR/fewer"
	[ "$output" = $'self sha256: the table says yes\tyes, it is no answer' ]
}
