# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal audit release and audit image: who can sign, modules, PCRs, and what is wrong. Every mutant differs in one place
# from a release that audits clean.

load ../helpers
load release
load uki

setup_file() { make_release; }
setup() { enter_release; }

@test "a good release audits clean, and its modules are a closed set" {
	audit
	check_json --control kseal/audit <audit.json
	[ "$(findings)" = '' ]
	[ "$(findings advice)" = '' ]
	[ "$(jq -c '[.what, .counts.ok, .counts.fail, .modules.counts.loads, (.modules.missing | length)]' audit.json)" = '["release",2,0,2,0]' ]
	[ "$(jq -c '.signers | [.closed_set, .closed_when, .open_why]' audit.json)" = '[true,null,null]' ]
	[ "$(jq -c '[.release.files[] | select(.state == "found") | .role] | unique' audit.json)" = '["enroll","image","kexec","keyring","modules"]' ]
	[ "$(jq -c '[.images[] | [.role, .signed_by[0]]]' audit.json)" = '[["image","test uki"],["kexec","test module"]]' ]
	run -0 kseal audit release --policy "$K/rules.policy" "$R"
	[[ $output == *'these modules are a closed set'* ]]
}

@test "without linux.efi it is no release" {
	rm "$R/linux.efi"
	run -1 kseal audit release --policy "$K/rules.policy" "$R"
	[[ $output == *'is no release, it has no linux.efi'* ]]
}

@test "mutant: the configuration lets old memory be seen" {
	sed -i s/CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y/CONFIG_INIT_ON_ALLOC_DEFAULT_ON=n/ config
	vmlinux "$K/module.pem"
	bzimage bz
	image "$R/linux.efi"
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" bz
	run -3 audit
	[ "$(jq -c '[.rules[] | select(.verdict == "fail") | [.symbol, .effective, .line]]' audit.json)" = '[["INIT_ON_ALLOC_DEFAULT_ON","n",null]]' ]
	[ "$(findings)" = '' ]
}

@test "mutant: the command line turns a rule off" {
	image "$R/linux.efi" --cmdline 'console=ttyS0 init_on_alloc=0'
	run -3 audit
	[ "$(jq -c '[.rules[] | select(.verdict == "fail") | [.symbol, .line, .word]]' audit.json)" = '[["INIT_ON_ALLOC_DEFAULT_ON",".cmdline","init_on_alloc=0"]]' ]
	[ "$(findings)" = '' ]
}

@test "mutant: a signed addon turns a rule off, or is for another kernel, or for a stub that loads none" {
	local addon=$R/linux.efi.extra.d/b.addon.efi stub

	newer
	stub=$NEW/lib/systemd/boot/efi/addonx64.efi.stub
	mkdir "$R/linux.efi.extra.d"
	make_addon() { "$KSEAL_BIN/kseal" uki addon --stub "$stub" --key "$K/uki.key" --cert "$K/uki.pem" --output "$addon" "$@"; }
	image "$R/linux.efi"
	make_addon --cmdline init_on_alloc=0
	run -3 audit
	[ "$(jq -r '.rules[] | select(.verdict == "fail") | .line' audit.json)" = "$addon" ]
	[ "$(findings)" = '' ]
	make_addon --cmdline splash
	audit
	[ "$(jq -c '[.images[] | .role]' audit.json)" = '["image","addon","kexec"]' ]
	[ "$(jq -c '[.pcrs[] | select(.pcr == 4) | .events[2:][].type]' audit.json)" = '["EV_EFI_BOOT_SERVICES_APPLICATION","EV_EFI_BOOT_SERVICES_APPLICATION"]' ]
	make_addon --cmdline splash --uname 6.12.1
	run -3 audit
	fatal addon-uname "$addon"
	make_addon --cmdline splash
	NEW_STUB='' image "$R/linux.efi"
	run -3 audit
	fatal addon-stub "$addon"
	[ "$(jq -c '[.pcrs[] | select(.pcr == 4) | .events[2:][].type]' audit.json)" = '["EV_EFI_BOOT_SERVICES_APPLICATION"]' ]
}

@test "mutant: the kernel trusts a key that is not of the keyring, and lacks one that is" {
	vmlinux "$K/module.pem" "$K/other.pem"
	bzimage bz
	image "$R/linux.efi"
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" bz
	run -3 audit
	fatal keyring 'kernel trusts a certificate that the keyring does not name: keyring/trusted.pem: test other'
	[ "$(jq -r .signers.open_why audit.json)" = 'more than one built-in key signs modules' ]
	cat "$K/module.pem" "$K/other.pem" >"$R/keyring/trusted.pem"
	audit
	cp "$K/bz" .
	image "$R/linux.efi"
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" bz
	run -3 audit
	fatal keyring 'kernel lacks a certificate of the keyring: keyring/trusted.pem: test other'
}

@test "mutant: the keyring revokes what the kernel does not" {
	cp "$K/other.pem" "$R/keyring/revoked.pem"
	run -3 audit
	fatal keyring 'kernel does not revoke a certificate that the keyring revokes: keyring/revoked.pem: test other'
	REVOKED=$K/other.pem vmlinux "$K/module.pem"
	bzimage bz
	image "$R/linux.efi"
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" bz
	audit
}

@test "mutants: modules that are unsigned, foreign, stale, broken, and of no index" {
	local dir=$R/modules/lib/modules/$RELEASE/kernel

	kseal module strip "$dir/one.ko" >/dev/null
	run -3 audit
	fatal module-unsigned kernel/one.ko
	cp "$K/signed.ko" "$dir/one.ko"
	kseal module sign --signed replace --key "$K/other.key" --cert "$K/other.pem" "$dir/one.ko" >/dev/null
	run -3 audit
	fatal module-foreign kernel/one.ko
	[ "$(jq -c '.modules.files[] | [.file, .state, .why]' audit.json)" = '["kernel/one.ko","foreign","signer is not among the trusted certificates"]' ]
	cp "$KO" "$dir/one.ko"
	sed -i 's/vermagic=6.18.15/vermagic=6.18.14/' "$dir/one.ko"
	kseal module sign --signed replace --key "$K/module.key" --cert "$K/module.pem" "$dir/one.ko" >/dev/null
	run -3 audit
	fatal module-stale "kernel/one.ko: kseal_fixture: version magic '6.18.14 SMP"
	cp "$K/signed.ko" "$dir/one.ko"
	"$ROOT/scripts/build/flip" "$dir/one.ko" 70
	run -3 audit
	fatal module-refused 'kernel/one.ko: signature does not verify'
	cp "$K/signed.ko" "$dir/one.ko"
	audit
	cp "$K/signed.ko" "$dir/three.ko"
	run -3 audit
	fatal module-stray kernel/three.ko
	depmod -b "$R/modules" "$RELEASE"
	audit
}

@test "mutants: modules that are named and not there" {
	local dir=$R/modules/lib/modules/$RELEASE

	rm "$dir/kernel/one.ko"
	run -3 audit
	[ "$(findings)" = 'module-missing module-missing' ]
	[ "$(jq -c '[.modules.missing[] | [.file, .by]]' audit.json)" = '[["kernel/one.ko","modules.dep"],["kernel/one.ko","modules.order"]]' ]
	# Compressed, it has the name of modules.order, and not that of modules.dep.
	xz --check=crc32 -k -c "$K/signed.ko" >"$dir/kernel/one.ko.xz"
	run -3 audit
	[ "$(jq -c '[.modules.missing[] | .by]' audit.json)" = '["modules.dep"]' ]
	rm "$dir/kernel/one.ko.xz"
	cp "$K/signed.ko" "$dir/kernel/one.ko"
	audit
	rm "$dir"/modules.dep
	run -3 audit
	fatal missing 'modules have no modules.dep'
	rm -r "$dir"
	run -3 audit
	fatal missing "release lacks a file: modules/lib/modules/$RELEASE"
}

@test "mutants: the image is unsigned, signed by another, or changed" {
	SIGN='' image "$R/linux.efi"
	run -3 audit
	fatal unsigned "$R/linux.efi"
	SIGN=other image "$R/linux.efi"
	run -3 audit
	fatal signature "$R/linux.efi"
	# Without a db nobody can say whose it should be.
	rm -r "$R/enroll"
	audit
	run -3 audit --db "$K/uki.pem"
	fatal signature "$R/linux.efi"
	audit --db "$K/other.pem" --db "$K/uki.pem"
}

@test "mutant: another kernel for kexec, and one that this kernel does not take" {
	echo '# another' >>config
	vmlinux "$K/module.pem"
	bzimage bz
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" bz
	run -3 audit
	fatal kexec 'kernel for kexec is not the one of the image'
	kseal pe sign --key "$K/other.key" --cert "$K/other.pem" --output "$R/vmlinuz-kexec" "$K/bz"
	run -3 audit
	fatal signature vmlinuz-kexec
	kseal pe sign --key "$K/module.key" --cert "$K/module.pem" --output "$R/vmlinuz-kexec" "$K/bz"
	audit
}

@test "mutant: names that contradict the kernel" {
	image "$R/linux.efi" --uname 6.18.14
	run -3 audit
	fatal uname '6.18.14, kernel is 6.18.15'
	printf 'ID=kseal\nVERSION_ID=6.12.1\n' >os-release
	OS_RELEASE=os-release image "$R/linux.efi"
	run -3 audit
	fatal os-release '6.12.1, kernel is 6.18.15'
}

@test "mutant: SBAT below the level" {
	printf 'sbat,1,2026010100\nkseal,3\n' >level
	run -3 audit --sbat-level level
	fatal sbat kseal
	printf 'sbat,1,2026010100\nkseal,2\n' >level
	audit --sbat-level level
}

@test "mutant: dbx revokes a certificate that is built in" {
	kseal efi esl --cert "$K/module.pem" --output dbx.esl
	run -3 audit --dbx dbx.esl
	[[ " $(findings) " == *' dbx '* ]]
	[ "$(jq -r '.signers.keys[] | select(.keyring == ".builtin_trusted_keys") | .dbx' audit.json)" = certificate ]
	kseal efi esl --cert-hash "$K/module.pem" --output dbx.esl
	run -3 audit --dbx dbx.esl
	[ "$(jq -r '.signers.keys[] | select(.keyring == ".builtin_trusted_keys") | .dbx' audit.json)" = digest ]
	kseal efi esl --cert "$K/other.pem" --output dbx.esl
	audit --dbx dbx.esl
	[ "$(jq -r '.signers.keys[] | .dbx' audit.json | sort -u)" = clear ]
}

@test "what belongs to nothing is named, and what the build keeps is not" {
	mkdir "$R/linux.efi.extra.d"
	touch "$R/notes" "$R/linux.efi.extra.d/readme" "$R/kernel.log" "$R/keyring/old.pem"
	mkdir "$R/build" "$R/modules/lib/modules/6.18.14"
	audit
	[ "$(jq -c '[.findings[] | select(.rule == "stray") | .detail] | sort' audit.json)" = \
		'["keyring/old.pem","linux.efi.extra.d/readme","modules/lib/modules/6.18.14","notes"]' ]
	[ "$(jq -c '[.release.files[] | select(.state == "work") | .file] | sort' audit.json)" = \
		'["build","enroll","kernel.log","keyring","linux.efi.extra.d","modules"]' ]
}

@test "expired certificates and development keys are found, at the day of the build" {
	SOURCE_DATE_EPOCH=$(date -d '+20 years' +%s) run -3 audit
	[[ $(findings) == 'expired expired' ]]
	kseal keyring dev-keys --output dev >/dev/null
	rm -r "$R/enroll"
	run -3 audit --db "$K/uki.pem" --db dev/uki.pem
	[ "$(findings)" = dev-keys ]
	audit --db "$K/uki.pem" --db dev/uki.pem --allow-dev-keys
	[ "$(findings advice)" = dev-keys ]
}

@test "a kernel of another release is judged, and it is said by whose rules" {
	BANNER=6.12.9 vmlinux "$K/module.pem"
	bzimage bz
	echo ID=debian >os-release
	OS_RELEASE=os-release image u.efi --uname 6.12.9
	run -0 kseal audit image --policy "$K/rules.policy" u.efi
	[[ $output == *'rules for 6.18; this is 6.12.9'* ]]
	[[ $output == *'modules are not a closed set: the rules of its release are not known'* ]]
	[ "$(kseal audit image --json --policy "$K/rules.policy" u.efi | jq .signers.of_this_version)" = false ]
}

# signers CONFIG-LINE...: what a kernel with them makes of its keyrings
signers()
{
	printf '%s\n' '# Linux/x86 6.18.15 Kernel Configuration' CONFIG_X86_64=y "$@" >config
	vmlinux "$K/module.pem"
	bzimage bz
	kseal audit image --policy "$K/rules.policy" --db "$K/uki.pem" --json bz >audit.json || [ $? = 3 ]
}

# of KEYRING: what a key of it signs
of() { jq -r --arg n "$1" '.signers.keyrings[] | select(.name == $n) | .signs | join(", ")' audit.json; }

@test "who may sign what follows from the configuration, consumer by consumer" {
	local modules=(CONFIG_MODULES=y CONFIG_MODULE_SIG=y)

	signers "${modules[@]}"
	[ "$(of .builtin_trusted_keys)" = modules ]
	[ "$(of db)" = 'UKIs and addons' ]
	[ "$(jq -r .signers.open_why audit.json)" = 'signatures of modules are not enforced' ]
	signers "${modules[@]}" CONFIG_MODULE_SIG_FORCE=y
	[ "$(jq -r .signers.closed_set audit.json)" = true ]
	signers "${modules[@]}" CONFIG_MODULE_SIG_FORCE=y CONFIG_SECONDARY_TRUSTED_KEYRING=y
	[[ $(jq -r .signers.open_why audit.json) == 'keys of .secondary_trusted_keys sign modules too'* ]]
	signers "${modules[@]}" CONFIG_SECURITY_LOCKDOWN_LSM=y CONFIG_SECURITY_LOCKDOWN_LSM_EARLY=y CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y
	[ "$(jq -c '.signers | [.closed_set, .closed_when]' audit.json)" = '[true,"under Secure Boot"]' ]
	signers CONFIG_KEXEC_FILE=y CONFIG_KEXEC_SIG=y CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y CONFIG_INTEGRITY_PLATFORM_KEYRING=y
	[ "$(of .platform)" = 'kexec images' ]
	[ "$(of db)" = 'UKIs and addons' ]
	signers CONFIG_KEXEC_FILE=y CONFIG_KEXEC_SIG=y CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y CONFIG_INTEGRITY_PLATFORM_KEYRING=y CONFIG_LOAD_UEFI_KEYS=y
	[ "$(of db)" = 'kexec images, UKIs and addons' ]
	signers CONFIG_SECURITY_IPE=y CONFIG_SECONDARY_TRUSTED_KEYRING=y CONFIG_INTEGRITY_PLATFORM_KEYRING=y
	[ "$(of .builtin_trusted_keys), $(of .secondary_trusted_keys), $(of .platform)" = 'IPE policies, , ' ]
	signers CONFIG_SECURITY_IPE=y CONFIG_SECONDARY_TRUSTED_KEYRING=y CONFIG_INTEGRITY_PLATFORM_KEYRING=y \
		CONFIG_IPE_POLICY_SIG_SECONDARY_KEYRING=y CONFIG_IPE_POLICY_SIG_PLATFORM_KEYRING=y
	[ "$(of .builtin_trusted_keys), $(of .secondary_trusted_keys), $(of .platform)" = 'IPE policies, IPE policies, IPE policies' ]
	signers CONFIG_DM_VERITY_VERIFY_ROOTHASH_SIG=y CONFIG_SECONDARY_TRUSTED_KEYRING=y CONFIG_INTEGRITY_MACHINE_KEYRING=y \
		CONFIG_DM_VERITY_VERIFY_ROOTHASH_SIG_SECONDARY_KEYRING=y
	[ "$(of .builtin_trusted_keys), $(of .machine), $(of .platform)" = 'dm-verity roots, dm-verity roots, ' ]
	signers CONFIG_IMA_APPRAISE=y CONFIG_INTEGRITY_TRUSTED_KEYRING=y
	[ "$(of .builtin_trusted_keys), $(of .ima)" = 'keys of IMA, IMA policies and files' ]
	signers CONFIG_IMA_APPRAISE=y
	[ "$(of .builtin_trusted_keys), $(jq -r '.signers.keyrings[] | select(.name == ".ima") | .from' audit.json)" = ', whoever is root' ]
}

# The same events, by a TPM: its values for sha256 of PCR $1, whose digests are in the document.
by_tpm()
{
	local digest

	while read -r digest; do tpm2_pcrextend "$1:sha256=$digest"; done
	tpm2_pcrread -Q -o pcr.bin "sha256:$1"
	xxd -p -c 64 pcr.bin
}

# replay PCR: the events of the document into a TPM
replay() { jq -r --argjson p "$1" '.pcrs[] | select(.pcr == $p) | .events[].digest' audit.json | by_tpm "$1"; }
value() { jq -r --argjson p "$1" '.pcrs[] | select(.pcr == $p) | .value' audit.json; }

@test "PCR 4 and 7 are what a TPM makes of the events that the specification says" {
	tpm_start
	audit
	[ "$(value 4)" = "$(replay 4)" ]
	[ "$(value 7)" = "$(replay 7)" ]
	tpm_stop
	[ "$(jq -c '[.pcrs[] | select(.pcr == 4) | .events[].type]' audit.json)" = '["EV_EFI_ACTION","EV_SEPARATOR","EV_EFI_BOOT_SERVICES_APPLICATION"]' ]
	[ "$(jq -c '[.pcrs[] | select(.pcr == 7) | .events[].what]' audit.json)" = '["SecureBoot","PK","KEK","db","dbx","00000000","db: certificate"]' ]
	# Each digest by other programs.
	python3 - "$R" >want <<-'PY'
		import hashlib, struct, sys, uuid
		def digest(data): print(hashlib.sha256(data).hexdigest())
		glob = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c").bytes_le
		image = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f").bytes_le
		def variable(vendor, name, data):
		    digest(vendor + struct.pack("<QQ", len(name), len(data)) + name.encode("utf-16-le") + data)
		read = lambda name: open(f"{sys.argv[1]}/enroll/{name}.esl", "rb").read()
		digest(b"Calling EFI Application from Boot Option")
		digest(bytes(4))
		variable(glob, "SecureBoot", b"\1")
		variable(glob, "PK", read("PK"))
		variable(glob, "KEK", read("KEK"))
		variable(image, "db", read("db"))
		variable(image, "dbx", b"")
		digest(bytes(4))
		variable(image, "db", read("db")[28:])
	PY
	jq -r '.pcrs[] | select(.pcr == 4) | .events[:2][].digest' audit.json >got
	jq -r '.pcrs[] | select(.pcr == 7) | .events[].digest' audit.json >>got
	diff want got
}

@test "PCR 4 has the digest that systemd-pcrlock measures, and no second one for the kernel inside" {
	newer
	"$NEW"/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path \
		"$NEW/lib/x86_64-linux-gnu:$NEW/lib/x86_64-linux-gnu/systemd" "$NEW/lib/systemd/systemd-pcrlock" \
		lock-uki --pcrlock=- "$R/linux.efi" >lock.json || skip "systemd-pcrlock does not run here"
	audit
	[ "$(jq -c '[.records[] | select(.pcr == 4) | .digests[] | select(.hashAlg == "sha256") | .digest]' lock.json)" = \
		"$(jq -c '[.pcrs[] | select(.pcr == 4) | .events[2:][].digest]' audit.json)" ]
}

@test "PCR 7 differs without Secure Boot, and says why it cannot be told" {
	audit
	value 7 >with
	[ "$(jq -c '[.pcrs[] | select(.pcr == 11 and .phase == "") | .value]' audit.json)" = \
		"[\"$(kseal uki measure --phases '' "$R/linux.efi" | sed 's/.*=//; s/ .*//')\"]" ]
	cp /usr/share/OVMF/OVMF_VARS_4M.fd store.fd
	audit --vars store.fd
	[ "$(jq -c '[.pcrs[] | select(.pcr == 7) | .events[].what]' audit.json)" = '["SecureBoot","PK","KEK","db","dbx","00000000"]' ]
	kseal efi vars --template store.fd --output enrolled.fd --pk "$K/PK.pem" --kek "$K/KEK.pem" --db "$K/uki.pem"
	audit --vars enrolled.fd
	[ "$(value 7)" != "$(cat with)" ] # the owner of its entries is another
	kseal efi vars --template store.fd --output enrolled.fd --pk "$K/PK.pem" --kek "$K/KEK.pem" --db "$K/other.pem"
	run -3 audit --vars enrolled.fd
	[[ $(jq -r '.pcrs[] | select(.pcr == 7) | .errors[0].text' audit.json) == *'nothing of db allows that'* ]]
	rm -r "$R/enroll"
	audit
	[[ $(jq -r '.pcrs[] | select(.pcr == 7) | .errors[0].text' audit.json) == *'variables of Secure Boot were not given'* ]]
}

@test "options that contradict each other are refused" {
	run -2 kseal audit release --policy "$K/rules.policy" --db "$K/uki.pem" "$R"
	[[ $output == *'give one of them'* ]]
	run -2 kseal audit release --policy "$K/rules.policy" --vars x --var PK=y "$R"
	run -2 kseal audit release --policy "$K/rules.policy" --var PK "$R"
	run -2 kseal audit release --policy "$K/rules.policy" --var xx=y "$R"
	run -2 kseal audit release --policy "$K/rules.policy" --bank md5 "$R"
}
