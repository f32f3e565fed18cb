# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal pe lint through the program: what it prints, its exit codes, and that sign obeys it.

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

sign() { kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" "$@"; }
# poke FILE OFFSET BYTES: BYTES with escapes of printf %b
poke() { printf %b "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc 2>/dev/null; }

@test "the images that systemd ships have advice only, and are signed" {
	for f in "$STUB" "$IMAGE"; do
		run -0 kseal pe lint "$f"
		said "$f: 0 fatal"
		said "advice: section-alignment"
		sign --output s.efi "$f"
	done
}

@test "a section that is writable and executable is found, and not signed" {
	# .text is the first row of the section table: its flags are 36 bytes in.
	opt=$(($(od -An -tu4 -j 60 -N 4 "$IMAGE") + 24))
	table=$((opt + 240))
	cp "$IMAGE" wx.efi
	poke wx.efi table+39 '\xe0'
	# Firmware starts it; shim does not if the image claims NX_COMPAT.
	run -0 kseal pe lint wx.efi
	said "wx.efi: advice: write-execute: section is writable and executable, drop one of the two flags: .text"
	said "(offset 0x$(printf %x $((table + 36))))"
	run -1 sign --output x.efi wx.efi
	said "wx.efi: section is writable and executable"
	[ ! -e x.efi ]
	poke wx.efi opt+71 '\x01'
	run -3 kseal pe lint wx.efi
	said "fatal: write-execute"
	# The control: verifying and hashing do not judge it.
	run -0 kseal pe hash wx.efi
}

# directories NUMBER RVA BYTES: x.efi with that data directory
directory() {
	cp "$IMAGE" x.efi
	python3 - "$@" <<-'EOF'
		import struct, sys
		nr, rva, size = (int(w, 0) for w in sys.argv[1:])
		image = bytearray(open("x.efi", "rb").read())
		at = struct.unpack_from("<I", image, 60)[0] + 24 + 112 + 8 * nr
		struct.pack_into("<II", image, at, rva, size)
		open("x.efi", "wb").write(image)
	EOF
}

@test "directories that firmware's loader stumbles over are fatal, and not signed" {
	bytes=$(od -An -tu4 -j $(($(od -An -tu4 -j 60 -N 4 "$IMAGE") + 24 + 56)) -N 4 "$IMAGE")
	while read -r nr rva size words; do
		directory "$nr" "$rva" "$size"
		run -3 kseal pe lint x.efi
		said "fatal: $words"
		run -1 sign --output y.efi x.efi
		[ ! -e y.efi ]
	done <<-EOF
		5 0x1000 0x7fffffff base-relocations: relocation directory leaves the image
		5 $((bytes - 4)) 12 base-relocations: relocation directory leaves the image
		5 0xfffffff0 0x20 base-relocations: relocation directory wraps around
		5 0x10 8 base-relocations: relocation block of less than its header
		2 $((bytes - 8)) 64 resource-directory: resource directory leaves the image
	EOF
	# Without one, and with an empty one, it is loaded.
	for nr in 2 5 6; do
		directory $nr 0 0
		run -0 kseal pe lint x.efi
	done
}

@test "--json is one document with all findings" {
	cp "$IMAGE" bad.efi
	pe=$(od -An -tu4 -j 60 -N 4 "$IMAGE")
	poke bad.efi pe+24+68 '\x03'
	poke bad.efi pe+24+16 '\x00\x00\x00\x00'
	run -3 --separate-stderr kseal pe lint --json bad.efi
	check_json --control kseal/pe-lint <<<"$output"
	echo "$output" >lint.json
	python3 - "$((pe + 24))" <<-'EOF'
		import json, sys
		j = json.load(open("lint.json"))
		opt = int(sys.argv[1])
		fatal = {f["rule"]: f["offset"] for f in j["findings"] if f["severity"] == "fatal"}
		assert j["file"] == "bad.efi" and j["fatal"] == 2, j
		assert fatal == {"subsystem": opt + 68, "entry-point": opt + 16}, fatal
		assert all(set(f) == {"rule", "severity", "offset", "what", "detail"} for f in j["findings"])
	EOF
}

@test "what is not an image is one fatal finding, what is not a file is a failure" {
	echo text >text
	run -3 kseal pe lint text
	said "fatal: headers: not a PE image"
	run -1 kseal pe lint nothing
}

@test "every rule is in the man page" {
	rules=$(sed -n 's/^\t{ "\([a-z-]*\)", [A-Z_]*, .*/\1/p' "$ROOT/sign/ops/pe_lint.c")
	[ "$(wc -w <<<"$rules")" -ge 20 ]
	for rule in headers $rules; do
		grep -q "^\.It Sy .*\b$rule\b" "$ROOT/sign/man/kseal-pe-lint.1" || { echo "$rule"; return 1; }
	done
}

@test "what shim does not take of a signer is told where it signs, and of what is signed" {
	new_cert ec ec:<(openssl ecparam -name prime256v1)
	new_cert modules rsa:2048 -addext extendedKeyUsage=codeSigning,1.3.6.1.4.1.2312.16.1.2
	new_cert code rsa:2048 -addext extendedKeyUsage=codeSigning
	while read -r name words; do
		run -0 kseal pe sign --key "$name.key" --cert "$name.pem" --output "$name.efi" "$IMAGE"
		[ "$output" = "kseal: $IMAGE: advice: shim-signer: $words: test $name" ]
		run -0 kseal pe lint "$name.efi"
		said "$name.efi: advice: shim-signer: $words: test $name (offset"
		run kseal uki lint "$name.efi"
		said "shim-signer"
		run -0 kseal offline prepare --manifest m.json --pe "$IMAGE" --pe-output o.efi --pe-cert "$name.pem"
		said "kseal: $IMAGE: advice: shim-signer: $words"
	done <<-EOF
		ec key is not RSA, shim does not take its signatures
		modules certificate is for signing modules, shim ignores it in db and as a MOK
	EOF
	osslsigncode sign -h sha384 -certs code.pem -key code.key -in "$IMAGE" -out sha384.efi
	run -0 kseal pe lint sha384.efi
	said "advice: shim-signer: digest is not SHA-256, shim knows no other (offset"
	# Of what shim takes nothing is said.
	run -0 kseal pe sign --key code.key --cert code.pem --output code.efi "$IMAGE"
	[ -z "$output" ]
	run -0 kseal pe lint code.efi
	not_said shim-signer
}

@test "a certificate for modules above the signer is told of as well" {
	new_cert ca rsa:2048 -addext extendedKeyUsage=1.3.6.1.4.1.2312.16.1.2
	openssl req -new -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj "/CN=test leaf" 2>/dev/null
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out leaf.pem \
		-extfile <(echo basicConstraints=CA:FALSE) 2>/dev/null
	chmod 0600 leaf.key
	run -0 kseal pe sign --key leaf.key --cert leaf.pem --add-cert ca.pem --output x.efi "$IMAGE"
	said "advice: shim-signer: certificate is for signing modules, shim ignores it in db and as a MOK: test ca"
	run -0 kseal pe lint x.efi
	said "as a MOK: test ca (offset"
	# What is not in the signature is not known.
	run -0 kseal pe sign --key leaf.key --cert leaf.pem --output x.efi "$IMAGE"
	[ -z "$output" ]
}
