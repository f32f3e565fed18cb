#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The seeds of sign/fuzz and scripts/kq/fuzz under gcc's ASan and UBSan; `make fuzz` looks for new ones.

load ../helpers

CORPUS=$ROOT/sign/fuzz/corpus
KQ_CORPUS=$ROOT/scripts/kq/fuzz/corpus

@test 'every fuzz target has seeds and holds its laws on them' {
	cd "$ROOT"
	for source in sign/fuzz/fuzz_*.c scripts/kq/fuzz/fuzz_*.c; do
		name=$(basename "$source" .c)
		name=${name#fuzz_}
		run "$KSEAL_BIN/../fuzz/$name" "$(dirname "$source")/corpus/$name"
		echo "$name: $output"
		[ "$status" -eq 0 ]
		said ' inputs'
	done
	# And no directory of seeds without its target.
	for directory in {sign,scripts/kq}/fuzz/corpus/*; do
		[ -e "$directory/../../fuzz_$(basename "$directory").c" ]
	done
}

@test 'a broken law, a read past the end and a missing seed fail a replay' {
	cd "$ROOT"
	cat >"$BATS_TEST_TMPDIR/t.c" <<-'EOF'
		#include "fuzz/fuzz.h"
		int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
		{
			KS_LAW(size != 3);
			return size == 5 && data[size] == 7;
		}
	EOF
	gcc -std=gnu11 -D_GNU_SOURCE= -fsanitize=address -Isign -o "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/t.c" \
		sign/fuzz/fuzz.c sign/fuzz/replay.c sign/base/*.c
	for text in 1234 123 12345; do
		printf %s "$text" >"$BATS_TEST_TMPDIR/$text"
	done
	run "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/1234"
	[ "$status" -eq 0 ]
	said '1 inputs'
	run "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/123"
	[ "$status" -ne 0 ]
	said 'broken law: size != 3'
	run "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/12345"
	[ "$status" -ne 0 ]
	said 'heap-buffer-overflow'
	run "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 1 ]
	run "$BATS_TEST_TMPDIR/t"
	[ "$status" -eq 1 ]
}

@test 'seeds that are good files are taken for what they are' {
	for seed in sign-file-rsa sign-file-ec; do
		"$KSEAL_BIN/kseal" module show "$CORPUS/modsig/$seed"
	done
	for seed in signed-by-sbsign signed-by-pesign signed-by-osslsigncode signed-twice-by-sbsign; do
		cp "$CORPUS/pe/$seed" "$BATS_TEST_TMPDIR/e.efi"
		"$KSEAL_BIN/kseal" pe strip --output "$BATS_TEST_TMPDIR/out.efi" "$BATS_TEST_TMPDIR/e.efi"
	done
	run "$KSEAL_BIN/kseal" efi show "$CORPUS/varstore/enrolled"
	[ "$status" -eq 0 ]
	said PK
	# The tiny kernels trust the key of the tiny modules, whatever they are packed in.
	for seed in vmlinux vmlinux-without-symbols gzip xz lzma zstd uki arm64-image zboot-gzip zboot-zstd; do
		"$KSEAL_BIN/kseal" module verify --trust "$CORPUS/bzimage/$seed" "$CORPUS"/modsig/sign-file-*
	done
	# Into a UKI goes what is good.
	echo ID=a >"$BATS_TEST_TMPDIR/os-release"
	build=("$KSEAL_BIN/kseal" uki build --stub "$CORPUS/uki/no-linux" --linux "$CORPUS/pe/unsigned" --cmdline a
		--os-release "$BATS_TEST_TMPDIR/os-release" --output "$BATS_TEST_TMPDIR/u.efi")
	for seed in newc crc gen-init-cpio gen-init-cpio-sums microcode-then-zstd two-archives xz zeros-first; do
		"${build[@]}" --initrd "$CORPUS/cpio/$seed"
	done
	for seed in odc second-not-aligned text-behind cut-in-header cut-in-entry wrong-sum; do
		run -1 "${build[@]}" --initrd "$CORPUS/cpio/$seed"
		said "$seed: initrd "
	done
	"${build[@]}" --splash "$CORPUS/headers/bmp-24-bit" --dtb "$CORPUS/headers/dtb"
	for seed in bmp-cut bmp-more-behind; do
		run -1 "${build[@]}" --splash "$CORPUS/headers/$seed"
		said 'splash BMP image: '
	done
	for seed in dtb-cut dtb-more-behind; do
		run -1 "${build[@]}" --dtb "$CORPUS/headers/$seed"
		said 'device tree: '
	done
	run -1 "$KSEAL_BIN/kseal" keyring show "$CORPUS/bzimage/zboot-cut"
	said 'only 900 there'
	run -1 "$KSEAL_BIN/kseal" keyring show "$CORPUS/bzimage/zboot-misnamed"
	said 'not compressed with what its header says'
	run -1 "$KSEAL_BIN/kseal" keyring show "$CORPUS/bzimage/zboot-xz"
	said 'neither gzip nor zstd'
	# A header alone.
	run -1 "$KSEAL_BIN/kseal" keyring show "$CORPUS/headers/arm64-image"
	said 'no list of certificates found'
	run "$KSEAL_BIN/kseal" module verify --trust "$CORPUS/bzimage/cut" "$CORPUS"/modsig/sign-file-ec
	[ "$status" -eq 1 ]
	run "$KSEAL_BIN/kseal" module show "$CORPUS/modsig/magic-alone"
	[ "$status" -ne 0 ]
}

@test 'seeds that are good patches go into a queue and apply, the others are refused' {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p queue tree/dir
	seq 1 60 >tree/dir/a.c
	printf 'a\nb' >tree/end
	printf 'a\r\nb\r\n' >tree/dos
	for seed in three-hunks new-mode-end deleted; do
		cp "$KQ_CORPUS/patch/$seed" "queue/$seed.patch"
		echo "$seed.patch" >>queue/series
	done
	"$KSEAL_BIN/kq" apply --queue queue tree
	[ "$(tail -n 1 tree/dir/a.c)" = '- ' ]
	[ ! -e tree/dos ]
	for seed in cut rename binary wrong-count; do
		cp "$KQ_CORPUS/patch/$seed" "queue/$seed.patch"
		echo "$seed.patch" >queue/series
		rm -f tree/.kq-applied
		run "$KSEAL_BIN/kq" apply --queue queue tree
		[ "$status" -eq 1 ]
		said "$seed.patch:"
	done
}

@test 'seeds are small and hold no private key' {
	[ -z "$(find "$CORPUS" "$KQ_CORPUS" -type f -size +8k)" ]
	[ "$(find "$CORPUS" "$KQ_CORPUS" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')" -lt 350000 ]
	run ! grep -r -l -a 'PRIVATE KEY' "$CORPUS" "$KQ_CORPUS"
}

@test 'make fuzz knows its targets and refuses what is not a number' {
	cd "$ROOT"
	run make fuzz TARGET=nothing
	[ "$status" -ne 0 ]
	said 'there are: auth authcode'
	run make fuzz TARGET=pe SECONDS=soon
	[ "$status" -ne 0 ]
	said 'not a number of seconds'
}
