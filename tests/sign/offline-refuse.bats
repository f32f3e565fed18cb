# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal offline attach: what it refuses, with the entry's name, and that nothing is written then. Every
# test ends with the same attach where nothing is wrong.

load offline

setup_file() {
	offline_setup_file
	# One prepared and served state for all tests.
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	offline_setup
	prepare
	serve
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	cp -a "$K"/{tree,sigs,m.json,stub.efi} .
	remember
}

# refused EXIT TEXT...: attach says so, and writes nothing
refused() {
	local code=$1 text
	shift
	run "-$code" attach
	for text; do
		said "$text"
	done
	untouched
}

# Control: the same without the fault.
accepted() {
	rm -rf sigs m.json stub.efi tree
	cp -a "$K"/{sigs,m.json,stub.efi,tree} .
	run -0 attach
	said '3 signatures attached'
}

@test "a signature that is missing" {
	rm sigs/module-2.sig
	refused 1 'tree/b.ko (module-2): its signature is missing: sigs/module-2.sig'
	mkdir sigs/module-2.sig
	refused 1 '(module-2): cannot read its signature'
	accepted
}

@test "a signature of another file" {
	mv sigs/module-1.sig x
	mv sigs/module-2.sig sigs/module-1.sig
	mv x sigs/module-2.sig
	refused 3 'tree/a.ko (module-1): ' 'tree/b.ko (module-2): ' EKEYREJECTED
	not_said 'pe-3'
	accepted
}

@test "a signature by another key" {
	"$K/service.sh" m.json sigs "$K/other.key" "$K/uki.key"
	refused 3 '(module-1): the certificate does not verify' '(module-2): '
	not_said 'pe-3'
	"$K/service.sh" m.json sigs "$K/module.key" "$K/other.key"
	refused 3 'stub.efi (pe-3): the certificate does not verify'
	accepted
}

@test "a signature that is empty, short, long or flipped at any byte" {
	for bytes in 0 1 255; do
		head -c $bytes "$K/sigs/module-1.sig" >sigs/module-1.sig
		refused 3 '(module-1): '
	done
	{ cat "$K/sigs/module-1.sig"; printf '\0'; } >sigs/module-1.sig
	refused 3 '(module-1): '
	head -c 3000 /dev/zero >sigs/module-1.sig
	refused 1 '(module-1): cannot read its signature'
	for at in 0 100 255; do
		cp "$K/sigs/module-1.sig" sigs/
		byte=$(od -An -tu1 -j$at -N1 sigs/module-1.sig)
		printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
			dd of=sigs/module-1.sig bs=1 seek=$at conv=notrunc 2>/dev/null
		refused 3 '(module-1): '
	done
	accepted
}

@test "a file that was changed, or signed, since" {
	printf X | dd of=tree/a.ko bs=1 seek=70 conv=notrunc 2>/dev/null
	kseal module sign --key "$K/module.key" --cert "$K/module.pem" tree/b.ko
	printf X | dd of=stub.efi bs=1 seek=2000 conv=notrunc 2>/dev/null
	remember
	refused 1 'tree/a.ko (module-1): file is not the one of the manifest' \
		'tree/b.ko (module-2): ' 'stub.efi (pe-3): '
	rm tree/a.ko
	remember
	refused 1 'tree/a.ko (module-1): cannot open'
	accepted
	# All of it was attached: a second time it is not.
	rm signed.efi
	remember
	refused 1 '(module-1): ' '(module-2): '
}

@test "faults of several kinds are all named, and exit 1 tells that not all is a clear no" {
	rm sigs/module-1.sig
	: >sigs/module-2.sig
	refused 1 '(module-1): its signature is missing' '(module-2): the certificate does not verify'
	accepted
}

@test "certificates are those of --cert, whatever the manifest says" {
	run -3 attach --cert "$K/other.pem" --cert "$K/uki.pem"
	said '(module-1): the manifest wants a signature by a certificate that --cert does not name'
	not_said pe-3
	untouched
	# A manifest that brings its own certificate, with signatures by its key.
	kseal offline prepare --manifest m.json --module tree --module-cert "$K/other.pem"
	"$K/service.sh" m.json sigs "$K/other.key" "$K/other.key"
	run -3 attach --cert "$K/module.pem"
	untouched
	cp "$K/m.json" .
	cp "$K"/sigs/* sigs/
	attach --cert "$K/module.pem" --cert "$K/uki.pem"
}

@test "nothing outside of the directory that was named is written, however the manifest says it" {
	out=$BATS_TEST_TMPDIR/../outside.$$
	mkdir -p "$out" in/sub
	cp tree/a.ko "$out/a.ko"
	ln -s "$out" in/link
	ln -s "$out/file.efi" in/dangling.efi
	: >"$out/there.efi"
	ln -s "$out/there.efi" in/there.efi
	# $1: where the image goes
	output() { jq --arg to "$1" '.entries[2].output = $to' "$K/m.json" >m.json; }
	for to in "$out/x.efi" "../${out##*/}/x.efi" "tree/../../${out##*/}/x.efi" in/link/x.efi in/there.efi \
		in/dangling.efi "$out/./x.efi"; do
		output "$to"
		refused 1 'stub.efi (pe-3): would be written outside of the directory of --below'
		[ ! -s "$out/there.efi" ]
		[ "$(find "$out" -type f | wc -l)" = 2 ]
	done
	# A name that only begins alike is outside.
	output signed.efi
	run -1 attach --below in
	said '(module-1): would be written outside'
	said '(pe-3): would be written outside'
	mkdir "$PWD-more"
	output "$PWD-more/x.efi"
	refused 1 'would be written outside'
	rmdir "$PWD-more"
	# A module that is a link to elsewhere.
	rm tree/a.ko
	ln -s "$out/a.ko" tree/a.ko
	cp -a tree/. before/
	cp "$K/m.json" .
	refused 1 'tree/a.ko (module-1): would be written outside'
	cmp "$out/a.ko" "$K/a.ko"
	run -1 attach --below nowhere
	said 'nowhere: cannot find'
	# Controls: absolute names below it, dots that stay, a link to a new file below it, another directory.
	ln -s "$PWD/in/sub/new.efi" in/inside.efi
	rm tree/a.ko
	cp "$K/a.ko" tree/
	cp -a tree keep
	for to in "$PWD/in/sub/x.efi" in/sub/../x.efi in/inside.efi; do
		rm -rf tree
		cp -a keep tree
		output "$to"
		attach
		[ -s "$to" ]
	done
	[ -s in/sub/new.efi ]
	[ ! -e "$out/file.efi" ]
	rm -rf tree
	cp -a keep tree
	output "$out/x.efi"
	attach --below /
	[ -s "$out/x.efi" ]
	rm -rf "$out"
}

@test "a manifest without --cert is not believed" {
	run -2 kseal offline attach --manifest m.json --signatures sigs
	said '--cert is required'
	untouched
	accepted
}

# edit JQ-FILTER: the manifest changed
edit() { jq "$1" "$K/m.json" >m.json; }

@test "a manifest with other values than the files have" {
	edit '.entries[0].digest = .entries[1].digest'
	refused 1 '(module-1): manifest has another digest than the file'
	edit '.entries[0].file = .entries[1].file'
	refused 1 'tree/b.ko (module-2): another entry has the same file'
	edit '.entries[0].file_sha256 = .entries[1].file_sha256'
	refused 1 '(module-1): file is not the one of the manifest'
	edit '.entries[2].time += 1'
	refused 1 'stub.efi (pe-3): manifest has other signed attributes than the file'
	edit '.entries[2].attributes |= sub("30"; "31")'
	refused 1 '(pe-3): manifest has other signed attributes'
	edit '.entries[0].certificate = .certificates[1].sha256'
	refused 3 '(module-1): the certificate does not verify'
	edit '.entries[0].hash = "sha256"'
	refused 1 'digest of another length'
	edit '.entries[2].output = "nowhere/signed.efi"'
	refused 1 '(pe-3): its output cannot be written'
	accepted
}

@test "a manifest of another form" {
	while read -r line; do
		edit "${line%% => *}"
		refused 1 m.json: "${line#* => }"
	done <<-'END'
		.schema = "kseal/offline-prepare/2" => another version
		del(.schema) => lacks a key
		.more = 1 => unknown here
		.entries[1].more = null => unknown here: entries[1].*
		del(.entries[2].output) => lacks a key: entries[2].output
		del(.entries[0].signature) => lacks a key: entries[0].signature
		.entries[0].file = 7 => another type: entries[0].file
		.entries[0].file = "" => empty
		.entries[0].file = "a\u0000b" => NUL
		.entries[0].file = ("x" * 5000) => too long
		.entries[0].id = "module-2" => otherwise than by kind and place
		.entries[1].id = "module-1" => otherwise than by kind and place
		.entries[0].signature = "../module-1.sig" => names a signature otherwise
		.entries[0].kind = "firmware" => unknown kind
		.entries[1] |= (.kind = "pe" | .hash = "sha256" | .digest = .file_sha256) => lacks a key: entries[1].output
		.entries[0].hash = "md5" => use sha256, sha384, sha512, sha3-256, sha3-384 or sha3-512
		.entries[2].hash = "sha512" => another digest than this kind
		.entries[0].digest = "zz" => not hex
		.entries[0].digest = "00" => another length
		.entries[0].file_sha256 += "00" => another length
		.entries[2].time = -1 => out of its range
		.entries[2].time = 1.5 => another type
		.entries[2].time = 253402300800 => out of its range
		.entries[2].first = "true" => another type
		.entries[2].signed = "keep" => unknown word
		.entries[2].add_certificates = ["00"] => does not hold
		.entries[2].add_certificates = [1] => another type
		.entries[2].add_certificates = [range(100) | "00"] => too many
		.entries = [] => has no: entries
		.entries = {} => another type
		.entries[0] = 5 => lacks a key
		.certificates = [] => has no: certificates
		.certificates[0].sha256 = .certificates[1].sha256 => another certificate than it says
		.certificates[1] = .certificates[0] => one twice
		.certificates[0].pem += .certificates[1].pem => more than one certificate
		.certificates[0].pem = "no" => certificate
		.certificates[0].pem |= .[0:200] => certificate
		.entries[0].certificate = "00" => does not hold
		[range(40)] as $n | reduce $n[] as $i (.; .schema = [.schema]) => not JSON
	END
	for text in '' '{' 'null' '[]' '{"schema":"kseal/offline-prepare/1"}' "$(cat "$K/m.json")}" "$(cat "$K/m.json")x"; do
		printf %s "$text" >m.json
		refused 1 m.json:
	done
	accepted
}

@test "every truncation of a manifest is refused" {
	size=$(stat -c %s "$K/m.json")
	for ((bytes = 0; bytes < size - 2; bytes += 331)); do
		head -c $bytes "$K/m.json" >m.json
		run -1 attach
	done
	untouched
	accepted
}

@test "a full disk while writing: each file is the old one or the new one" {
	[ "$(id -u)" = 0 ] || skip "needs root for a tmpfs"
	mkdir full
	mount -t tmpfs -o size=64k none full || skip "cannot mount a tmpfs here"
	cp "$K"/tree/*.ko full/
	kseal offline prepare --manifest m.json --module full --module-cert "$K/module.pem"
	serve
	cp -a full before-full
	dd if=/dev/zero of=full/fill bs=1k 2>/dev/null || true
	run -1 attach
	text=$output
	ls -l full
	diff full/a.ko before-full/a.ko
	diff full/b.ko before-full/b.ko
	[ "$(find full -name '*.ko*' | wc -l)" = 2 ]
	rm full/fill
	attach
	kseal module verify --trust "$K/module.pem" full/a.ko full/b.ko
	umount full
	[[ $text == *'full/a.ko (module-1): '*'No space left on device'* ]]
}
