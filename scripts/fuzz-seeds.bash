# shellcheck shell=bash disable=SC2154 # $tmp, $corpus and $kseal are of scripts/fuzz-seeds
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For scripts/fuzz-seeds: the seeds that are texts, and those that kseal itself makes of a small image.

# A stub of some hundred bytes, which says that it is systemd's.
make_stub()
{
	cat >"$tmp/s.c" <<-EOF
		static const char sbat[] __attribute__((section(".sbat"), used)) = "sbat,1,SBAT Version,sbat,1,u\n";
		static const char magic[] __attribute__((section(".sdmagic"), used)) = "#### LoaderInfo: systemd-stub $1 ####";
		int start(void) { return 7; }
	EOF
	gcc -Os -ffreestanding -fno-asynchronous-unwind-tables -fno-ident -fcf-protection=none -c -o "$tmp/s.o" "$tmp/s.c"
	ld -m i386pep --subsystem 10 --image-base 0 --file-alignment 32 --section-alignment 4096 --no-insert-timestamp \
		-s -e start -o "$tmp/stub.efi" "$tmp/s.o"
}

# uki NAME OPTION...: an image by kseal uki build becomes a seed
uki()
{
	"$kseal" uki build --stub "$tmp/stub.efi" --linux "$tmp/e.efi" --initrd "$tmp/init.cpio" --os-release "$tmp/os-release" \
		--cmdline quiet --output "$tmp/built.efi" "${@:2}" >/dev/null
	seed uki "$1" <"$tmp/built.efi"
}

seeds_of_ukis()
{
	local pcr=(--pcr-key "$tmp/rsa.key" --pcr-cert "$tmp/rsa.pem") row

	printf 'ID=a\nNAME=a\n' >"$tmp/os-release"
	echo init | (cd "$tmp" && : >init && cpio -o -H newc --quiet) >"$tmp/init.cpio"
	printf 'ID=main\nTITLE="The usual"\n' >"$tmp/main.profile"
	printf 'ID=rescue\nTITLE=Rescue\nCMDLINE=single\n' >"$tmp/rescue.profile"
	make_stub 252.39
	uki stub-252
	uki signed-policy "${pcr[@]}" --phases enter-initrd
	seed uki no-linux <"$tmp/stub.efi"
	make_stub 257.9
	uki stub-257
	uki two-profiles --profile "$tmp/main.profile" --profile "$tmp/rescue.profile"
	cp "$tmp/built.efi" "$tmp/zeros.efi"
	row=$(section_row "$tmp/zeros.efi")
	le 4 65536 | patch "$tmp/zeros.efi" $((row + 8))
	le 4 $(($(get "$tmp/zeros.efi" $((row + 12)) 4) + 65536)) | patch "$tmp/zeros.efi" $(($(get "$tmp/zeros.efi" 60 4) + 24 + 56))
	seed uki zeros-behind-last <"$tmp/zeros.efi"
	make_stub 253
	uki stub-253
}

# IMAGE: where the last row of its section table stands
section_row()
{
	local coff=$(($(get "$1" 60 4) + 4))

	echo $((coff + 20 + $(get "$1" $((coff + 16)) 2) + 40 * ($(get "$1" $((coff + 2)) 2) - 1)))
}

seeds_of_pcrsigs()
{
	local entry

	objcopy -O binary --only-section=.pcrsig "$corpus/uki/signed-policy" "$tmp/pcrsig.json"
	entry=$(sed -E 's/^[^[]*\[(.*)\][^]]*$/\1/' "$tmp/pcrsig.json")
	seed pcrsig one <"$tmp/pcrsig.json"
	{
		cat "$tmp/pcrsig.json"
		head -c 32 /dev/zero
	} | seed pcrsig padded
	printf '{"sha1":[],"sha256":[%s,%s]}' "$entry" "$entry" | seed pcrsig two-entries
	printf '{"sha256":[%s]}' "${entry/'[11]'/[7,11]}" | seed pcrsig other-pcrs
	printf '{"sha256":[]}' | seed pcrsig no-entry
	printf '{"sha256":[]}\0more' | seed pcrsig nul-inside
	printf '{"sha256":[%s]}' "${entry/'[11]'/[\"11\"]}" | seed pcrsig number-as-text
	printf '{"sha256":[%s]}' "${entry/'","sig'/'\u0000x","sig'}" | seed pcrsig escaped-nul
	head -c 100 "$tmp/pcrsig.json" | seed pcrsig cut
}

seeds_of_profiles()
{
	seed profile title <"$tmp/main.profile"
	seed profile command-line <"$tmp/rescue.profile"
	# The fuzz target's file is called 42.
	printf '# all\nID=a\nINITRD=42\nINITRD=42\nDTB=42\nSPLASH=42\nOS_RELEASE=42\nCMDLINE=@42\n' | seed profile names-itself
	printf 'ID=a\nID=b\n' | seed profile two-ids
	printf 'ID=a\nKERNEL=b\n' | seed profile unknown-key
	printf 'TITLE=a\n' | seed profile no-id
	printf 'ID=a\nTITLE=\0\n' | seed profile nul-inside
}

seeds_of_sbat()
{
	local lines=$'sbat,1,SBAT Version,sbat,1,https://example.org/SBAT.md\nkseal,1,Example,kseal,1.0,https://example.org'

	printf '%s\n' "$lines" | seed sbat two-lines
	{
		printf '%s' "$lines"
		head -c 32 /dev/zero
	} | seed sbat padded
	printf '%s\n' "${lines%%$'\n'*}" | seed sbat format-line-alone
	printf '%s\n' "${lines#*$'\n'}" | seed sbat no-format-line
	printf '%s\r\n\r\n' "$lines" | seed sbat carriage-returns
	printf 'sbat,1,a,b\n' | seed sbat four-fields
	printf 'sbat,1,SBAT Version,sbat,1,u\n\0kseal,1,a,b,c,d\n' | seed sbat nul-inside
}

seeds_of_manifests()
{
	seed manifest microsoft <keyring/microsoft.keyring
	grep -v '^#' keyring/microsoft.keyring | tr a-f A-F | tr ' ' '\t' | seed manifest upper-case
	sed -E 's/ db$/ db,kek/' keyring/microsoft.keyring | seed manifest two-purposes
	sed -E 's/ db$/ db,revoked/' keyring/microsoft.keyring | seed manifest trusted-and-revoked
	echo "../../etc/passwd $(printf %064d 0) db" | seed manifest name-with-path
	: | seed manifest empty
}
