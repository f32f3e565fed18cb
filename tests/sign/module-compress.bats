# SPDX-License-Identifier: LGPL-2.1-or-later
# Compressed modules: signed inside, and written as the kernel's modules_install writes them.

load ../helpers
load module
load verify

# What modules_install runs (scripts/Makefile.modinst), to stdout.
pack() # SUFFIX FILE
{
	case $1 in
	gz) gzip -n -c "$2" ;;
	xz) xz -T1 --check=crc32 --lzma2=dict=1MiB -c "$2" ;;
	zst) zstd -q -c "$2" ;;
	esac
}

unpack() # SUFFIX FILE
{
	case $1 in
	gz) gzip -dc "$2" ;;
	xz) xz -dc "$2" ;;
	zst) zstd -qdc "$2" ;;
	esac
}

# A module of some size, since compressors behave differently above their block sizes.
big_module()
{
	LC_ALL=C awk -v n="$1" 'BEGIN { x = 1; for (i = 0; i < n; i++) { x = (x * 48271) % 2147483647; printf "%c", 65 + x % 19 } }' >big
	large_module big.ko big
}

@test "a compressed module is signed inside and compressed again with the kernel's parameters" {
	expected sha512 "$K/plain.ko" >want.ko
	for c in gz xz zst; do
		pack $c m.ko >"m.ko.$c"
		sign "m.ko.$c"
		unpack $c "m.ko.$c" | cmp - want.ko
	done
	gzip -t m.ko.gz
	xz -t m.ko.xz
	zstd -qt m.ko.zst
	xz -lvv m.ko.xz | grep -q 'CRC32'
	[ "$(head -c 10 m.ko.gz | od -An -tx1 | tr -d ' \n')" = 1f8b0800000000000003 ]
	# The same bytes as the programs', where they have one way to compress.
	pack xz want.ko | cmp - m.ko.xz
	pack zst want.ko >want.zst
	zstd -q --no-progress -f want.ko -o want.zst
	cmp want.zst m.ko.zst
	verify m.ko.gz m.ko.xz m.ko.zst
}

@test "large modules come out as the programs make them, too" {
	big_module 600000
	sign big.ko
	for c in xz zst; do
		cp big.ko a.ko
		sign --signed keep --compress "${c/zst/zstd}" a.ko
		[ ! -e a.ko ]
		unpack $c "a.ko.$c" | cmp - big.ko
		mv "a.ko.$c" "got.$c"
	done
	xz -T1 --check=crc32 --lzma2=dict=1MiB -c big.ko | cmp - got.xz
	zstd -q big.ko -o want.zst
	cmp want.zst got.zst
}

@test "kmod reads what was written" {
	declare -A feature=([gz]=+ZLIB [xz]=+XZ [zst]=+ZSTD)
	nr=0
	for c in gz xz zst; do
		# Distributions build it without one or the other.
		modinfo --version | grep -q -F -e "${feature[$c]}" || continue
		nr=$((nr + 1))
		cp "$K/plain.ko" "k.ko"
		sign --compress "${c/zst/zstd}" k.ko
		run -0 modinfo -F signer "./k.ko.$c"
		[ "$output" = "test signer" ]
		rm "k.ko.$c"
	done
	[ $nr -gt 0 ] || skip "this kmod reads no compressed modules"
}

@test "--compress renames: from every form to every other" {
	expected sha512 "$K/plain.ko" >want.ko
	for from in '' .gz .xz .zst; do
		for to in none gz xz zstd; do
			suffix=.${to/zstd/zst}
			[ $to != none ] || suffix=
			mkdir d
			if [ -n "$from" ]; then pack "${from#.}" m.ko >"d/m.ko$from"; else cp m.ko d/; fi
			chmod 0640 d/m.ko*
			sign --compress $to d
			[ "$(ls d)" = "m.ko$suffix" ]
			[ "$(stat -c %a "d/m.ko$suffix")" = 640 ]
			if [ -n "$suffix" ]; then unpack "${suffix#.}" "d/m.ko$suffix"; else cat d/m.ko; fi | cmp - want.ko
			rm -r d
		done
	done
}

@test "a second form of the same module is in the way of a new name" {
	mkdir d
	cp m.ko d/
	pack xz m.ko >d/m.ko.xz
	cp d/m.ko.xz before.xz
	run -1 sign --compress zstd d
	said 'd/m.ko: the same module is there under another name too, remove one: m.ko.xz (EEXIST)'
	said 'd/m.ko.xz: the same module is there under another name too, remove one: m.ko (EEXIST)'
	cmp m.ko d/m.ko
	cmp before.xz d/m.ko.xz
	# Without a new name both are signed.
	run -0 sign d
	said '2 of 2 modules signed'
	rm d/m.ko.xz
	run -0 sign --signed keep --compress zstd d
	[ "$(ls d)" = m.ko.zst ]
}

@test "the old name goes only after the new file is safe" {
	# shellcheck disable=SC2034 # $also is for inject
	for fault in syncfs:error=EIO:when=2 unlinkat:error=EIO linkat:error=ENOSPC write:error=ENOSPC:when=1; do
		mkdir d
		cp m.ko d/
		also=fsync:error=EIO:when=1
		[[ $fault == syncfs* ]] || also=
		run -1 sign_with_fault "$fault" --compress xz d/m.ko
		cmp "$K/plain.ko" d/m.ko
		[ ! -e d/m.ko.xz ] || xz -t d/m.ko.xz
		rm -r d
	done
}

@test "strip and show read compressed modules" {
	for c in gz xz zst; do
		pack $c m.ko >"m.ko.$c"
		cp "m.ko.$c" before
		sign "m.ko.$c"
		run -0 kseal module show "m.ko.$c"
		said 'CN=test signer'
		kseal module strip "m.ko.$c"
		unpack $c "m.ko.$c" | cmp - m.ko
		[ $c = gz ] || cmp before "m.ko.$c"
	done
}

@test "a name and a content that contradict each other are refused" {
	pack xz m.ko >named.ko
	cp m.ko plain.ko.xz
	pack gz m.ko >other.ko.zst
	for f in named.ko plain.ko.xz other.ko.zst; do
		cp $f before
		run -1 sign $f
		said "$f: content is not compressed as the name says, rename the file"
		cmp before $f
	done
}

@test "broken, doubled and swollen streams are refused" {
	mkdir bad
	for c in gz xz zst; do
		pack $c m.ko >good
		head -c -5 good >"bad/cut.ko.$c"
		cat good good >"bad/twice.ko.$c"
		{ cat good && echo; } >"bad/trailing.ko.$c"
		head -c $((600 << 20)) /dev/zero | pack $c - >"bad/bomb.ko.$c"
	done
	run -1 sign bad
	said '0 of 12 modules signed'
	[ "$(grep -c 'behind the compressed stream' <<<"$output")" = 6 ]
	[ "$(grep -c 'bomb.ko.*decompressed content is over its limit' <<<"$output")" = 3 ]
	for f in bad/cut.ko.*; do said "$f: "; done
	[ "$(find bad -type f | wc -l)" = 12 ]
}

# kseal itself writes what both read; what others have compressed is refused where only kmod reads it.
@test "xz's default check is not the kernel's: verify says so, sign and keep mend it" {
	sign m.ko
	xz -k m.ko
	run -3 verify m.ko.xz
	said 'm.ko.xz: xz check is CRC64, a kernel that unpacks modules itself knows CRC32 alone, compress with xz --check=crc32 (EINVAL)'
	run -3 --separate-stderr verify --json m.ko.xz
	jq -e '.files[0] | .signature == "0" and ([.in[].errno] == ["EINVAL", "EINVAL", "EINVAL"])' <<<"$output"
	cp m.ko.xz kept.ko.xz
	sign --signed keep kept.ko.xz
	xz -lvv kept.ko.xz | grep -q CRC32
	xz -dc kept.ko.xz | cmp - m.ko
	verify kept.ko.xz
	# What is good already stays as it is.
	cp -p kept.ko.xz before
	sign --signed keep kept.ko.xz
	cmp before kept.ko.xz
	[ "$(stat -c %Y before)" = "$(stat -c %Y kept.ko.xz)" ]
	sign --signed replace m.ko.xz
	verify m.ko.xz
	# A kernel that leaves it to kmod has no say; one that unpacks only zstd neither.
	config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA512=y)
	xz -c m.ko >m.ko.xz
	for more in '' CONFIG_MODULE_COMPRESS_XZ=y 'CONFIG_MODULE_DECOMPRESS=y CONFIG_MODULE_COMPRESS_ZSTD=y'; do
		# shellcheck disable=SC2086 # lines
		kernel "${config[@]}" $more
		kseal module verify --trust vmlinux m.ko.xz
	done
	kernel "${config[@]}" CONFIG_MODULE_DECOMPRESS=y CONFIG_MODULE_COMPRESS_XZ=y
	run -3 kseal module verify --trust vmlinux m.ko.xz
	kseal module verify --trust vmlinux kept.ko.xz
}

# What a script around the kernel's sign-file does to a compressed module.
@test "a module that was signed after it was compressed is called that, and what to do" {
	for c in gz xz zst; do
		pack $c m.ko >"m.ko.$c"
		size=$(stat -c %s "m.ko.$c")
		expected sha512 "m.ko.$c" >outside
		cp outside "m.ko.$c"
		for verb in "sign --key $K/signer.key --cert $K/signer.pem" show strip "verify --trust $K/signer.pem"; do
			# shellcheck disable=SC2086 # a verb and its options
			run -1 kseal module $verb "m.ko.$c"
			said "m.ko.$c: signed after it was compressed, where no kernel looks for a signature"
			said "truncate -s $size"
			cmp outside "m.ko.$c"
		done
		truncate -s "$size" "m.ko.$c"
		sign "m.ko.$c"
		verify "m.ko.$c"
		# Also where it was signed inside before.
		size=$(stat -c %s "m.ko.$c")
		expected sha512 "m.ko.$c" >outside
		cp outside "m.ko.$c"
		run -1 verify "m.ko.$c"
		said "truncate -s $size"
		rm "m.ko.$c"
	done
}

@test "what cannot be done in place is refused" {
	pack xz m.ko >m.ko.xz
	run -1 sign --in-place m.ko.xz
	said 'm.ko.xz: a compressed module cannot be signed in place'
	run -1 sign --in-place --compress xz m.ko
	said '--in-place cannot change the compression'
	run -1 sign --compress bzip2 m.ko
	said '--compress takes keep, none, zstd, xz or gz: bzip2'
	cmp "$K/plain.ko" m.ko
}
