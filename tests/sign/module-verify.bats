#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal module verify: the kernel's verdict on every kind of signature, from certificates alone and
# from a small kernel with a configuration. That the verdicts are the kernel's is proved in the VM,
# by kselftest-extra/module_sig/module_rules; here are those that its one kernel cannot show.

load ../helpers
load verify

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	new_cert other
	new_cert ec ec -pkeyopt ec_paramgen_curve:secp384r1
	new_cert ed ed25519
	# Issued by the signer, which is no CA in any way.
	openssl req -new -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj "/CN=leaf" 2>/dev/null
	printf '%s\n' 'basicConstraints=CA:FALSE' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' >leaf.ext
	openssl x509 -req -in leaf.csr -CA signer.pem -CAkey signer.key -set_serial 77 -extfile leaf.ext -out leaf.pem \
		2>/dev/null
	new_module plain.ko
	"$KSEAL_BIN/kseal" module sign --key signer.key --cert signer.pem plain.ko
	mv plain.ko signed.ko
	cp signed.ko plain.ko
	"$KSEAL_BIN/kseal" module strip plain.ko
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

# cms FILE OPENSSL...: plain.ko, signed by openssl cms
cms() {
	local file=$1
	shift
	openssl cms -sign -binary -outform DER -in "$K/plain.ko" -out sig.der "$@"
	{
		cat "$K/plain.ko" sig.der
		printf '\0\0\2\0\0\0\0\0'
		printf '%08x' "$(stat -c %s sig.der)" | sed 's/../\\x&/g' | xargs -0 printf '%b'
		printf '~Module signature appended~\n'
	} >"$file"
}

@test "the states differ for what is not signed well, and agree on what is signed badly" {
	[ "$(verdicts "$K/signed.ko" "$K/signer.pem")" = '0 0 0 0' ]
	[ "$(verdicts "$K/plain.ko" "$K/signer.pem")" = 'ENODATA 0 EPERM EKEYREJECTED' ]
	[ "$(verdicts "$K/signed.ko" "$K/other.pem")" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
	cp "$K/signed.ko" m.ko
	"$ROOT/scripts/build/flip" m.ko 70
	[ "$(verdicts m.ko "$K/signer.pem")" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	[ "$(verdicts m.ko "$K/other.pem")" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
}

@test "exit 0 for all that load, 3 for a clear no, 1 for what could not be judged" {
	run -0 kseal module verify --trust "$K/signer.pem" "$K/signed.ko"
	said '1 of 1 modules verified'
	run -3 kseal module verify --trust "$K/signer.pem" "$K/signed.ko" "$K/plain.ko"
	said 'plain.ko: module is not signed (ENODATA)'
	said '1 of 2 modules verified'
	run -1 kseal module verify --trust "$K/signer.pem" "$K/plain.ko" gone.ko
	run -2 kseal module verify "$K/signed.ko"
	run -1 kseal module verify --kernel 6.12 --trust "$K/signer.pem" "$K/signed.ko"
	said 'knows the rules of 6.18 only'
}

@test "--json is one document, also for files that cannot be read" {
	run -1 --separate-stderr kseal module verify --json --trust "$K/signer.pem" "$K/signed.ko" gone.ko
	check_json --control kseal/module-verify <<<"$output"
	jq -e '.kernel.version == "6.18" and (.kernel.trusted | length) == 1 and
		(.files | length) == 2 and .files[0].signature == "0" and (.files[0].errors == []) and
		(.files[1].errors[0].text | contains("gone.ko"))' <<<"$output"
}

# Without a configuration nobody knows what the kernel can compute and what it enforces.
@test "assumed rules, and those of another series, are said" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)

	# rules FILE: what JSON says of them
	rules() {
		kseal module verify --json --trust "$1" "$K/signed.ko" >j 2>/dev/null || [ $? = 3 ]
		jq -c '.kernel | [.release, .assumed, .of_this_version]' j
	}
	run -0 kseal module verify --trust "$K/signer.pem" "$K/signed.ko"
	said 'rules assumed, no kernel was given: mainline 6.18'
	[ "$(rules "$K/signer.pem")" = '[null,true,null]' ]
	# The module is of another kernel than these, which is said too.
	VERMAGIC='6.18.15 SMP preempt mod_unload ' kernel "${config[@]}"
	run kseal module verify --trust vmlinux "$K/signed.ko"
	not_said rules
	[ "$(rules vmlinux)" = '["6.18.15",false,true]' ]
	for release in 6.12.40 6.180.1 6.1; do
		VERMAGIC="$release SMP preempt mod_unload " kernel "${config[@]}"
		run kseal module verify --trust vmlinux "$K/signed.ko"
		said "kernel is $release, judged by the rules of 6.18: it may have others"
		not_said assumed
		[ "$(rules vmlinux)" = "[\"$release\",false,false]" ]
	done
	sed -i '/IKCFG/d; /config.gz/d; s/6\.1 (me/6.18.0-rc1 (me/' vmlinux.S
	gcc -c -o vmlinux vmlinux.S
	run kseal module verify --trust vmlinux "$K/signed.ko"
	said 'rules assumed, no configuration in the kernel: mainline 6.18'
	not_said 'it may have others'
	[ "$(rules vmlinux)" = '["6.18.0-rc1",true,true]' ]
}

@test "the order of the verdicts is that of the files, whatever the threads do" {
	mkdir tree
	for i in $(seq 10 40); do cp "$K/signed.ko" "tree/$i.ko"; done
	cp "$K/plain.ko" tree/25.ko
	kseal module verify --jobs 8 --trust "$K/signer.pem" --json tree >a.json 2>/dev/null || [ $? = 3 ]
	kseal module verify --jobs 1 --trust "$K/signer.pem" --json tree >b.json 2>/dev/null || [ $? = 3 ]
	cmp a.json b.json
	[ "$(jq -r '.files[] | select(.signature != "0") | .file' a.json)" = tree/25.ko ]
}

@test "a leaf inside of the message is trusted through its issuer, CA or not, as in the kernel" {
	cms m.ko -noattr -md sha512 -signer "$K/leaf.pem" -inkey "$K/leaf.key"
	[ "$(verdicts m.ko "$K/signer.pem")" = '0 0 0 0' ]
	[ "$(verdicts m.ko "$K/other.pem")" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
	[ "$(verdicts m.ko "$K/leaf.pem")" = '0 0 0 0' ]
	cms m.ko -noattr -nocerts -md sha512 -signer "$K/leaf.pem" -inkey "$K/leaf.key"
	[ "$(verdicts m.ko "$K/signer.pem")" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
}

@test "a revoked signer, and a revoked issuer, refuse what is trusted otherwise" {
	run -3 kseal module verify --trust "$K/signer.pem" --revoked "$K/signer.pem" "$K/signed.ko"
	said 'signer is revoked'
	kseal module verify --trust "$K/signer.pem" --revoked "$K/other.pem" "$K/signed.ko"
	cms m.ko -noattr -md sha512 -signer "$K/leaf.pem" -inkey "$K/leaf.key"
	run -3 kseal module verify --trust "$K/leaf.pem" --revoked "$K/signer.pem" m.ko
	run -3 kseal module verify --trust "$K/signer.pem" --revoked "$K/leaf.pem" m.ko
	kseal module verify --trust "$K/signer.pem" --revoked "$K/other.pem" m.ko
}

@test "a kernel's own lists: trusted, revoked, and revoked by the hash of what is signed" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)
	kernel "${config[@]}"
	[ "$(verdicts "$K/signed.ko" vmlinux)" = '0 0 0 0' ]
	REVOKED=signer kernel "${config[@]}"
	[ "$(verdicts "$K/signed.ko" vmlinux)" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	# blacklist_hashes[]: the certificate is not loaded at all.
	openssl asn1parse -in "$K/signer.pem" -strparse 4 -noout -out tbs.der
	TBS=tbs:$(sha256sum <tbs.der | cut -d ' ' -f 1) kernel "${config[@]}"
	[ "$(verdicts "$K/signed.ko" vmlinux)" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
	TBS=tbs:$(sha256sum <config.gz | cut -d ' ' -f 1) kernel "${config[@]}"
	[ "$(verdicts "$K/signed.ko" vmlinux)" = '0 0 0 0' ]
	# More certificates beside the kernel's.
	[ "$(verdicts "$K/signed.ko" vmlinux "$K/other.pem")" = '0 0 0 0' ]
	run -1 kseal module verify --trust vmlinux --trust vmlinux "$K/signed.ko"
	said '--trust takes one kernel'
}

le32() { printf '%08x' "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/' | xargs -0 printf '%b'; }

# bzimage FILE PAYLOAD: boot sector, setup header, one sector of setup code, payload
bzimage() {
	{
		head -c 497 /dev/zero && printf '\1' && head -c 12 /dev/zero && printf '\x55\xaa\0\0HdrS\x0f\2'
		head -c 64 /dev/zero && le32 0 && le32 "$(stat -c %s "$2")" && head -c 432 /dev/zero && cat "$2"
	} >"$1"
}

@test "a bzImage of each compression that is known here, and no other" {
	local pack config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA512=y)
	kernel "${config[@]}"
	strip -o stripped vmlinux
	for pack in 'gzip -n' 'xz --check=crc32 --x86 --lzma2=dict=1MiB' 'xz --format=lzma' 'zstd -q' 'lz4 -l -9 -q'; do
		$pack -c stripped >payload
		[[ $pack == gzip* ]] || le32 "$(stat -c %s stripped)" >>payload
		bzimage bzImage payload
		[ "$(verdicts "$K/signed.ko" bzImage)" = '0 0 0 0' ]
		[ "$(verdicts "$K/plain.ko" bzImage)" = 'ENODATA 0 EPERM EKEYREJECTED' ]
	done
	printf '\2\x21\x4c\x18, which is the magic of lz4' >payload
	bzimage bzImage payload
	run -1 kseal module verify --trust bzImage "$K/signed.ko"
	said 'lz4 stream is broken or cut short'
	printf 'BZh91AY&SY, which is the magic of bzip2' >payload
	bzimage bzImage payload
	run -1 kseal module verify --trust bzImage "$K/signed.ko"
	said 'compressed with none of gzip, xz, lzma, zstd and lz4'
}

# x509_load_certificate_list() takes the length out of bytes 2 and 3 and stops where that cannot be.
@test "a broken list loses its later certificates, as in the kernel, and it is said" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)
	openssl x509 -in "$K/other.pem" -outform DER -out first.der
	kernel "${config[@]}"
	cat first.der trusted.der >both.der
	sed -i 's/trusted.der/both.der/' vmlinux.S
	gcc -c -o vmlinux vmlinux.S
	[ "$(verdicts "$K/signed.ko" vmlinux)" = '0 0 0 0' ]
	{ cat first.der && printf '\x31\x81\1\1' && cat trusted.der; } >both.der
	gcc -c -o vmlinux vmlinux.S
	[ "$(verdicts "$K/signed.ko" vmlinux)" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
	run -3 --separate-stderr kseal module verify --json --trust vmlinux "$K/signed.ko"
	jq -e '.kernel.list_cut_short and (.kernel.trusted | length) == 1' <<<"$output"
	# The header of a certificate below 256 bytes passes the kernel's check, and its length is wrong.
	{ printf '\x30\x81\xf0\x30' && cat trusted.der; } >both.der
	gcc -c -o vmlinux vmlinux.S
	[ "$(verdicts "$K/signed.ko" vmlinux)" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
}

@test "a kernel's configuration: enforcement, minimum digest, and what it can compute" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)
	kernel "${config[@]}" CONFIG_MODULE_SIG_FORCE=y
	[ "$(verdicts "$K/plain.ko" vmlinux)" = 'ENODATA EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	cms m.ko -noattr -nocerts -md sha256 -signer "$K/signer.pem" -inkey "$K/signer.key"
	kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_DIGEST_BITS=256
	[ "$(verdicts m.ko vmlinux)" = '0 0 0 0' ]
	kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_DIGEST_BITS=384
	[ "$(verdicts m.ko vmlinux)" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	run -3 kseal module verify --trust vmlinux m.ko
	said 'PKCS7: Sig 1: sha256 digest (256 bits) is weaker than the 384 bits required'
	kernel CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA512=y
	[ "$(verdicts m.ko vmlinux)" = 'ENOPKG 0 EPERM EKEYREJECTED' ]
	kernel CONFIG_CRYPTO_RSA=y
	run -1 kseal module verify --trust vmlinux m.ko
	said 'without CONFIG_MODULE_SIG'
}

@test "a kernel's minimum of RSA bits: the signer's key, and the one that signed its certificate" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_ECDSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)
	openssl req -new -key "$K/ec.key" -out ecleaf.csr -subj "/CN=leaf of another kind"
	openssl x509 -req -in ecleaf.csr -CA "$K/signer.pem" -CAkey "$K/signer.key" -set_serial 78 \
		-extfile "$K/leaf.ext" -out ecleaf.pem 2>/dev/null
	cms rsa.ko -noattr -nocerts -md sha512 -signer "$K/signer.pem" -inkey "$K/signer.key"
	cms leaf.ko -noattr -md sha512 -signer ecleaf.pem -inkey "$K/ec.key"
	kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_RSA_BITS=2048
	[ "$(verdicts rsa.ko vmlinux)" = '0 0 0 0' ]
	[ "$(verdicts leaf.ko vmlinux)" = '0 0 0 0' ]
	kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_RSA_BITS=3072
	[ "$(verdicts rsa.ko vmlinux)" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	run -3 kseal module verify --trust vmlinux rsa.ko
	said 'PKCS7: Sig 1: RSA key of 2048 bits is shorter than the 3072 bits required'
	[ "$(verdicts leaf.ko vmlinux)" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
	run -3 kseal module verify --trust vmlinux leaf.ko
	said 'PKCS7: Signer of cert 1: RSA key of 2048 bits is shorter than the 3072 bits required'
	cms ec.ko -noattr -nocerts -md sha512 -signer "$K/ec.pem" -inkey "$K/ec.key"
	TRUSTED=ec kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_RSA_BITS=3072
	[ "$(verdicts ec.ko vmlinux)" = '0 0 0 0' ]
	TRUSTED=ec kernel "${config[@]}" CONFIG_MODULE_SIG_MIN_RSA_BITS=many
	run -1 kseal module verify --trust vmlinux ec.ko
	said 'CONFIG_MODULE_SIG_MIN_RSA_BITS is not a number'
}

@test "ECDSA needs a kernel that has it" {
	local config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA256=y CONFIG_CRYPTO_SHA512=y)
	cms m.ko -noattr -nocerts -md sha512 -signer "$K/ec.pem" -inkey "$K/ec.key"
	TRUSTED=ec kernel "${config[@]}" CONFIG_CRYPTO_ECDSA=m
	[ "$(verdicts m.ko vmlinux)" = '0 0 0 0' ]
	# The self-signed certificate of the list is not loaded without it.
	TRUSTED=ec kernel "${config[@]}"
	[ "$(verdicts m.ko vmlinux)" = 'ENOKEY 0 EPERM EKEYREJECTED' ]
	cp m.ko bad.ko
	"$ROOT/scripts/build/flip" bad.ko 9
	[ "$(verdicts bad.ko "$K/ec.pem")" = 'EKEYREJECTED EKEYREJECTED EKEYREJECTED EKEYREJECTED' ]
}

@test "an Ed25519 certificate is not loaded, and one inside spoils the message" {
	[ "$(verdicts "$K/signed.ko" "$K/ed.pem" "$K/signer.pem")" = '0 0 0 0' ]
	kseal module verify --json --trust "$K/ed.pem" --trust "$K/signer.pem" "$K/signed.ko" |
		jq -e '.kernel.not_loaded[0].errno == "ENOPKG" and (.kernel.list_cut_short | not)'
	cms m.ko -noattr -md sha512 -signer "$K/signer.pem" -inkey "$K/signer.key" -certfile "$K/ed.pem"
	[ "$(verdicts m.ko "$K/signer.pem")" = 'ENOPKG 0 EPERM EKEYREJECTED' ]
}

@test "compressed modules are judged by what is inside" {
	zstd -q "$K/signed.ko" -o s.ko.zst
	xz --check=crc32 -c "$K/signed.ko" >s.ko.xz
	gzip -c "$K/plain.ko" >p.ko.gz
	kseal module verify --trust "$K/signer.pem" s.ko.zst s.ko.xz
	run -3 kseal module verify --trust "$K/signer.pem" p.ko.gz
	head -c 100 s.ko.xz >cut.ko.xz
	run -1 kseal module verify --trust "$K/signer.pem" cut.ko.xz
}

@test "what is signed well but is not a module does not load" {
	head -c 64 "$K/plain.ko" >part
	openssl cms -sign -binary -outform DER -in part -out sig.der -noattr -nocerts -md sha512 \
		-signer "$K/signer.pem" -inkey "$K/signer.key"
	{
		cat part sig.der
		printf '\0\0\2\0\0\0\0\0'
		printf '%08x' "$(stat -c %s sig.der)" | sed 's/../\\x&/g' | xargs -0 printf '%b'
		printf '~Module signature appended~\n'
	} >part.ko
	[ "$(verdicts part.ko "$K/signer.pem")" = '0 ENOEXEC ENOEXEC ENOEXEC' ]
	run -3 kseal module verify --trust "$K/signer.pem" part.ko
	said 'part.ko: ELF section table past the end: Invalid ELF section header overflow (ENOEXEC)'
}

# What signing refuses may be loaded all the same: the outer one of two signatures is what counts.
@test "a second signature under the first, or bytes behind the module, do not matter to the kernel" {
	openssl cms -sign -binary -outform DER -in "$K/signed.ko" -out sig.der -noattr -nocerts -md sha512 \
		-signer "$K/signer.pem" -inkey "$K/signer.key"
	{
		cat "$K/signed.ko" sig.der
		printf '\0\0\2\0\0\0\0\0'
		printf '%08x' "$(stat -c %s sig.der)" | sed 's/../\\x&/g' | xargs -0 printf '%b'
		printf '~Module signature appended~\n'
	} >twice.ko
	[ "$(verdicts twice.ko "$K/signer.pem")" = '0 0 0 0' ]
	{ cat "$K/plain.ko"; echo behind; } >longer.ko
	[ "$(verdicts longer.ko "$K/signer.pem")" = 'ENODATA 0 EPERM EKEYREJECTED' ]
}

@test "no change of a byte of the message crashes or lies" {
	cms m.ko -noattr -md sha512 -signer "$K/leaf.pem" -inkey "$K/leaf.key"
	size=$(stat -c %s m.ko)
	start=$((size - 40 - $(stat -c %s sig.der)))
	mkdir flipped
	for ((i = start; i < size - 40; i += 5)); do
		cp m.ko flipped/$i.ko
		"$ROOT/scripts/build/flip" flipped/$i.ko $i
	done
	run -3 --separate-stderr kseal module verify --trust "$K/signer.pem" --json flipped
	# Each is judged. Only a few bytes have no meaning: the list of digests, parameters, unused extensions.
	[ "$(jq '[.files[] | select(has("signature") | not)] | length' <<<"$output")" = 0 ]
	[ "$(jq '[.files[] | select(.signature == "0")] | length' <<<"$output")" -lt 12 ]
}
