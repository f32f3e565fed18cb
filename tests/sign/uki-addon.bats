# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal uki addon, with systemd 257's stub of addons and its ukify. What the booted stub does with one, and
# what it measures into PCR 12, is proved in the VM (kselftest-extra/kdump).

load ../helpers
load uki

setup() {
	enter_test
	newer
	ADDON_STUB=$NEW/lib/systemd/boot/efi/addonx64.efi.stub
}

# addon OPTION...: a.addon.efi; what the caller gives wins.
addon() {
	local options=()

	[[ " $* " == *' --stub '* ]] || options+=(--stub "$ADDON_STUB")
	[[ " $* " == *' --cmdline '* ]] || options+=(--cmdline 'crashkernel=256M quiet')
	[[ " $* " == *' --output '* ]] || options+=(--output a.addon.efi)
	kseal uki addon "${options[@]}" "$@"
}

@test "an addon has the sections that ukify gives it, and verifies when signed" {
	addon --uname 6.18.15 --key "$K/signer.key" --cert "$K/signer.pem"
	ukify --stub "$ADDON_STUB" --cmdline 'crashkernel=256M quiet' --uname 6.18.15 --output theirs.efi
	for name in .cmdline .uname .sbat; do
		ours=$(section $name a.addon.efi | tr -d '\0')
		[ -n "$ours" ]
		[ "$ours" = "$(section $name theirs.efi | tr -d '\0')" ]
	done
	sbverify --cert "$K/signer.pem" a.addon.efi
	run -0 kseal uki lint a.addon.efi
	said ' 0 fatal, 0 advice'
	run -0 kseal uki lint theirs.efi
	said ' 0 fatal'
}

@test "built and signed in one pass, or one after the other: the same bytes" {
	export SOURCE_DATE_EPOCH=1767225600
	addon --key "$K/signer.key" --cert "$K/signer.pem"
	mv a.addon.efi one.efi
	addon
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output two.efi a.addon.efi
	cmp one.efi two.efi
}

@test "PCR 12 is extended with the text in UTF-16 and its NUL" {
	addon
	event=$(printf 'crashkernel=256M quiet\0' | iconv -f ascii -t utf-16le | sha256sum | cut -d' ' -f1)
	pcr=$(printf '%064d%s' 0 "$event" | xxd -r -p | sha256sum | cut -d' ' -f1)
	zeros=$(printf '%064d' 0)
	[ "$(kseal uki measure a.addon.efi)" = "12:sha256=$pcr"$'\n'"13:sha256=$zeros" ]
	[ "$(kseal uki measure --json a.addon.efi | jq -r '.pcrs[] | "\(.pcr) \(.bank) \(.value)"')" = "12 sha256 $pcr"$'\n'"13 sha256 $zeros" ]
}

# What the stub looks for in an addon since 257, and microcode for it.
all_parts() {
	mkdir -p kernel/x86/microcode
	echo x >kernel/x86/microcode/GenuineIntel.bin
	find kernel | cpio -o -H newc --quiet >ucode
	parts=(--dtb "$K/board.dtb" --microcode ucode --initrd "$K/initrd" --initrd "$K/initrd")
}

@test "an addon of a device tree, microcode and an initrd is ukify's, section by section" {
	all_parts
	addon "${parts[@]}" --uname 6.18.15
	ukify --stub "$ADDON_STUB" --cmdline 'crashkernel=256M quiet' --uname 6.18.15 --devicetree "$K/board.dtb" --microcode ucode \
		--initrd "$K/initrd" --initrd "$K/initrd" --output theirs.efi
	for name in .cmdline .dtb .ucode .initrd .uname; do
		bytes=$(kseal uki show --json theirs.efi | jq ".sections[] | select(.name == \"$name\").virtual_bytes")
		[ "$bytes" -gt 0 ]
		section $name a.addon.efi | head -c "$bytes" >ours
		section $name theirs.efi | head -c "$bytes" | cmp - ours
	done
	run -0 kseal uki lint a.addon.efi
	said ' 0 fatal, 0 advice'
}

@test "PCR 12 is extended with the command line, the device tree, the microcode, the initrd, in each bank" {
	all_parts
	addon "${parts[@]}"
	cat "$K/initrd" "$K/initrd" >initrd
	for bank in sha1 sha256 sha512; do
		pcr=$(head -c "$(printf x | "${bank}sum" | cut -d' ' -f1 | tr -d '\n' | wc -c)" /dev/zero | tr '\0' 0)
		printf 'crashkernel=256M quiet\0' | iconv -f ascii -t utf-16le >event
		for event in event "$K/board.dtb" ucode initrd; do
			pcr=$({ xxd -r -p <<<"$pcr"; "${bank}sum" <"$event" | cut -d' ' -f1 | xxd -r -p; } | "${bank}sum" | cut -d' ' -f1)
		done
		[ "$(kseal uki measure --bank $bank a.addon.efi | head -n 1)" = "12:$bank=$pcr" ]
	done
	# A command line is not needed, something is.
	kseal uki addon --stub "$ADDON_STUB" --microcode ucode --output u.addon.efi
	run -0 kseal uki lint u.addon.efi
	[ "$(kseal uki measure u.addon.efi | head -n 1)" != "$(kseal uki measure a.addon.efi | head -n 1)" ]
	run -2 kseal uki addon --stub "$ADDON_STUB" --output x.addon.efi
	said '--cmdline, --dtb, --microcode or --initrd is needed'
}

@test "a part that the kernel would not take is not put into an addon" {
	all_parts
	run -1 addon --dtb ucode
	said 'not a flattened device tree'
	run -1 addon --microcode "$K/initrd"
	said 'kernel/x86/microcode/'
	run -1 addon --initrd "$K/board.dtb"
	said 'board.dtb:'
	[ ! -e a.addon.efi ]
	addon "${parts[@]}"
}

@test "SBAT lines of one's own follow the line of the format" {
	echo 'kseal.addon,1,kseal,addon,1,https://example.org/' >sbat
	addon --sbat sbat
	[ "$(section .sbat a.addon.efi | tr -d '\0' | cut -d, -f1 | xargs)" = 'sbat kseal.addon' ]
	echo 'kseal.addon,one' >sbat
	run -1 addon --sbat sbat
	said 'sbat:'
	yes 'kseal.addon,1,kseal,addon,1,https://example.org/' | head -n 100 >sbat
	run -1 addon --sbat sbat
	said 'sbat: .sbat is too long'
}

@test "what the stub would change, cut or not look for is refused" {
	run -1 addon --cmdline $'a\tb'
	said 'not printable ASCII'
	run -1 addon --cmdline 'a=ä'
	said 'not printable ASCII'
	run -1 addon --cmdline ' '
	said 'empty'
	run -1 addon --cmdline "$(printf 'x%.0s' {1..2048})"
	said 'over 2047 bytes'
	[ ! -e a.addon.efi ]
	addon --cmdline "$(printf 'x%.0s' {1..2047})"
	run -1 addon --output a.efi
	said '.addon.efi'
	[ ! -e a.efi ]
	run -1 addon --uname ''
	said '--uname is empty'
	run -1 addon --key "$K/signer.key"
	said 'no certificate comes with this key, give --cert'
	run -1 addon --cert "$K/signer.pem"
	said '--cert goes with --key'
}

@test "stubs of images and of addons are not taken for each other" {
	run -1 addon --stub "$NEW_STUB"
	said 'stub of addons'
	run -1 uki --stub "$ADDON_STUB"
	said 'not systemd-stub'
}

@test "an addon that the stub would ignore is found, and not signed" {
	addon
	cp a.addon.efi good.efi
	# A name of the section table: the first bytes that read so.
	at() { grep -abo -m1 -F "$1" good.efi | head -n 1 | cut -d: -f1; }
	printf '.cmdlinX' | dd of=a.addon.efi bs=1 seek="$(at .cmdline)" conv=notrunc status=none
	run -3 kseal uki lint a.addon.efi
	said 'nothing that the stub takes'
	run -1 kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi a.addon.efi
	[ ! -e s.efi ]
	run -1 kseal uki measure a.addon.efi
	said 'addon has no .cmdline, .dtb, .ucode or .initrd'
	cp good.efi a.addon.efi
	printf '.linux\0' | dd of=a.addon.efi bs=1 seek="$(at .sbat)" conv=notrunc status=none
	run -3 kseal uki lint a.addon.efi
	said 'the stub ignores it'
	# Told once, by the rule of all images.
	[ "$(grep -c '[.]sbat' <<<"$output")" -eq 1 ]
	said 'no-sbat:'
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi good.efi
}
