#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# docs/keys.md: every block of commands is run, in order and in one directory, with the "Linux" of flow.bash and its
# real images. For the clouds' command lines stand programs that answer in the same form, out of files.

load flow
load flow-keys

DOC=$ROOT/docs/keys.md

setup_file()
{
	keys_repo
	sed -i 's/^DESCRIPTION=.*/DESCRIPTION=as in the page/' configs/sku/tiny.sku
	mv configs/sku/tiny.sku configs/sku/azure-vm.sku
}

setup()
{
	cp -a "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return 1
	variables
	unset SKU
	PATH=$KSEAL_BIN:$PATH
}

# blocks: their headers, by line
blocks() { grep -n '^```.' "$DOC"; }

# block LINE: what is in the block that begins there
block() { tail -n +$(($1 + 1)) "$DOC" | sed '/^```$/,$d'; }

@test "a block is run, is a file, or says why it is not run; nothing else" {
	[ "$(blocks | grep -c '```sh$')" -ge 14 ]
	[ "$(blocks | grep -c '```sh file=')" -eq 3 ]
	[ "$(blocks | grep -c '```sh not run: ')" -eq 1 ]
	run ! grep -v -E ':```sh($| file=[a-z-]+$| not run: .)' <(blocks)
	# Each block is closed.
	[ "$(grep -c '^```$' "$DOC")" -eq "$(blocks | wc -l)" ]
	# Each link of the page leads somewhere.
	while read -r link; do
		[ -e "$ROOT/docs/$link" ]
	done < <(grep -oE '\]\([^)#]+' "$DOC" | cut -c 3-)
}

# The command lines of the clouds, for the keys in keys/.
fake_clouds()
{
	fake az <<-'END'
		#!/bin/bash
		# As `az keyvault key sign`: base64 in, base64 out without its padding, as a JSON Web Signature has it.
		[[ "$1 $2 $3" == "keyvault key sign" ]] || exit 2
		while [[ $# -gt 0 ]]; do
			case $1 in --id) id=$2 ;; --algorithm) alg=$2 ;; --digest) digest=$2 ;; esac
			shift
		done
		name=$(basename "$(dirname "$id")")
		base64 -d <<<"$digest" | openssl pkeyutl -sign -inkey "keys/$name.key" -pkeyopt "digest:sha${alg#?S}" -out az.sig
		if [[ $alg == ES* ]]; then
			openssl asn1parse -inform der -in az.sig | sed -n 's/.*INTEGER *://p' | while read -r half; do
				printf '%064s' "$half" | tr ' ' 0
			done | basenc -d --base16 >az.pair
			mv az.pair az.sig
		fi
		base64 -w 0 az.sig | tr '+/' '-_' | tr -d =
	END
	fake aws <<-'END'
		#!/bin/bash
		[[ "$1 $2" == "kms sign" ]] || exit 2
		while [[ $# -gt 0 ]]; do
			case $1 in --key-id) id=$2 ;; --signing-algorithm) alg=$2 ;; --message) file=${2#fileb://} ;; esac
			shift
		done
		openssl pkeyutl -sign -inkey "keys/${id#alias/}.key" -pkeyopt "digest:sha${alg##*_}" -in "$file" | base64 -w 0
	END
}

@test "every block does what the page says" {
	local line header

	fake_clouds
	while IFS=: read -r line header; do
		case $header in
		'```sh') block "$line" >>all ;;
		'```sh file='*) block "$line" >"${header#*file=}" ;;
		esac
	done < <(blocks)
	# Each line is said before it runs, so that the failing one is the last.
	run bash -e -u -o pipefail -v all
	echo "$output" | tail -n 60
	[ "$status" -eq 0 ]
	said PROVED
	[ "$(grep -c '^make ' all)" -ge 6 ]
}

@test "azure-sign and aws-sign with an EC key, too" {
	fake_clouds
	mkdir keys
	new_cert keys/ec ec -pkeyopt ec_paramgen_curve:prime256v1
	block "$(blocks | sed -n 's/:```sh file=azure-sign$//p')" >azure-sign
	block "$(blocks | sed -n 's/:```sh file=aws-sign$//p')" >aws-sign
	chmod +x azure-sign aws-sign
	for program in 'azure-sign https://v/keys/ec/1 EC' 'aws-sign alias/ec EC'; do
		cp "$KO" m.ko
		# Halves with a leading zero are rare, so more than one signature.
		for _ in {1..8}; do
			kseal module sign --key "exec:./$program" --cert keys/ec.pem --hash sha256 --signed replace m.ko
		done
		kseal module verify --trust keys/ec.pem m.ko
	done
}
