#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What administrators and agents look with: tracefs, perf, audit, ptrace; and calls of applications.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

T=/sys/kernel/tracing

cleanup() { echo nop >$T/current_tracer; echo 0 >$T/events/enable; echo >$T/set_ftrace_filter; echo >$T/uprobe_events; echo >$T/kprobe_events; } 2>/dev/null

#: trace.tracefs observability tracefs is mounted
tracefs() { mountpoint -q $T || mount -t tracefs none $T; ls $T/events/sched/sched_switch; }
#: trace.function_ observability the function tracer
function_() { grep -qw function $T/available_tracers; echo vfs_read >$T/set_ftrace_filter; echo function >$T/current_tracer; cat /proc/uptime; grep -q vfs_read $T/trace; }
#: trace.event observability an event fires
event() { echo 1 >$T/events/sched/sched_process_exec/enable; /usr/bin/true; grep -q sched_process_exec $T/trace; }
#: trace.syscalls observability system calls as events
syscalls() { echo 1 >$T/events/syscalls/sys_enter_newuname/enable; uname >/dev/null; grep -q sys_newuname $T/trace; }
#: trace.kprobe observability a probe in the kernel
kprobe() { echo 'p:kseal/open do_sys_openat2' >$T/kprobe_events; echo 1 >$T/events/kseal/open/enable; cat /proc/uptime; grep -q open: $T/trace; echo 0 >$T/events/kseal/open/enable; }
#: trace.uprobe observability a probe in a program
uprobe()
{
	# The entry point, which in a program's text is the offset in the file too.
	echo "p:kseal/bash /usr/bin/bash:0x$(od -An -tx8 -j 24 -N 8 /usr/bin/bash | tr -d ' ')" >$T/uprobe_events
	echo 1 >$T/events/kseal/bash/enable
	bash -c true
	grep -q 'bash: (0x' $T/trace
	echo 0 >$T/events/kseal/bash/enable
}
#: trace.perf_stat observability a software counter
perf_stat() { /kselftest/probe perf; }
#: trace.ptrace observability strace follows a process
ptrace() { strace -f -o out /usr/bin/true; grep -q exit_group out; }
#: trace.audit_rule observability an audit rule is taken
audit_rule() { auditctl -D; auditctl -a always,exit -F arch=b64 -S unlinkat -k kseal; auditctl -l | grep -q kseal; auditctl -D; }
#: trace.audit_event observability and its event is in the log
audit_event()
{
	auditctl -e 1
	auditctl -a always,exit -F arch=b64 -S mkdir,mkdirat -k kseal-event
	mkdir watched
	# That the rule came is an event with this key as well.
	await sh -c '{ dmesg; journalctl -b --no-pager; } | grep -qE "(type=1300|SYSCALL).*kseal-event"'
	auditctl -D
}
#: trace.dmesg observability root reads the log
dmesg() { echo "mark $$" >/dev/kmsg; command dmesg | grep -q "mark $$"; }
#: trace.kallsyms observability root sees names
kallsyms() { grep -qw vfs_read /proc/kallsyms; }
#: trace.config systemd the kernel tells its configuration
config() { zcat /proc/config.gz | grep -q CONFIG_CGROUPS=y || grep -q CONFIG_CGROUPS=y "/boot/config-$(uname -r)"; }
#: trace.fanotify_permission observability an agent refuses an open
fanotify_permission() { echo x >file; /kselftest/probe fanotify "$PWD/file"; }
#: trace.inotify systemd a directory is watched
inotify() { /kselftest/probe inotify "$PWD"; }
#: trace.io_uring containers io_uring
io_uring() { /kselftest/probe io_uring; }
#: trace.aio containers asynchronous I/O
aio() { /kselftest/probe aio; }
#: trace.userfaultfd containers userfaultfd
userfaultfd() { /kselftest/probe userfaultfd; }
#: trace.memfd containers sealed memory files
memfd() { /kselftest/probe memfd; }
#: trace.memfd_secret systemd secret memory
memfd_secret() { /kselftest/probe memfd_secret; }
#: trace.vm_readv observability memory of another process
vm_readv() { /kselftest/probe vm_readv; }
#: trace.membarrier containers membarrier
membarrier() { /kselftest/probe membarrier; }
#: trace.rseq containers restartable sequences
rseq() { /kselftest/probe rseq; }
#: trace.alg containers AF_ALG
alg() { /kselftest/probe alg; }
#: trace.hugepages kubeadm,azure-guest huge pages are reserved and mapped
hugepages() { echo 4 >/proc/sys/vm/nr_hugepages; /kselftest/probe hugepage; echo 0 >/proc/sys/vm/nr_hugepages; }
#: trace.thp azure-guest transparent huge pages
thp() { grep -q madvise /sys/kernel/mm/transparent_hugepage/enabled; }
#: trace.ksm nested-kvm merged pages
ksm() { [[ -e /sys/kernel/mm/ksm/run ]]; }
#: trace.numa azure-guest NUMA balancing is there
numa() { [[ -e /sys/devices/system/node/node0 ]]; }
#: trace.hotplug azure-guest a processor goes and comes
hotplug() { echo 0 >/sys/devices/system/cpu/cpu1/online; [[ $(nproc) == 1 ]]; echo 1 >/sys/devices/system/cpu/cpu1/online; }
#: trace.keyring systemd keys of a user
keyring() { id=$(keyctl add user kseal:check content @s); [[ $(keyctl print "$id") == content ]]; }
#: trace.trusted_key azure-guest a key that the TPM wraps, and unwraps
trusted_key()
{
	export TPM2TOOLS_TCTI=device:/dev/tpmrm0
	# As the kernel's own documentation has it: a parent that stays in the TPM. Not at 81000001, where systemd has one.
	tpm2_createprimary -Q -C o -G rsa2048 -c parent
	tpm2_evictcontrol -Q -C o -c parent 0x81008001
	keyctl print "$(keyctl add trusted kseal-new 'new 32 keyhandle=0x81008001' @s)" >blob
	keyctl add trusted kseal-again "load $(<blob) keyhandle=0x81008001" @s
	tpm2_evictcontrol -Q -C o -c 0x81008001
}
#: trace.tpm azure-guest the TPM answers
tpm() { tpm2_getrandom --hex 8 -T device:/dev/tpmrm0 | grep -q .; }
#: trace.rng azure-guest random numbers of the hardware
rng() { [[ -e /sys/class/misc/hw_random/rng_current ]]; }
#: trace.efivars azure-guest variables of the firmware
efivars() { mountpoint -q /sys/firmware/efi/efivars && compgen -G '/sys/firmware/efi/efivars/SecureBoot-*'; }
#: trace.dmi azure-guest what machine this is
dmi() { [[ -s /sys/class/dmi/id/sys_vendor ]]; }
#: trace.pstore kdump a place for the last words
pstore() { mountpoint -q /sys/fs/pstore || mount -t pstore none /sys/fs/pstore; }
#: trace.core_pattern systemd a core file
core_pattern() { [[ -e /proc/sys/kernel/core_pattern ]]; }
#: trace.modules systemd a module loads and goes
modules() { modprobe -r dummy; modprobe dummy; grep -qw dummy /proc/modules; modprobe -r dummy; }
#: trace.module_signed systemd and has a signature
module_signed() { modinfo dummy | grep -q '^signer:'; }

#: trace.taskstats observability what a process read and wrote
taskstats() { [[ -e /proc/sys/kernel/task_delayacct ]] && grep -q read_bytes /proc/self/io; }
#: trace.tpm_pcr azure-guest a PCR is extended
tpm_pcr()
{
	before=$(tpm2_pcrread -T device:/dev/tpmrm0 sha256:16)
	tpm2_pcrextend -T device:/dev/tpmrm0 "16:sha256=$(printf x | sha256sum | cut -c 1-64)"
	[[ $(tpm2_pcrread -T device:/dev/tpmrm0 sha256:16) != "$before" ]]
}

main "$@"
