# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal uki build beside ukify of the newest systemd: the same content in each section, in an order that means the same.

load ../helpers
load uki

setup() {
	enter_test
	newer sid
	HWIDS=$NEW/lib/systemd/boot/hwids/aa64
	mkdir -p fw/vendor-1 fw/vendor-2
	head -c 3001 /dev/urandom >fw/vendor-1/image.bin
	echo firmware >fw/vendor-2/image
	mkdir -p early/kernel/x86/microcode
	head -c 4096 /dev/urandom >early/kernel/x86/microcode/GenuineIntel.bin
	(cd early && find . -mindepth 1 | sed 's/^[.][/]//' | cpio -o -H newc --quiet) >ucode
	for nr in 1 2 3; do
		cp "$K/board.dtb" $nr.dtb
		printf '%s' $nr | dd of=$nr.dtb bs=1 seek=39 conv=notrunc status=none
	done
}

# content IN OUT-DIR: each section of the table from .osrel on, as NAME.NR, in its length in memory
content() {
	local name bytes off nr=0

	mkdir -p "$2"
	kseal uki show --json "$1" | jq -r '.sections[] | "\(.name) \(.virtual_bytes) \(.offset)"' |
		while read -r name bytes off; do
			case $name in
			.osrel | .cmdline | .uname | .dtb | .dtbauto | .hwids | .splash | .pcrpkey | .linux | .initrd | .efifw | .ucode | .own*)
				nr=0
				while [ -e "$2/$name.$nr" ]; do nr=$((nr + 1)); done
				dd if="$1" of="$2/$name.$nr" iflag=skip_bytes,count_bytes skip="$off" count="$bytes" bs=1M status=none
				;;
			esac
		done
}

@test "each section holds what ukify puts into it" {
	echo own >cmdline.txt
	uki --stub "$NEW_STUB" --splash "$K/splash.bmp" --dtb "$K/board.dtb" --dtbauto 1.dtb --dtbauto 2.dtb --dtbauto 3.dtb \
		--hwids "$HWIDS" --efifw fw/vendor-1 --efifw fw/vendor-2/ --microcode ucode --section .ownb:ucode --section .owna:cmdline.txt
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --os-release "@$K/os-release" --uname 6.18.15 \
		--cmdline "@$K/cmdline" --splash "$K/splash.bmp" --devicetree "$K/board.dtb" --devicetree-auto 1.dtb \
		--devicetree-auto 2.dtb --devicetree-auto 3.dtb --hwids "$HWIDS" --efifw fw/vendor-1 --efifw fw/vendor-2 \
		--microcode ucode --section .ownb:@ucode --section .owna:@cmdline.txt --output theirs.efi
	content u.efi ours
	content theirs.efi theirs
	[ "$(find ours -type f | wc -l)" -eq 16 ]
	diff -r ours theirs
	# The stub takes the first .dtbauto and .efifw that fits.
	for name in .dtbauto .efifw; do
		[ "$(kseal uki show --json u.efi | jq "[.sections[] | select(.name == \"$name\").offset] | . == sort")" = true ]
	done
	run -0 kseal uki lint u.efi
	said ' 0 fatal'
	[ "$(kseal uki show --json u.efi | jq -r '.sections[-1].name')" = .linux ]
}

@test "of hardware IDs a file is as good as a directory, and each is there once" {
	uki --stub "$NEW_STUB" --hwids "$HWIDS/sc7180-acer-aspire1.json"
	mkdir -p some/deep
	cp "$HWIDS/sc7180-acer-aspire1.json" some/deep/
	cp "$HWIDS/sc7180-acer-aspire1.json" some/again.json
	echo 'not for us' >some/README
	printf '{"type":"uefi-fw","name":"B","fwid":"vendor-1","hwids":["45D37DBE-40FB-57BD-A257-55F422D4DC0A"]}' >some/zz.json
	section .hwids u.efi >one
	uki --stub "$NEW_STUB" --hwids some
	section .hwids u.efi >ours
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --cmdline a --os-release x --hwids some --output theirs.efi
	section .hwids theirs.efi | cmp - ours
	run ! cmp one ours
}

@test "a description that the stub could not use is refused by its name" {
	printf '{"name":"A","compatible":"a,a","hwids":["45d37dbe-40fb-57bd-a257-55f422d4dc0a"]}' >good.json
	uki --stub "$NEW_STUB" --hwids good.json
	rm u.efi
	refused() {
		printf '%s' "$1" >bad.json
		run -1 uki --stub "$NEW_STUB" --hwids bad.json
		said "bad.json: "
		said "$2"
		[ ! -e u.efi ]
	}
	refused '{"name":"A","compatible":"a,a"}' 'description of a machine needs'
	refused '{"name":"A","compatible":"a,a","fwid":"x","hwids":["45d37dbe-40fb-57bd-a257-55f422d4dc0a"]}' 'description of a machine needs'
	refused '{"type":"other","name":"A","compatible":"a,a","hwids":["45d37dbe-40fb-57bd-a257-55f422d4dc0a"]}' 'description of a machine needs'
	refused '{"name":"A","compatible":"a,a","hwids":["45d37dbe40fb57bda25755f422d4dc0a"]}' 'hardware ID is not a GUID'
	refused '{"name":7,"compatible":"a,a","hwids":["45d37dbe-40fb-57bd-a257-55f422d4dc0a"]}' 'has no text where one belongs'
	refused '[]' 'not a JSON object'
	refused '{"name":"A"} x' 'not a JSON object'
	mkdir empty
	run -1 uki --stub "$NEW_STUB" --hwids empty
	said 'no description of a machine'
}

@test "firmware is one file in a directory, microcode an early archive" {
	mkdir none two
	touch two/a two/b
	for dir in none two ucode nowhere; do
		run -1 uki --stub "$NEW_STUB" --efifw $dir
		said "$dir: not a directory with one firmware image"
	done
	mkdir zero && : >zero/a
	run -1 uki --stub "$NEW_STUB" --efifw zero
	said 'zero/a: file is empty'
	run -1 uki --stub "$NEW_STUB" --microcode "$K/initrd"
	said 'kernel/x86/microcode/'
	gzip <ucode >ucode.gz
	run -1 uki --stub "$NEW_STUB" --microcode ucode.gz
	said 'uncompressed cpio'
	run -1 uki --stub "$NEW_STUB" --dtbauto ucode
	said 'ucode: not a flattened device tree'
	[ ! -e u.efi ]
	uki --stub "$NEW_STUB" --efifw fw/vendor-1 --microcode ucode --dtbauto 1.dtb
}

@test "a section of one's own takes no other's name" {
	for name in .linux .pcrsig .text .sdmagic; do
		run -1 uki --stub "$NEW_STUB" --section "$name:ucode"
		said 'section is one of a UKI or of its stub'
	done
	run -1 uki --stub "$NEW_STUB" --section .own:ucode --section .own:1.dtb
	said 'section is given twice: .own'
	run -1 uki --stub "$NEW_STUB" --section own:ucode
	said 'a dot and 1 to 7'
	for arg in .own .own: :ucode .toolong89:ucode; do
		run -1 uki --stub "$NEW_STUB" --section "$arg"
		said '--section takes NAME:FILE'
	done
	# An older stub would take it for .dtb.
	run -1 uki --section .dtbown:ucode
	said 'takes the section for the one'
	[ ! -e u.efi ]
	uki --section .own:ucode
	[ "$(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".own").virtual_bytes')" = "$(stat -c %s ucode)" ]
}

@test "PCR 11 is what systemd-measure of that systemd computes with microcode and hardware IDs" {
	uki --stub "$NEW_STUB" --section .own:ucode --microcode ucode --hwids "$HWIDS"
	for name in .sbat .hwids; do section $name u.efi >"part$name"; done
	printf 6.18.15 >release
	theirs=$(tools/systemd-measure calculate --bank=sha256 --phase=enter-initrd --linux="$IMAGE" --osrel="$K/os-release" \
		--cmdline="$K/cmdline" --initrd="$K/initrd" --uname=release --ucode=ucode --sbat=part.sbat --hwids=part.hwids |
		sed -n 's/^11:sha256=//p')
	[ -n "$theirs" ]
	[ "$(values u.efi --phases enter-initrd)" = "$theirs" ]
}

@test "a stub older than a section is told of" {
	told() { kseal uki lint --json u.efi | jq -r '[.findings[] | select(.rule == "section-ignored").detail] | join(" ")'; }
	uki --stub "$NEW_STUB" --microcode ucode --hwids "$HWIDS" --efifw fw/vendor-1
	[ -z "$(told)" ]
	# systemd 257 knows no .efifw, 252 none of them.
	at=$(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".sdmagic").offset')
	[ "$(dd if=u.efi bs=1 skip=$((at + 30)) count=3 status=none)" = 262 ]
	printf 257 | dd of=u.efi bs=1 seek=$((at + 30)) conv=notrunc status=none
	[ "$(told)" = '.efifw, which 258 is the first to know' ]
	printf 255 | dd of=u.efi bs=1 seek=$((at + 30)) conv=notrunc status=none
	[ "$(told)" = '.ucode, which 256 is the first to know .hwids, which 257 is the first to know .efifw, which 258 is the first to know' ]
}

@test "a profile may bring its microcode" {
	printf 'ID=main\n' >main
	printf 'ID=second\nMICROCODE=ucode\n' >second
	uki --stub "$NEW_STUB" --profile main --profile second
	section .ucode u.efi | cmp - ucode -n "$(stat -c %s ucode)"
	[ "$(values u.efi --phases '' | sort -u | wc -l)" = 2 ]
}
