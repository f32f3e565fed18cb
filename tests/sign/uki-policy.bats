# SPDX-License-Identifier: LGPL-2.1-or-later
# Signed PCR policies: equal to systemd-measure's, and a TPM unseals with them.

load ../helpers
load uki

teardown() { tpm_stop; }

pcr=(--pcr-key signer.key --pcr-cert signer.pem)
build() { (cd "$K" && uki "${pcr[@]}" "$@") && mv "$K/u.efi" .; }

# In any order: systemd-measure sorts its phases.
same_json() { diff <(jq -S '.sha256 |= sort_by(.pol)' "$1") <(jq -S '.sha256 |= sort_by(.pol)' "$2"); }

@test ".pcrsig and .pcrpkey are what systemd-measure of the stub's version signs" {
	[ -x "$MEASURE" ] || skip "systemd-measure is not installed"
	tpm_start
	for phases in "" "enter-initrd other:word"; do
		args=() theirs=()
		for p in $phases; do args+=(--phases "$p") theirs+=(--phase="$p"); done
		build "${args[@]}"
		section .pcrpkey u.efi | cmp - "$K/signer.pub"
		section .pcrsig u.efi >ours.json
		# This version asks a TPM what the policy is.
		"$MEASURE" sign --bank=sha256 --tpm2-device="$TPM2TOOLS_TCTI" --private-key="$K/signer.key" \
			--public-key="$K/signer.pub" --linux="$IMAGE" --osrel="$K/os-release" --cmdline="$K/cmdline" \
			--initrd="$K/initrd" --pcrpkey="$K/signer.pub" "${theirs[@]}" >theirs.json
		same_json ours.json theirs.json
	done
}

# Of which PCRs what follows is about.
bank=sha256

# PCR 11 as the stub extends it: name and content of each section that 252 measures.
extend_like_the_stub() {
	local name

	for name in .linux .osrel .cmdline .initrd .pcrpkey; do
		tpm2_pcrextend "11:$bank=$(printf '%s\0' $name | ${bank}sum | cut -d' ' -f1)"
		section $name u.efi | tail -c +1 >content
		# objcopy gives what is in the file; in memory a section ends where it says.
		truncate -s "$(kseal uki show --json u.efi | jq ".sections[] | select(.name == \"$name\").virtual_bytes")" content
		tpm2_pcrextend "11:$bank=$("${bank}sum" <content | cut -d' ' -f1)"
	done
}

extend_phase() { tpm2_pcrextend "11:$bank=$(printf %s "$1" | "${bank}sum" | cut -d' ' -f1)"; }

# A secret that opens to whatever PCR policy the key of .pcrpkey signs.
seal() {
	section .pcrpkey u.efi >pub.pem
	tpm2_loadexternal -Q -C o -G rsa -u pub.pem -c key.ctx -n key.name
	tpm2_startauthsession -S trial.ctx
	tpm2_policyauthorize -Q -S trial.ctx -L authorized -n key.name
	tpm2_flushcontext trial.ctx
	tpm2_createprimary -Q -C o -c primary.ctx
	tpm2_flushcontext -t
	printf 'the secret' | tpm2_create -Q -C primary.ctx -L authorized -i - -c object.ctx
}

# unseal IDX: with signature IDX of .pcrsig
unseal() {
	section .pcrsig u.efi | jq -r ".${bank}[$1].sig" | base64 -d >sig
	section .pcrsig u.efi | jq -r ".${bank}[$1].pol" | tr -d '\n' | tr a-f A-F | basenc -d --base16 >pol
	tpm2_flushcontext -t
	tpm2_loadexternal -Q -C o -G rsa -u pub.pem -c key.ctx -n key.name
	tpm2_verifysignature -Q -c key.ctx -g sha256 -f rsassa -m pol -s sig -t ticket || return 10
	tpm2_startauthsession --policy-session -S session.ctx
	tpm2_policypcr -Q -S session.ctx -l "$bank:11"
	tpm2_policyauthorize -Q -S session.ctx -i pol -n key.name -t ticket || {
		tpm2_flushcontext session.ctx
		return 11
	}
	tpm2_flushcontext -t
	tpm2_unseal -p session:session.ctx -c object.ctx
	tpm2_flushcontext session.ctx
}

@test "a TPM unseals at the signed phase, and not before, later or with another key" {
	tpm_start
	build
	extend_like_the_stub
	[ "$(tpm2_pcrread sha256:11 | sed -n 's/.*0x//p' | tr A-F a-f)" = "$(values u.efi --phases '')" ]
	seal
	# Before the phase that the first signature is for.
	run -11 unseal 0
	extend_phase enter-initrd
	[ "$(unseal 0)" = 'the secret' ]
	run -11 unseal 1
	extend_phase leave-initrd
	run -11 unseal 0
	[ "$(unseal 1)" = 'the secret' ]
	# The same policy by a key that the secret is not sealed to.
	pcr=(--pcr-key other.key --pcr-cert other.pem)
	mv u.efi first.efi
	build
	run -10 unseal 1
	mv first.efi u.efi
	[ "$(unseal 1)" = 'the secret' ]
}

@test "so it does by PCRs of another bank" {
	for bank in sha1 sha384; do
		tpm_start
		build --pcr-bank "$bank"
		extend_like_the_stub
		[ "$(tpm2_pcrread "$bank:11" | sed -n 's/.*0x//p' | tr A-F a-f)" = "$(values u.efi --bank "$bank" --phases '')" ]
		seal
		run -11 unseal 0
		extend_phase enter-initrd
		[ "$(unseal 0)" = 'the secret' ]
		run -11 unseal 1
		tpm_stop
	done
}

@test "another command line gives another policy" {
	build
	section .pcrsig u.efi | jq '.sha256[].pol' | sort >a
	printf 'init=/bin/sh' >"$K/cmdline"
	build
	printf 'console=ttyS0' >"$K/cmdline"
	section .pcrsig u.efi | jq '.sha256[].pol' | sort >b
	[ "$(wc -l <a)" = 4 ]
	[ -z "$(comm -12 a b)" ]
}

@test "--pcr-cert alone embeds the key, for signing elsewhere" {
	pcr=(--pcr-cert signer.pem)
	build
	section .pcrpkey u.efi | cmp - "$K/signer.pub"
	objdump -h u.efi >sections
	run grep -F .pcrsig sections
	[ "$status" = 1 ]
}

@test "a PCR key that no TPM takes, or that is not the certificate's, is refused" {
	new_cert "$K/ec" ec -pkeyopt ec_paramgen_curve:P-256
	pcr=(--pcr-key ec.key --pcr-cert ec.pem)
	run -1 build
	said "not RSA of 2048, 3072 or 4096 bits"
	pcr=(--pcr-key other.key --pcr-cert signer.pem)
	run build
	[ "$status" != 0 ]
	pcr=(--pcr-key signer.key)
	run -1 build
	said "no certificate comes with this key, give --cert"
	[ ! -e u.efi ]
	pcr=(--pcr-key signer.key --pcr-cert signer.pem)
	build
}

@test "each bank: the values and the policies are systemd-measure's" {
	newer
	banks=(sha1 sha256 sha384 sha512)
	args=() theirs=()
	for bank in "${banks[@]}"; do args+=(--pcr-bank "$bank") theirs+=("--bank=$bank"); done
	build --stub "$NEW_STUB" "${args[@]}"
	section .sbat u.efi >part.sbat
	printf 6.18.15 >release
	parts=(--linux="$IMAGE" --osrel="$K/os-release" --cmdline="$K/cmdline" --initrd="$K/initrd" --uname=release
		--sbat=part.sbat --pcrpkey="$K/signer.pub")
	section .pcrsig u.efi | tr -d '\0' >ours.json
	tools/systemd-measure sign "${theirs[@]}" --private-key="$K/signer.key" --public-key="$K/signer.pub" "${parts[@]}" >theirs.json
	# systemd-measure signs with the digest of the bank; systemd hands every signature to the TPM as one of SHA-256
	# (tpm2_build_sealing_policy()), and so does the test above.
	without_sig() { jq -S 'map_values(map(del(.sig)) | sort_by(.pol))' "$1"; }
	diff <(without_sig ours.json) <(without_sig theirs.json)
	diff <(jq -S '.sha256 | sort_by(.pol)' ours.json) <(jq -S '.sha256 | sort_by(.pol)' theirs.json)
	[ "$(jq 'keys | length' ours.json)" = 4 ]
	for bank in "${banks[@]}"; do
		tools/systemd-measure calculate --bank="$bank" --phase=enter-initrd "${parts[@]}" | sed -n "s/^11:$bank=//p" >value
		[ -s value ]
		[ "$(values u.efi --bank "$bank" --phases enter-initrd)" = "$(cat value)" ]
	done
	[ "$(kseal uki measure --json --bank sha384 --bank sha1 u.efi | jq -c '[.profiles[] | .bank, (.phases | length)]')" = '["sha384",5,"sha1",5]' ]
	run -0 kseal uki lint u.efi
	said ' 0 fatal'
}

@test "a policy of another bank that is never reached is found" {
	build --pcr-bank sha384
	run -0 kseal uki lint u.efi
	at=$(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".cmdline").offset')
	printf X | dd of=u.efi bs=1 seek="$at" conv=notrunc status=none
	run -3 kseal uki lint u.efi
	said 'no policy that this image ever reaches, sign it again: sha384'
}

@test "no bank, one twice, and a key that no systemd takes are refused" {
	run -2 kseal uki measure --bank sha3 "$STUB"
	said 'no bank of PCRs, take sha1, sha256, sha384 or sha512: sha3'
	run -2 kseal uki measure --bank sha1 --bank sha1 "$STUB"
	said 'bank is given twice: sha1'
	new_cert ec ec -pkeyopt ec_paramgen_curve:prime256v1
	run -1 uki --pcr-key ec.key --pcr-cert ec.pem
	said 'PCR key is not RSA'
	# systemd hands each signature to the TPM as one of RSA.
	[ ! -e u.efi ]
}
