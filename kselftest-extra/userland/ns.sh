#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Name spaces and what containers make of them.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

#: ns.mounts containers a mount stays inside
mounts() { unshare -m bash -c 'mount -t tmpfs none /mnt && touch /mnt/inside' && [[ ! -e /mnt/inside ]]; }

#: ns.uts containers a host name of its own
uts() { [[ $(unshare -u bash -c 'hostname inside; hostname') == inside ]] && [[ $(hostname) != inside ]]; }

#: ns.ipc containers message queues of its own
ipc() { ipcmk -Q >/dev/null; said=$(unshare -i ipcs -q); ! grep -q 0x <<<"$said"; }

#: ns.net containers an empty network
net() { [[ $(unshare -n ip -o link | wc -l) -ge 1 ]] && ! unshare -n ip -o addr | grep -q 127.0.0.1; }

#: ns.pid containers process 1 of its own
pid() { [[ $(unshare -fp --mount-proc bash -c 'echo $$') == 1 ]]; }

#: ns.user_root containers root makes a user name space
user_root() { [[ $(unshare -U --map-root-user id -u) == 0 ]]; }

#: ns.cgroup containers a root of control groups
cgroup() { [[ $(unshare -C cut -d: -f3 /proc/self/cgroup) == / ]]; }

# shellcheck disable=SC2016 # the inner shell's own substitution
#: ns.clock containers a clock of its own
clock() { unshare -T --boottime 1000000 --fork bash -c '[[ $(cut -d. -f1 /proc/uptime) -gt 1000000 ]]'; }

#: ns.enter containers nsenter joins all of them
enter()
{
	unshare -fpmuin --mount-proc bash -c 'hostname inside; sleep 30' &
	# shellcheck disable=SC2016 # the inner shell's own substitution
	await bash -c '[[ $(pgrep -n -x sleep) ]]'
	target=$(pgrep -n -x sleep)
	await bash -c "[[ \$(nsenter -t $target -u hostname) == inside ]]"
	nsenter -t "$target" -m -u -i -n -p true
}

#: ns.user_unprivileged containers a user without rights makes a user name space
user_unprivileged() { setpriv --reuid=user --regid=user --clear-groups unshare -U --map-root-user true; }

#: ns.overlay containers overlayfs: lower, upper, whiteout
overlay()
{
	own_tmpfs
	mkdir l u w m
	echo lower >l/file
	mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none m
	rm m/file
	[[ -c u/file && -e l/file ]]
}

#: ns.overlay_userns containers overlayfs inside of a user name space
overlay_userns()
{
	own_tmpfs
	unshare -Um --map-root-user bash -ec 'mount -t tmpfs none /mnt; cd /mnt; mkdir l u w m; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none m; touch m/file'
}

#: ns.idmap containers an idmapped mount
idmap()
{
	own_tmpfs
	mkdir a b
	touch a/file
	mount --bind -o X-mount.idmap=0:1000:1 a b || mount -o bind,X-mount.idmap=0:1000:1 a b
	[[ $(stat -c %u b/file) == 1000 ]]
}

#: ns.pivot_root containers a new root
pivot_root()
{
	unshare -m bash -ec 'mount -t tmpfs none /mnt; mkdir /mnt/old /mnt/bin; cp /usr/bin/busybox /mnt/bin; cd /mnt; pivot_root . old; exec /bin/busybox test -d /old/usr'
}

#: ns.seccomp containers a filter refuses one call
seccomp() { /kselftest/probe seccomp; }

#: ns.seccomp_notify containers a supervisor answers a call
seccomp_notify() { /kselftest/probe seccomp_notify; }

#: ns.landlock systemd a process restricts itself
landlock() { /kselftest/probe landlock; }

#: ns.pidfd systemd a process by descriptor
pidfd() { /kselftest/probe pidfd; }

#: ns.kcmp containers two descriptors are compared
kcmp() { /kselftest/probe kcmp; }

#: ns.checkpoint_restore containers criu finds what it needs
checkpoint_restore() { command -v criu >/dev/null || skip 'no criu in this suite'; criu check; }

#: ns.capabilities containers file capabilities are kept and work
capabilities()
{
	own_tmpfs
	chmod 755 .
	cp /kselftest/probe probe
	setcap cap_net_bind_service=ep probe
	setpriv --reuid=user --regid=user --clear-groups ./probe bind 81
}

#: ns.fuse containers fuse-overlayfs mounts
fuse()
{
	mkdir l u w m
	touch l/file
	fuse-overlayfs -o lowerdir=l,upperdir=u,workdir=w m
	[[ -e m/file ]]
}

main "$@"
