#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# BPF as Cilium, systemd and agents use it: programs at hooks, maps; and tracing.
NETNS=y
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# A program "return a constant" of probe.c, pinned as $P.
program()
{
	mount -t bpf bpf /sys/fs/bpf
	P=/sys/fs/bpf/$1
	/kselftest/probe bpf "$1" "$P"
}

group() { G=/sys/fs/cgroup/kseal-bpf-$$; mkdir -p "$G"; }
cleanup() { [[ -z ${G-} ]] || rmdir "$G"; }
veth() { ip link add k0 type veth peer name k1; ip addr add 10.1.1.1/24 dev k0; ip link set k0 up; ip link set k1 up; }

#: bpf.xdp cilium XDP drops packets, and without it they pass
xdp()
{
	program xdp_drop
	ping -c 1 -W 2 127.0.0.1
	ip link set lo xdpgeneric pinned "$P"
	refused ping -c 1 -W 1 127.0.0.1
	ip link set lo xdpgeneric off
	ping -c 1 -W 2 127.0.0.1
}
#: bpf.xdp_driver cilium XDP in the driver of veth
xdp_driver() { program xdp_pass; veth; ip link set k0 xdpdrv pinned "$P"; }
#: bpf.clsact cilium a classifier at clsact drops packets, and without it they pass
clsact()
{
	program tc_shot
	ping -c 1 -W 2 127.0.0.1
	tc qdisc add dev lo clsact
	tc filter add dev lo ingress bpf direct-action object-pinned "$P"
	refused ping -c 1 -W 1 127.0.0.1
}
#: bpf.tcx cilium a classifier at tcx
tcx()
{
	bpftool net help 2>&1 | grep -q tcx_ingress || skip 'this bpftool does not know tcx'
	program tc_ok
	veth
	bpftool net attach tcx_ingress pinned "$P" dev k0
	bpftool net show dev k0 | grep -q tcx/ingress
}
#: bpf.cgroup systemd,cilium a cgroup's packets are dropped
cgroup()
{
	program cgroup_deny
	group
	inside ping -c 1 -W 2 127.0.0.1
	bpftool cgroup attach "$G" egress pinned "$P"
	refused inside ping -c 1 -W 1 127.0.0.1
	bpftool cgroup detach "$G" egress pinned "$P"
}
#: bpf.cgroup_connect cilium a cgroup's connect() is refused
cgroup_connect()
{
	program connect_deny
	group
	# nc tells why only with -v; without the program nobody listens there.
	inside nc -v -w 2 127.0.0.1 1 2>&1 | tee said
	grep -q 'refused' said
	bpftool cgroup attach "$G" connect4 pinned "$P"
	inside nc -v -w 2 127.0.0.1 1 2>&1 | tee said
	grep -q 'not permitted' said
	bpftool cgroup detach "$G" connect4 pinned "$P"
}
#: bpf.sock_ops cilium sockops at a cgroup
sock_ops() { program sock_ops; group; bpftool cgroup attach "$G" sock_ops pinned "$P"; bpftool cgroup detach "$G" sock_ops pinned "$P"; }
#: bpf.sk_msg cilium a program for socket messages
sk_msg() { program sk_msg; }
#: bpf.cgroup_sysctl systemd sysctl of a cgroup
cgroup_sysctl()
{
	program cgroup_sysctl
	group
	inside sysctl -w net.ipv4.ip_forward=1
	bpftool cgroup attach "$G" sysctl pinned "$P"
	refused inside sysctl -w net.ipv4.ip_forward=1
	bpftool cgroup detach "$G" sysctl pinned "$P"
	inside sysctl -w net.ipv4.ip_forward=1
}
#: bpf.socket_filter observability a socket filter
socket_filter() { program socket_filter; }
#: bpf.kprobe observability a program for kprobes is loaded
kprobe() { program kprobe; }
#: bpf.tracepoint observability a program for tracepoints is loaded
tracepoint() { program tracepoint; }
#: bpf.map_hash cilium map: hash
map_hash() { /kselftest/probe map hash; }
#: bpf.map_lru cilium map: LRU hash
map_lru() { /kselftest/probe map lru; }
#: bpf.map_percpu cilium map: per processor
map_percpu() { /kselftest/probe map percpu; }
#: bpf.map_lpm cilium map: longest prefix
map_lpm() { /kselftest/probe map lpm; }
#: bpf.map_ringbuf observability map: ring buffer
map_ringbuf() { /kselftest/probe map ringbuf; }
#: bpf.map_prog_array cilium map: tail calls
map_prog_array() { /kselftest/probe map prog_array; }
#: bpf.map_sockhash cilium map: sockets
map_sockhash() { /kselftest/probe map sockhash; }
#: bpf.map_devmap cilium map: devices
map_devmap() { /kselftest/probe map devmap; }
#: bpf.map_stack_trace observability map: stacks
map_stack_trace() { /kselftest/probe map stack_trace; }
#: bpf.map_xskmap - map: AF_XDP sockets
map_xskmap() { /kselftest/probe map xskmap; }
#: bpf.af_xdp - an AF_XDP socket
af_xdp() { /kselftest/probe socket xdp; }
#: bpf.btf cilium,observability the kernel has its types
btf() { [[ -s /sys/kernel/btf/vmlinux ]] && bpftool btf dump file /sys/kernel/btf/vmlinux 2>/dev/null | head -n 100 | grep -q INT; }
#: bpf.list observability programs are listed
list() { program tc_ok; bpftool prog show pinned "$P" | grep -q sched_cls; }
#: bpf.unprivileged systemd and a user loads none
unprivileged() { refused setpriv --reuid=user --regid=user --clear-groups /kselftest/probe map hash; }
#: bpf.jit cilium programs are compiled
jit()
{
	# Only the first network has this file.
	[[ $(nsenter -t 1 -n cat /proc/sys/net/core/bpf_jit_enable) -ge 1 ]]
}
#: bpf.lsm systemd the LSM for BPF is active
lsm() { grep -qw bpf /sys/kernel/security/lsm; }

main "$@"
