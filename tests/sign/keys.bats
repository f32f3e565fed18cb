# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys of kseal: PEM files with passphrases, and programs that sign (exec:).

load ../helpers
load keys

setup_file() {
	keys_setup_file
	openssl pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc -passout pass:open-sesame -out pkcs8.key
	openssl rsa -in rsa.key -aes128 -traditional -passout pass:open-sesame -out traditional.key 2>/dev/null
	# shellcheck disable=SC2016 # the script's own variables
	printf '%s\n' '#!/bin/sh' 'exec openssl pkeyutl -sign -inkey "$1" -pkeyopt "digest:$KSEAL_HASH"' >signer
	chmod 0600 ./*.key
	chmod 0755 signer
}

setup() { keys_setup; }

# exec_with SCRIPT: sign m.ko by a program of this text
exec_with() {
	printf '#!/bin/sh\n%s\n' "$1" >program
	chmod 0755 program
	sign_with "exec:./program" rsa
}

# typing TEXT COMMAND...: on a terminal of its own, where TEXT is typed once a passphrase is asked for.
# What the terminal shows goes to the file seen.
typing() {
	local text=$1 pid rc=0
	shift
	mkfifo keyboard
	: >seen
	script -qec "$*" /dev/null <keyboard >seen 3>&- &
	pid=$!
	exec 8>keyboard
	timeout 60 sh -c 'until grep -q "passphrase or PIN" seen; do sleep 0.05; done'
	printf '%s\n' "$text" >&8
	wait $pid || rc=$?
	exec 8>&-
	return $rc
}

@test "an encrypted key opens with --passphrase-file, PKCS#8 or traditional" {
	(umask 077 && printf 'open-sesame\n' >pass)
	for key in pkcs8 traditional; do
		cp "$K/plain.ko" m.ko
		sign_with "$K/$key.key" rsa --passphrase-file pass
		same_as_rsa
	done
}

@test "an encrypted key opens with --passphrase-fd, a pipe too" {
	sign_with "$K/pkcs8.key" rsa --passphrase-fd 5 5< <(printf 'open-sesame')
	same_as_rsa
	cp "$K/plain.ko" m.ko
	printf 'open-sesame\r\n' | sign_with "$K/traditional.key" rsa --passphrase-fd 0
	same_as_rsa
}

@test "a terminal is asked, without an echo" {
	typing open-sesame "$KSEAL_BIN/kseal module sign --key $K/pkcs8.key --cert $K/rsa.pem m.ko"
	same_as_rsa
	grep 'passphrase or PIN of .*pkcs8.key: ' seen
	run ! grep open-sesame seen
}

@test "the interrupt key ends the question" {
	run -1 typing $'\003' "$KSEAL_BIN/kseal module sign --key $K/pkcs8.key --cert $K/rsa.pem m.ko"
	grep 'interrupted, no passphrase was given (EACCES)' seen
	untouched
}

@test "without a terminal and without an option the message says what to give" {
	run -1 setsid -w "$KSEAL_BIN/kseal" module sign --key "$K/pkcs8.key" --cert "$K/rsa.pem" m.ko </dev/null
	said "use --passphrase-file or --passphrase-fd: $K/pkcs8.key (EACCES)"
	untouched
}

@test "a wrong passphrase is one line and signs nothing" {
	(umask 077 && echo close-sesame >pass)
	for key in pkcs8 traditional; do
		run -1 sign_with "$K/$key.key" rsa --passphrase-file pass
		[ "$output" = "kseal: $K/$key.key: wrong passphrase of the private key (EACCES)" ]
		untouched
	done
}

@test "an empty passphrase, one with a NUL and one without end are refused" {
	umask 077
	: >empty
	printf 'a\0b\n' >nul
	head -c 5000 /dev/zero | tr '\0' x >long
	for pass in empty nul long; do
		run -1 sign_with "$K/pkcs8.key" rsa --passphrase-file $pass
		said "passphrase is empty, over 1 KiB or has a NUL"
	done
}

@test "a passphrase that others may read is refused" {
	printf 'open-sesame\n' >pass
	chmod 0640 pass
	run -1 sign_with "$K/pkcs8.key" rsa --passphrase-file pass
	said "pass: its group may read this file with a secret, run chmod 600 on it or give --group-may-read (EACCES)"
	chmod 0600 pass
	sign_with "$K/pkcs8.key" rsa --passphrase-file pass
}

@test "--group-may-read takes what the group reads, as Kubernetes mounts it, and nothing that is more open" {
	printf 'open-sesame\n' >pass
	cp "$K/pkcs8.key" mounted.key
	for mode in 0640 0440; do
		chmod $mode pass mounted.key
		cp "$K/plain.ko" m.ko
		run -1 sign_with mounted.key rsa --passphrase-file pass
		said "mounted.key: its group may read this file with a secret"
		untouched
		sign_with mounted.key rsa --passphrase-file pass --group-may-read
		same_as_rsa
	done
	cp "$K/plain.ko" m.ko
	for mode in 0644 0660 0604 0650; do
		chmod $mode mounted.key
		run -1 sign_with mounted.key rsa --passphrase-file pass --group-may-read
		said "mounted.key: file with a secret is open to group or others, run chmod 600 on it (EACCES)"
		chmod 0640 mounted.key
		chmod $mode pass
		run -1 sign_with mounted.key rsa --passphrase-file pass --group-may-read
		said "pass: file with a secret is open to group or others"
		chmod 0640 pass
		untouched
	done
	# Images too.
	kseal pe sign --key mounted.key --cert "$K/rsa.pem" --passphrase-file pass --group-may-read --output a.efi "$IMAGE"
}

@test "wrong passphrase options are named" {
	run -1 sign_with "$K/pkcs8.key" rsa --passphrase-fd seven
	said "--passphrase-fd takes a descriptor's number: seven"
	run -1 sign_with "$K/pkcs8.key" rsa --passphrase-fd 99
	said "cannot read the passphrase: Bad file descriptor"
	run -1 sign_with "$K/pkcs8.key" rsa --passphrase-file nowhere
	said "nowhere: cannot open the passphrase: No such file"
	run -1 sign_with "$K/pkcs8.key" rsa --passphrase-file a --passphrase-fd 0
	said "exclude each other"
}

@test "a passphrase is neither in the environment nor in the arguments of a command" {
	(umask 077 && echo open-sesame >pass)
	exec 7<pass
	exec_with "ls /proc/self/fd | tr '\n' ' ' >fds; tr '\0' '\n' </proc/self/environ >env; exec $K/signer $K/rsa.key"
	same_as_rsa
	run ! grep open-sesame env
	# 0 to 2, and the one that ls opened
	[ "$(cat fds)" = "0 1 2 3 " ]
	exec 7<&-
}

@test "exec: gives the same bytes as the key's file, with every digest" {
	for hash in sha256 sha384 sha512; do
		cp "$K/plain.ko" m.ko
		cp "$K/plain.ko" want.ko
		sign_with "exec:$K/signer $K/rsa.key" rsa --hash $hash
		kseal module sign --key "$K/rsa.key" --cert "$K/rsa.pem" --hash $hash want.ko
		cmp want.ko m.ko
	done
}

@test "exec: signs with ECDSA, and images too" {
	sign_with "exec:$K/signer $K/ec.key" ec
	kseal module verify --trust "$K/ec.pem" m.ko
	export SOURCE_DATE_EPOCH=1900000000
	kseal pe sign --key "exec:$K/signer $K/rsa.key" --cert "$K/rsa.pem" --output a.efi "$IMAGE"
	kseal pe sign --key "$K/rsa.key" --cert "$K/rsa.pem" --output b.efi "$IMAGE"
	cmp a.efi b.efi
}

@test "exec: no shell reads the command" {
	run -1 sign_with "exec:$K/signer \$(touch$IFS)pwned;touch pwned" rsa
	untouched
	[ ! -e pwned ]
	# Found in PATH, arguments cut at blanks.
	PATH=$K:$PATH sign_with "exec:signer   $K/rsa.key " rsa
	same_as_rsa
}

@test "exec: every file of a batch is signed, by several commands at once" {
	mkdir tree
	for i in {1..20}; do cp m.ko "tree/$i.ko"; done
	kseal module sign --jobs 4 --key "exec:$K/signer $K/rsa.key" --cert "$K/rsa.pem" tree
	sign_with "$K/rsa.key" rsa
	for i in {1..20}; do cmp m.ko "tree/$i.ko"; done
}

@test "exec: what is not a signature of the certificate is refused before the file is touched" {
	for text in "exec $K/signer $K/other.key" "exec $K/signer $K/rsa.key | head -c 255" \
		"exec $K/signer $K/ec.key" "cat" "echo junk" "{ $K/signer $K/rsa.key; echo; }"; do
		run -1 exec_with "$text"
		said "the key answered with what its certificate does not verify"
		untouched
	done
	run -1 exec_with ":"
	said "signing command answered nothing"
	run -1 exec_with "exec cat /dev/zero"
	said "answers with more than a signature"
	untouched
	exec_with "exec $K/signer $K/rsa.key"
	same_as_rsa
}

@test "exec: a command that fails is a failure, whatever it wrote" {
	run -1 exec_with "$K/signer $K/rsa.key; echo the HSM is on fire >&2; exit 7"
	said "the HSM is on fire"
	said "signing command failed, see what it said: exit 7 (EACCES)"
	untouched
	run -1 exec_with "$K/signer $K/rsa.key; kill -TERM \$\$"
	said "signal 15"
	untouched
	run -1 sign_with "exec:./nowhere" rsa
	said "./nowhere: cannot run the signing command: No such file"
	run -1 sign_with "exec:no-such-program-anywhere" rsa
	said "m.ko: cannot run the signing command: No such file"
	run -1 sign_with "exec: " rsa
	said "exec: needs a command"
	untouched
}

@test "exec: a command that hangs is ended, before and after its answer" {
	export KSEAL_EXEC_TIMEOUT=1
	run -1 exec_with "exec sleep 1000"
	said "took too long, raise KSEAL_EXEC_TIMEOUT"
	run -1 exec_with "$K/signer $K/rsa.key; exec >&-; exec sleep 1000"
	said "does not end, raise KSEAL_EXEC_TIMEOUT"
	untouched
	KSEAL_EXEC_TIMEOUT=none run -1 exec_with "exec sleep 1000"
	said "KSEAL_EXEC_TIMEOUT takes 1 to 3600 seconds: none"
}

@test "the manual page is installed, and names every option and variable" {
	make -s -C "$ROOT" -n install DESTDIR="$PWD/root" | grep 'sign/man/\*.7.*share/man/man7'
	page=$(mandoc -T ascii "$ROOT/sign/man/kseal-keys.7" | sed 's,.\x08,,g')
	for word in --key --cert --passphrase-fd --passphrase-file KSEAL_HASH KSEAL_EXEC_TIMEOUT \
		PKCS11_MODULE_PATH pin-source pin-value; do
		[[ $page == *"$word"* ]]
	done
}

@test "a scheme that nobody knows is answered with those that are known, and without the rest of the URI" {
	for uri in azurekms:vault/1234 AWS-KMS:1234 pkcs1:object=1234; do
		run -1 sign_with "$uri" rsa
		said "kseal: key URI is neither a file nor of a scheme that is known, or that a provider of OpenSSL has: ${uri%%:*}:, known are file: pkcs11: exec: fd: (ENOKEY)"
		not_said 1234
		[ "${#lines[@]}" = 1 ]
	done
	run -1 kseal module sign --key "$K/rsa.key" --cert azurekms:vault/1234 m.ko
	said "no such file with a certificate, and of URIs only pkcs11: names one (ENOENT)"
	not_said 1234
	# What has a colon in it may be a file all the same.
	cp "$K/rsa.key" azurekms:key
	sign_with azurekms:key rsa
	same_as_rsa
}
