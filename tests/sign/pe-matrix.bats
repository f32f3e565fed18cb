# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile images through the program, on which today's signers crash, hang or succeed: a sample of
# what sign/test/pe_matrix_test.c does to every field.

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	kseal pe sign --key signer.key --cert signer.pem --output good.efi "$IMAGE"
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

kseal() { timeout 10 "$KSEAL_BIN/kseal" "$@"; }
poke() { printf %b "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc 2>/dev/null; }

# refused WHAT: x.efi verifies for no verb; sign and strip, which may succeed, leave nothing if not
refused() {
	rm -f out.efi
	for verb in "verify --trust signer.pem" lint show hash "strip --output out.efi" \
		"sign --signed replace --key signer.key --cert signer.pem --output out.efi"; do
		# shellcheck disable=SC2086 # words
		run kseal pe $verb x.efi
		case $verb:$status in
		verify*:[13] | lint:[013] | show:[01] | hash:[01] | strip*:[013] | sign*:[01]) ;;
		*)
			echo "$1: pe $verb: exit $status: $output"
			return 1
			;;
		esac
		[ "$status" = 0 ] || [ ! -e out.efi ]
		rm -f out.efi
	done
	# Broken for all who read it, or at least for the signature.
	run -3 kseal pe lint x.efi || { echo "$1: lint has nothing against it"; return 1; }
}

@test "the control: the signed image passes all of them" {
	cp good.efi x.efi
	kseal pe verify --trust signer.pem x.efi
	for verb in lint show hash "strip --output out.efi"; do
		# shellcheck disable=SC2086 # words
		kseal pe $verb x.efi
	done
}

@test "headers at their edges" {
	pe=$(od -An -tu4 -j 60 -N 4 good.efi)
	opt=$((pe + 24)) row=$((pe + 24 + 240))
	while read -r off bytes what; do
		cp good.efi x.efi
		poke x.efi "$off" "$bytes"
		refused "$what"
	done <<-EOF
		60 \xff\xff\xff\xff e_lfanew
		$((pe + 4)) \x4c\x01 machine
		$((pe + 6)) \x00\x00 NumberOfSections-0
		$((pe + 6)) \xff\xff NumberOfSections-max
		$((pe + 20)) \xff\xff SizeOfOptionalHeader
		$((opt + 32)) \x00\x00\x00\x00 SectionAlignment
		$((opt + 56)) \x01\x00\x00\x00 SizeOfImage
		$((opt + 60)) \x00\x00\x00\x00 SizeOfHeaders-0
		$((opt + 60)) \x0a\x00\x00\x00 SizeOfHeaders-10
		$((opt + 60)) \xff\xff\xff\xff SizeOfHeaders-max
		$((opt + 108)) \xff\xff\xff\xff NumberOfRvaAndSizes
		$((opt + 144)) \xf8\xff\xff\xff certificates-past-the-end
		$((opt + 144)) \x00\x04\x00\x00 certificates-in-text
		$((opt + 148)) \xff\xff\xff\xff certificates-4-GiB
		$((row + 16)) \xff\xff\xff\xff raw-size
		$((row + 20)) \xf0\xff\xff\xff raw-pointer
		$((row + 8)) \xff\xff\xff\xff virtual-size
		$((row + 60)) \x00\x04\x00\x00 overlapping-sections
	EOF
}

@test "tables, tails and messages" {
	table=$(($(od -An -tu4 -j $(($(od -An -tu4 -j 60 -N 4 good.efi) + 24 + 144)) -N 4 good.efi)))
	for length in '\x00\x00\x00\x00' '\x07\x00\x00\x00' '\xff\xff\xff\xff'; do
		cp good.efi x.efi
		poke x.efi $table "$length"
		refused "dwLength $length"
	done
	{ cat good.efi; printf x; } >x.efi
	refused "a byte behind the table"
	head -c $((table + 100)) good.efi >x.efi
	refused "a table cut short"
	head -c 600 good.efi >x.efi
	refused "headers alone"
	: >x.efi
	refused "nothing"
	head -c 4096 /dev/zero >x.efi
	refused "zeros"
}

@test "a message that is no DER is not a crash and no success" {
	table=$(($(od -An -tu4 -j $(($(od -An -tu4 -j 60 -N 4 good.efi) + 24 + 144)) -N 4 good.efi)))
	for head in '\x30\x80' '\x30\x84\xff\xff\xff\xff' '\x30\x00' '\x1f\xff\xff\xff\xff'; do
		cp good.efi x.efi
		poke x.efi $((table + 8)) "$head"
		run -3 kseal pe verify --trust signer.pem x.efi
		run -0 kseal pe show x.efi
		said "signer unknown"
	done
}
