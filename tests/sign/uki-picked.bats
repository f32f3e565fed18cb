# SPDX-License-Identifier: LGPL-2.1-or-later
# Of .dtbauto and .efifw the stub measures what it picked for the machine: PCR 11 and its policies for all that it may
# pick, beside systemd-measure, which is told what, and ukify, which signs for each .dtbauto and not for none.

load ../helpers
load uki

setup() {
	enter_test
	for nr in 1 2 3; do
		cp "$K/board.dtb" $nr.dtb
		printf '%s' $nr | dd of=$nr.dtb bs=1 seek=39 conv=notrunc status=none
	done
	mkdir -p fw/vendor-1 fw/vendor-2
	echo one >fw/vendor-1/image
	echo two >fw/vendor-2/image
}

teardown() { tpm_stop; }

# picked SECTION NR FILE: that one of the image's, in its length in memory; nothing for "-".
picked() {
	local bytes off

	[ "$2" != - ] || return 0
	read -r bytes off < <(kseal uki show --json "$3" |
		jq -r "[.sections[] | select(.name == \"$1\")][$2 - 1] | \"\(.virtual_bytes) \(.offset)\"")
	dd if="$3" of="picked$1" iflag=skip_bytes,count_bytes skip="$off" count="$bytes" status=none
	echo "--$(as "$1")=picked$1"
}

# as SECTION: the option of systemd-measure that has it measured under its name. That of 257 has .dtbauto and .hwids
# in the wrong order (ARG_DTBAUTO of its measure.c), and its ukify signs what no stub measures.
as() {
	case $NEW:$1 in
	*/trixie/*:.dtbauto) echo hwids ;;
	*) echo "${1#.}" ;;
	esac
}

# agrees IMAGE COUNT OPTION...: each of that many values is what systemd-measure says of the other sections and of what is picked.
agrees() {
	local image=$1 count=$2 value choice dtb fw theirs nr=0

	while read -r value choice; do
		dtb=- fw=-
		[[ ! $choice =~ [.]dtbauto#([0-9]+|-) ]] || dtb=${BASH_REMATCH[1]}
		[[ ! $choice =~ [.]efifw#([0-9]+|-) ]] || fw=${BASH_REMATCH[1]}
		# shellcheck disable=SC2046 # one word or none
		theirs=$(tools/systemd-measure calculate --bank=sha256 --phase=enter-initrd "${@:3}" \
			$(picked .dtbauto "$dtb" "$image") $(picked .efifw "$fw" "$image") | sed -n 's/^11:sha256=//p')
		[ "$value" = "$theirs" ] || {
			echo "$choice: $value, systemd-measure says $theirs"
			return 1
		}
		nr=$((nr + 1))
	done < <(kseal uki measure --phases enter-initrd "$image" | sed 's/^11:sha256=//')
	[ "$nr" -eq "$count" ]
}

# rest IMAGE: options of systemd-measure for what every machine measures of an image of uki()
rest() {
	section .sbat "$1" >part.sbat
	printf 6.18.15 >release
	rest=(--linux="$IMAGE" --osrel="$K/os-release" --cmdline="$K/cmdline" --initrd="$K/initrd" --uname=release --sbat=part.sbat)
}

@test "each value is systemd-measure's of what the machine picks" {
	newer sid
	uki --stub "$NEW_STUB" --dtbauto 1.dtb --dtbauto 2.dtb --dtbauto 3.dtb --efifw fw/vendor-1 --efifw fw/vendor-2 \
		--hwids "$NEW/lib/systemd/boot/hwids/aa64"
	rest u.efi
	section .hwids u.efi >part.hwids
	agrees u.efi 12 "${rest[@]}" --hwids=part.hwids
	# It can fail: another kernel.
	run ! agrees u.efi 12 "${rest[@]}" --hwids=part.hwids --linux="$K/initrd"
	said 'systemd-measure says'
	# A stub that knows no .efifw measures none.
	[ "$(kseal uki measure --stub-version 257 --phases '' u.efi | wc -l)" -eq 4 ]
	[ "$(kseal uki measure --json u.efi | jq -c '.profiles[0].phases | map([.dtbauto, .efifw]) | unique')" = \
		'[[null,null],[null,1],[null,2],[1,null],[1,1],[1,2],[2,null],[2,1],[2,2],[3,null],[3,1],[3,2]]' ]
	kseal inspect --json u.efi >/dev/null
	kseal inspect u.efi >screen
	grep -q 'and 55 others, where the machine picks a .dtbauto or .efifw' screen
}

@test "of two with the same content one counts, the one that the stub finds first" {
	newer
	uki --stub "$NEW_STUB" --dtbauto 1.dtb --dtbauto 2.dtb --dtbauto 1.dtb
	rest u.efi
	agrees u.efi 3 "${rest[@]}"
}

# signed_by_ukify SUITE: theirs.efi with three .dtbauto; its policies in theirs, those that are predicted in ours
signed_by_ukify() {
	newer "$1"
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --cmdline "@$K/cmdline" --os-release "@$K/os-release" \
		--uname 6.18.15 --devicetree-auto 1.dtb --devicetree-auto 2.dtb --devicetree-auto 3.dtb --pcr-banks sha256 \
		--pcr-private-key "$K/signer.key" --pcr-public-key "$K/signer.pub" --output theirs.efi
	section .pcrsig theirs.efi | tr -d '\0' | jq -r '.sha256[].pol' | sort >theirs
	kseal uki measure --json theirs.efi |
		jq -r '.profiles[].phases[] | select(.path != "") | "\(.policy) \(.dtbauto)"' | sort >ours
	[ "$(wc -l <theirs)" -eq 12 ]
	[ "$(wc -l <ours)" -eq 16 ]
}

@test "the newest ukify signs for each .dtbauto, which is told as a lack of one for none" {
	signed_by_ukify sid
	[ "$(join theirs ours | wc -l)" -eq 12 ]
	[ "$(join -v 2 theirs ours | cut -d ' ' -f 2 | uniq -c | xargs)" = '4 null' ]
	run -0 kseal uki lint theirs.efi
	said 'advice: pcrsig-choice: .pcrsig has no policy for a machine that picks this: .dtbauto#-, sha256'
	kseal inspect --json theirs.efi | jq -e '.files[0].uki.profiles[0].pcrsig | .nr_policies == 12 and .nr_predicted == 12'
}

@test "what ukify 257 signs for a .dtbauto is of a value that no stub leaves, which is fatal" {
	signed_by_ukify trixie
	[ "$(join theirs ours | wc -l)" -eq 0 ]
	run -3 kseal uki lint theirs.efi
	said 'fatal: pcrsig: .pcrsig has no policy that this image ever reaches'
	# The stub has the order of the newest systemd-measure, whose names are right.
	kseal uki measure --phases enter-initrd theirs.efi >values
	section .sbat theirs.efi >part.sbat
	printf 6.18.15 >release
	newer sid
	[ "$(tools/systemd-measure calculate --bank=sha256 --phase=enter-initrd --linux="$IMAGE" --osrel="$K/os-release" \
		--cmdline="$K/cmdline" --initrd="$K/initrd" --uname=release --sbat=part.sbat --pcrpkey="$K/signer.pub" --dtbauto=2.dtb |
		sed -n 's/^11:sha256=//p')" = "$(sed -n 's/^11:sha256=\(.*\) .dtbauto#2 .*/\1/p' values)" ]
}

@test "a policy is signed for each that a machine may pick and for none, and a TPM takes it" {
	newer sid
	uki --stub "$NEW_STUB" --dtbauto 1.dtb --dtbauto 2.dtb --efifw fw/vendor-1 --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	section .pcrsig u.efi | tr -d '\0' >ours.json
	diff <(jq -r '.sha256[].pol' ours.json | sort) \
		<(kseal uki measure --json u.efi | jq -r '.profiles[].phases[] | select(.path != "").policy' | sort)
	[ "$(jq '.sha256 | length' ours.json)" -eq 24 ]
	run -0 kseal uki lint u.efi
	not_said pcrsig
	# What the TPM extends for .dtbauto#2 and firmware is one of them, and what it extends for a stranger's is not.
	rest u.efi
	section .pcrpkey u.efi >part.pcrpkey
	tpm_start
	picked .dtbauto 2 u.efi >/dev/null
	picked .efifw 1 u.efi >/dev/null
	for with in '--dtbauto=picked.dtbauto --efifw=picked.efifw' '--dtbauto=3.dtb'; do
		# shellcheck disable=SC2086 # two words
		value=$(tools/systemd-measure calculate --bank=sha256 --phase=enter-initrd "${rest[@]}" --pcrpkey=part.pcrpkey $with |
			sed -n 's/^11:sha256=//p')
		printf %s "${value^^}" | basenc -d --base16 >pcr
		tpm2_createpolicy -Q --policy-pcr -l sha256:11 -f pcr -L policy
		basenc --base16 -w 0 policy | tr A-F a-f
		echo
	done >pols
	[ "$(wc -l <pols)" -eq 2 ]
	jq -e --arg pol "$(sed -n 1p pols)" 'any(.sha256[]; .pol == $pol)' ours.json
	jq -e --arg pol "$(sed -n 2p pols)" 'all(.sha256[]; .pol != $pol)' ours.json
}

@test "a profile picks among its own and the base's" {
	newer
	ukify --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --profile 'ID=second' --splash 3.dtb --output second.efi
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --cmdline "@$K/cmdline" --os-release "@$K/os-release" \
		--uname 6.18.15 --devicetree-auto 1.dtb --profile 'ID=main' --join-profile second.efi --output u.efi
	# It does not join a .dtbauto, so a section of the same size is called so.
	perl -0777 -pi -e 's/[.]splash\0(?=\x28\0\0\0)/.dtbauto/' u.efi
	rest u.efi
	[ "$(kseal uki measure --phases '' u.efi | cut -d ' ' -f 2,3 | xargs)" = \
		'@0 .dtbauto#- @0 .dtbauto#1 @1 .dtbauto#- @1 .dtbauto#1 @1 .dtbauto#2' ]
	printf 'ID=second' >profile
	theirs=$(for with in '' "--$(as .dtbauto)=1.dtb" "--$(as .dtbauto)=3.dtb"; do
		# shellcheck disable=SC2086 # one word or none
		tools/systemd-measure calculate --bank=sha256 --phase= "${rest[@]}" --profile=profile $with | sed -n 's/^11:sha256=//p'
	done)
	[ "$(kseal uki measure --phases '' u.efi | sed -n 's/^11:sha256=\(.*\) @1 .*/\1/p')" = "$theirs" ]
}

@test "more than can be signed are refused with what to give less of, fewer phases are not" {
	newer sid
	parts=(--stub "$NEW_STUB" --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem")
	for nr in $(seq 10 41); do
		cp "$K/board.dtb" "$nr.dtb"
		printf '%s' "$nr" | dd of="$nr.dtb" bs=1 seek=38 conv=notrunc status=none
		parts+=(--dtbauto "$nr.dtb")
	done
	for nr in $(seq 8); do
		mkdir "fw/$nr"
		echo "$nr" >"fw/$nr/image"
		parts+=(--efifw "fw/$nr")
	done
	run -1 uki "${parts[@]}"
	[ "$(wc -l <<<"$output")" -eq 1 ]
	said 'over 1024 policies for each phase, profile and bank, and each .dtbauto and .efifw'
	[ ! -e u.efi ]
	uki "${parts[@]}" --phases enter-initrd
	[ "$(section .pcrsig u.efi | tr -d '\0' | jq '.sha256 | length')" -eq $((33 * 9)) ]
	run -0 kseal uki lint u.efi
	said 'over 256 combinations'
	run -1 kseal uki measure u.efi
	said 'over 1024 policies'
}
