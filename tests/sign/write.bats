#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How every verb writes a file, among users who wish it ill. Root writes, nobody plants.
# shellcheck disable=SC2016 # the inner shells' own variables

load ../helpers
load module

setup()
{
	[ "$(id -u)" = 0 ] || skip "needs root and another user"
	K=$BATS_FILE_TMPDIR
	# Where the other user gets to, as /tmp.
	T=$(mktemp -d -t kseal-write.XXXXXX)
	chmod 0755 "$T"
	cd "$T" || return
	mkdir -m 1777 sticky
	mkdir -m 0755 own
	echo precious >own/victim
	chmod 0600 own/victim
	cp "$K/plain.ko" own/m.ko
	chmod 0644 own/m.ko
	umask 022
	SOURCE_DATE_EPOCH=$(date +%s)
	export SOURCE_DATE_EPOCH
}

teardown()
{
	[ -z "${T-}" ] || rm -rf "$T"
}

# In the background by itself: a function would be a shell there, and kill would end that alone.
OTHER=(setpriv --reuid 65534 --regid 65534 --clear-groups)
other() { "${OTHER[@]}" "$@"; }
# Any verb with an output; of a small image.
put() { timeout 60 "$KSEAL_BIN/kseal" pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output "$1" "$IMAGE"; }
# It is there, whole.
is_signed() { kseal pe verify --trust "$K/signer.pem" "$1"; }
untouched() { [ "$(cat own/victim)" = precious ] && [ "$(stat -c '%a %u' own/victim)" = '600 0' ]; }
# Nothing but what is named is in the directory.
holds() # DIR NAME...
{
	local dir=$1
	shift
	[ "$(find "$dir" -mindepth 1 -printf '%P\n' | sort | xargs)" = "$*" ] || { ls -A "$dir"; return 1; }
}

@test "a link that another user planted is not followed" {
	other ln -s "$T/own/victim" sticky/out
	run -1 put sticky/out
	said 'sticky/out: a symbolic link of another user in a directory that others may write, name its target'
	other ln -s "$T/own" sticky/dir
	run -1 put sticky/dir/victim
	said 'a symbolic link of another user'
	# Nor in a directory of that user's own, and without the sticky bit.
	mkdir -m 0777 open
	other ln -s "$T/own/victim" open/out
	run -1 put open/out
	install -d -o nobody theirs
	other ln -s "$T/own/victim" theirs/out
	run -1 put theirs/out
	run -1 kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" theirs/out
	said 'a symbolic link of another user'
	untouched
	# The control: links of one's own.
	ln -s ../own/new sticky/mine
	put sticky/mine
	[ -L sticky/mine ]
	is_signed own/new
	ln -s "$T/own" sticky/owndir
	put sticky/owndir/new2
	is_signed own/new2
	ln -s loop own/loop
	run -1 put own/loop
	said 'own/loop: cannot open: Too many levels of symbolic links'
}

@test "links planted between check and open change nothing" {
	# The planter goes when its sign does, also with all of the directory; none of it is then at work.
	touch own/go
	"${OTHER[@]}" sh -c 'while [ -e own/go ]; do ln -s "$1/own/victim" sticky/out; rm -f sticky/out; ln "$1/own/m.ko" sticky/out; mkfifo sticky/out; rm -f sticky/out; done' \
		sh "$T" 2>/dev/null 3>&- &
	for _ in {1..40}; do
		rm -f sticky/out
		put sticky/out >/dev/null 2>&1 || true
	done
	rm own/go
	wait $! || true
	untouched
	cmp "$K/plain.ko" own/m.ko
	rm -f sticky/out
	holds sticky
}

@test "what another user put there gives the new file neither owner nor mode" {
	for dir in sticky open theirs; do
		[ -d $dir ] || install -d -m 0777 -o nobody $dir
		other sh -c 'touch "$1"; chmod 0666 "$1"; setfattr -n user.mark -v x "$1"' sh $dir/out
		put $dir/out
		[ "$(stat -c '%a %u %g' $dir/out)" = '644 0 0' ]
		run ! getfattr -n user.mark $dir/out
		is_signed $dir/out
	done
	# The control: in a directory of one's own all of it stays, but not the time.
	put own/out
	chown 12:34 own/out
	chmod 0640 own/out
	setfattr -n user.mark -v x own/out
	# user::rw-, user:7:r--, group::r--, mask::r--, other::---
	setfattr -n system.posix_acl_access \
		-v 0x0200000001000600ffffffff020004000700000004000400ffffffff10000400ffffffff20000000ffffffff own/out
	touch -d 2001-02-03 own/out
	put own/out
	[ "$(stat -c '%a %u %g' own/out)" = '640 12 34' ]
	getfattr -d -m - own/out | grep -q user.mark
	getfattr -d -m - own/out | grep -q posix_acl
	[ "$(stat -c %Y own/out)" -gt 1000000000 ]
	is_signed own/out
	# What vouches for the old content does not go over to the new.
	if setfattr -n security.ima -v 0x0404aabb own/out; then
		put own/out
		run ! getfattr -n security.ima own/out
	fi
}

@test "a hard link to another file: the name is replaced, the file stays" {
	ln own/victim sticky/out
	put sticky/out
	untouched
	is_signed sticky/out
	[ "$(stat -c '%a %h' sticky/out)" = '644 1' ]
}

@test "pipes and devices get what is written, and stay" {
	put own/want
	mkfifo own/pipe
	cat own/pipe >got &
	put own/pipe
	wait $!
	cmp own/want got
	[ -p own/pipe ]
	put /dev/stdout >got
	cmp own/want got
	put /dev/stdout | cmp own/want -
	echo before >got
	put /dev/fd/7 7>>got
	cmp <(echo before; cat own/want) got
	run -1 put /dev/fd/8
	said '/dev/fd/8: cannot write: No such file or directory (ENOENT)'
	put /dev/null
	[ -c /dev/null ]
	if mknod own/null c 1 3; then
		put own/null
		[ -c own/null ]
	fi
	run -1 put own
	said 'own: cannot write: Is a directory'
	run -1 put own/new/
	said 'own/new/: cannot open: No such file or directory (ENOENT)'
	perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("own/socket")) or die'
	run -1 put own/socket
	said 'own/socket: cannot write to a block device or a socket, name a file'
	# Another user's pipe would wait for ever.
	other mkfifo sticky/pipe
	run -1 put sticky/pipe
	said 'sticky/pipe: a pipe or device of another user, name a file or remove it'
	mkfifo sticky/mine
	cat sticky/mine >got &
	put sticky/mine
	wait $!
	cmp own/want got
}

@test "a new file obeys the umask and a default ACL, also on a tmpfs" {
	mkdir fs
	mount -t tmpfs none fs || skip "cannot mount a tmpfs here"
	for dir in own fs; do
		(umask 077 && put $dir/a)
		[ "$(stat -c %a $dir/a)" = 600 ]
		(umask 002 && put $dir/b)
		[ "$(stat -c %a $dir/b)" = 644 ]
		mkdir $dir/acl
		# user::rwx, user:7:rwx, group::r-x, mask::rwx, other::---
		setfattr -n system.posix_acl_default \
			-v 0x0200000001000700ffffffff020007000700000004000500ffffffff10000700ffffffff20000000ffffffff $dir/acl
		(umask 077 && put $dir/acl/a && touch $dir/acl/b)
		# As any new file there; the group bits are the mask, cut to what was asked for.
		[ "$(stat -c %a $dir/acl/a)" = 640 ]
		[ "$(stat -c %a $dir/acl/b)" = 660 ]
		getfattr -d -m - $dir/acl/a | grep -q posix_acl_access
		holds $dir/acl a b
	done
	umount fs
}

@test "a directory that is swapped for a link meanwhile gets nothing" {
	mkdir -m 0777 open
	mkdir other
	cp own/m.ko open/
	cp own/m.ko other/
	cat >swap <<-END
		#!/bin/sh
		mv $T/open $T/was && ln -s other $T/open
		cat >$T/digest
		openssl pkeyutl -sign -inkey $K/signer.key -pkeyopt digest:\$KSEAL_HASH -in $T/digest
	END
	chmod +x swap
	run -0 kseal module sign --key "exec:$T/swap" --cert "$K/signer.pem" open/m.ko
	cmp "$K/plain.ko" other/m.ko
	verify was/m.ko
	holds other m.ko
	holds was m.ko
}

@test "whoever may only read a module does not stop its signing" {
	"${OTHER[@]}" flock --no-fork own/m.ko sleep 300 3>&- &
	"${OTHER[@]}" perl -MFcntl -e 'open(F, "<", "own/m.ko") or die; my $l = pack("s s l! l! i", F_RDLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 100' 3>&- &
	"${OTHER[@]}" flock --no-fork own sleep 300 3>&- &
	sleep 0.5
	for how in '' --in-place; do
		# shellcheck disable=SC2086
		run -0 timeout 20 "$KSEAL_BIN/kseal" module sign $how --signed replace --key "$K/signer.key" --cert "$K/signer.pem" own/m.ko
		verify own/m.ko
	done
	run -0 timeout 200 "$KSEAL_BIN/kseal" keyring dev-keys --output own
	# Nor is a lock file of another user's any hindrance where that user may not touch ours.
	cp "$K/plain.ko" sticky/m.ko
	"${OTHER[@]}" perl -MFcntl -e 'open(F, ">", "sticky/.kseal.lock") or die; my $l = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 100' 3>&- &
	sleep 0.5
	run -0 timeout 20 "$KSEAL_BIN/kseal" module sign --key "$K/signer.key" --cert "$K/signer.pem" sticky/m.ko
	verify sticky/m.ko
	holds sticky m.ko
	kill %1 %2 %3 %4
}

@test "a second signer waits, not for ever, and says for whom" {
	printf '#!/bin/sh\necho $$ >%s/started\nexec sleep 100\n' "$T" >slow
	chmod +x slow
	KSEAL_EXEC_TIMEOUT=100 "$KSEAL_BIN/kseal" module sign --key "exec:$T/slow" --cert "$K/signer.pem" own/m.ko 3>&- &
	holder=$!
	timeout 20 sh -c 'until [ -s started ]; do sleep 0.05; done'
	cp "$K/plain.ko" own/free.ko
	# The control: another file of the directory is free.
	sign own/free.ko
	run -1 timeout 50 "$KSEAL_BIN/kseal" module sign --key "$K/signer.key" --cert "$K/signer.pem" own/m.ko
	said "own/m.ko: another process is changing this file, wait for it or end it: held by process $holder (kseal)"
	# Reading is not a change.
	run -3 kseal module show own/m.ko
	kill -KILL $holder "$(<started)"
	wait $holder || true
	sign own/m.ko
	holds own free.ko m.ko victim
}

@test "killed at any call: the old file or the new one, and at most one file that tells whose it is" {
	put own/want
	for old in no yes; do
		for call in openat fchmod write fsync linkat renameat unlinkat close; do
			for nth in 1 2 3; do
				rm -f own/out own/.kseal.*
				[ $old = no ] || echo old >own/out
				ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -P "$T/own" -P "$T/own/out" \
					-e "inject=$call:signal=KILL:when=$nth" "$KSEAL_BIN/kseal" pe sign --key "$K/signer.key" \
					--cert "$K/signer.pem" --output own/out "$IMAGE" || true
				if [ -e own/out ]; then
					cmp -s own/want own/out || [ "$(cat own/out)" = old ]
				else
					[ $old = no ]
				fi
				[ "$(find own -name '.kseal.*' | wc -l)" -le 1 ]
			done
		done
	done
	rm -f own/.kseal.*
	put own/out
	is_signed own/out
	holds own m.ko out victim want
}

@test "a full disk and a directory that cannot be written leave the old file" {
	small_fs 64k small
	echo old >small/out
	run -1 put small/out
	said 'small/out: cannot write: No space left on device (ENOSPC)'
	[ "$(cat small/out)" = old ]
	holds small out
	mount -o remount,ro small
	run -1 put small/out
	said 'small/out: cannot write: Read-only file system (EROFS)'
	umount small
	install -o nobody -m 0600 "$K/signer.key" their.key
	cp "$K/signer.pem" their.pem
	run -1 other "$KSEAL_BIN/kseal" pe sign --key their.key --cert their.pem --output own/out "$IMAGE"
	said 'own/out: cannot write: Permission denied (EACCES)'
	# The control: where that user may write.
	other "$KSEAL_BIN/kseal" pe sign --key their.key --cert their.pem --output sticky/out "$IMAGE"
}
