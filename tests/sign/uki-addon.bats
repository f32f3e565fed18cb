# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal uki addon, with systemd 257's stub of addons and its ukify. What the booted stub does with one, and
# what it measures into PCR 12, is proved in the VM (kselftest-extra/kdump).

load ../helpers
load uki

setup_file() { make_parts; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
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
	[ "$(kseal uki measure a.addon.efi)" = "12:sha256=$pcr" ]
	[ "$(kseal uki measure --json a.addon.efi | jq -r '"\(.pcr) \(.bank) \(.value)"')" = "12 sha256 $pcr" ]
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
	said 'no .cmdline'
	cp good.efi a.addon.efi
	printf '.linux\0' | dd of=a.addon.efi bs=1 seek="$(at .sbat)" conv=notrunc status=none
	run -3 kseal uki lint a.addon.efi
	said 'the stub ignores it'
	# Told once, by the rule of all images.
	[ "$(grep -c '[.]sbat' <<<"$output")" -eq 1 ]
	said 'no-sbat:'
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi good.efi
}
