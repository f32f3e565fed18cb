#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Who holds a key keeps it: no core dump, no other process of the same user in its memory. The
# control is a verb that holds none.
# shellcheck disable=SC2016 # perl's own variables

load ../helpers

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	openssl pkcs8 -topk8 -in signer.key -out locked.key -passout pass:secret
	chmod 0600 locked.key
	"$KSEAL_BIN/kseal" pe sign --key signer.key --cert signer.pem --output signed.efi "$IMAGE"
}

setup()
{
	# The user whose processes they are; root would see everything.
	T=$(mktemp -d -t kseal-memory.XXXXXX)
	cd "$T" || return
	cp "$BATS_FILE_TMPDIR"/{locked.key,signer.key,signer.pem,signed.efi} .
	as=()
	if [ "$(id -u)" = 0 ]; then
		chown -R 65534:65534 .
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	mkfifo pipe
	chmod 0666 pipe
	# What waits for a passphrase has the key's file open, or soon its key; what waits for a reader
	# of its output has none.
	holder=("$KSEAL_BIN/kseal" pe sign --key locked.key --cert signer.pem --passphrase-file pipe --output out "$IMAGE")
	control=("$KSEAL_BIN/kseal" pe strip --output pipe signed.efi)
	ulimit -c unlimited || skip "core dumps are forbidden here"
	[[ $(</proc/sys/kernel/core_pattern) != [/\|]* ]] || skip "core dumps go to another place here (core_pattern)"
	# LeakSanitizer is not for who is killed.
	export ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_abort=0:disable_coredump=0
}

teardown()
{
	[ -z "${T-}" ] || rm -rf "$T"
}

# watch SIGNAL '<'|'>' COMMAND...: starts it, waits until it opens the pipe, says whether its memory can be
# read, ends it by the signal and says whether the kernel dumped it
watch()
{
	"${as[@]}" perl -e '
		my ($signal, $way) = splice(@ARGV, 0, 2);
		my $pid = fork // die;
		if (!$pid) { exec @ARGV; die }
		# Waits for its other end: then the process reads the passphrase, or fills the pipe.
		open(my $other, $way, "pipe") or die;
		select(undef, undef, undef, 0.2);
		for my $file ("mem", "environ", "maps") {
			my $ok = open(my $f, "<", "/proc/$pid/$file");
			$ok &&= defined(read($f, my $x, 1)) if $file ne "mem";
			print "$file ", $ok ? "open" : "closed", "\n";
		}
		# PTRACE_SEIZE of x86-64, and let go at once.
		my $seized = syscall(101, 0x4206, $pid, 0, 0) == 0;
		print "ptrace ", $seized ? "open" : "closed", "\n";
		kill($signal, $pid);
		waitpid($pid, $seized ? 0x40000000 : 0);
		if ($seized) { syscall(101, 17, $pid, 0, $signal eq "SEGV" ? 11 : 6); waitpid($pid, 0) }
		printf "signal %d, %s\n", $? & 127, $? & 128 ? "dumped" : "no dump";
	' "$@"
}

@test "core dumps, /proc and ptrace are closed while a key is held" {
	for signal in SEGV ABRT; do
		run -0 watch $signal "<" "${control[@]}"
		said 'mem open'
		said 'maps open'
		said 'ptrace open'
		said ', dumped'
		run -0 watch $signal ">" "${holder[@]}"
		said 'mem closed'
		said 'environ closed'
		said 'maps closed'
		said 'ptrace closed'
		said ', no dump'
	done
	[ ! -e out ]
}

@test "a program that signs for us leaves no core dump either" {
	printf '#!/bin/sh\nkill -SEGV $$\n' >crash
	chmod 0755 crash
	# The control.
	run -0 "${as[@]}" perl -e 'system("./crash"); print $? & 128 ? "dumped" : "no dump"'
	said dumped
	not_said 'no dump'
	rm -f core*
	run -1 "${as[@]}" "$KSEAL_BIN/kseal" pe sign --key exec:./crash --cert signer.pem --output out "$IMAGE"
	said 'signing command failed, see what it said: signal 11'
	run ! compgen -G 'core*'
}

@test "what is looked at is what is read: one open() per key, no stat() by name" {
	chmod 0600 signer.key
	strace -f -qq -e trace=%file -o log "$KSEAL_BIN/kseal" pe sign --key signer.key --cert signer.pem --output out "$IMAGE"
	[ "$(grep -v execve log | grep -c '"signer.key"')" = 1 ]
	grep -q 'open.*"signer.key"' log
	# And its mode counts.
	chmod 0640 signer.key
	run -1 kseal pe sign --key signer.key --cert signer.pem --output out2 "$IMAGE"
	said 'signer.key: its group may read this file with a secret, run chmod 600 on it or give --group-may-read'
	run -1 kseal pe sign --key nothing --cert signer.pem --output out2 "$IMAGE"
	said 'nothing: no such private key'
}
