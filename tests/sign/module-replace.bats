# SPDX-License-Identifier: LGPL-2.1-or-later
# Signing replaces files, and nothing may be lost on the way: not what a file has besides its bytes,
# and not the file when the disk is full, writes fail, the process is killed or two work at once.

load ../helpers
load module

# Each unsigned as it was, or whole and signed. Two processes for all of them.
old_or_new() # FILE...
{
	local sum file plain='' changed=() said

	while read -r sum file; do
		: "${plain:=$sum}"
		[ "$sum" = "$plain" ] || changed+=("$file")
	done < <(sha256sum "$K/plain.ko" "$@")
	[ ${#changed[@]} = 0 ] || said=$(verify "${changed[@]}" 2>&1) || {
		echo "neither the old nor the new file: $said"
		return 1
	}
}

# And nothing else in the directory.
all_old_or_new() # DIR
{
	local left

	old_or_new "$1"/*.ko || return
	left=$(find "$1" -mindepth 1 ! -name '*.ko' ! -name fill)
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

@test "mode, owner, times and extended attributes stay" {
	[ "$(id -u)" = 0 ] || skip "needs root for owners and trusted attributes"
	chown 12:34 m.ko
	chmod 2640 m.ko
	setfattr -n user.note -v 'a value' m.ko
	setfattr -n trusted.empty m.ko
	setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 m.ko
	# user::rw-, user:7:r--, group::r--, mask::r--, other::---
	setfattr -n system.posix_acl_access \
		-v 0x0200000001000600ffffffff020004000700000004000400ffffffff10000400ffffffff20000000ffffffff m.ko
	touch -a -d '2001-02-03 04:05:06.789' m.ko
	touch -m -d '2002-03-04 05:06:07.891' m.ko
	stat -c '%a %u %g %x %y' m.ko >before
	getfattr -d -m - m.ko >>before
	grep -q posix_acl before
	for how in '' --in-place; do
		sign --signed replace $how m.ko
		# getfattr and stat themselves do not read the content.
		stat -c '%a %u %g %x %y' m.ko >after
		getfattr -d -m - m.ko >>after
		# A write drops capabilities, and the file stays the same one: that is the kernel's rule.
		[ -z "$how" ] || sed -i /capability/d before after
		diff before after
		verify m.ko
		touch -a -d '2001-02-03 04:05:06.789' m.ko
	done
}

@test "an attribute that vouches for the old content is refused" {
	setfattr -n security.ima -v 0x0404aabb m.ko || skip "cannot set security.ima here"
	run -1 sign m.ko
	said 'remove it first (setfattr -x): security.ima (EOPNOTSUPP)'
	cmp "$K/plain.ko" m.ko
	setfattr -x security.ima m.ko
	sign m.ko
}

@test "an attribute that cannot be kept is refused" {
	setfattr -n user.note -v x m.ko
	run -1 sign_with_fault fsetxattr:error=ENOSPC m.ko
	said 'm.ko: cannot keep extended attribute: user.note: No space left on device (ENOSPC)'
	all_old_or_new .
}

@test "a link stays a link, and its target is signed" {
	mkdir deep
	mv m.ko deep/real.ko
	ln -s deep/real.ko link.ko
	ln -s link.ko second.ko
	sign second.ko
	[ -L link.ko ] && [ -L second.ko ] && [ ! -L deep/real.ko ]
	verify deep/real.ko
	run -1 sign dangling.ko
	said 'dangling.ko: cannot open: No such file'
	ln -s nowhere dangling.ko
	run -1 sign dangling.ko
	said 'dangling.ko: cannot open: No such file'
}

@test "a file that is reached twice is signed once" {
	mkdir tree
	mv m.ko tree/a.ko
	ln -s a.ko tree/b.ko
	run -0 sign tree tree/a.ko
	said '1 of 1 modules signed'
	verify tree/a.ko
}

@test "hard links: replaced one by one, kept in place" {
	ln m.ko twin.ko
	sign m.ko
	cmp "$K/plain.ko" twin.ko
	verify m.ko
	mkdir tree
	cp "$K/plain.ko" tree/a.ko
	ln tree/a.ko tree/b.ko
	run -0 sign --in-place tree
	said '1 of 1 modules signed'
	[ tree/a.ko -ef tree/b.ko ]
	verify tree/b.ko
}

@test "any name is taken" {
	names=($'new\nline.ko' '-dash.ko' ' blank .ko' $'not\xffutf8.ko' "$(printf '%0251d' 0).ko" '*.ko')
	mkdir tree
	for name in "${names[@]}"; do cp m.ko "tree/$name"; done
	(cd tree && sign -- "${names[@]:0:2}")
	sign --signed keep tree
	for name in "${names[@]}"; do verify "./tree/$name"; done
	[ "$(find tree -type f -print0 | tr -cd '\0' | wc -c)" = ${#names[@]} ]
}

@test "a full disk loses nothing and is a failure" {
	small_fs 64k full
	for i in 1 2 3 4; do cp m.ko full/$i.ko; done
	head -c 64k /dev/zero >full/fill 2>/dev/null || true
	run -1 sign full
	said 'full/1.ko: cannot write'
	said 'No space left on device'
	said '0 of 4 modules signed'
	all_old_or_new full
	rm full/fill
	run -0 sign full
	verify full
	umount full
}

@test "a directory that cannot be written is a failure" {
	[ "$(id -u)" = 0 ] || skip "needs root for a tmpfs"
	small_fs 64k ro
	cp m.ko ro/
	mount -o remount,ro ro
	run -1 sign ro
	said 'ro/m.ko: cannot write beside: Read-only file system (EROFS)'
	run -1 sign --in-place ro
	said EROFS
	cmp "$K/plain.ko" ro/m.ko
	umount ro
}

# The calls on the way to the new file, each failing in turn.
@test "every call on the way may fail" {
	mkdir tree
	for fault in fcntl:error=ENOLCK write:error=EIO write:error=ENOSPC fchmod:error=EPERM \
		flistxattr:error=EIO utimensat:error=EACCES linkat:error=ENOSPC renameat:error=EIO; do
		echo "$fault"
		cp "$K/plain.ko" tree/m.ko
		# write() is also what the failure is told with.
		run -1 sign_with_fault "$fault:when=1" tree/m.ko
		[[ $fault == write* ]] || said m.ko:
		all_old_or_new tree
		cmp "$K/plain.ko" tree/m.ko
	done
	cp "$K/plain.ko" tree/m.ko
	# Reading back what was written.
	run -1 sign_with_fault "pread64:error=EIO:when=$(nth pread64 deleted)" tree/m.ko
	said 'm.ko: what was written does not read back'
	cmp "$K/plain.ko" tree/m.ko
	run -1 sign_with_fault "read:error=EIO:when=$(nth read m.ko)" tree/m.ko
	said 'm.ko: cannot read: Input/output error (EIO)'
	back=$(nth pread64 m.ko --in-place)
	for fault in pwrite64:error=ENOSPC pwrite64:error=EIO pwrite64:retval=7:when=1 "pread64:error=EIO:when=$back" \
		utimensat:error=EACCES:when=1; do
		echo "in place: $fault"
		cp "$K/plain.ko" tree/m.ko
		run -1 sign_with_fault "$fault" --in-place tree/m.ko
		said m.ko:
		all_old_or_new tree
		cmp "$K/plain.ko" tree/m.ko
	done
}

@test "what the disk refuses later is a failure too" {
	mkdir tree
	for i in 1 2 3; do cp m.ko tree/$i.ko; done
	# syncfs() fails, and so does one fsync() of those that then tell which file it was.
	also=fsync:error=EIO:when=2 run -1 sign_with_fault syncfs:error=EIO tree
	said 'cannot write: Input/output error (EIO)'
	said '2 of 3 modules signed'
	all_old_or_new tree
	# syncfs() alone failing, with every file safe: all are signed.
	run -0 sign_with_fault syncfs:error=EIO --signed keep tree
	verify tree
}

@test "interrupted calls go on" {
	for where in 'fcntl kseal.lock' 'read m.ko' 'write deleted' 'pread64 deleted' 'syncfs deleted'; do
		read -r call text <<<"$where"
		cp "$K/plain.ko" m.ko
		run -0 sign_with_fault "$call:error=EINTR:when=$(nth "$call" "$text")" m.ko
		grep -q "$call.*EINTR.*INJECTED" "$BATS_FILE_TMPDIR/strace.log"
		verify m.ko
	done
	for call in pwrite64 ftruncate; do
		run -0 sign_with_fault $call:error=EINTR:when=1 --in-place --signed replace --hash sha256 m.ko
		verify m.ko
		cp "$K/plain.ko" m.ko
		kseal module sign --key "$K/ec.key" --cert "$K/ec.pem" m.ko
	done
}

@test "a file system without O_TMPFILE, and what a killed run left there" {
	mkdir tree
	cp m.ko tree/
	# Which of the thread's openat() calls is it? Then let that one fail.
	nth=$(nth openat O_TMPFILE)
	[ "$nth" -gt 0 ]
	for left in '' rubbish; do
		cp "$K/plain.ko" tree/m.ko
		# Left by a run that was killed between its first and its last call.
		[ -z "$left" ] || echo $left >"tree/.kseal.$(stat -c %i tree/m.ko)"
		sign_with_fault "openat:error=EOPNOTSUPP:when=$nth" tree/m.ko
		grep -q 'openat.*EOPNOTSUPP.*INJECTED' "$BATS_FILE_TMPDIR/strace.log"
		all_old_or_new tree
		verify tree
		# A failure there leaves nothing either.
		cp "$K/plain.ko" tree/m.ko
		also=fchmod:error=EIO run -1 sign_with_fault "openat:error=EOPNOTSUPP:when=$nth" tree/m.ko
		all_old_or_new tree
	done
	# And one between link and rename, where O_TMPFILE is.
	cp "$K/plain.ko" tree/m.ko
	echo rubbish >"tree/.kseal.$(stat -c %i tree/m.ko)"
	sign tree/m.ko
	all_old_or_new tree
	verify tree
}

@test "a kill at any time leaves old files or new ones" {
	mkdir tree
	for i in {1..40}; do cp "$K/plain.ko" "tree/$i.ko"; done
	some=
	for i in {1..30}; do
		timeout -s KILL "0.0$((RANDOM % 90 + 10))" "$KSEAL_BIN/kseal" module sign --signed replace \
			--key "$K/signer.key" --cert "$K/signer.pem" tree >/dev/null 2>&1 || some+=x
		old_or_new tree/*.ko
		cp "$K/plain.ko" tree/$((RANDOM % 40 + 1)).ko
	done
	[ -n "$some" ] || skip "was never slow enough to be killed"
	# What was left is in nobody's way, and does not stay.
	sign --signed replace tree
	all_old_or_new tree
	verify tree
}

@test "two at once do not sign anything twice" {
	mkdir tree
	for _ in {1..6}; do
		for i in {1..30}; do cp "$K/plain.ko" "tree/$i.ko"; done
		sign --signed keep tree &
		sign --signed keep --in-place tree &
		sign --signed keep tree/{30..1}.ko
		wait
		verify tree
		all_old_or_new tree
		expected sha512 "$K/plain.ko" >want.ko
		for f in tree/*.ko; do cmp want.ko "$f"; done
	done
}

@test "few descriptors are enough" {
	mkdir tree
	for i in {1..80}; do cp "$K/plain.ko" "tree/$i.ko"; done
	(ulimit -n 90 && sign --jobs 2 tree)
	verify tree
}
