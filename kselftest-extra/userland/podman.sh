#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Containers as podman and runc make them, of a root file system with busybox in it.
LIMIT=120
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

NAME=kseal-$$
STORE=/var/lib/containers

# An image "kseal" in podman's store, on tmpfs: overlay over overlay is refused.
image()
{
	mkdir -p $STORE
	mountpoint -q $STORE || mount -t tmpfs none $STORE
	! podman image exists kseal || return 0
	mkdir -p root/{bin,etc,proc,sys,dev,tmp,run,var,www}
	cp /usr/bin/busybox root/bin/
	for w in sh cat echo id ip hostname ls nproc sleep touch wget httpd nc mount true grep nslookup; do ln -s busybox "root/bin/$w"; done
	echo 'root:x:0:0::/:/bin/sh' >root/etc/passwd
	echo answered >root/www/index.html
	tar -C root -c . | podman import --quiet - kseal >/dev/null
}

contained() { image; podman run --rm --name "$NAME" --cgroup-manager="${MANAGER:-cgroupfs}" "$@"; }
cleanup() { podman rm -f -t 0 "$NAME" >/dev/null 2>&1; podman network rm -f "$NAME" >/dev/null 2>&1; }

#: podman.info containers podman finds overlay and control groups
info() { mkdir -p $STORE; mountpoint -q $STORE || mount -t tmpfs none $STORE; podman info --format '{{.Store.GraphDriverName}} {{.Host.CgroupsVersion}}' | grep -q 'overlay v2'; }
#: podman.run containers a container of runc says hello
run() { [[ $(contained --runtime runc --network none kseal echo hello) == hello ]]; }
#: podman.crun containers the same with crun
crun() { [[ $(contained --runtime crun --network none kseal echo hello) == hello ]]; }
#: podman.systemd_cgroup kubeadm its control group comes from systemd
systemd_cgroup() { MANAGER=systemd; contained --network none kseal cat /proc/self/cgroup | grep -q 0::/; }
#: podman.overlay containers its root is overlayfs
overlay() { contained --network none kseal grep ' / overlay' /proc/mounts; }
# shellcheck disable=SC2016 # the inner shell's own variables
#: podman.isolated containers process 1, host name, no other processes
isolated() { [[ $(contained --network none --hostname inside kseal sh -c 'echo $$ $(hostname)') == '1 inside' ]]; }
#: podman.memory_limit kubeadm,containers a memory limit kills
memory_limit() { refused contained --network none --memory 32m --memory-swap 32m -v /kselftest:/kselftest:ro kseal /kselftest/probe allocate 64; contained --network none --memory 128m -v /kselftest:/kselftest:ro kseal /kselftest/probe allocate 64; }
#: podman.cpus kubeadm,containers a CPU limit is set
cpus() { contained --network none --cpus 0.5 kseal sh -c 'cat /sys/fs/cgroup/cpu.max' | grep -q '^50000 100000'; }
#: podman.pids containers a limit of processes
pids() { contained --network none --pids-limit 7 kseal cat /sys/fs/cgroup/pids.max | grep -qx 7; }
#: podman.read_only containers a read-only root
read_only() { contained --network none kseal touch /file; refused contained --network none --read-only kseal touch /file; }
#: podman.volume containers a directory of the host
volume() { mkdir v; contained --network none -v "$PWD/v:/v" kseal touch /v/file; [[ -e v/file ]]; }
#: podman.capabilities containers what root may not
capabilities() { refused contained --network none kseal mount -t tmpfs none /tmp; contained --network none --cap-add SYS_ADMIN --security-opt seccomp=unconfined kseal mount -t tmpfs none /tmp; }
#: podman.user_namespace containers root inside is nobody outside
user_namespace() { [[ $(contained --network none --uidmap 0:100000:1000 --gidmap 0:100000:1000 kseal sh -c 'id -u; cat /proc/self/uid_map' | tr -s ' ' | xargs) == '0 0 100000 1000' ]]; }
#: podman.network kubeadm,containers a bridge to the host
network() { contained kseal sh -c 'ip addr' | grep -q 'inet 10\.'; }
#: podman.publish_port kubeadm,containers a published port answers
publish_port()
{
	image
	podman run -d --name "$NAME" --cgroup-manager=cgroupfs -p 18080:80 kseal httpd -f -h /www
	await bash -c 'printf "GET / HTTP/1.0\r\n\r\n" | nc -N -w 2 127.0.0.1 18080 | grep -q answered'
}
#: podman.publish_iptables containers the same with rules of iptables-nft
publish_iptables()
{
	image
	export NETAVARK_FW=iptables
	podman run -d --name "$NAME" --cgroup-manager=cgroupfs -p 18081:80 kseal httpd -f -h /www
	await bash -c 'printf "GET / HTTP/1.0\r\n\r\n" | nc -N -w 2 127.0.0.1 18081 | grep -q answered'
	iptables-save -t nat | grep -q 18081
}
#: podman.exec_ containers a second process inside
exec_() { image; podman run -d --name "$NAME" --cgroup-manager=cgroupfs --network none kseal sleep 60; [[ $(podman exec "$NAME" echo inside) == inside ]]; }
#: podman.pause containers the freezer
pause() { image; podman run -d --name "$NAME" --cgroup-manager=cgroupfs --network none kseal sleep 60; podman pause "$NAME"; podman unpause "$NAME"; }
#: podman.pod kubeadm two containers share a network
pod() { image; podman run -d --name "$NAME" --cgroup-manager=cgroupfs --network none kseal nc -l -p 4242 -e echo shared; await podman exec "$NAME" true; podman run --rm --cgroup-manager=cgroupfs --network "container:$NAME" kseal nc 127.0.0.1 4242 | grep -q shared; }
#: podman.rootless containers a user without rights runs one
rootless() { image; loginctl enable-linger user || true; mkdir -p /run/user/1000; chown user /run/user/1000; chmod 711 "$PWD"; XDG_RUNTIME_DIR=/run/user/1000 HOME=/run/user/1000 setpriv --reuid=user --regid=user --clear-groups --reset-env bash -c 'cd /; export XDG_RUNTIME_DIR=/run/user/1000 HOME=/run/user/1000; podman unshare true'; }

main "$@"
