# SPDX-License-Identifier: LGPL-2.1-or-later
# What is said of many files: the manifest for CI, show, names of failures, and all of it in the
# order of the arguments.

load ../helpers
load module

field() { jq -r "$1" out.json; }

@test "the manifest says what was done to each file, in the order of the arguments" {
	mkdir tree
	for name in c a b; do cp m.ko tree/$name.ko; done
	sign tree/b.ko
	cp "$K/plain.ko" z.ko
	(cd tree && sha256sum -- *.ko) >before
	sign --signed keep --manifest out.json --compress keep z.ko tree
	[ "$(field '[.files[].file] | join(" ")')" = "z.ko tree/a.ko tree/b.ko tree/c.ko" ]
	[ "$(field '[.files[].action] | join(" ")')" = "signed signed kept signed" ]
	[ "$(field '.schema, .failed')" = $'kseal/module-sign/1\n0' ]
	check_json --control kseal/module-sign <out.json
	(cd tree && jq -r '.files[1:][] | .before.sha256 + "  " + (.file | ltrimstr("tree/"))' ../out.json) | diff before -
	jq -r '.files[] | .after.sha256 + "  " + .file' out.json | sha256sum -c --quiet
	[ "$(field '.files[0].after.bytes')" = "$(stat -c %s z.ko)" ]
	[ "$(field '.files[0].signer.issuer_dn')" = 'CN=test signer' ]
	[ "$(field '.files[0].signer.serial')" = "$(openssl x509 -in "$K/signer.pem" -noout -serial | sed 's/serial=//; s/.*/\L&/')" ]
	[ "$(field '.files[0].signer.key_id')" = "$(openssl x509 -in "$K/signer.pem" -noout -ext subjectKeyIdentifier |
		tail -n 1 | tr -d ' :\n' | tr A-F a-f)" ]
	[ "$(field '.files[0] | .hash, .algorithm, .nr_signers')" = $'sha512\nrsaEncryption\n1' ]
	sign --signed replace --hash sha256 --manifest out.json tree
	[ "$(field '[.files[].action] | unique | join(" ")')" = replaced ]
	[ "$(field '[.files[].hash] | unique | join(" ")')" = sha256 ]
}

@test "the manifest has new names and names that are no text" {
	mv m.ko $'bad\xff\n.ko'
	sign --compress xz --manifest out.json ./*.ko
	check_json --control kseal/module-sign <out.json
	[ "$(field '.files[0].file_hex')" = "$(printf './bad\xff\n.ko' | od -An -tx1 | tr -d ' \n')" ]
	[ "$(field '.files[0].file')" = $'./bad?\n.ko' ]
	[ "$(field '.files[0].new_name_hex')" = "$(printf 'bad\xff\n.ko.xz' | od -An -tx1 | tr -d ' \n')" ]
	[ "$(field '.files[0].after.sha256')" = "$(sha256sum <"$(printf 'bad\xff\n.ko.xz')" | cut -d ' ' -f 1)" ]
}

@test "the manifest is written when files failed, and says so" {
	mkdir tree
	cp m.ko tree/a.ko
	echo junk >tree/b.ko
	cp m.ko tree/c.ko
	run -1 sign --manifest out.json tree missing.ko
	[ "$(field '[.files[].action] | join(" ")')" = "signed failed signed failed" ]
	[ "$(field .failed)" = 2 ]
	[[ $(field '.files[1].errors[].text') == 'tree/b.ko: not an ELF file'* ]]
	[[ $(field '.files[3].errors[].text') == 'missing.ko: cannot open: No such file or directory'* ]]
	[ "$(field '.files[1].after')" = null ]
	check_json --control kseal/module-sign <out.json
	# Under a name that cannot be written, the files are done and the run has failed.
	cp "$K/plain.ko" m.ko
	run -1 sign --manifest nowhere/out.json m.ko
	said 'nowhere/out.json: cannot open: No such file or directory (ENOENT)'
	verify m.ko
}

@test "in place, the manifest is the same" {
	cp m.ko n.ko
	sign --manifest a.json m.ko
	mv n.ko m.ko
	sign --in-place --manifest b.json m.ko
	cmp a.json b.json
}

@test "failures are named in the order of the arguments, and the others are done" {
	mkdir tree
	for i in {10..60}; do cp m.ko "tree/$i.ko"; done
	for i in 11 25 44 59; do echo junk >tree/$i.ko; done
	for jobs in 1 2 7 64; do
		run -1 sign --jobs $jobs --signed replace tree
		[ "$(grep -o 'tree/[0-9]*.ko' <<<"$output" | tr '\n' ' ')" = "tree/11.ko tree/25.ko tree/44.ko tree/59.ko " ]
		said '47 of 51 modules signed'
	done
}

@test "show says who signed" {
	sign m.ko
	cp "$K/plain.ko" plain.ko
	run -0 kseal module show m.ko
	said 'CN=test signer'
	said sha512
	said rsaEncryption
	said "signed    $(stat -c %s "$K/plain.ko") bytes"
	run -0 kseal module show --json m.ko
	check_json --control kseal/module-show <<<"$output"
	[ "$(jq -r '.files[0] | .action, .signer.issuer_dn, .signed_bytes' <<<"$output")" = \
		"shown"$'\n'"CN=test signer"$'\n'"$(stat -c %s "$K/plain.ko")" ]
	[ "$(jq -r '.files[0].signature_bytes' <<<"$output")" = \
		$(($(stat -c %s m.ko) - $(stat -c %s "$K/plain.ko") - 40)) ]
	run -3 --separate-stderr kseal module show m.ko plain.ko
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *'plain.ko: module is not signed (ENODATA)'* ]]
	said 'CN=test signer'
	run -1 kseal module show missing.ko plain.ko
}

@test "an empty directory is a mistake" {
	mkdir empty
	run -1 sign empty
	said 'no module there: empty'
}

@test "memory is bounded by files and threads, not by the tree" {
	mkdir tree
	head -c 4M /dev/zero >4m
	large_module 4m.ko 4m
	for i in {1..40}; do cp 4m.ko "tree/$i.ko"; done
	peak() { awk '/^VmHWM/ { print $2 }' peak; }
	# 160 MiB of modules; two threads hold 8 MiB. Sanitizers keep freed memory back.
	ASAN_OPTIONS=quarantine_size_mb=0:detect_leaks=0 python3 - "$KSEAL_BIN/kseal" "$K" <<'PY' >peak
import resource, subprocess, sys
kseal, keys = sys.argv[1:]
subprocess.run([kseal, "module", "sign", "--jobs", "2", "--key", keys + "/signer.key", "--cert",
                keys + "/signer.pem", "tree"], check=True, stdout=subprocess.DEVNULL)
print("VmHWM:", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, "kB")
PY
	[ "$(peak)" -gt 1000 ]
	[ "$(peak)" -lt 100000 ]
}
