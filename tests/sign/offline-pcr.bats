# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal offline: PCR policies of a unified kernel image, signed elsewhere, and then the image itself. The
# result is that of building and signing with both keys at hand.

load offline
load uki

setup_file() {
	offline_setup_file
	make_parts
}

setup() {
	offline_setup
	K=$BATS_FILE_TMPDIR
	uki --pcr-cert "$K/module.pem"
	mv u.efi plain.efi
}

prepare_pcr() {
	kseal offline prepare --manifest m.json --uki-pcr plain.efi --uki-pcr-output with.efi \
		--uki-pcr-cert "$K/module.pem" "$@"
}
serve() { "$K/service.sh" m.json sigs "$K/other.key" "$K/uki.key" "$K/module.key"; }

@test "policies signed elsewhere, then the image: the bytes of both keys at hand" {
	prepare_pcr
	[ "$(jq -r '.entries[3].phases' m.json)" = enter-initrd:leave-initrd:sysinit:ready ]
	serve
	run -0 attach
	said '4 signatures attached'
	uki --pcr-key "$K/module.key" --pcr-cert "$K/module.pem"
	cmp u.efi with.efi
	rm -r sigs
	mkdir sigs
	kseal offline prepare --manifest m.json --pe with.efi --pe-output with.efi --pe-cert "$K/uki.pem"
	serve
	attach
	kseal pe sign --key "$K/uki.key" --cert "$K/uki.pem" --output direct.efi u.efi
	cmp direct.efi with.efi
	sbverify --cert "$K/uki.pem" with.efi
}

@test "an image with microcode and a section of one's own" {
	newer
	mkdir -p kernel/x86/microcode
	echo x >kernel/x86/microcode/GenuineIntel.bin
	find kernel | cpio -o -H newc --quiet >ucode
	image=(--stub "$NEW_STUB" --microcode ucode --section .own:ucode --section .also:ucode --pcr-cert "$K/module.pem")
	uki "${image[@]}"
	mv u.efi plain.efi
	prepare_pcr
	serve
	attach
	uki "${image[@]}" --pcr-key "$K/module.key"
	cmp u.efi with.efi
}

@test "policies for each .dtbauto that a machine may pick, and for none" {
	newer
	for nr in 1 2; do
		cp "$K/board.dtb" $nr.dtb
		printf '%s' $nr | dd of=$nr.dtb bs=1 seek=39 conv=notrunc status=none
	done
	image=(--stub "$NEW_STUB" --dtbauto 1.dtb --dtbauto 2.dtb --pcr-cert "$K/module.pem" --phases enter-initrd --phases enter-initrd:leave-initrd)
	uki "${image[@]}"
	mv u.efi plain.efi
	prepare_pcr --phases enter-initrd --phases enter-initrd:leave-initrd
	[ "$(jq '.entries | length' m.json)" -eq 6 ]
	serve
	run -0 attach
	said '6 signatures attached'
	uki "${image[@]}" --pcr-key "$K/module.key"
	cmp u.efi with.efi
	# One left out, which no entry before it shows.
	jq 'del(.entries[5])' m.json >less.json
	run kseal offline attach --manifest less.json --signatures sigs --cert "$K/module.pem"
	[ "$status" -ne 0 ]
	said 'manifest has not all policies of the file'
}

@test "every policy of every profile" {
	newer
	printf 'ID=debug\nTITLE=Debug\nCMDLINE=console=ttyS0 debug\n' >debug
	printf 'ID=main\nTITLE=Main\n' >main
	image=(--stub "$NEW_STUB" --profile main --profile debug --pcr-cert "$K/module.pem")
	uki "${image[@]}"
	mv u.efi plain.efi
	prepare_pcr
	[ "$(jq '[.entries[].profile] | add' m.json)" = 4 ]
	serve
	attach
	uki "${image[@]}" --pcr-key "$K/module.key"
	cmp u.efi with.efi
	# All of the second profile are missing, or in another order.
	rm with.efi
	jq 'del(.entries[4:8])' m.json >part.json
	MANIFEST=part.json run -1 attach
	said 'manifest has not all policies of the file'
	jq '.entries |= (.[4:8] + .[0:4])' m.json | jq '.entries |= [to_entries[] | .value + {id: "pcr-\(.key + 1)",
		signature: "pcr-\(.key + 1).sig"}]' >part.json
	MANIFEST=part.json run -1 attach
	said 'manifest has another policy than the file'
	[ ! -e with.efi ]
}

@test "phases of one's own, beside modules and another image in one manifest" {
	prepare_pcr --phases enter-initrd --phases '' --module tree --module-cert "$K/other.pem" \
		--pe stub.efi --pe-output signed.efi --pe-cert "$K/uki.pem"
	[ "$(jq -r '[.entries[].kind] | join(" ")' m.json)" = 'module module pe pcr pcr' ]
	check_json --control kseal/offline-prepare <m.json
	serve
	attach
	uki --pcr-key "$K/module.key" --pcr-cert "$K/module.pem" \
		--phases enter-initrd --phases ''
	cmp u.efi with.efi
	kseal module verify --trust "$K/other.pem" tree
	sbverify --cert "$K/uki.pem" signed.efi
}

@test "attach refuses a policy that is missing, swapped, by another key or not of this image" {
	prepare_pcr
	serve
	mv sigs keep
	# edit TEXT CODE: what attach says then
	refused() {
		echo "${line-}"
		run "-$2" attach
		said "$1"
		[ ! -e with.efi ]
		rm -rf sigs
		cp -r keep sigs
	}
	cp -r keep sigs
	rm sigs/pcr-3.sig
	refused 'plain.efi (pcr-3): its signature is missing' 1
	cp keep/pcr-1.sig sigs/pcr-2.sig
	refused 'plain.efi (pcr-2): the certificate does not verify' 3
	"$K/service.sh" m.json sigs x x "$K/other.key"
	refused 'plain.efi (pcr-4): the certificate does not verify' 3
	cp m.json m
	while read -r line; do
		jq "${line%% => *}" m >m.json
		refused "${line#* => }" 1
	done <<-'END'
		.entries[3].phases = "ready" => (pcr-4): manifest has another policy
		.entries[3].profile = 1 => (pcr-1): manifest has not all policies of the file
		.entries[3].policy = .entries[2].policy => (pcr-4): manifest has another policy
		.entries[3].digest = .entries[2].digest => (pcr-4): manifest has another digest
		.entries[3].file_sha256 = .entries[3].policy => (pcr-1): file is not the one of the manifest
		.entries[3].output = "other.efi" => another entry has the same file
		.entries[0].phases = "" => (pcr-1): manifest has another policy
		.entries[0].phases = "a:" => (pcr-1): empty word
	END
	mv m m.json
	printf X | dd of=plain.efi bs=1 seek=3000 conv=notrunc 2>/dev/null
	refused '(pcr-1): ' 1
	uki --pcr-cert "$K/module.pem"
	mv u.efi plain.efi
	attach
}

@test "prepare refuses an image that no policy can be attached to" {
	run -3 kseal offline prepare --manifest m.json --uki-pcr plain.efi --uki-pcr-output with.efi \
		--uki-pcr-cert "$K/other.pem"
	said 'plain.efi: '
	said '.pcrpkey is not the key of the PCR certificate'
	uki --pcr-key "$K/module.key" --pcr-cert "$K/module.pem"
	run -1 kseal offline prepare --manifest m.json --uki-pcr u.efi --uki-pcr-output with.efi \
		--uki-pcr-cert "$K/module.pem"
	said 'has a .pcrsig already'
	run -1 kseal offline prepare --manifest m.json --uki-pcr stub.efi --uki-pcr-output with.efi \
		--uki-pcr-cert "$K/module.pem"
	said 'stub.efi: '
	kseal pe sign --key "$K/uki.key" --cert "$K/uki.pem" --output s.efi plain.efi
	run -1 kseal offline prepare --manifest m.json --uki-pcr s.efi --uki-pcr-output with.efi \
		--uki-pcr-cert "$K/module.pem"
	said 's.efi: '
	run -2 kseal offline prepare --manifest m.json --uki-pcr plain.efi --uki-pcr-cert "$K/module.pem"
	said 'one --uki-pcr-output for every --uki-pcr'
	# Signed in the same round: the image that would be signed is not there yet.
	run -1 prepare_pcr --pe with.efi --pe-output s.efi --pe-cert "$K/uki.pem"
	said with.efi
	[ ! -e m.json ]
	prepare_pcr
}
