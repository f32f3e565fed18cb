# shellcheck shell=bash disable=SC2154 # $tmp, $corpus, $kq_corpus and $kseal are of scripts/dev/fuzz-seeds
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For scripts/dev/fuzz-seeds: the seeds that are texts, and those that kseal itself makes of a small image.

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
	make_stub 262.1
	seed_of_machine_parts
}

# What a machine with device trees needs, and a command line with all kinds of arguments.
seed_of_machine_parts()
{
	mkdir -p "$tmp/early/kernel/x86/microcode" "$tmp/fw/vendor"
	echo x >"$tmp/early/kernel/x86/microcode/GenuineIntel.bin"
	(cd "$tmp/early" && find kernel | cpio -o -H newc --quiet) >"$tmp/ucode"
	echo image >"$tmp/fw/vendor/image"
	{
		printf '\xd0\x0d\xfe\xed\0\0\0\x28'
		head -c 32 /dev/zero
	} >"$tmp/board.dtb"
	printf '{"type":"devicetree","name":"A","compatible":"a,a","hwids":["45d37dbe-40fb-57bd-a257-55f422d4dc0a"]}' >"$tmp/a.json"
	"$kseal" uki build --stub "$tmp/stub.efi" --linux "$tmp/e.efi" --os-release "$tmp/os-release" \
		--cmdline 'quiet mitigations="off" -- x="a nopti" rd.break' --microcode "$tmp/ucode" --dtbauto "$tmp/board.dtb" \
		--hwids "$tmp/a.json" --efifw "$tmp/fw/vendor" --section ".own:$tmp/a.json" --output "$tmp/built.efi" >/dev/null
	seed uki machine-parts <"$tmp/built.efi"
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

# Microsoft's dbx as JSON, with digests that no image has.
seeds_of_dbx()
{
	local good one two

	one=$(printf %064X 1) two=$(printf %064X 2)
	good=$(jq -cn --arg one "$one" --arg two "$two" '{
		images: { x64: [ { authenticodeHash: $one, hashType: "SHA256", flatHash: "", filename: "a.efi" },
				{ authenticodeHash: $two, hashType: "SHA256" } ],
			arm64: [ { authenticodeHash: $two, hashType: "SHA256" } ] },
		certificates: [],
		svns: [ { value: "01612B139DD5598843AB1C185C3CB2EB92000007000000000000000000000000", version: "7.0" } ] }')
	printf %s "$good" | seed dbx two-machines
	jq -cj '{ images: { x64: .images.x64 } }' <<<"$good" | seed dbx images-alone
	jq -cj '.certificates = [ { thumbprint: "580a6f4cc4e4b669b9ebdc1b2b3e087b80d0678d", subjectName: "CN = a" } ]' \
		<<<"$good" | seed dbx names-a-certificate
	jq -cj '{ images: {} }' <<<"$good" | seed dbx empty-images
	printf %s "${good:0:200}" | seed dbx cut
	jq -cj '.images.x64[0].hashType = "SHA1"' <<<"$good" | seed dbx another-digest
	jq -cj --arg one "$one" '.svns[0].value = $one' <<<"$good" | seed dbx svn-like-an-image
	{ printf '{"images":'; printf '[%.0s' {1..40}; } | seed dbx nested
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

# commit MESSAGE: everything of the small repository, with fixed times and names
commit()
{
	git -C "$tmp/repo" add -A
	GIT_AUTHOR_DATE='2026-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2026-01-01 00:00:00 +0000' \
		git -C "$tmp/repo" -c user.name='Ann Örn' -c user.email=ann@example.org -c commit.gpgsign=false \
		commit -q --allow-empty --cleanup=verbatim -m "$1"
}

# patch_seed NAME [OPTION...]: the last commit, as git format-patch writes it
patch_seed()
{
	git -C "$tmp/repo" format-patch --full-index --no-renames --stdout --signature=2.39.5 "${@:2}" HEAD^! | seed patch "$1"
}

# A repository of a few lines, one commit for each kind of change.
seeds_of_patches()
{
	local corpus=$kq_corpus file=$tmp/repo/dir/a.c

	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
	rm -rf "$tmp/repo"
	git init -q "$tmp/repo"
	mkdir "$tmp/repo/dir"
	seq 1 60 >"$file"
	printf 'a\nb' >"$tmp/repo/end"
	printf 'a\r\nb\r\n' >"$tmp/repo/dos"
	commit start
	sed -i 's/^10$/ten/; s/^30$/thirty/; 50d' "$file"
	commit $'area: change three places\n\nWhy.\n\nUpstream-status: never, ours\nSigned-off-by: Ann <ann@example.org>\n'
	patch_seed three-hunks
	sed -i 's/^20$/twenty/' "$file"
	echo new >"$tmp/repo/new file"
	chmod +x "$tmp/repo/dos"
	printf 'a\nc\nb\n' >"$tmp/repo/end"
	commit $'[tag] ünïcode subject that is long enough for git to fold it into two lines of the header\n\n---\nFrom me\n'
	patch_seed new-mode-end
	rm "$tmp/repo/new file" "$tmp/repo/dos"
	printf -- '- \n' >>"$file"
	commit 'delete two files'
	patch_seed deleted
	sed -i '$d' "$file"
	commit 'remove a line that looks like a signature'
	patch_seed dashes
	patch_seed no-context -U0
	patch_seed cut -U9
	head -c 500 "$corpus/patch/three-hunks" | seed patch cut
	git -C "$tmp/repo" mv dir/a.c b.c
	commit rename
	patch_seed rename --find-renames
	printf '\0' >"$tmp/repo/bin"
	commit binary
	patch_seed binary --binary
	sed 's/^@@ -[0-9]*/@@ -7/' "$corpus/patch/dashes" | seed patch other-line
	sed 's/^@@ -\([0-9]*\),[0-9]*/@@ -\1,9/' "$corpus/patch/dashes" | seed patch wrong-count
}

# conflict NAME: a file that git merge-file marked
conflict()
{
	git merge-file -p --diff3 -L 6.18.5 -L old -L 0001-a.patch "$tmp/ours" "$tmp/base" "$tmp/theirs" | seed queue "$1" || true
}

# A mail as it comes: parts, encodings, a thread of two versions, diffs of other shapes.
mails()
{
	local repo=$tmp/mails id

	export GIT_AUTHOR_DATE='2026-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2026-01-01 00:00:00 +0000'
	git init -q "$repo"
	git -C "$repo" config user.name 'Ö'
	git -C "$repo" config user.email o@example.org
	seq 1 9 >"$repo/f"
	git -C "$repo" add f
	git -C "$repo" commit -q -m base
	sed -i 's/^5$/fünf =/' "$repo/f"
	git -C "$repo" diff --no-prefix | seed queue diff-no-prefix
	(cd "$repo" && git show HEAD:f >f.orig && touch -d '2026-01-01 00:00:00 UTC' f f.orig && TZ=UTC diff -u f.orig f; rm f.orig) | seed queue diff-by-hand
	git -C "$repo" commit -q -a -m 'f: fünf'
	git -C "$repo" format-patch -q -1 --stdout --attach | seed queue mailbox-attached
	git -C "$repo" format-patch -q -1 --stdout --thread --cover-letter >"$tmp/v1"
	id=$(sed -n 's/^Message-I[dD]: //p' "$tmp/v1" | head -n 1)
	git -C "$repo" format-patch -q -1 --stdout --thread -v2 --in-reply-to="$id" | cat "$tmp/v1" - | seed queue mailbox-thread
	{
		printf 'From: a@example.org\nSubject: [PATCH] f\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n'
		git -C "$repo" format-patch -q -1 --stdout | sed '1,/^$/d' | base64
	} | seed queue mail-base64
}

seeds_of_queues()
{
	local corpus=$kq_corpus

	printf '# ours\n0001-a.patch\n0002-b.patch\tsku=azure-vm,microvm arch=x86_64 # why\n\n' | seed queue series
	printf '0001-a.patch\n0001-a.patch\n' | seed queue series-twice
	printf '../0001-a.patch sku=\n' | seed queue series-bad
	seed queue lock <patches/6.18/base.lock
	sed 's/^tarball .*/tarball -/' patches/6.18/base.lock | seed queue lock-without-tarball
	sed 1,2d patches/6.18/base.lock | head -n 2 | seed queue lock-cut
	printf '%s\n' 'kq-resolution 1' '' '<new' '|old' '>ours' '\ no newline' 'result 2' '=both' '=of them' |
		seed queue resolution
	printf '%s\n' 'kq-resolution 1' '' '<new' '|old' '>ours' '\ no newline' 'result absent' | seed queue resolution-absent
	seq 1 20 >"$tmp/base"
	sed 's/^5$/five/; s/^15$/fifteen/' "$tmp/base" >"$tmp/ours"
	sed 's/^5$/V/; 15d; s/^10$/X/' "$tmp/base" >"$tmp/theirs"
	conflict regions
	printf '=======\n' >>"$tmp/base"
	conflict regions-and-text
	cat "$corpus/patch/dashes" <(echo) "$corpus/patch/deleted" | seed queue mailbox
	{
		cat "$corpus/patch/no-context"
		printf '\n\nFrom a@example.org Thu Jan  1 00:00:00 2026\nContent-Transfer-Encoding: BASE64\n\nFrom here 10:00 on\n'
	} | seed queue mailbox-base64
	mails
}

# Policies, exceptions and configurations: as they are used, and each kind of line.
seeds_of_policies()
{
	{
		cat configs/policy/sources.policy configs/policy/boot.policy
		printf '%%exceptions\n'
		head -n 20 configs/exceptions
		printf '%%config\n'
		grep -v '^$' configs/resolved/azure-vm.config | head -n 60
	} | seed policy in-use
	printf '%s\n' '# all kinds' 'include other' 'source us our own settings' 'A y us config why' 'B n us config,artifact why' \
		'C m|y us config since=6.1 until=6.12 was=D arch=x86_64,arm64 why' 'D absent us config why' 'E 0x10 us config why' \
		'F "a b" us config why' 'G >=65536 us config why' 'H <=12 us config why' 'I contains a,b us config why' \
		'J one-of y,m us runtime why' 'A=y requires K=y us config why' 'A="x" requires L contains a us config why' \
		'effect a=0|off* A n' 'effect b B *' 'effect c= F "x"' 'probe J sysctl kernel.j >= 1' 'probe A dmesg some words' |
		seed policy kinds
	printf '%s\n' 'source us we' 'A y us config until=6.1 why' 'A n us config since=6.2 why' 'A n us config arch=arm64 why' | seed policy ranges
	printf 'A y\n%%exceptions\nA * until=2026-06-30 owner=me why\nB one,two until=2024-02-29 owner=x y z\n' | seed policy exceptions
	printf '%%config\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="a \\"b\\""\nCONFIG_D=0x10\nCONFIG_AB=m\n' | seed policy config
	printf '%%config\nCONFIG_A=y\n# CONFIG_A is not set\n' | seed policy config-twice
}
