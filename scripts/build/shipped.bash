# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `source`, behind keys.bash: what ships, before it is signed, and what came back from where it was. Who signs
# (scripts/build/uki, steps) and who lists what is to be signed (scripts/build/offline) make the same bytes of it.
#
# They set $out, $work, $build, $kseal, $image, $kexec_image, $stub, $addon_stub, $cmdline, $crashkernel, and fail().
# shellcheck disable=SC2154

check_shipped()
{
	[[ -e $stub ]] || fail "$stub: not there, install systemd-boot-efi"
	[[ -z ${INITRD-} || -r $INITRD ]] || fail "$INITRD: cannot read INITRD"
}

# $1: directory
metadata()
{
	cat >"$1/os-release" <<-END
		ID=kseal
		NAME=kseal
		PRETTY_NAME="kseal $SKU, Linux $LINUX"
		VERSION_ID=$LINUX
		VARIANT_ID=$SKU
	END
	# kseal puts this behind the stub's own lines, which have the header.
	cat >"$1/sbat.csv" <<-END
		kseal,1,kseal,linux,$LINUX,https://kernel.org/
	END
}

# $1: unsigned UKI, $2: command line, $3: initrd if any, $4...: about PCR policies
build_uki()
{
	"$kseal" uki build --stub "$stub" --linux "$image" ${3:+--initrd "$3"} --cmdline "$2" \
		--os-release "$work/os-release" --uname "$(cat "$build/include/config/kernel.release")" \
		--sbat "$work/sbat.csv" "${@:4}" --output "$1"
	"$kseal" uki lint "$1" >"$work/lint.log" 2>&1 || {
		cat "$work/lint.log" >&2
		fail "$1: would not boot (above)"
	}
}

# $1: linux.efi without its signature; and without its policies, if somebody else has that key.
build_linux()
{
	local pcr=()

	[[ -z $PCR_CERT ]] || pcr=(--pcr-cert "$PCR_CERT")
	! at_hand PCR || pcr+=(--pcr-key "$PCR_KEY" "${passphrase[@]}")
	build_uki "$1" "$cmdline" "${INITRD-}" "${pcr[@]}"
}

# $1: addon without its signature
build_addon()
{
	"$kseal" uki addon --stub "$addon_stub" --cmdline "crashkernel=$crashkernel" --sbat "$work/sbat.csv" \
		--uname "$(cat "$build/include/config/kernel.release")" --output "$1"
}

check_kexec_keys()
{
	[[ $(openssl x509 -in "$MODULE_CERT" -noout -pubkey) != "$(openssl x509 -in "$UKI_CERT" -noout -pubkey)" ]] ||
		fail "$MODULE_CERT and $UKI_CERT have one key, so the firmware would start vmlinuz-kexec with any command line; use two"
}

# $1: manifest, $2: purpose. The certificates that the firmware of a shipped machine gets out of it.
firmware_certs()
{
	awk -v purpose="$2" -v dir="${1%/*}/certs/" '$1 !~ /^#/ && index("," $3 ",", "," purpose ",") { print dir $1 ".pem" }' "$1"
}

# $1: directory, $2: manifest. The lists of PK, KEK and db, as the test enrols them, NAME.esl.
firmware_lists()
{
	local name cert purpose

	for name in PK:PK_CERT KEK:KEK_CERT:kek db:UKI_CERT:db; do
		IFS=: read -r name cert purpose <<<"$name"
		set -- "$1" "$2" --cert "${!cert}"
		while IFS= read -r cert; do
			set -- "$@" --cert "$cert"
		done < <([[ -z $purpose ]] || firmware_certs "$2" "$purpose")
		"$kseal" efi esl --output "$1/$name.esl" "${@:3}" >/dev/null
	done
}

# Who signs updates of which variable.
# shellcheck disable=SC2034 # for who sources this
declare -A signer_of=([PK]=PK [KEK]=PK [db]=KEK)

# $1: of key_names, $2: name of what was signed elsewhere, $3: what it must have been, $4: where it goes
take_signed()
{
	local first=$out/offline/round-1/$2 from=$out/offline/signed/$2

	[[ -e $from ]] || fail "there is no $1_KEY to sign $2, and nobody signed it elsewhere: give $1_KEY= or KEYS=, or make prepare"
	diff -rq "$3" "$first" >/dev/null ||
		fail "$from: what was signed elsewhere is not what is built now; make prepare again"
	rm -rf "$4"
	cp -a "$from" "$4"
}
