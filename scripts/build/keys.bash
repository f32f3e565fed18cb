# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `source`: the keys that sign what ships, by what they are for.
#
#   MODULE  modules and vmlinuz-kexec        UKI      linux.efi and its addon     PCR  its policies, if there are any
#   PK      updates of PK and of KEK         KEK      updates of db
#
# NAME_KEY is what `kseal --key` takes, and empty if the key is elsewhere; NAME_KEY_FILE is that if it is a file;
# NAME_CERT is a file. KEYS=DIR has them all as files, module.key and module.pem and so on; a variable of the user's
# goes before it. PASSPHRASE_FILE is for all of them; a pkcs11: URI may name another with pin-source.

key_names=(MODULE UKI PCR PK KEK)
# Each by its file in KEYS, of which PK and KEK have capitals.
declare -A key_file=([MODULE]=module [UKI]=uki [PCR]=pcr [PK]=PK [KEK]=KEK)
passphrase=()
[[ -z ${PASSPHRASE_FILE-} ]] || passphrase=(--passphrase-file "$PASSPHRASE_FILE")

keys_fail()
{
	echo "kseal: $*" >&2
	exit 2
}

# $1: of key_names. Can it sign here?
at_hand()
{
	local key=$1_KEY

	[[ -n ${!key-} ]]
}

# $1: of key_names, then the rest of a kseal command line: adds key, certificate and passphrase.
kseal_sign()
{
	local key=$1_KEY cert=$1_CERT
	shift

	"$O/bin/kseal" "$1" "$2" --key "${!key}" --cert "${!cert}" "${passphrase[@]}" "${@:3}"
}

# $1: key URI. Is it a file? As ks_key_open() decides; sets $key_path.
is_key_file()
{
	key_path=${1#file:}
	case $1 in
	file:*) ;;
	pkcs11:* | exec:*) return 1 ;;
	*:*) [[ -e $1 ]] ;;
	esac
}

# These become words of make's lists, in which no other character stands for itself. $1: variable, $2: path
check_path()
{
	[[ ! $2 =~ [^[:alnum:]._/+,@=:~-] ]] ||
		keys_fail "$(printf '%s=%q: has a "%s", and only letters, digits and . _ / + , @ = : ~ - can be in this path; rename it or make a link' \
			"$1" "$2" "${BASH_REMATCH[0]}")"
}

# Records, reports and this line must not repeat what is secret in it, so this comes before all else.
check_uri()
{
	[[ ${2,,} != *pin-value* && ${2,,} != *%70in* ]] ||
		keys_fail "$1=: a pin-value is in it, which every process and log has seen by now: change the PIN, and use PASSPHRASE_FILE= or ?pin-source=file:PATH"
	[[ $2 != *[[:cntrl:]]* ]] || keys_fail "$1=: has a line feed or another control character in it"
}

# The certificate of a token as a file, since all but who signs want it as one. $1: URI, also of its key, $2: file,
# $3: variable that names a file instead
cert_of_token()
{
	# A report is of what was built, with or without the token.
	[[ ${goal-} != show || ! -e $2 ]] || return 0
	local uri=${1%%\?*} query=${1#"${1%%\?*}"} why

	uri=$(sed -E 's/;type=[a-z]*//g; s/:type=[a-z]*;/:/' <<<"$uri")
	mkdir -p "${2%/*}"
	why=$("$O/bin/kseal" extract --output "$2.part" "$uri$query" certificates 2>&1) ||
		keys_fail "$3=: there is no certificate for $uri on a token (${why#kseal: }); name a file"
	if cmp -s "$2.part" "$2"; then
		rm "$2.part"
	else
		mv "$2.part" "$2"
	fi
}

# Development and test keys are made when they are needed, so they need not be there yet.
# shellcheck disable=SC2154 # of the flow
made_on_use() { [[ $KEYS == "$O/keys" || $KEYS == "$out/test-keys" ]]; }

# Who names keys of his own and says nothing of PCR gets no policies, least of all by a development key.
has_pcr()
{
	[[ -z ${PCR_KEY-}${PCR_CERT-} ]] || return 0
	if made_on_use; then
		[[ -z ${MODULE_KEY-}${MODULE_CERT-}${UKI_KEY-}${UKI_CERT-} ]]
	else
		[[ -e $KEYS/pcr.key || -e $KEYS/pcr.pem ]]
	fi
}

# $1: key in KEYS, $2: the certificate that the user named. A development key is not the one of that, also if it is there.
has_default()
{
	if made_on_use; then
		[[ -z $2 ]]
	else
		[[ -e $1 ]]
	fi
}

# $1: name. Sets NAME_KEY and NAME_KEY_FILE.
take_key()
{
	local key=$1_KEY cert=$1_CERT default=$KEYS/${key_file[$1]}.key

	declare -g "${key}_FILE="
	if [[ -n ${!key-} ]]; then
		check_uri "$key" "${!key}"
	elif has_default "$default" "${!cert-}"; then
		declare -g "$key=$default"
	else
		declare -g "$key="
		return
	fi
	is_key_file "${!key}" || return 0
	[[ $key_path == "$default" ]] || key_path=$(realpath -s -m -- "$key_path")
	check_path "$key" "$key_path"
	declare -g "$key=$key_path" "${key}_FILE=$key_path"
}

# $1: name, $2: the key that the user named for it. Sets NAME_CERT.
take_cert()
{
	local cert=$1_CERT file=$KEYS/${key_file[$1]}.pem from

	from=${!cert-}
	if [[ -z $from && -n $2 ]] && { made_on_use || [[ ! -e $file ]]; }; then
		[[ $2 == pkcs11:* ]] ||
			keys_fail "$1_KEY= is given without its certificate: give $cert=FILE, or KEYS=DIR with ${file##*/}"
		from=$2
	fi
	if [[ $from == pkcs11:* ]]; then
		check_uri "$cert" "$from"
		file=$out/certs/${key_file[$1]}.pem
		cert_of_token "$from" "$file" "$cert"
	elif [[ -n $from ]]; then
		file=$(realpath -s -m -- "$from")
		[[ -r $file ]] || keys_fail "$cert=$from: cannot be read"
	fi
	check_path "$cert" "$file"
	declare -g "$cert=$file"
}

# An image is signed with its policies inside.
check_pcr()
{
	local name other

	[[ -n $PCR_CERT ]] || return 0
	for name in UKI:PCR PCR:UKI; do
		other=${name#*:} name=${name%:*}
		! at_hand "$name" || at_hand "$other" ||
			keys_fail "${name}_KEY is at hand and ${other}_KEY is not: the image is signed with its policies inside, so give both here or neither"
	done
}

# Decide all of this and export it. $out, $O and $KEYS are set.
take_keys()
{
	local name given used=("${key_names[@]}")

	# A test kernel is signed by keys of its own, whatever the user says.
	[[ $KEYS != "$out/test-keys" ]] || unset "${key_names[@]/%/_KEY}" "${key_names[@]/%/_CERT}" PASSPHRASE_FILE
	has_pcr || {
		used=(MODULE UKI PK KEK)
		# shellcheck disable=SC2034 # exported below
		declare -g PCR_KEY='' PCR_KEY_FILE='' PCR_CERT=''
	}
	for name in "${used[@]}"; do
		given=${name}_KEY given=${!given-}
		take_key "$name"
		take_cert "$name" "$given"
	done
	export "${key_names[@]/%/_KEY}" "${key_names[@]/%/_KEY_FILE}" "${key_names[@]/%/_CERT}"
	check_pcr
	[[ -n ${PASSPHRASE_FILE-} ]] || return 0
	PASSPHRASE_FILE=$(realpath -s -m -- "$PASSPHRASE_FILE")
	# Each kind of signing reads it anew.
	[[ -f $PASSPHRASE_FILE && -r $PASSPHRASE_FILE ]] ||
		keys_fail "PASSPHRASE_FILE=$PASSPHRASE_FILE: is not a file that can be read"
	export PASSPHRASE_FILE
}
