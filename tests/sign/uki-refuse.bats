# SPDX-License-Identifier: LGPL-2.1-or-later
# What uki lint calls fatal is not built, signed nor prepared to be; the message is the finding.

load ../helpers
load uki

setup_file() {
	make_parts
	newc other.cpio second-init
	head -c 600 /dev/urandom | gzip >random.gz
	zstd -q --ultra -22 <initrd >initrd.zst
}

# newc ARCHIVE FILE: of one new file
newc() {
	echo "#!/bin/sh" >"$2"
	echo "$2" | cpio -o -H newc --quiet >"$1"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	signed=(--key "$K/signer.key" --cert "$K/signer.pem")
}

teardown() { [ -z "$(find . -name 'u.efi.*')" ]; }

# refused TEXT OPTION...: neither built nor signed, and the control is
refused() {
	local text=$1
	shift
	rm -f u.efi
	run -1 uki "$@"
	said "$text"
	run -1 uki "$@" "${signed[@]}"
	said "$text"
	[ ! -e u.efi ]
}

# The n-th section of that name: offset in the file, and of its row in the section table.
offset() { kseal uki show --json u.efi | jq "[.sections[] | select(.name == \"$1\").offset][${2:-0}]"; }
row() {
	local pe sections

	pe=$(od -An -tu4 -j60 -N4 u.efi)
	sections=$((pe + 24 + $(od -An -tu2 -j$((pe + 20)) -N2 u.efi)))
	echo $((sections + 40 * $(kseal uki show --json u.efi | jq "[.sections[].name] | index(\"$1\")")))
}
put() { printf '%b' "$2" | dd of=u.efi bs=1 seek="$1" conv=notrunc status=none; }

@test "an initrd that the kernel would not unpack" {
	echo text >text
	refused 'text: initrd is neither a cpio archive' --initrd text
	seq 100 >long
	refused 'long: initrd is neither a cpio archive' --initrd long
	head -c 50 "$K/initrd" >short
	refused 'short: initrd is neither a cpio archive nor compressed, or is cut off' --initrd short
	: >empty
	refused 'empty: initrd is empty' --initrd empty
	refused 'empty: initrd is empty' --initrd "$K/other.cpio" --initrd empty
	refused 'text: initrd is' --initrd "$K/other.cpio" --initrd text
	head -c 4096 /dev/zero >zeros
	refused 'zeros: initrd holds nothing but zeros' --initrd zeros
	echo "$K/init" | cpio -o -H odc --quiet >old-form
	refused 'old-form: initrd is a cpio archive of the old form' --initrd old-form
	head -c 3000 "$K/initrd" >cut-off
	refused 'cut-off: initrd is cut off inside of an entry' --initrd cut-off
	cat "$K/initrd" text >behind
	refused 'behind: initrd has neither an archive nor a compression' --initrd behind
	# Of one profile as well.
	newer
	printf 'ID=main\nINITRD=long\n' >main
	refused 'long: initrd is neither a cpio archive' --stub "$NEW_STUB" --profile main
}

@test "initrds that the kernel unpacks are taken" {
	cat "$K/other.cpio" "$K/initrd.zst" >microcode-first
	{
		head -c 513 /dev/zero
		gzip <"$K/initrd"
	} >zeros-first
	(cd "$K" && echo init | cpio -o -H crc --quiet) >crc-form
	image=(--stub "$STUB" --linux "$IMAGE" --os-release "$K/os-release" --cmdline a --output u.efi "${signed[@]}")
	for initrd in "$K/initrd" "$K/initrd.zst" "$K/random.gz" microcode-first zeros-first crc-form; do
		kseal uki build "${image[@]}" --initrd "$initrd"
		run -0 kseal uki lint u.efi
	done
	kseal uki build "${image[@]}" --initrd "$K/other.cpio" --initrd "$K/initrd.zst"
	run -0 kseal uki lint u.efi
	# Each alone is one, together they are not: zeros behind an archive end at a multiple of 4.
	run -1 kseal uki build "${image[@]}" --initrd "$K/initrd" --initrd zeros-first
	said 'u.efi: initrd goes on at no multiple of 4 behind an archive'
}

@test "phases that systemd never reaches" {
	pcr=(--pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem")
	for phases in enter-intrd leave-initrd enter-initrd,leave-initrd 'enter-initrd:ready'; do
		refused "no policy that this image ever reaches, sign it again: $phases" "${pcr[@]}" --phases "$phases"
	done
	for phases in '' enter-initrd enter-initrd:factory-reset; do
		uki "${pcr[@]}" --phases "$phases" "${signed[@]}"
		run -0 kseal uki lint u.efi
	done
	# What nobody signs in one go is refused before it is signed.
	uki --pcr-cert "$K/signer.pem"
	prepare=(kseal offline prepare --manifest m.json --uki-pcr u.efi --uki-pcr-output o.efi --uki-pcr-cert "$K/signer.pem")
	run -1 "${prepare[@]}" --phases enter-intrd
	said 'no policy that this image ever reaches'
	[ ! -e m.json ]
	run -0 "${prepare[@]}" --phases enter-initrd
}

@test "an image without a command line is asked for, and lint tells" {
	newer
	printf ' \n\t\n' >blanks
	: >empty
	printf '\0' >nul
	image=(--stub "$NEW_STUB" --linux "$IMAGE" --os-release "$K/os-release" --output u.efi)
	for line in '' ' ' $'\n' $' \t\r\n' $'\x01\x7f' @blanks @empty @nul; do
		for more in '' "--key $K/signer.key --cert $K/signer.pem"; do
			# shellcheck disable=SC2086 # nothing or four words
			run -1 kseal uki build "${image[@]}" --cmdline "$line" $more
			said 'command line is empty'
			said '--no-cmdline'
			[ ! -e u.efi ]
		done
	done
	run -2 kseal uki build "${image[@]}"
	said '--cmdline is required'
	run -2 kseal uki build "${image[@]}" --cmdline a --no-cmdline
	printf 'ID=main\nCMDLINE=@blanks\n' >main
	run -1 kseal uki build "${image[@]}" --cmdline a --profile main
	said 'blanks: command line is empty'
	kseal uki build "${image[@]}" --no-cmdline
	run -0 kseal uki lint u.efi
	said 'advice: no-cmdline: '
	# One of two profiles brings its own.
	printf 'ID=main\n' >main
	printf 'ID=own\nCMDLINE=quiet\n' >own
	kseal uki build "${image[@]}" --no-cmdline --profile main --profile own
	run -0 kseal uki lint u.efi
	said 'profile @0'
	not_said 'profile @1'
	kseal uki build "${image[@]}" --cmdline a
	run -0 kseal uki lint u.efi
	not_said no-cmdline
}

@test "empty files and texts are nobody's wish" {
	: >empty
	for part in --sbat --splash --dtb; do
		refused 'empty: file is empty' $part empty
	done
	run -1 kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release "$K/os-release" --cmdline a --uname '' --output u.efi
	said '--uname is empty'
	run -1 kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release empty --cmdline a --output u.efi
	said 'empty: file is empty'
}

@test "pe sign and offline prepare refuse a UKI for the same findings" {
	not_signed() {
		local text=$1

		run -1 kseal pe sign "${signed[@]}" --output s.efi u.efi
		said "$text"
		run -1 kseal offline prepare --manifest m.json --pe u.efi --pe-output s.efi --pe-cert "$K/signer.pem"
		said "$text"
		run -3 kseal uki lint u.efi
		said "$text"
		[ ! -e s.efi ]
		[ ! -e m.json ]
	}
	uki --pcr-cert "$K/signer.pem" --dtb "$K/board.dtb"
	cp u.efi good.efi
	kseal pe sign "${signed[@]}" --output s.efi u.efi
	rm s.efi
	put "$(offset .initrd)" XX
	not_signed 'initrd is neither a cpio archive'
	run -1 kseal offline prepare --manifest m.json --uki-pcr u.efi --uki-pcr-output o.efi --uki-pcr-cert "$K/signer.pem"
	said 'initrd is neither a cpio archive'
	cp good.efi u.efi
	put "$(offset .dtb)" XX
	not_signed '.dtb is not a flattened device tree'
	cp good.efi u.efi
	put "$(($(offset .cmdline) + 3))" '\0'
	not_signed 'text goes on behind a NUL byte'
	# The kernel alone, and a stub alone, are signed as before.
	kseal pe sign "${signed[@]}" --output s.efi "$IMAGE"
	kseal pe sign "${signed[@]}" --output s.efi "$STUB"
}

@test "a NUL at the end of a text hides nothing, as dracut writes it" {
	uki
	put "$(($(offset .cmdline) + 12))" '\0'
	run -0 kseal uki lint u.efi
	kseal pe sign "${signed[@]}" --output s.efi u.efi
}

@test "a section that the stub sees otherwise than who reads the file" {
	uki
	cp u.efi good.efi
	# The stub asks for VirtualSize: a command line of size 0 is none, and the boot loader's counts.
	put "$(($(row .cmdline) + 8))" '\0\0\0\0'
	run -3 kseal uki lint u.efi
	said 'section-size: section has VirtualSize 0'
	said no-cmdline
	run -1 kseal pe sign "${signed[@]}" --output s.efi u.efi
	[ "$(kseal uki show --json u.efi | jq -r '.profiles[0].cmdline')" = null ]
	# Stubs before 257 take .osrelx for .osrel, the last one wins, and it is measured.
	cp good.efi u.efi
	put "$(row .uname)" '.osrelx\0'
	run -3 kseal uki lint u.efi
	said 'section-name: '
	run -1 kseal uki measure u.efi
	said 'takes a section for another one'
	run -1 kseal pe sign "${signed[@]}" --output s.efi u.efi
	[ ! -e s.efi ]
	# A stub of 257 compares whole names.
	put "$(($(offset .sdmagic) + 30))" 257
	run -0 kseal uki lint u.efi
	kseal uki measure u.efi
	cp good.efi u.efi
	kseal uki measure u.efi
}
