#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/dev/confine: what a test does by mistake reaches nothing outside of its own /tmp.
# shellcheck disable=SC2016 # the inner shells' own variables

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir own outside
	echo old >outside/file
	chmod 0666 outside/file
	CONFINE=$KSEAL_BIN/confine
	run -0 confined -- true
	[ -z "$output" ] || skip "$output"
}

confined() { "$CONFINE" --tmp "$BATS_TEST_TMPDIR/own" --read "$BATS_TEST_TMPDIR" "$@"; }
hostile() { "$CONFINE" --hostile --read "$BATS_TEST_TMPDIR" "$@"; }

# as_chroot COMMAND...: in a chroot that is a directory of a shared mount, as on a machine with systemd
as_chroot()
{
	local ns=(unshare -m --propagation shared)

	[ "$(id -u)" = 0 ] || skip "needs root for a chroot"
	mkdir -p box
	"${ns[@]}" sh -c 'mount --rbind / box && exec chroot box "$@"' sh "$@"
}

@test "nothing outside is changed, and the same in /tmp works" {
	local act

	cat >acts <<-'END'
		chmod 0600 $1
		rm $1
		mv $1 $1.new
		echo new >$1
		touch $1
		ln $1 $1.link
		setfattr -n user.x -v y $1
	END
	before=$(stat -c '%i %a %U %s %y %z' outside/file)
	while read -r act; do
		run ! confined -- sh -c "$act" sh "$PWD/outside/file"
		said 'Read-only file system'
		# The control: the same, where it may.
		run -0 confined -- sh -c "echo >/tmp/file; $act" sh /tmp/file
		rm -rf own/*
	done <acts
	[ "$(stat -c '%i %a %U %s %y %z' outside/file)" = "$before" ]
	for act in 'touch /etc/x' 'mkdir /home/x' "touch $PWD/outside/x" 'touch /dev/nul' 'touch /run/x' 'echo x >/proc/sys/kernel/hostname'; do
		run ! confined -- sh -c "$act"
		[[ $output == *'Read-only file system'* || $output == *'Permission denied'* || $output == *nonexistent* ]]
	done
	run -0 confined --write "$PWD/outside" -- sh -c 'echo new >"$1"' sh "$PWD/outside/file"
	[ "$(cat outside/file)" = new ]
}

@test "devices work and their nodes stay, also through standard input" {
	for node in /dev/null /dev/zero /dev/urandom /dev/full; do
		run ! confined -- chmod 0640 $node
		run ! confined -- rm -f $node
	done
	run ! confined -- perl -e 'chmod(0640, *STDIN) or die "$!"' <outside/file
	said 'Read-only file system'
	run -0 confined -- sh -c 'echo x >/dev/null; head -c 3 /dev/zero | od -An -tx1; cat; ls /dev' <outside/file
	said '00 00 00'
	not_said old
	not_said vda
	not_said loop
	run -0 confined -- timeout 20 script -qec 'echo on a terminal' /dev/null
	said 'on a terminal'
	# The control: in a directory of its own it is the file that changes.
	perl -e 'chmod(0640, *STDIN) or die "$!"' <outside/file
	[ "$(stat -c %a outside/file)" = 640 ]
}

@test "home, temporary files, sockets and settings of who calls are not there" {
	touch own/mine
	export SSH_AUTH_SOCK=/run/agent DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus XDG_CONFIG_HOME=$HOME XDG_RUNTIME_DIR=/run/user/0
	run -0 confined -- sh -c 'env; ls -A /tmp /var/tmp /run; touch ~/dot; git config --global user.name x; git config user.name'
	said $'HOME=/tmp\n'
	said mine
	for name in SSH_AUTH_SOCK DBUS XDG_CONFIG XDG_RUNTIME; do not_said $name; done
	not_said dbus
	[ -e own/dot ]
	[ -s own/.gitconfig ]
}

@test "what is left running is named and gone, and signals reach nobody else" {
	run -120 confined -- sh -c 'sleep 4711 & exit 0'
	said 'left running: sleep'
	run ! pgrep -f 'sleep 4711'
	run -0 confined -- sh -c 'sleep 4712 & kill $!; wait'
	sleep 60 3>&- &
	# Only if its parent is the first process of its own name space.
	run -0 confined -- perl -e 'getppid() == 1 or die; kill(9, -1); kill(9, $ARGV[0])' $!
	kill -0 $!
	kill $!
	run -124 confined --seconds 1 -- sh -c 'sleep 4713 & setsid sleep 4714'
	said 'not done in time'
	run ! pgrep -f 'sleep 471'
	run -7 confined -- sh -c 'exit 7'
	run -143 confined -- sh -c 'kill -TERM $$'
	run -125 confined -- /no/program
}

@test "whoever ends confine ends everything in it" {
	"$CONFINE" --tmp "$PWD/own" --read "$PWD" -- sh -c 'touch /tmp/started; exec sleep 4715' 3>&- &
	timeout 20 sh -c 'until [ -e own/started ]; do sleep 0.05; done'
	kill -TERM $!
	wait $! || true
	run ! pgrep -f 'sleep 4715'
	rm own/started
	"$CONFINE" --tmp "$PWD/own" --read "$PWD" -- sh -c 'touch /tmp/started; exec sleep 4716' 3>&- &
	timeout 20 sh -c 'until [ -e own/started ]; do sleep 0.05; done'
	kill -KILL $!
	timeout 20 sh -c 'while pgrep -f "sleep 471[6]"; do sleep 0.05; done'
}

@test "a hostile program meets limits" {
	run ! hostile -- sh -c 'head -c 100000000 /dev/zero >big'
	run ! hostile -- sh -c 'for i in 1 2 3; do head -c 40000000 /dev/zero >big$i || exit; done'
	said 'No space left on device'
	run -0 hostile -- sh -c 'head -c 40000000 /dev/zero >big'
	run hostile --seconds 2 -- sh -c 'f() { f | f & }; f; sleep 1'
	said 'fork'
	run -0 hostile -- sh -c 'true | true'
	run -137 hostile --seconds 1 -- sh -c 'while :; do :; done'
	run -124 hostile --seconds 1 -- sleep 1000
	run -0 hostile -- cat /proc/net/dev
	not_said eth
	[ "$(grep -c : <<<"$output")" -eq 1 ]
}

@test "a hostile root is root of nothing outside" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	chmod 0755 .
	mkdir -m 0700 secret
	echo secret >secret/file
	# In its /tmp it is: the tests of sign/base change owners.
	run -0 hostile -- sh -c 'touch f && chown 1234:4321 f && stat -c "%u:%g" f; id -u'
	[ "$output" = $'1234:4321\n0' ]
	run ! hostile -- cat "$PWD/secret/file"
	said 'Permission denied'
	run ! hostile -- sh -c 'mount -o remount,rw /'
	run ! hostile -- umount /proc
	run ! hostile -- mknod /tmp/disk b 7 0
	run ! hostile -- cat /etc/shadow
	# The control: root, to whom all of it is allowed but to write.
	run -0 confined -- cat "$PWD/secret/file" /etc/shadow
	said secret
}

@test "in a chroot: mounts stay inside, and a hostile program has its own ids" {
	run -0 as_chroot "$CONFINE" --tmp "$PWD/own" --read "$PWD" -- sh -c 'mkdir /tmp/m && mount -t tmpfs none /tmp/m && grep -c " /tmp/m " /proc/self/mountinfo; chmod 0640 /dev/null || echo refused'
	said 1
	said refused
	run grep "$PWD/own" /proc/self/mountinfo
	[ -z "$output" ]
	run -0 as_chroot "$CONFINE" --hostile -- cat /proc/self/uid_map
	said ' 0 1879048192 '
}

@test "no name spaces: root's program runs as nobody, a user's as it is, a hostile one not at all" {
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null || true
	cp "$CONFINE" confine && chmod 0755 confine
	# In a chroot nobody gets a user name space, and root another one only with CAP_SYS_ADMIN.
	run -0 as_chroot setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$PWD/confine" --tmp "$PWD/own" -- sh -c 'id -u; echo $HOME'
	said 'no name spaces here: running as nobody'
	said 65534
	said "$PWD/own"
	run -0 as_chroot setpriv --reuid 65533 --regid 65533 --clear-groups "$PWD/confine" -- id -u
	said 'running with all that this user may do'
	said 65533
	# A user may make name spaces, but no /proc where a part of it is hidden, as in a container.
	run -0 unshare -m sh -c 'mount -t tmpfs none /proc/fs && exec setpriv --reuid 65533 --regid 65533 --clear-groups "$PWD/confine" -- id -u'
	said 'cannot mount proc on /proc'
	said 'running with all that this user may do'
	said 65533
	run -125 as_chroot setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$PWD/confine" --hostile -- id -u
	said 'nothing is run that may do anything'
	not_said 65534
}
