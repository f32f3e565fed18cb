#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal inspect: what it says of a file is compared with what the tool says that knows such files best.

load ../helpers
load keyring
load uki

setup_file() {
	make_parts
	export SOURCE_DATE_EPOCH=1700000000
	openssl req -x509 -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -keyout ec.key -days 30 \
		-subj '/C=DE/O=an organisation/CN=elliptic, of a test' -out ec.pem 2>/dev/null
	unset SOURCE_DATE_EPOCH
	openssl x509 -in signer.pem -outform DER -out signer.der
	# What an issuer signs, and the issuer beside it.
	make_issued
	openssl x509 -in other.pem -outform DER -out other.der
	printf 'KERNEL=="%s"\n' x >text
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

# ca.pem and leaf.pem, which it issued
make_issued() {
	new_cert ca
	openssl req -new -nodes -newkey rsa:3072 -keyout leaf.key -subj '/O=an organisation/CN=leaf of a test' \
		-out leaf.csr 2>/dev/null
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 0x00c0ffee -days 20 -sha384 \
		-out leaf.pem 2>/dev/null
}

# of JSON-PATH FILE [OPTION...]: one value of the first file, as jq writes it
of() {
	local path=$1

	shift
	kseal inspect --json "$@" | jq -r ".files[0]$path"
}

# same_cert JSON-PATH CERTIFICATE FILE...: what is said of a certificate is what openssl says
same_cert() {
	local path=$1 cert=$2 want

	shift 2
	want=$(openssl x509 -in "$cert" -noout -nameopt RFC2253 -subject -issuer -serial -startdate -enddate |
		sed 's/^[^=]*=//')
	{
		sed -n '1,2p' <<<"$want"
		sed -n 3p <<<"$want" | tr A-F a-f
		sed -n '4,5p' <<<"$want" | date -u -f - +%F
		fingerprint "$cert"
		openssl x509 -in "$cert" -noout -text | sed -n '0,/Signature Algorithm/s/.*Signature Algorithm: //p'
		openssl x509 -in "$cert" -noout -text | grep -o 'Public-Key: ([0-9]*' | grep -o '[0-9]*'
	} >want.cert
	of "$path"' | .subject_dn, .issuer_dn, .serial, .not_before, .not_after, .sha256, .signature_algorithm,
		(.key | gsub("[^0-9]"; ""))' "$@" >got.cert
	diff want.cert got.cert
}

@test "a certificate is what openssl says of it, from PEM and DER" {
	for file in signer.pem signer.der; do
		[ "$(of .kind "$K/$file")" = certificates ]
		same_cert '.certificates[0]' "$K/signer.pem" "$K/$file"
	done
	same_cert '.certificates[0]' "$K/ec.pem" "$K/ec.pem"
	same_cert '.certificates[0]' "$K/leaf.pem" "$K/leaf.pem"
	cat "$K/signer.pem" "$K/ec.pem" >both.pem
	same_cert '.certificates[1]' "$K/ec.pem" both.pem
	run -0 kseal inspect "$K/leaf.pem"
	said "certificate  CN=leaf of a test,O=an organisation"
	said "issuer     CN=test ca"
	said 'serial     c0ffee'
	said 'RSA of 3072 bits, certificate by sha384WithRSAEncryption'
	# Expired is said of what has, and of nothing else.
	for file in "$K/leaf.pem" "$ROOT"/keyring/certs/*.pem; do
		run -0 kseal inspect "$file"
		if openssl x509 -in "$file" -noout -checkend 0; then not_said EXPIRED; else said EXPIRED; fi
	done
}

@test "a module's names are modinfo's, whatever compresses it" {
	new_module m.ko "license=GPL v2"
	kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" m.ko
	for pack in cat xz zstd gzip; do
		case $pack in
		cat) file=m.ko ;;
		xz) file=m.ko.xz; xz --check=crc32 -k m.ko ;;
		zstd) file=m.ko.zst; zstd -q m.ko ;;
		gzip) file=m.ko.gz; gzip -k m.ko ;;
		esac
		[ "$(of .kind "$file")" = module ]
		[ "$(of .sha256 "$file")" = "$(sha256sum <"$file" | cut -d' ' -f1)" ]
		for key in name vermagic license depends; do
			want=$(modinfo -F $key ./m.ko | head -n 1)
			[ "$(of ".module.$key" "$file")" = "${want:-null}" ]
		done
		[ "$(of .module.signature.signer.issuer_dn "$file")" = "CN=$(modinfo -F signer ./m.ko)" ]
		[ "$(of .module.signature.signer.serial "$file")" = "$(modinfo -F sig_key ./m.ko | tr -d ': ' | tr A-F a-f)" ]
		[ "$(of .module.signature.hash "$file")" = "$(modinfo -F sig_hashalgo ./m.ko)" ]
	done
	[ "$(of .compression m.ko)" = null ]
	[ "$(of .compression m.ko.zst)" = zstd ]
	run -0 kseal inspect m.ko
	said 'by a certificate of CN=test signer, serial'
	said 'rsaEncryption with sha512, 256 bytes'
	# The control: without a signature nothing of it is there.
	kseal module strip m.ko
	[ "$(of .module.signature m.ko)" = null ]
	run -0 kseal inspect m.ko
	said 'signature    none'
}

@test "--trust names the certificate that a module's signature only points to" {
	new_module m.ko
	kseal module sign --key "$K/leaf.key" --cert "$K/leaf.pem" m.ko || skip 'not to be signed with'
	[ "$(of .module.signature.certificate m.ko)" = null ]
	same_cert .module.signature.certificate "$K/leaf.pem" --trust "$K/signer.pem" --trust "$K/leaf.pem" m.ko
	run -0 kseal inspect --trust "$K/signer.pem" m.ko
	said 'none of the certificates that --trust has'
}

@test "many modules are summed up by signer, in directories too" {
	mkdir -p tree/a/b
	for i in $(seq 12); do new_module tree/a/m"$i".ko "alias=$i"; done
	for i in $(seq 8); do new_module tree/a/b/n"$i".ko "alias=n$i"; done
	kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" tree/a >/dev/null
	kseal module strip tree/a/b/n1.ko >/dev/null
	kseal module sign --key "$K/other.key" --cert "$K/other.pem" --hash sha256 --signed replace tree/a/b/n[2-4].ko >/dev/null
	echo text >tree/modules.order
	run -0 kseal inspect tree
	said '20 kernel modules:'
	said '  16           by a certificate of CN=test signer, serial'
	said '  3            by a certificate of CN=test other, serial'
	said 'rsaEncryption with sha256'
	said '  1            without a signature that can be read'
	said 'tree/a/b/n1.ko'
	said '1 files of other kinds'
	not_said 'vermagic'
	# JSON has all of them, and the same sums.
	kseal inspect --json tree >all.json
	[ "$(jq '.files | length' all.json)" = 20 ]
	[ "$(jq -c '[.summary.signers[].nr_modules]' all.json)" = '[16,3,1]' ]
	[ "$(jq -r '.summary.signers[2].signer' all.json)" = null ]
	# Few of them are shown one by one.
	run -0 kseal inspect tree/a/b
	not_said 'kernel modules:'
	said vermagic
	run -0 kseal inspect --jobs 1 tree
	one=$output
	run -0 kseal inspect --jobs 8 tree
	[ "$output" = "$one" ]
}

@test "an image's signers are those of sbverify, in its order, with the chain" {
	sbsign --key "$K/leaf.key" --cert "$K/leaf.pem" --addcert "$K/ca.pem" --output one.efi "$IMAGE" 2>/dev/null
	sbsign --key "$K/other.key" --cert "$K/other.pem" --output two.efi one.efi 2>/dev/null
	[ "$(of .kind two.efi)" = pe ]
	same_cert '.pe.signatures[0].signer' "$K/leaf.pem" two.efi
	same_cert '.pe.signatures[0].chain[1]' "$K/ca.pem" two.efi
	same_cert '.pe.signatures[1].signer' "$K/other.pem" two.efi
	[ "$(of '.pe.signatures | length' two.efi)" = "$(sbverify --list two.efi 2>/dev/null | grep -c '^signature ')" ]
	[ "$(of .pe.authenticode_sha256 two.efi)" = "$(pesign -h -i two.efi | awk '{ print $NF }')" ]
	[ "$(of '.pe.signatures[1] | .matches and .intact' two.efi)" = true ]
	run -0 kseal inspect two.efi
	said 'signature 2  CN=test other'
	said 'sha256 matches, intact'
	# One byte of it more or less: the digest is no more that of the signature, and a wrong key is a wrong one.
	printf X | dd of=two.efi bs=1 seek=5000 conv=notrunc status=none
	run -0 kseal inspect two.efi
	said 'DOES NOT MATCH'
	[ "$(of '.pe.signatures | length' "$IMAGE")" = 0 ]
}

@test "dbx is judged if it is given, and else it is said that it was not" {
	sbsign --key "$K/leaf.key" --cert "$K/leaf.pem" --addcert "$K/ca.pem" --output s.efi "$IMAGE" 2>/dev/null
	kseal efi esl --cert "$K/ca.pem" --output ca.esl
	kseal efi esl --cert "$K/other.pem" --output other.esl
	kseal efi esl --image "$IMAGE" --output image.esl
	run -0 kseal inspect s.efi
	said 'dbx          not judged, --dbx was not given'
	[ "$(of .pe.dbx s.efi)" = null ]
	run -0 kseal inspect --dbx ca.esl s.efi
	said 'CA REVOKED by dbx'
	[ "$(of '.pe.signatures[0].dbx' --dbx ca.esl s.efi)" = ca ]
	run -0 kseal inspect --dbx other.esl s.efi
	said 'intact, not in dbx'
	run -0 kseal inspect --dbx image.esl s.efi
	said 'REVOKES this image by its digest'
	[ "$(of .pe.dbx --dbx other.esl s.efi)" = clear ]
	# Whom to trust is asked in the same way.
	[ "$(of '.pe.signatures[0].trusted' --trust "$K/ca.pem" s.efi)" = true ]
	[ "$(of '.pe.signatures[0].trusted' --trust "$K/other.pem" s.efi)" = false ]
	[ "$(of '.pe.signatures[0].trusted' s.efi)" = null ]
}

@test "SBAT: the components of the section, none, and what shim cannot read" {
	[ "$(of '.pe.sbat | map("\(.component),\(.generation)") | join(" ")' "$IMAGE")" = \
		"$(section .sbat "$IMAGE" | tr -d '\0' | cut -d, -f1,2 | paste -sd' ')" ]
	objcopy --remove-section .sbat "$IMAGE" none.efi
	[ "$(of .pe.sbat none.efi)" = null ]
	run -0 kseal inspect none.efi
	said 'SBAT         none, shim itself does not start it'
	# Held against a level, as shim does.
	run -0 kseal inspect "$IMAGE"
	said 'not judged, --sbat-level was not given'
	printf 'sbat,1,2024010100\nsystemd,2\n' >level
	run -0 kseal inspect --sbat-level level "$IMAGE"
	said REVOKED
	[ "$(of '.pe.sbat[] | select(.component == "systemd") | .least' --sbat-level level "$IMAGE")" = 2 ]
	printf 'sbat,1,2024010100\nsystemd,1\n' >level
	run -0 kseal inspect --sbat-level level "$IMAGE"
	said 'not revoked by the level'
	printf 'not,a,line' >sbat
	objcopy --update-section .sbat=sbat "$IMAGE" bad.efi 2>/dev/null
	run -0 kseal inspect bad.efi
	said 'SBAT         BROKEN'
}

@test "a UKI: texts, sections and PCRs, as objcopy and systemd-measure have them" {
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --pcr-pub "$K/signer.pub" 2>/dev/null ||
		uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	[ "$(of .kind u.efi)" = uki ]
	[ "$(of '.uki.profiles[0].cmdline' u.efi)" = console=ttyS0 ]
	[ "$(of '.uki.profiles[0].os' u.efi)" = 'kseal test' ]
	[ "$(of '.uki.profiles[0].uname' u.efi)" = 6.18.15 ]
	nr=0
	while read -r name sha256; do
		[ "$(section "$name" u.efi | sha256sum | cut -d' ' -f1)" = "$sha256" ]
		nr=$((nr + 1))
	done < <(of '.pe.sections[] | "\(.name) \(.sha256)"' u.efi)
	[ "$nr" -ge 10 ]
	[ "$(of '.pe.sections[] | select(.name == ".osrel") | .text' u.efi)" = "$(cat "$K/os-release")" ]
	for bank in sha1 sha256 sha384 sha512; do
		"$MEASURE" calculate --linux="$IMAGE" --osrel="$K/os-release" --cmdline="$K/cmdline" --initrd="$K/initrd" \
			--pcrpkey="$K/signer.pub" --bank=$bank >measured
		of ".uki.profiles[0].pcr11[] | select(.bank == \"$bank\") | .phases[1:][].value" u.efi >got
		sed -n "s/^11:$bank=//p" measured >want
		[ "$(wc -l <want)" = 4 ]
		cmp got want
	done
	[ "$(of '.uki.profiles[0].pcr11 | map(.bank) | join(" ")' u.efi)" = 'sha1 sha256 sha384 sha512' ]
	[ "$(of '.uki.profiles[0].pcrsig | "\(.nr_policies) \(.nr_predicted)"' u.efi)" = '4 4' ]
	run -0 kseal inspect u.efi
	said 'policies     4 signed for sha256, 4 of them are of PCR values of this image'
	# Signed for another command line.
	printf 'console=ttyS1' >cmdline
	objcopy --update-section .cmdline=cmdline u.efi moved.efi
	run -0 kseal inspect moved.efi
	said 'policies     4 signed for sha256, 0 of them are of PCR values of this image'
}

# shown_pcrs FILE: "BANK VALUE" for each value of PCR 11 that a person sees; a long one goes on in the next line
shown_pcrs() {
	awk '/^  PCR 11 / { value = $3; next }
		value && $1 ~ /^sha[0-9]+,$/ { print substr($1, 1, length($1) - 1), value; value = ""; next }
		value { value = value $1 }'
}

@test "a screen has the PCRs of SHA-256, --bank those of others, and JSON always all" {
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --pcr-bank sha1 --pcr-bank sha512
	run -0 kseal inspect u.efi
	[ "$(shown_pcrs <<<"$output")" = "$(values u.efi | sed 's/^/sha256 /')" ]
	# What is signed is held against all banks, also those that are not shown.
	said 'policies     8 signed for sha1, sha512, 8 of them are of PCR values of this'
	run -0 kseal inspect --bank sha384 --bank sha1 u.efi
	[ "$(shown_pcrs <<<"$output" | sort)" = "$({
		values u.efi --bank sha384 | sed 's/^/sha384 /'
		values u.efi --bank sha1 | sed 's/^/sha1 /'
	} | sort)" ]
	run ! awk 'length > 80 { wide = 1 } END { exit !wide }' <<<"$output"
	banks=(--bank sha1 --bank sha256 --bank sha384 --bank sha512)
	kseal uki measure --json "${banks[@]}" u.efi | jq '[.profiles[] | { bank, phases }]' >want
	[ "$(jq 'map(.phases | length) | add' want)" = 20 ]
	for bank in '' '--bank sha1'; do
		# shellcheck disable=SC2086 # none, or two words
		of '.uki.profiles[0].pcr11' $bank u.efi | diff want -
	done
	run -2 kseal inspect --bank md5 u.efi
	said 'no bank of PCRs, take sha1, sha256, sha384 or sha512: md5'
	run -2 kseal inspect --bank sha1 --bank sha1 u.efi
	said 'bank is given twice: sha1'
}

@test "what of a command line weakens the system is what uki lint tells" {
	printf 'quiet mitigations=off init=/bin/sh ro' >line
	uki --cmdline @line
	[ "$(of '.uki.profiles[0].weakens | map(.arg) | join(" ")' u.efi)" = 'mitigations=off init=/bin/sh' ]
	kseal uki lint --json u.efi | jq -r '.findings[] | select(.rule == "cmdline") | .what' >want
	of '.uki.profiles[0].weakens[].what' u.efi | cmp - want
	run -0 kseal inspect u.efi
	said 'weakens    mitigations=off: '
	# A line that weakens nothing.
	printf 'quiet ro' >line
	uki --cmdline @line
	[ "$(of '.uki.profiles[0].weakens | length' u.efi)" = 0 ]
}

@test "profiles and addons" {
	newer
	printf 'ID=a\nTITLE=first\n' >a.profile
	printf 'ID=b\nTITLE=second\nCMDLINE=quiet debug\n' >b.profile
	uki --stub "$NEW_STUB" --profile a.profile --profile b.profile
	[ "$(of '.uki.profiles | map(.id) | join(",")' u.efi)" = a,b ]
	[ "$(of '.uki.profiles[1].cmdline' u.efi)" = 'quiet debug' ]
	[ "$(of '.pe.sections | map(select(.name | startswith(".profile")).name) | join(",")' u.efi)" = .profile:0,.profile:1 ]
	run -0 kseal inspect u.efi
	said 'profile      @1'
	kseal uki addon --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --cmdline 'a b=c' --output x.addon.efi
	[ "$(of .kind x.addon.efi)" = addon ]
	[ "$(of '.addon.pcr12[] | "12:\(.bank)=\(.value)"' x.addon.efi)" = \
		"$(kseal uki measure --bank sha1 --bank sha256 --bank sha384 --bank sha512 x.addon.efi | grep '^12:')" ]
	run -0 kseal inspect x.addon.efi
	said 'cmdline      a b=c'
	said "PCR 12       $(kseal uki measure x.addon.efi | sed -n 's/^12:sha256=//p')"
	not_said 'sha384'
}

# initrd_of FILE: build a UKI with it, and print what is said of it
initrd_of() {
	kseal uki build --stub "$STUB" --linux "$IMAGE" --initrd "$1" --os-release "$K/os-release" --cmdline x --output i.efi
	of '.uki.profiles[0].initrd' i.efi >initrd.json
}

@test "an initrd is listed as cpio lists it, through its compression" {
	mkdir -p tree/lib/modules early/kernel/x86/microcode
	cp "$KO" tree/lib/modules/a.ko
	echo x >tree/lib/modules/b.ko.zst
	echo init >tree/init
	echo x >early/kernel/x86/microcode/AuthenticAMD.bin
	(cd tree && find . | cpio -o -H newc --quiet) >main
	(cd early && find . | cpio -o -H newc --quiet) >early.cpio
	for pack in cat gzip 'xz --check=crc32' zstd 'lzma -z'; do
		$pack <main >packed
		cat early.cpio packed >initrd
		initrd_of initrd
		{
			cpio -t --quiet <early.cpio
			cpio -t --quiet <main
		} | sed 's,^\./,,' >want
		jq -r '.names[]' initrd.json | cmp want
		[ "$(jq -r '"\(.nr_entries) \(.nr_modules) \(.init) \(.microcode[0]) \(.errors | length)"' initrd.json)" = \
			"$(wc -l <want) 2 true amd 0" ]
		[ "$(jq -r .compression initrd.json)" = "$([ "$pack" = cat ] && echo null || echo "${pack%% *}")" ]
	done
	# Microcode in what is compressed is not where the kernel looks, and there is none without it.
	gzip <early.cpio >initrd
	initrd_of initrd
	[ "$(jq -c '[.microcode, .init]' initrd.json)" = '[[],false]' ]
}

@test "an initrd that cannot be listed to its end is said to be so" {
	(cd "$K" && echo init | cpio -o -H newc --quiet) >main
	bzip2 -k main
	cat main main.bz2 >initrd
	initrd_of initrd
	[ "$(jq -c '[.nr_entries, .compression]' initrd.json)" = '[1,"bzip2"]' ]
	run -0 kseal inspect i.efi
	said 'NOT ALL OF IT: initrd has a compression that is not unpacked'
	gzip <main >packed
	head -c -20 packed >initrd
	initrd_of initrd
	[ "$(jq '.errors | length' initrd.json)" = 1 ]
	# The whole of it has no fault.
	initrd_of packed
	[ "$(jq '.errors | length' initrd.json)" = 0 ]
	# Names are kept up to a number, and all are counted.
	mkdir many
	(cd many && seq 5000 | xargs touch && seq 5000 | cpio -o -H newc --quiet) >initrd
	initrd_of initrd
	[ "$(jq -c '[.nr_entries, (.names | length), .nr_names_left_out]' initrd.json)" = '[5000,4096,904]' ]
}

# kernel CONFIG-LINE...: vmlinux with lists, a banner and that configuration
kernel() {
	printf '%s\n' "$@" >config
	gzip -n <config >config.gz
	make_kernel kernel.o "$K/signer" "$K/other.der"
	printf '%s\n' '.section .rodata, "a"' '.ascii "IKCFG_ST"' '.incbin "config.gz"' '.ascii "IKCFG_ED"' \
		'.asciz "Linux version 6.18.15-test (somebody@somewhere) #1 SMP"' >more.S
	gcc -c -o more.o more.S
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o vmlinux kernel.o more.o
}

@test "a kernel: release, keys by purpose, and the policy of its configuration" {
	kernel CONFIG_SECURITY_LOCKDOWN_LSM=y CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y \
		'CONFIG_LSM="landlock,lockdown,yama"' CONFIG_MODULES=y CONFIG_MODULE_SIG=y CONFIG_MODULE_SIG_FORCE=y \
		'CONFIG_MODULE_SIG_HASH="sha384"' CONFIG_KEXEC_FILE=y CONFIG_KEXEC_SIG=y CONFIG_SECONDARY_TRUSTED_KEYRING=y \
		'CONFIG_SYSTEM_REVOCATION_KEYS="x.pem"'
	[ "$(of .kind vmlinux)" = kernel ]
	[ "$(of .kernel.release vmlinux)" = 6.18.15-test ]
	[ "$(of '.kernel | [.lockdown.at_boot, .lockdown.lsm, .modules.signatures, .modules.hash, .kexec.load, .kexec.file] | join(" ")' vmlinux)" = \
		'integrity true enforced sha384 false checked' ]
	[ "$(of '.kernel.modules.keyrings | join(" ")' vmlinux)" = secondary ]
	[ "$(of .kernel.config.sha256 vmlinux)" = "$(sha256sum <config | cut -d' ' -f1)" ]
	[ "$(of '.kernel.keys.certificates | map("\(.purposes[0]) \(.sha256)") | join(",")' vmlinux)" = \
		"builtin $(fingerprint "$K/signer.pem"),revoked $(fingerprint "$K/other.pem")" ]
	same_cert '.kernel.keys.certificates[0]' "$K/signer.pem" vmlinux
	# The other way round.
	kernel 'CONFIG_LSM="yama"' CONFIG_SECURITY_LOCKDOWN_LSM=y CONFIG_MODULES=y CONFIG_KEXEC=y \
		CONFIG_KEXEC_FILE=y 'CONFIG_SYSTEM_REVOCATION_KEYS="x.pem"'
	[ "$(of '.kernel | [.lockdown.at_boot, .lockdown.lsm, .modules.signatures, .modules.hash, .kexec.load, .kexec.file] | join(" ")' vmlinux)" = \
		'off false unchecked  true unchecked' ]
	run -0 kseal inspect vmlinux
	said 'its LSM is NOT IN USE'
	for pack in gzip 'xz --check=crc32' 'zstd -q'; do
		# shellcheck disable=SC2086 # a program and its options
		make_bzimage bz vmlinux $pack
		[ "$(of '.kernel | [.format, .compression, .release] | join(" ")' bz)" = "bzImage ${pack%% *} 6.18.15-test" ]
	done
	# No configuration in it: nothing is said to be off.
	objcopy --remove-section .rodata vmlinux bare
	run -0 kseal inspect bare
	said 'not in it (no CONFIG_IKCONFIG): lockdown, signature and kexec'
	said 'kernel       of an unknown release'
	[ "$(of '.kernel | has("lockdown")' bare)" = false ]
}

@test "a kernel of arm64, unpacked, gzip'd and zboot" {
	corpus=$ROOT/sign/fuzz/corpus/bzimage
	[ "$(of '.kernel | "\(.format) \(.machine)"' "$corpus/arm64-image")" = 'Image arm64' ] ||
		skip 'the seed has no PE headers'
	gzip <"$corpus/arm64-image" >Image.gz
	[ "$(of '|"\(.kind) \(.compression)"' Image.gz)" = 'kernel gzip' ]
}

@test "signature lists, an update and a variable store" {
	cert-to-efi-sig-list -g 11111111-2222-3333-4444-123456789abc "$K/signer.pem" one.esl
	hash-to-efi-sig-list "$IMAGE" hash.esl >/dev/null
	cat one.esl hash.esl >both.esl
	[ "$(of .kind both.esl)" = signature_lists ]
	same_cert '.signatures[0]' "$K/signer.pem" both.esl
	[ "$(of '.signatures[0].owner' both.esl)" = 11111111-2222-3333-4444-123456789abc ]
	[ "$(of '.signatures[1].digest' both.esl)" = "$(tail -c 32 hash.esl | od -An -v -tx1 | tr -d ' \n')" ]
	sign-efi-sig-list -t '2026-01-02 03:04:05' -k "$K/other.key" -c "$K/other.pem" db both.esl u.auth >/dev/null 2>&1
	[ "$(of .kind u.auth)" = update ]
	same_cert .update.signer "$K/other.pem" u.auth
	[ "$(of .update.time u.auth)" = '2026-01-02 03:04:05' ]
	same_cert '.update.signatures[0]' "$K/signer.pem" u.auth
	# A dbx has hundreds: a person sees some, a program all.
	for i in $(seq 40); do printf '%064x\n' "$i"; done | sed 's/^/--hash /' | xargs "$KSEAL_BIN/kseal" efi esl --output many.esl
	run -0 kseal inspect many.esl
	said 'and 36 digests more, --json has them'
	[ "$(of '.signatures | length' many.esl)" = 40 ]
	template=${OVMF_DIR:-/usr/share/OVMF}/OVMF_VARS_4M.fd
	[ -e "$template" ] || skip 'no OVMF here'
	kseal efi vars --template "$template" --pk "$K/signer.pem" --kek "$K/other.pem" --db "$K/ca.pem" --output vars.fd
	[ "$(of .kind vars.fd)" = variable_store ]
	same_cert '.variables[] | select(.name == "db") | .signatures[0]' "$K/ca.pem" vars.fd
}

@test "a keyring manifest, with what each certificate is for" {
	(cd "$K" && make_cert one && make_manifest ring one builtin,db)
	[ "$(of .kind "$K/ring/ring.keyring")" = keyring ]
	[ "$(of '.certificates[0].purposes | join(",")' "$K/ring/ring.keyring")" = builtin,db ]
	same_cert '.certificates[0]' "$K/one.pem" "$K/ring/ring.keyring"
	# A certificate that is not the one of the manifest.
	cp "$K/signer.pem" "$K/ring/certs/one.pem"
	run -1 kseal inspect "$K/ring/ring.keyring"
	said 'not the certificate of the manifest'
}

@test "a file of no known kind fails if it was named, and is counted in a directory" {
	mkdir d
	cp "$K/text" d/text
	cp "$K/signer.pem" d
	mkfifo d/pipe
	ln -s .. d/loop
	ln -s nowhere d/dangling
	ln -s signer.pem d/again.pem
	run -0 kseal inspect d
	said 'd/again.pem: certificates'
	said '1 files of other kinds'
	[ "$(kseal inspect --json d | jq '.files | length')" = 1 ]
	run -1 kseal inspect d/text
	said 'd/text: neither an EFI image, a kernel, a module'
	[ "${#lines[@]}" = 1 ]
	run -1 kseal inspect d/nothing
	said 'd/nothing: '
	: >empty
	run -1 kseal inspect empty "$K/signer.pem"
	said 'empty: neither'
	said 'certificates'
	[ "$(kseal inspect --json empty "$K/signer.pem" 2>/dev/null | jq -c '[.files[] | [.kind, (.errors | length)]]')" = \
		'[[null,1],["certificates",0]]' ]
	run -1 kseal inspect "$K/signer.key"
	said 'neither'
}

@test "what is cut short, or claims what it has not, is refused in one line" {
	uki
	new_module m.ko
	kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" m.ko
	cert-to-efi-sig-list "$K/signer.pem" one.esl
	sign-efi-sig-list -k "$K/other.key" -c "$K/other.pem" db one.esl u.auth >/dev/null 2>&1
	for file in u.efi u.auth "$ROOT/sign/fuzz/corpus/bzimage/gzip"; do
		kseal inspect "$file" >/dev/null
		for cut in 2 3 10; do
			head -c $(($(stat -c %s "$file") / cut)) "$file" >short
			run kseal inspect short
			[ "$status" -le 1 ]
			[ "$status" = 0 ] || [ "${#lines[@]}" = 1 ]
		done
	done
	head -c -100 u.efi >short
	run -1 kseal inspect short
	said 'short: '
	# A module that is cut has lost its signature's end, and says what of its form is broken.
	head -c -300 m.ko >cut.ko
	run -0 kseal inspect cut.ko
	said 'signature    none'
	head -c 400 m.ko >cut.ko
	run -0 kseal inspect cut.ko
	said 'no kernel 6.18 loads it'
	# A signature of 4 GiB.
	{
		head -c -44 m.ko
		printf '\0\0\2\0\0\0\0\0\377\377\377\377~Module signature appended~\n'
	} >claims.ko
	run -0 kseal inspect claims.ko
	said 'signature    BROKEN'
	# A stream that ends early.
	gzip <m.ko | head -c -9 >m.ko.gz
	run -1 kseal inspect m.ko.gz
	said 'm.ko.gz: '
	# Too many sections, and one beyond the end.
	cp u.efi huge.efi
	off=$(od -An -tu4 -j60 -N4 u.efi)
	printf '\377\377' | dd of=huge.efi bs=1 seek=$((off + 6)) conv=notrunc status=none
	run -1 kseal inspect huge.efi
	[ "${#lines[@]}" = 1 ]
}

@test "the document is what its schema says, and the schema takes nothing else" {
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --key "$K/leaf.key" --cert "$K/leaf.pem" \
		--cmdline 'mitigations=off'
	new_module m.ko
	new_module n.ko
	kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" m.ko
	cert-to-efi-sig-list "$K/signer.pem" one.esl
	hash-to-efi-sig-list "$IMAGE" hash.esl >/dev/null
	cat hash.esl >>one.esl
	sign-efi-sig-list -k "$K/other.key" -c "$K/other.pem" db one.esl u.auth >/dev/null 2>&1
	kernel CONFIG_SECURITY_LOCKDOWN_LSM=y CONFIG_MODULES=y CONFIG_MODULE_SIG=y CONFIG_KEXEC_FILE=y \
		CONFIG_SECONDARY_TRUSTED_KEYRING=y 'CONFIG_SYSTEM_REVOCATION_KEYS="x.pem"'
	# What fails is in it too.
	: >empty
	kseal inspect --json --trust "$K/signer.pem" u.efi m.ko n.ko one.esl u.auth vmlinux "$K/leaf.pem" empty >all.json ||
		[ $? = 1 ]
	[ "$(jq '.files | length' all.json)" = 8 ]
	check_json --control kseal/inspect <all.json
}

@test "80 columns, and nothing that steers a terminal" {
	printf 'console=ttyS0 \033[31mred\007 %0300d' 7 >cmdline
	kseal uki build --stub "$STUB" --linux "$IMAGE" --initrd "$K/initrd" --os-release "$K/os-release" \
		--cmdline "$(printf '%0400d' 1)" --output u.efi
	objcopy --update-section .cmdline=cmdline u.efi v.efi
	openssl req -x509 -new -nodes -newkey rsa:2048 -keyout n.key -out n.pem -days 3 -utf8 \
		-subj "/O=$(printf '%060d' 1)/OU=$(printf 'ä%.0s' {1..60})/CN=$(printf 'ein Name %.0s' {1..7})" 2>/dev/null
	kseal inspect v.efi n.pem >out
	grep -q 'ttyS0 ?\[31mred?' out
	run -1 grep -q -P '[\x00-\x08\x0b-\x1f\x7f]' out
	awk 'length > 80 { exit 1 }' LC_ALL=C.UTF-8 out
	kseal inspect --json v.efi >json
	run -1 grep -q -P '[\x00-\x08\x0b-\x1f\x7f]' json
	jq . json >/dev/null
}

@test "verbs of one word have help, and their page" {
	run -0 kseal help inspect
	said 'usage: kseal inspect'
	run -0 kseal inspect --help
	said 'usage: kseal inspect'
	run -0 kseal help
	said '  inspect '
	run -2 kseal inspect
	said 'FILE... is missing'
	run -2 kseal inspekt x
	said "did you mean 'inspect'?"
	run -2 kseal inspect --jsn x
	said 'did you mean --json?'
	run -2 kseal help inspect more
	said "'more' was not expected"
	run -2 kseal module
	said 'module sign'
}
