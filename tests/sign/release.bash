# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A release as `make` leaves it in out/SKU, small: for `load release` after `load helpers`. Keys, parts and the whole
# are made once in $K; a test changes its own copy, $R.

# The release that the module of the corpus is of.
RELEASE=6.18.15
VERMAGIC='6.18.15 SMP preempt mod_unload '

# vmlinux CERT... : a kernel with these certificates and the configuration of the file config
vmlinux()
{
	local name

	gzip -n <config >config.gz
	: >trusted.der
	for name; do openssl x509 -in "$name" -outform DER >>trusted.der; done
	: >revoked.der
	[[ -z ${REVOKED-} ]] || openssl x509 -in "$REVOKED" -outform DER -out revoked.der
	printf '%s\n' '.section .init.rodata, "a"' 'system_certificate_list: .incbin "trusted.der"' '1: .align 8' \
		'system_certificate_list_size: .quad 1b - system_certificate_list' 'module_cert_size: .quad 0' \
		'revocation_certificate_list: .incbin "revoked.der"' '2: .align 8' \
		'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' \
		'.ascii "IKCFG_ST"' '.incbin "config.gz"' '.ascii "IKCFG_ED"' '.asciz "x", "none"' \
		".asciz \"Linux version ${BANNER-$RELEASE} (me@here) #1\", \"${BANNER-$RELEASE}${VERMAGIC#"$RELEASE"}\"" >vmlinux.S
	gcc -c -o vmlinux vmlinux.S
}

# bzimage FILE: vmlinux as x86 packs it: an EFI application with the header of the boot protocol
bzimage()
{
	gzip -n <vmlinux >payload
	python3 - "$1" <<-'PY'
		import struct, sys
		payload = open("payload", "rb").read()
		body = b"C" * 64 + payload + b"\0" * (-(64 + len(payload)) % 512)
		head = bytearray(1024)
		head[0:2] = b"MZ"
		struct.pack_into("<I", head, 0x3c, 0x40)
		struct.pack_into("<4sHHIIIHH", head, 0x40, b"PE\0\0", 0x8664, 1, 0, 0, 0, 160, 0x206)
		memory = (len(body) + 4095) & ~4095
		struct.pack_into("<HBBIIIII", head, 0x58, 0x20b, 2, 20, len(body), 0, 0, 0x1000, 0x1000)
		struct.pack_into("<QIIHHHHHHIIIIHHQQQQII", head, 0x58 + 24, 0, 4096, 512, 0, 0, 0, 0, 0, 0, 0,
		                 0x1000 + memory, 1024, 0, 10, 0x100, 0, 0, 0, 0, 0, 6)
		struct.pack_into("<8sIIIIIIHHI", head, 0xf8, b".text", len(body), 0x1000, len(body), 1024, 0, 0, 0, 0, 0x60000020)
		head[0x1f1] = 1
		head[0x1fe:0x206] = b"\x55\xaa\xeb\x6aHdrS"
		struct.pack_into("<H", head, 0x206, 0x20f)
		struct.pack_into("<II", head, 0x248, 64, len(payload))
		open(sys.argv[1], "wb").write(bytes(head) + body)
	PY
}

# image FILE [OPTION...]: a UKI of bz, signed by the firmware's key; $SIGN: another one's, or "" for none
image()
{
	local out=$1 sign=(--key "$K/${SIGN-uki}.key" --cert "$K/${SIGN-uki}.pem")

	shift
	[[ -n ${SIGN-uki} ]] || sign=()
	[[ " $* " == *' --cmdline '* ]] || set -- "$@" --cmdline 'console=ttyS0'
	[[ " $* " == *' --uname '* ]] || set -- "$@" --uname "$RELEASE"
	[[ " $* " == *' --sbat '* ]] || set -- "$@" --sbat "$K/sbat.csv"
	"$KSEAL_BIN/kseal" uki build --stub "${NEW_STUB:-$STUB}" --linux bz --initrd "$K/initrd" --os-release "${OS_RELEASE-$K/os-release}" \
		"${sign[@]}" --output "$out" "$@"
}

# modules: two signed ones below modules/, and what depmod says of them
modules()
{
	local dir=modules/lib/modules/$RELEASE

	mkdir -p "$dir/kernel"
	cp "$K/signed.ko" "$dir/kernel/one.ko"
	cp "$K/signed.ko" "$dir/kernel/two.ko"
	printf 'kernel/%s.ko\n' one two >"$dir/modules.order"
	: >"$dir/modules.builtin"
	depmod -b modules "$RELEASE"
}

# What all tests of the file begin with: in $K keys, parts and good/, a release.
make_release()
{
	local name

	K=$BATS_FILE_TMPDIR
	cd "$K" || return
	for name in module uki PK KEK other; do
		new_cert "$name" rsa:2048 -addext keyUsage=digitalSignature -addext basicConstraints=critical,CA:FALSE
	done
	printf 'ID=kseal\nVERSION_ID=%s\n' "$RELEASE" >os-release
	head -c 5000 /dev/zero >init
	echo init | cpio -o -H newc --quiet >initrd
	printf 'sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\nkseal,2,us,kseal,1,https://x.example\n' >sbat.csv
	printf '%s\n' '#' '# Linux/x86 6.18.15 Kernel Configuration' '#' CONFIG_X86_64=y CONFIG_MODULES=y CONFIG_MODULE_SIG=y \
		CONFIG_MODULE_SIG_FORCE=y CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA512=y \
		CONFIG_CRYPTO_SHA256=y CONFIG_KEXEC_FILE=y CONFIG_KEXEC_SIG=y CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y >config
	printf '%s\n' 'source kspp the settings of the KSPP' 'MODULE_SIG_FORCE y kspp artifact only signed modules' \
		'INIT_ON_ALLOC_DEFAULT_ON y kspp artifact nothing old is in new memory' \
		'effect init_on_alloc=0 INIT_ON_ALLOC_DEFAULT_ON n' >rules.policy
	cp "$KO" signed.ko
	"$KSEAL_BIN/kseal" module sign --signed replace --key module.key --cert module.pem signed.ko >/dev/null
	vmlinux module.pem
	bzimage bz
	mkdir -p good/keyring good/enroll
	image good/linux.efi
	"$KSEAL_BIN/kseal" pe sign --key module.key --cert module.pem --output good/vmlinuz-kexec bz
	cp module.pem good/keyring/trusted.pem
	: >good/keyring/revoked.pem
	for name in PK KEK; do cert-to-efi-sig-list "$name.pem" "good/enroll/$name.esl"; done
	cert-to-efi-sig-list uki.pem good/enroll/db.esl
	(cd good && modules)
}

# For a test: its own copy.
enter_release()
{
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	R=$BATS_TEST_TMPDIR/r
	cp -r "$K/good" "$R"
	cp "$K"/{config,bz,vmlinux} .
}

# audit [OPTION...]: of the release; its document in audit.json, its exit code as that of this
audit()
{
	local rc=0

	kseal audit release --policy "$K/rules.policy" --json "$@" "$R" >audit.json || rc=$?
	return $rc
}

# findings [SEVERITY]: rules of what was found, in a line
# shellcheck disable=SC2120 # most have none
findings() { jq -r --arg s "${1-fatal}" '[.findings[] | select(.severity == $s) | .rule] | join(" ")' audit.json; }

# fatal RULE WORDS: the audit's only fatal finding is this one
fatal()
{
	[[ $(findings fatal) == "$1" ]]
	[[ $(jq -r '.findings[] | select(.severity == "fatal") | "\(.what): \(.detail)"' audit.json) == *"$2"* ]]
}
