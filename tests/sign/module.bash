# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the tests of kseal module: keys and a module in $K, a copy of it as m.ko.

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	new_cert other
	new_cert ec ec -pkeyopt ec_paramgen_curve:secp384r1
	new_module plain.ko
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	cp "$K/plain.ko" m.ko
}

sign() { kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" "$@"; }
verify() { kseal module verify --trust "$K/signer.pem" "$@"; }

# What sign-file makes: CMS, big-endian length and magic behind the file.
expected() # HASH FILE
{
	openssl cms -sign -binary -noattr -nocerts -nosmimecap -outform DER -md "$1" \
		-signer "$K/signer.pem" -inkey "$K/signer.key" -in "$2" -out sig.der
	cat "$2" sig.der
	printf '\0\0\2\0\0\0\0\0'
	printf '%08x' "$(stat -c %s sig.der)" | sed 's/../\\x&/g' | xargs -0 printf '%b'
	printf '~Module signature appended~\n'
}

# A small file system of its own, full but for what is left; not without root.
small_fs() # SIZE DIR
{
	[ "$(id -u)" = 0 ] || skip "needs root for a tmpfs"
	mkdir -p "$2"
	mount -t tmpfs -o size="$1" none "$2" || skip "cannot mount a tmpfs here"
}

# $also: a second fault. strace's fault injection is not for LeakSanitizer, which wants to trace too.
inject() # FAULT COMMAND...
{
	local fault=$1
	shift
	ASAN_OPTIONS=detect_leaks=0 strace -f -y -qq -o "$BATS_FILE_TMPDIR/strace.log" -e "inject=$fault" \
		${also:+-e "inject=$also"} "$@"
}

# sign_with_fault FAULT OPTION...: one thread, so that the count of a fault means something
sign_with_fault()
{
	local fault=$1
	shift
	inject "$fault" "$KSEAL_BIN/kseal" module sign --jobs 1 --key "$K/signer.key" --cert "$K/signer.pem" "$@"
}

# nth CALL TEXT OPTION...: which of a thread's calls is the first one with TEXT, in a run on a copy
nth()
{
	local call=$1 text=$2
	shift 2
	mkdir -p nth
	cp "$K/plain.ko" nth/m.ko
	sign_with_fault getpriority:error=EIO "$@" nth/m.ko >/dev/null
	awk -v call="$call(" -v text="$text" 'index($0, call) { n[$1]++; if (index($0, text)) { print n[$1]; exit } }' \
		"$BATS_FILE_TMPDIR/strace.log"
	rm -r nth
}
