# SPDX-License-Identifier: LGPL-2.1-or-later
# What a file ends with decides what signing it may do: nothing, one signature, half of one, two.

load ../helpers
load module

@test "signed modules are refused, kept or replaced as asked, never signed twice" {
	sign m.ko
	cp m.ko first.ko
	run -1 sign m.ko
	said 'signed already, use --signed keep or replace'
	cmp first.ko m.ko
	sign --signed keep --hash sha256 m.ko
	cmp first.ko m.ko
	for how in '' --in-place; do
		cp first.ko m.ko
		sign --signed replace $how --hash sha256 m.ko
		expected sha256 "$K/plain.ko" >want.ko
		cmp want.ko m.ko
		# Longer and shorter than what was there.
		kseal module sign --signed replace $how --key "$K/ec.key" --cert "$K/ec.pem" m.ko
		sign --signed replace $how --hash sha256 m.ko
		cmp want.ko m.ko
	done
}

@test "what is kept must be a signature" {
	sign m.ko
	size=$(stat -c %s m.ko)
	cms=$((size - 40 - $(tail -c 30 m.ko | head -c 2 | od -An -tu1 | awk '{ print $1 * 256 + $2 }')))
	cp m.ko broken.ko
	printf '\xff' | dd of=broken.ko bs=1 seek=$cms conv=notrunc status=none
	cp broken.ko before.ko
	run -1 sign --signed keep broken.ko
	said 'broken.ko: signature is not a CMS message'
	cmp before.ko broken.ko
	# A CMS message of another shape: signed attributes, which the kernel refuses.
	openssl cms -sign -binary -nocerts -outform DER -signer "$K/signer.pem" -inkey "$K/signer.key" \
		-in "$K/plain.ko" -out sig.der
	{
		cat "$K/plain.ko" sig.der
		printf '\0\0\2\0\0\0\0\0\0\0'
		printf '%04x' "$(stat -c %s sig.der)" | sed 's/../\\x&/g' | xargs -0 printf '%b'
		printf '~Module signature appended~\n'
	} >attrs.ko
	run sign --signed keep attrs.ko
	[ "$status" != 0 ]
	said 'signed attributes, the kernel refuses it'
	sign --signed replace broken.ko attrs.ko
	verify broken.ko attrs.ko
	run -0 sign --signed keep m.ko
}

@test "two signatures, one on the other, are never kept and never signed; strip takes both" {
	expected sha256 "$K/plain.ko" >once.ko
	expected sha256 once.ko >twice.ko
	for mode in refuse keep replace; do
		cp twice.ko m.ko
		run -1 sign --signed $mode m.ko
		cmp twice.ko m.ko
	done
	said 'second signature under the first, strip it'
	kseal module strip twice.ko
	cmp "$K/plain.ko" twice.ko
}

@test "half a signature at the end is not sealed in" {
	sign m.ko
	size=$(stat -c %s m.ko) plain=$(stat -c %s "$K/plain.ko")
	for ((n = plain + 1; n < size; n += 23)); do
		head -c $n m.ko >cut.ko
		cp cut.ko before.ko
		run -1 sign --signed replace cut.ko
		[[ $output == *"behind the module"* ]] || { echo "$n: $output"; false; }
		cmp before.ko cut.ko
		run -1 sign --signed replace --in-place cut.ko
		cmp before.ko cut.ko
	done
	head -c "$plain" m.ko >cut.ko
	sign cut.ko
	cmp m.ko cut.ko
}

# patch FILE OFFSET BYTES...: from the end if negative
patch_bytes()
{
	local off=$2

	[[ $off != -* ]] || off=$(($(stat -c %s "$1") + off))
	printf '%b' "$(printf '\\x%s' "${@:3}")" | dd of="$1" bs=1 seek="$off" conv=notrunc status=none
}

# be32 N: as the bytes of a trailer
be32() { printf '%08x' "$1" | sed 's/../& /g'; }

# The mutations of signed and unsigned modules that the kernel refuses, or should: never a crash, a
# hang or a yes, and the file is not touched.
# shellcheck disable=SC2046 # bytes are words
@test "no broken module is signed, kept, replaced or stripped" {
	sign m.ko
	cp m.ko good.ko
	mutate() { # NAME OFFSET BYTES...
		cp good.ko "bad/$1.ko"
		patch_bytes "bad/$1.ko" "${@:2}"
	}
	mkdir bad
	size=$(stat -c %s good.ko)
	mutate sig-len-0 -32 00 00 00 00
	mutate sig-len-max -32 ff ff ff ff
	mutate sig-len-file -32 $(be32 "$size")
	mutate sig-len-all-but-trailer -32 $(be32 $((size - 40)))
	mutate sig-len-12-less -32 $(be32 $((size - 52)))
	mutate sig-len-one-more -32 $(be32 $(($(stat -c %s good.ko) - $(stat -c %s "$K/plain.ko") - 39)))
	mutate algo -40 01
	mutate hash -39 01
	mutate id-type-pgp -38 00
	mutate id-type-x509 -38 01
	mutate id-type-3 -38 03
	mutate signer-len -37 01
	mutate key-id-len -36 01
	mutate padding-1 -35 01
	mutate padding-3 -33 01
	printf '~Module signature appended~\n' >bad/magic-only.ko
	tail -c 40 good.ko >bad/trailer-only.ko
	: >bad/empty.ko
	echo text >bad/text.ko
	head -c 50 "$K/plain.ko" >bad/elf-before-shoff.ko
	head -c 63 "$K/plain.ko" >bad/elf-header-minus-1.ko
	head -c 64 "$K/plain.ko" >bad/elf-header-only.ko
	head -c -1 "$K/plain.ko" >bad/section-table-cut.ko
	{ cat "$K/plain.ko" && printf x; } >bad/one-byte-more.ko
	cp good.ko bad/32-bit.ko && patch_bytes bad/32-bit.ko 4 01
	cp good.ko bad/big-endian.ko && patch_bytes bad/big-endian.ko 5 02
	cp good.ko bad/shoff-max.ko && patch_bytes bad/shoff-max.ko 40 ff ff ff ff ff ff ff ff
	cp good.ko bad/shnum-max.ko && patch_bytes bad/shnum-max.ko 60 ff ff
	cp good.ko bad/shentsize-0.ko && patch_bytes bad/shentsize-0.ko 58 00 00
	cp good.ko bad/executable.ko && patch_bytes bad/executable.ko 16 02
	cp good.ko bad/machine.ko && patch_bytes bad/machine.ko 18 08
	truncate -s 4G bad/sparse-4g.ko
	truncate -s $((512 << 20)) bad/sparse-512m.ko
	echo >>bad/sparse-512m.ko
	cksum bad/[!s]*.ko bad/s[!p]*.ko >before
	for verb in "sign --signed refuse" "sign --signed keep" "sign --signed replace" "sign --in-place --signed replace"; do
		for f in bad/*.ko; do
			# shellcheck disable=SC2086 # a verb and its options
			run timeout 20 "$KSEAL_BIN/kseal" module $verb --key "$K/signer.key" --cert "$K/signer.pem" "$f"
			[[ $status == 1 && $output == *"$f"* ]] || { echo "$verb $f: $status $output"; false; }
		done
	done
	for f in bad/*.ko; do
		[[ $f == *[lks]-endian.ko || $f == bad/32-bit.ko ]] && continue
		run timeout 20 "$KSEAL_BIN/kseal" module verify --trust "$K/signer.pem" "$f"
		[[ $status == [13] ]] || { echo "verify $f: $status $output"; false; }
	done
	cksum bad/[!s]*.ko bad/s[!p]*.ko | diff before -
	# What they were made of is fine.
	sign --signed replace good.ko
	cmp m.ko good.ko
}
