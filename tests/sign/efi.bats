#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal efi: variable stores made from OVMF's templates, compared with efitools and Debian's own.

bats_require_minimum_version 1.5.0

load ../helpers

KSEAL=$KSEAL_BIN/kseal
OVMF=${OVMF_DIR:-/usr/share/OVMF}
EMPTY=$OVMF/OVMF_VARS_4M.fd
OWNER=6338560e-65d1-439d-ad68-274b9fc09278

# One certificate of RSA-4096 length, and one shorter.
setup_file() {
	export CERT="$BATS_FILE_TMPDIR/cert.pem" SMALL="$BATS_FILE_TMPDIR/small.pem"
	openssl req -x509 -nodes -newkey rsa:4096 -keyout "$BATS_FILE_TMPDIR/key" -days 30 \
		-subj "/O=$(printf 'long%.0s' {1..16})/CN=large certificate" -out "$CERT" 2>/dev/null
	openssl req -x509 -nodes -newkey rsa:2048 -keyout "$BATS_FILE_TMPDIR/key" -days 30 \
		-subj "/CN=small certificate" -out "$SMALL" 2>/dev/null
}

setup() {
	j=$BATS_TEST_TMPDIR/j
	[ -e "$EMPTY" ] || skip "OVMF is not installed"
	out="$BATS_TEST_TMPDIR/vars.fd"
	export SOURCE_DATE_EPOCH=1700000000
}

vars() {
	run --separate-stderr "$KSEAL" efi vars --template "$EMPTY" --output "$out" "$@"
}

fingerprint() { # FILE
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1
}

refused() { # TEXT...
	local text
	# shellcheck disable=SC2154 # run --separate-stderr sets it
	echo "status $status: $stderr"
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	for text in "$@"; do
		[[ $stderr == *"$text"* ]]
	done
	[ ! -e "$out" ]
}

@test "what is enrolled is shown" {
	vars --pk "$CERT" --kek "$CERT" --kek "$SMALL" --db "$SMALL" --dbx-cert "$CERT" \
		--dbx-hash "$(printf '%064d' 7)"
	[ "$status" -eq 0 ]
	[[ $output == *"PK 1, KEK 2, db 1, dbx 2; Secure Boot on"* ]]
	[ "$(stat -c %s "$out")" -eq "$(stat -c %s "$EMPTY")" ]
	run "$KSEAL" efi show "$out"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "PK "*" 8be4df61-93ca-11d2-aa0d-00e098032b8c NV+BS+RT+AT "* ]]
	[[ ${lines[1]} == *"x509    $(fingerprint "$CERT")" && ${lines[2]} == *"until "*"  large certificate" ]]
	[[ ${lines[3]} == "KEK "* ]]
	[[ ${lines[6]} == *"$(fingerprint "$SMALL")" && ${lines[7]} == *"  small certificate" ]]
	[[ ${lines[8]} == "db "*" d719b2cb-3d3a-4596-a3bc-dad00e67656f NV+BS+RT+AT "* ]]
	[[ ${lines[11]} == "dbx "* ]]
	[[ ${lines[14]} == *"sha256  $(printf '%064d' 7)"* ]]
	[[ ${lines[15]} == "SecureBootEnable "*"NV+BS "* ]]
	[[ ${lines[16]} == "CustomMode "* ]]
}

@test "a signature list is the one that cert-to-efi-sig-list makes" {
	command -v cert-to-efi-sig-list >/dev/null || skip "efitools is not installed"
	cert-to-efi-sig-list -g "$OWNER" "$CERT" "$BATS_TEST_TMPDIR/esl"
	vars --db "$CERT"
	[ "$status" -eq 0 ]
	# The first record starts at 0x64: 60 bytes of header, "db" in UTF-16 with its NUL.
	cmp -n "$(stat -c %s "$BATS_TEST_TMPDIR/esl")" -i "0:$((0x64 + 60 + 6))" \
		"$BATS_TEST_TMPDIR/esl" "$out"
}

@test "a list of digests is the one that hash-to-efi-sig-list makes" {
	command -v hash-to-efi-sig-list >/dev/null || skip "efitools is not installed"
	local stub=/usr/lib/systemd/boot/efi/linuxx64.efi.stub hash
	[ -e "$stub" ] || skip "systemd-boot-efi is not installed"
	hash=$(hash-to-efi-sig-list "$stub" "$BATS_TEST_TMPDIR/esl" | sed 's/^HASH IS //')
	vars --dbx-hash "$hash"
	[ "$status" -eq 0 ]
	# The owner (16 bytes at 28) is efitools' null one there; the rest is the same.
	cmp -n 28 -i "0:$((0x64 + 60 + 8))" "$BATS_TEST_TMPDIR/esl" "$out"
	cmp -n 32 -i "44:$((0x64 + 60 + 8 + 44))" "$BATS_TEST_TMPDIR/esl" "$out"
}

@test "Debian's store with Microsoft's keys is read" {
	[ -e "$OVMF/OVMF_VARS_4M.ms.fd" ] || skip "Debian's enrolled store is not there"
	run "$KSEAL" efi show "$OVMF/OVMF_VARS_4M.ms.fd"
	[ "$status" -eq 0 ]
	[[ $output == *"48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507"*"Microsoft Corporation UEFI CA 2011"* ]]
	[[ $output == *"e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961"*"Microsoft Windows Production PCA 2011"* ]]
	[[ $output == *"a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503"*"Microsoft Corporation KEK CA 2011"* ]]
}

@test "the keyring's certificates go where their purposes say" {
	vars --manifest keyring/microsoft.keyring --pk "$CERT"
	[ "$status" -eq 0 ]
	[[ $output == *"PK 1, KEK 2, db 4, dbx 0; Secure Boot on"* ]]
	run "$KSEAL" efi show "$out"
	[[ $output == *"Microsoft UEFI CA 2023"* ]]
	[[ $output == *"Microsoft Corporation KEK 2K CA 2023"* ]]
	# What the kernel trusts is not what firmware starts.
	[[ $output != *"Mariner"* ]]
}

@test "without a platform key the store is in setup mode" {
	vars --db "$CERT"
	[ "$status" -eq 0 ]
	[[ $output == *"Secure Boot off (setup mode)"* ]]
	run "$KSEAL" efi show "$out"
	[[ $output != *"SecureBootEnable"* ]]
	# Nothing at all to enrol gives back the template.
	vars
	[ "$status" -eq 0 ]
	cmp "$EMPTY" "$out"
}

@test "--no-secure-boot writes SecureBootEnable 0, otherwise 1" {
	vars --pk "$SMALL"
	[[ $output == *"Secure Boot on"* ]]
	cp "$out" "$out.on"
	vars --pk "$SMALL" --no-secure-boot
	[ "$status" -eq 0 ]
	[[ $output == *"Secure Boot off"* ]]
	# One byte differs: 1 against 0.
	run cmp -l "$out.on" "$out"
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} == *" 1   0" ]]
}

@test "the same input gives the same bytes, and the timestamp is SOURCE_DATE_EPOCH" {
	vars --pk "$CERT" --db "$SMALL"
	cp "$out" "$out.first"
	vars --pk "$CERT" --db "$SMALL"
	cmp "$out.first" "$out"
	# 2023-11-14 22:13:20 as EFI_TIME, 16 bytes into the first record.
	[ "$(od -An -tx1 -j $((0x64 + 16)) -N 7 "$out")" = " e7 07 0b 0e 16 0d 14" ]
	SOURCE_DATE_EPOCH=soon vars --pk "$CERT"
	[ "$status" -eq 1 ]
	[[ $stderr == *"SOURCE_DATE_EPOCH"* ]]
	cmp "$out.first" "$out"
}

@test "a template that has a platform key is refused" {
	vars --pk "$CERT"
	mv "$out" "$out.enrolled"
	EMPTY=$out.enrolled vars --pk "$CERT"
	refused "has a platform key already" "vars.fd.enrolled"
}

@test "--add: keys join those of the template, which keeps all else; nothing is there twice" {
	local enrolled=$out.enrolled list="$BATS_TEST_TMPDIR/dbx.esl"
	vars --pk "$CERT" --kek "$CERT" --db "$SMALL" --dbx-hash "$(printf '%064d' 7)" --no-secure-boot
	mv "$out" "$enrolled"
	"$KSEAL" efi esl --hash "$(printf '%064d' 7)" --hash "$(printf '%064d' 8)" --cert "$SMALL" --output "$list"
	export SOURCE_DATE_EPOCH=1700000100
	EMPTY=$enrolled vars --add --db "$SMALL" --db "$CERT" --kek "$CERT" --dbx "$list"
	[ "$status" -eq 0 ]
	[[ $output == *"PK 1, KEK 1, db 2, dbx 3; Secure Boot off"* ]]
	kseal efi show --json "$out" >"$j"
	check_json --control kseal/efi-show <"$j"
	[ "$(jq -c '[.variables[] | [.name, .time]]' "$j")" = '[["PK","2023-11-14 22:13:20"],["KEK","2023-11-14 22:13:20"],["SecureBootEnable",null],["CustomMode",null],["db","2023-11-14 22:15:00"],["dbx","2023-11-14 22:15:00"]]' ]
	# What is there stays first, byte for byte.
	[ "$(jq -r '.variables[] | select(.name == "db") | .signatures[].name' "$j")" = $'small certificate\nlarge certificate' ]
	# Nothing to add: the same store. An older build: the time does not go back.
	cp "$out" "$enrolled"
	EMPTY=$enrolled vars --add --db "$SMALL" --dbx "$list"
	cmp "$enrolled" "$out"
	export SOURCE_DATE_EPOCH=1600000000
	EMPTY=$enrolled vars --add --db "$SMALL" --dbx-cert "$CERT"
	kseal efi show --json "$out" >"$j"
	[ "$(jq -r '.variables[] | select(.name == "dbx") | .time' "$j")" = "2023-11-14 22:15:00" ]
	# What it does not do.
	rm "$out"
	EMPTY=$enrolled vars --add --pk "$SMALL"
	refused "leave --pk out"
	for option in --erase --no-secure-boot; do
		EMPTY=$enrolled vars --add $option --db "$SMALL"
		[ "$status" -eq 2 ]
		[ ! -e "$out" ]
	done
	# A store without keys gets its first ones.
	vars --add --pk "$CERT" --db "$SMALL"
	[[ $output == *"PK 1, KEK 0, db 1, dbx 0; Secure Boot on"* ]]
	cp "$out" "$out.added"
	vars --pk "$CERT" --db "$SMALL"
	cmp "$out.added" "$out"
}

@test "--add to Debian's store with Microsoft's keys" {
	[ -e "$OVMF/OVMF_VARS_4M.ms.fd" ] || skip "Debian's enrolled store is not there"
	run -0 kseal efi show --json "$OVMF/OVMF_VARS_4M.ms.fd"
	jq -c '.variables | map(select(.signatures)) | map([.name, (.signatures | length)])' <<<"$output" >"$j.before"
	EMPTY=$OVMF/OVMF_VARS_4M.ms.fd vars --add --db "$SMALL"
	[ "$status" -eq 0 ]
	kseal efi show --json "$out" >"$j"
	jq -c '.variables | map(select(.signatures)) | map([.name, (.signatures | length) - if .name == "db" then 1 else 0 end]) | sort' "$j" >"$j.after"
	diff <(jq -c sort "$j.before") "$j.after"
	[ "$(jq -r '.variables[] | select(.name == "db") | .signatures[-1].name' "$j")" = "small certificate" ]
}

@test "--dbx takes only lists that SetVariable() takes" {
	local list="$BATS_TEST_TMPDIR/dbx.esl"
	openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 30 -subj "/CN=elliptic" \
		-keyout "$BATS_TEST_TMPDIR/ec.key" -out "$BATS_TEST_TMPDIR/ec.pem" 2>/dev/null
	"$KSEAL" efi esl --cert "$BATS_TEST_TMPDIR/ec.pem" --output "$list"
	vars --pk "$CERT" --dbx "$list"
	[ "$status" -eq 3 ]
	[[ $stderr == *"RSA keys alone"*elliptic* ]]
	[ ! -e "$out" ]
	: >"$list"
	vars --pk "$CERT" --dbx "$list"
	refused "forbids nothing" "dbx.esl"
}

@test "--sbat-level is shim's variable, and is shown" {
	local level="$BATS_TEST_TMPDIR/level"
	printf 'sbat,1,2024040900\nshim,4\ngrub,3\n' >"$level"
	vars --pk "$CERT" --sbat-level "$level"
	[ "$status" -eq 0 ]
	run "$KSEAL" efi show "$out"
	[[ $output == *"SbatLevel "*" 605dab50-e046-4300-abb6-3dd810dd8b23 NV+BS "*$'\n    sbat,1,2024040900\n    shim,4\n    grub,3'* ]]
	kseal efi show --json "$out" >"$j"
	[ "$(jq -c '.variables[] | select(.name == "SbatLevel") | .sbat_level' "$j")" = '["sbat,1,2024040900","shim,4","grub,3"]' ]
	rm "$out"
	for text in 'shim,4' 'sbat,1,now' 'sbat,1' 'sbat,1,2024\nshim' 'sbat,1,2024\nshim,4,Debian' 'sbat,1,2024\n\nshim,4' 'sbat,2,2024' ''; do
		# shellcheck disable=SC2059 # newlines
		printf "$text" >"$level"
		vars --pk "$CERT" --sbat-level "$level"
		refused "SBAT level" "/level"
	done
}

@test "a template is erased: nothing of it is left, and the store is the one of an empty template" {
	vars --pk "$CERT" --db "$SMALL"
	cp "$out" "$out.want"
	vars --pk "$SMALL" --kek "$SMALL" --db "$CERT" --dbx-hash "$(printf 'ab%.0s' {1..32})"
	mv "$out" "$out.enrolled"
	EMPTY=$out.enrolled vars --erase --pk "$CERT" --db "$SMALL"
	[ "$status" -eq 0 ]
	cmp "$out.want" "$out"
	EMPTY=$out.enrolled vars --erase
	cmp "$EMPTY" "$out"
}

@test "the store of AAVMF has the format of OVMF's" {
	aavmf=/usr/share/AAVMF/AAVMF_VARS.ms.fd
	[ -e $aavmf ] || skip "no $aavmf, qemu-efi-aarch64 has it"
	EMPTY=$aavmf vars --pk "$CERT"
	refused "has a platform key already" "AAVMF_VARS.ms.fd"
	EMPTY=$aavmf vars --erase --pk "$CERT" --db "$SMALL"
	[ "$status" -eq 0 ]
	[ "$("$KSEAL" efi show "$out" | grep -c '^[^ ]')" -eq 4 ]
	[ "$(stat -c %s "$out")" -eq "$(stat -c %s $aavmf)" ]
}

@test "what is not a variable store is refused with its offset" {
	head -c 1000 "$EMPTY" >"$out.cut"
	EMPTY=$out.cut vars --pk "$CERT"
	refused "vars.fd.cut" "ends past the end of the file" "offset 0x20"
	head -c 4096 /dev/zero >"$out.zero"
	EMPTY=$out.zero vars
	refused "not a firmware volume" "offset 0x28"
	run --separate-stderr "$KSEAL" efi show "$CERT"
	[ "$status" -eq 1 ]
	run --separate-stderr "$KSEAL" efi show /nonexistent
	[ "$status" -eq 1 ]
	[[ $stderr == *"/nonexistent"* ]]
}

@test "more than fits is refused and leaves the old file" {
	for _ in $(seq 64); do cat "$CERT"; done >"$BATS_TEST_TMPDIR/many.pem"
	vars --pk "$CERT" --db "$BATS_TEST_TMPDIR/many.pem"
	[ "$status" -eq 0 ]
	cp "$out" "$out.first"
	vars --pk "$CERT" --kek "$BATS_TEST_TMPDIR/many.pem" --db "$BATS_TEST_TMPDIR/many.pem" \
		--dbx-cert "$BATS_TEST_TMPDIR/many.pem"
	[ "$status" -eq 1 ]
	[[ $stderr == *"do not fit"* ]]
	cmp "$out.first" "$out"
}

@test "a certificate that SetVariable() refuses is not enrolled, in no variable" {
	openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 30 -subj "/CN=elliptic" \
		-keyout "$BATS_TEST_TMPDIR/ec.key" -out "$BATS_TEST_TMPDIR/ec.pem" 2>/dev/null
	for option in --pk --kek --db --dbx-cert; do
		vars $option "$BATS_TEST_TMPDIR/ec.pem"
		refused "RSA keys alone" "elliptic"
		vars $option "$SMALL"
		[ "$status" -eq 0 ]
		rm "$out"
	done
}

@test "bad digests and bad certificates are refused" {
	vars --dbx-hash 1234
	refused "64 hex digits"
	vars --dbx-hash "$(printf '%064d' 7)0"
	refused "64 hex digits"
	vars --db "$EMPTY"
	refused "OVMF_VARS_4M.fd"
	vars --pk /nonexistent
	refused "/nonexistent"
}

@test "show --json is JSON" {
	vars --pk "$CERT" --dbx-hash "$(printf '%064d' 7)"
	run --separate-stderr kseal efi show --json "$out"
	[ "$status" -eq 0 ]
	python3 -c 'import json, sys
whole = json.load(sys.stdin)
assert whole["schema"] == "kseal/efi-show/1" and whole["kind"] == "variable_store", whole
rows = whole["variables"]
assert [r["name"] for r in rows] == ["PK", "dbx", "SecureBootEnable", "CustomMode"], rows
assert rows[0]["signatures"][0]["name"] == "large certificate", rows
assert rows[0]["signatures"][0]["owner"] == sys.argv[1], rows
assert rows[1]["signatures"][0]["digest"].endswith("7"), rows
' "$OWNER" <<<"$output"
}
