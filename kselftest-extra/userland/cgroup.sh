#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Control groups, version 2: each controller does what it says.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

BASE=/sys/fs/cgroup/kseal.slice

# A new group with controllers $2... switched on for it; its path is $G.
group()
{
	local c

	mkdir -p "$BASE"
	for c in "${@:2}"; do
		echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control
		echo "+$c" >"$BASE/cgroup.subtree_control"
	done
	G=$BASE/$1
	mkdir -p "$G"
}

cleanup()
{
	[[ -z ${G-} ]] || { echo 1 >"$G/cgroup.kill"; sleep 0.2; rmdir "$G"; }
}

#: cgroup.v2 systemd,kubeadm the unified hierarchy has the controllers
v2()
{
	grep -q '^cgroup2 /sys/fs/cgroup ' /proc/mounts
	for c in cpuset cpu io memory pids; do grep -qw $c /sys/fs/cgroup/cgroup.controllers || { echo "no $c"; return 1; }; done
}

#: cgroup.memory_limit kubeadm,containers memory.max kills
memory_limit()
{
	group mem memory
	echo 32M >"$G/memory.max"
	inside /kselftest/probe allocate 16
	refused inside /kselftest/probe allocate 64
	grep -q 'oom_kill [1-9]' "$G/memory.events"
}

#: cgroup.memory_high systemd memory.high reclaims and counts
memory_high()
{
	group high memory
	echo 8M >"$G/memory.high"
	# shellcheck disable=SC2016 # the inner shell's own variables
	timeout 5 bash -c 'echo $$ >"$0/cgroup.procs" && exec /kselftest/probe allocate 12' "$G" || true
	grep -q 'high [1-9]' "$G/memory.events"
}

#: cgroup.memory_reclaim systemd memory.reclaim takes pages back
memory_reclaim()
{
	group reclaim memory
	dev=$(loop 64)
	mkfs.ext4 -q "$dev"
	mkdir m
	mount "$dev" m
	# Clean pages: there is no swap for any others.
	inside head -c 16M /dev/zero >m/file
	sync -f m
	before=$(awk '$1 == "file" { print $2 }' "$G/memory.stat")
	echo 4M >"$G/memory.reclaim"
	after=$(awk '$1 == "file" { print $2 }' "$G/memory.stat")
	echo "page cache: $before bytes before, $after after"
	[[ $after -lt $((before - 2097152)) ]]
}

#: cgroup.oom_group kubeadm the whole group dies
oom_group()
{
	group oom memory
	echo 32M >"$G/memory.max"
	echo 1 >"$G/memory.oom.group"
	bash -c 'echo $$ >"$0/cgroup.procs" && { sleep 60 & /kselftest/probe allocate 64; sleep 60; }' "$G" || true
	await grep -q 'populated 0' "$G/cgroup.events"
}

#: cgroup.pids_limit kubeadm,containers pids.max stops fork()
pids_limit()
{
	group pids pids
	echo 3 >"$G/pids.max"
	inside bash -c 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait' || true
	grep -q 'max [1-9]' "$G/pids.events"
}

#: cgroup.cpu_quota kubeadm,containers cpu.max throttles
cpu_quota()
{
	group cpu cpu
	echo '10000 100000' >"$G/cpu.max"
	# shellcheck disable=SC2016 # the inner shell's own variables
	timeout 1 bash -c 'echo $$ >"$0/cgroup.procs"; while :; do :; done' "$G" || true
	grep -q 'nr_throttled [1-9]' "$G/cpu.stat"
}

#: cgroup.cpu_weight kubeadm cpu.weight is kept
cpu_weight() { group weight cpu; echo 37 >"$G/cpu.weight"; [[ $(<"$G/cpu.weight") == 37 ]]; }

#: cgroup.cpuset kubeadm cpuset.cpus binds
cpuset()
{
	group set cpuset
	echo 1 >"$G/cpuset.cpus"
	[[ $(inside nproc) == 1 ]]
}

#: cgroup.io_max kubeadm,containers io.max throttles a disk
io_max()
{
	group io io
	dev=$(loop 8)
	free=$(read_4m)
	echo "$(lsblk -dno MAJ:MIN "$dev" | tr -d ' ') rbps=1048576" >"$G/io.max"
	held=$(read_4m)
	echo "4 MiB in $free ms, at 1 MiB/s in $held ms"
	[[ $held -ge 3000 && $free -lt $held ]]
}
read_4m()
{
	local from

	from=$(date +%s%3N)
	inside dd if="$dev" of=/dev/null bs=64k count=64 iflag=direct status=none
	echo $(($(date +%s%3N) - from))
}

#: cgroup.io_stat systemd io.stat counts
io_stat()
{
	group stat io
	inside dd if=/dev/vda of=/dev/null bs=64k count=4 iflag=direct status=none
	grep -q rbytes= "$G/io.stat"
}

# A group with a process in it
occupied()
{
	group "$1"
	inside sleep 60 &
	await grep -q 'populated 1' "$G/cgroup.events"
}

#: cgroup.freezer containers cgroup.freeze stops a process
freezer()
{
	occupied freeze
	echo 1 >"$G/cgroup.freeze"
	await grep -q 'frozen 1' "$G/cgroup.events"
}

#: cgroup.kill_all systemd cgroup.kill ends all
kill_all()
{
	occupied kill
	echo 1 >"$G/cgroup.kill"
	await grep -q 'populated 0' "$G/cgroup.events"
}

#: cgroup.pressure systemd,kubeadm pressure for one group
pressure() { group psi; grep -q some "$G/cpu.pressure" && grep -q some "$G/memory.pressure" && grep -q some "$G/io.pressure"; }

#: cgroup.hugetlb kubeadm hugetlb has a limit
hugetlb() { group huge hugetlb; echo 0 >"$G/hugetlb.2MB.max"; [[ $(<"$G/hugetlb.2MB.max") == 0 ]]; }

#: cgroup.misc containers the misc controller
misc() { group misc misc; [[ -e $G/misc.max ]]; }

#: cgroup.rdma containers the rdma controller
rdma() { group rdma rdma; [[ -e $G/rdma.max ]]; }

#: cgroup.v1_mount containers a version 1 hierarchy can be mounted by name
v1_mount() { mkdir m && mount -t cgroup -o none,name=kseal none m; }

main "$@"
