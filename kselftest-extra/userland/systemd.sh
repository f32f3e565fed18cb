#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Unit properties and sandboxing of systemd, each with what it does to a process.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# $1...: properties, --, command
run()
{
	local args=()

	while [[ $1 != -- ]]; do
		args+=(-p "$1")
		shift
	done
	shift
	systemd-run --quiet --wait --pipe --collect "${args[@]}" "$@"
}

# systemd itself replaces "$NAME"; "$$" is a dollar for the shell.
sh()
{
	local text=${*: -1}

	run "${@:1:$#-1}" -- /bin/bash -c "${text//\$/\$\$}"
}

#: systemd.running systemd boot ends without a failed unit
running()
{
	state=$(systemctl is-system-running --wait) || true
	systemctl --failed --no-legend --plain
	[[ $state == running ]]
}

#: systemd.journal systemd the journal has the kernel's and a service's lines
journal()
{
	journalctl -k -b -n 5 --no-pager | grep -q .
	echo kseal-marks-this | systemd-cat -t kseal
	journalctl --sync
	journalctl -b -t kseal --no-pager | grep -q kseal-marks-this
}

#: systemd.dbus systemd hostnamed answers over the bus
dbus() { hostnamectl --static | grep -q kseal; }

#: systemd.logind systemd logind answers over the bus
logind() { loginctl list-seats --no-legend >/dev/null && busctl status org.freedesktop.login1 >/dev/null; }

#: systemd.udev systemd udev has settled and knows the disk
udev() { udevadm settle -t 30 && udevadm info /sys/block/vda | grep -q ID_PATH; }

# hides FILE PROPERTY: a service sees the file without the property, and not with it
hides()
{
	touch "$1"
	sh "[[ -e $1 ]]"
	sh "$2" "[[ ! -e $1 ]]"
}

#: systemd.private_tmp systemd PrivateTmp hides files of /tmp
private_tmp()
{
	hides /tmp/kseal-seen PrivateTmp=yes
}

#: systemd.protect_system systemd ProtectSystem=strict makes /etc read-only
protect_system()
{
	sh 'touch /etc/kseal-written'
	sh ProtectSystem=strict '! touch /etc/kseal-written'
}

#: systemd.protect_home systemd ProtectHome empties /root
protect_home()
{
	hides /root/kseal-seen ProtectHome=tmpfs
}

#: systemd.private_devices systemd PrivateDevices hides disks
private_devices()
{
	sh '[[ -b /dev/vda ]]'
	sh PrivateDevices=yes '[[ ! -e /dev/vda && -c /dev/null ]]'
}

#: systemd.device_allow systemd DevicePolicy=closed refuses a disk by BPF
device_allow()
{
	sh 'head -c 1 /dev/vda >/dev/null'
	sh DevicePolicy=closed '! head -c 1 /dev/vda >/dev/null'
	sh DevicePolicy=closed 'DeviceAllow=/dev/vda r' 'head -c 1 /dev/vda >/dev/null'
}

#: systemd.private_network systemd PrivateNetwork leaves lo, and no device of the host
private_network()
{
	trap 'ip link delete kseal0 || true; undo' EXIT
	ip link add kseal0 type dummy
	sh 'ip link show kseal0'
	sh PrivateNetwork=yes '! ip link show kseal0 && ip link show up | grep -q lo:'
}

#: systemd.protect_kernel_tunables systemd /proc/sys is read-only
protect_kernel_tunables()
{
	sh 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	sh ProtectKernelTunables=yes '! echo 1 >/proc/sys/net/ipv4/ip_forward'
}

#: systemd.protect_kernel_modules systemd no module loads
protect_kernel_modules()
{
	local module

	# One of them is built in, where WSL wants it.
	module=$(modinfo -n dummy nf_conntrack_ftp | sed -n 's,.*/\([^/]*\)[.]ko.*,\1,p' | head -n 1)
	modprobe -r "$module"
	sh ProtectKernelModules=yes "! modprobe $module"
	sh "modprobe $module"
	modprobe -r "$module"
}

#: systemd.protect_kernel_logs systemd /dev/kmsg is not there
protect_kernel_logs()
{
	sh '[[ -c /dev/kmsg ]]'
	sh ProtectKernelLogs=yes '! head -c 1 /dev/kmsg'
}

#: systemd.protect_control_groups systemd cgroups are read-only
protect_control_groups()
{
	sh 'mkdir /sys/fs/cgroup/kseal-try && rmdir /sys/fs/cgroup/kseal-try'
	sh ProtectControlGroups=yes '! mkdir /sys/fs/cgroup/kseal-try'
}

#: systemd.protect_clock systemd the clock cannot be set
protect_clock()
{
	sh 'date -s @$(date +%s)'
	sh ProtectClock=yes '! date -s @$(date +%s)'
}

#: systemd.protect_hostname systemd the host name is the unit's own
protect_hostname()
{
	sh 'hostname "$(hostname)"'
	sh ProtectHostname=yes '! hostname "$(hostname)"'
}

#: systemd.protect_proc systemd other users' processes are invisible
protect_proc()
{
	sh User=user '[[ -e /proc/1/stat ]]'
	sh User=user ProtectProc=invisible '[[ ! -e /proc/1/stat ]]'
}

#: systemd.proc_subset systemd only processes are in /proc
proc_subset() { sh ProcSubset=pid '[[ ! -e /proc/meminfo && -e /proc/self ]]'; }

#: systemd.restrict_namespaces systemd seccomp refuses unshare
restrict_namespaces()
{
	sh 'unshare -u true'
	sh RestrictNamespaces=yes '! unshare -u true'
}

#: systemd.restrict_suid systemd no setuid file can be made
restrict_suid()
{
	touch file
	sh "chmod u+s $PWD/file"
	chmod u-s file
	sh RestrictSUIDSGID=yes "! chmod u+s $PWD/file"
}

#: systemd.memory_deny_write_execute systemd no page is writable and executable
memory_deny_write_execute()
{
	run -- /kselftest/probe wx
	refused run MemoryDenyWriteExecute=yes -- /kselftest/probe wx
}

#: systemd.lock_personality systemd personality() is refused
lock_personality()
{
	sh 'setarch -R true'
	sh LockPersonality=yes '! setarch -R true'
}

#: systemd.restrict_realtime systemd no real-time scheduling
restrict_realtime()
{
	sh 'chrt -f 1 true'
	sh RestrictRealtime=yes '! chrt -f 1 true'
}

#: systemd.restrict_address_families systemd no packet sockets
restrict_address_families()
{
	run -- /kselftest/probe socket packet
	refused run RestrictAddressFamilies=AF_UNIX -- /kselftest/probe socket packet
}

#: systemd.system_call_filter systemd a call of the list kills
system_call_filter()
{
	sh 'unshare -u true'
	refused sh SystemCallFilter=~unshare 'unshare -u true'
}

#: systemd.system_call_architectures systemd only native calls
system_call_architectures() { sh SystemCallArchitectures=native true; }

#: systemd.no_new_privileges systemd the flag is on
no_new_privileges() { sh NoNewPrivileges=yes 'grep -q "NoNewPrivs:.1" /proc/self/status'; }

#: systemd.capability_bounding_set systemd capabilities go
capability_bounding_set()
{
	sh 'chroot / true'
	sh CapabilityBoundingSet=CAP_CHOWN '! chroot / true'
}

#: systemd.ambient_capabilities systemd a user binds port 80
ambient_capabilities()
{
	refused run User=user -- /kselftest/probe bind 80
	run User=user AmbientCapabilities=CAP_NET_BIND_SERVICE -- /kselftest/probe bind 80
}

#: systemd.private_users systemd a user name space with root in it
private_users() { sh PrivateUsers=yes '[[ $(wc -l </proc/self/uid_map) -ge 1 && $(id -u) == 0 ]] && ! grep -q 4294967295 /proc/self/uid_map'; }

#: systemd.dynamic_user systemd a user that is not in passwd
dynamic_user()
{
	sh 'touch /etc/kseal-dynamic && rm /etc/kseal-dynamic'
	sh DynamicUser=yes '[[ $(id -u) -gt 60000 ]] && ! touch /etc/kseal-dynamic'
}

#: systemd.root_directory systemd chroot with mounts of its own
root_directory()
{
	mkdir -p root/bin root/proc root/dev root/sys
	cp /usr/bin/busybox root/bin/busybox
	run RootDirectory="$PWD/root" MountAPIVFS=yes -- /bin/busybox test -e /proc/self/status
}

#: systemd.temporary_file_system systemd a tmpfs over a directory
temporary_file_system() { sh TemporaryFileSystem=/usr/share '[[ -z $(ls /usr/share) ]]'; }

#: systemd.bind_paths systemd a file appears elsewhere
bind_paths()
{
	echo here >file
	sh "BindReadOnlyPaths=$PWD/file:/run/kseal-bound" '[[ $(</run/kseal-bound) == here ]] && ! echo x >/run/kseal-bound'
}

#: systemd.inaccessible_paths systemd a directory is closed
inaccessible_paths()
{
	sh 'ls /usr/share/dbus-1'
	sh InaccessiblePaths=/usr/share '! ls /usr/share/dbus-1'
}

#: systemd.no_exec_paths systemd nothing in a directory runs
no_exec_paths()
{
	cp /usr/bin/true true
	sh "$PWD/true"
	sh "NoExecPaths=$PWD" "! $PWD/true"
}

#: systemd.private_ipc systemd its own message queues
private_ipc()
{
	ipcmk -Q
	sh 'ipcs -q | grep -q 0x'
	sh PrivateIPC=yes 'ipcs -q && ! ipcs -q | grep -q 0x'
	ipcrm --all=msg
}

#: systemd.private_mounts systemd a mount stays inside
private_mounts() { sh PrivateMounts=yes 'mount -t tmpfs none /mnt && touch /mnt/kseal-inside' && [[ ! -e /mnt/kseal-inside ]]; }

#: systemd.load_credential systemd a credential in a ramfs
load_credential()
{
	echo secret >file
	sh "LoadCredential=c:$PWD/file" '[[ $(<"$CREDENTIALS_DIRECTORY/c") == secret ]]'
}

#: systemd.ip_address_deny systemd BPF on the cgroup refuses packets
ip_address_deny()
{
	sh 'ping -c 1 -W 2 127.0.0.1'
	sh IPAddressDeny=any '! ping -c 1 -W 2 127.0.0.1'
}

#: systemd.restrict_file_systems systemd BPF LSM refuses a file system
restrict_file_systems()
{
	sh 'cat /sys/kernel/mm/transparent_hugepage/enabled'
	sh 'RestrictFileSystems=~sysfs' '! cat /sys/kernel/mm/transparent_hugepage/enabled'
}

#: systemd.restrict_network_interfaces systemd BPF on the cgroup refuses lo
restrict_network_interfaces()
{
	sh 'ping -c 1 -W 2 127.0.0.1'
	sh 'RestrictNetworkInterfaces=~lo' '! ping -c 1 -W 2 127.0.0.1'
}

#: systemd.socket_bind_deny systemd BPF on the cgroup refuses bind()
socket_bind_deny()
{
	run -- /kselftest/probe bind 4242
	refused run SocketBindDeny=any -- /kselftest/probe bind 4242
}

#: systemd.delegate systemd a unit manages cgroups below its own
delegate() { sh Delegate=yes 'd=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/sub; mkdir $d && echo $$ >$d/cgroup.procs && echo +pids >${d%/sub}/cgroup.subtree_control && [[ -e $d/pids.max ]]'; }

#: systemd.keyring_mode systemd a session keyring of its own
keyring_mode() { sh KeyringMode=private 'keyctl show @s | grep -q keyring'; }

#: systemd.cpu_scheduling systemd a real-time policy
cpu_scheduling() { sh CPUSchedulingPolicy=fifo CPUSchedulingPriority=5 'chrt -p $$ | grep -q SCHED_FIFO'; }

#: systemd.io_scheduling systemd an I/O class
io_scheduling() { sh IOSchedulingClass=idle 'ionice -p $$ | grep -q idle'; }

#: systemd.cpu_affinity systemd one processor only
cpu_affinity() { sh CPUAffinity=0 '[[ $(nproc) == 1 ]]'; }

#: systemd.limits systemd resource limits
limits() { sh LimitNOFILE=123 LimitCORE=0 '[[ $(ulimit -n) == 123 ]]'; }

#: systemd.state_directory systemd state of a dynamic user
state_directory() { sh DynamicUser=yes StateDirectory=kseal-state 'touch $STATE_DIRECTORY/file'; }

#: systemd.socket_activation systemd a connection starts a service
socket_activation()
{
	printf '[Socket]\nListenStream=/run/kseal-activated\nAccept=yes\n' >/run/systemd/system/kseal-activated.socket
	printf '[Service]\nExecStart=/bin/echo answered\nStandardOutput=socket\n' >/run/systemd/system/kseal-activated@.service
	systemctl daemon-reload
	systemctl start kseal-activated.socket
	nc -N -U /run/kseal-activated </dev/null | grep -q answered
	systemctl stop kseal-activated.socket
}

#: systemd.timer systemd a timer runs a command
timer()
{
	systemd-run --quiet --on-active=0.1 --timer-property=AccuracySec=100ms touch "$PWD/ran"
	await test -e "$PWD/ran"
}

#: systemd.path_unit systemd inotify starts a service
path_unit()
{
	systemd-run --quiet --path-property=PathExists="$PWD/came" touch "$PWD/ran"
	touch came
	await test -e "$PWD/ran"
}

#: systemd.automount systemd autofs mounts at the first look
automount()
{
	mkdir /run/kseal-auto
	systemd-mount --quiet --automount=yes -t tmpfs none /run/kseal-auto
	grep -q ' /run/kseal-auto autofs' /proc/mounts
	ls /run/kseal-auto
	grep -q ' /run/kseal-auto tmpfs' /proc/mounts
	systemd-umount /run/kseal-auto
}

#: systemd.binfmt systemd binfmt_misc takes a format
binfmt()
{
	cat /proc/sys/fs/binfmt_misc/status || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
	echo ":kseal:E::kseal::/bin/cat:" >/proc/sys/fs/binfmt_misc/register
	echo content >file.kseal
	chmod +x file.kseal
	./file.kseal | grep -q content
	echo -1 >/proc/sys/fs/binfmt_misc/kseal
}

#: systemd.watchdog systemd a silent service is stopped
watchdog()
{
	sh Type=notify NotifyAccess=all 'systemd-notify --ready; sleep 5'
	refused sh Type=notify NotifyAccess=all WatchdogSec=1 WatchdogSignal=SIGKILL 'systemd-notify --ready; sleep 5'
}

#: systemd.nspawn systemd a container of systemd-nspawn
nspawn()
{
	mkdir -p root/{bin,etc,usr,proc,sys,dev,run,tmp}
	cp /usr/bin/busybox root/bin/busybox
	touch root/etc/os-release
	systemd-nspawn --quiet --register=no --keep-unit -D "$PWD/root" /bin/busybox hostname -f || systemd-nspawn --quiet --register=no -D "$PWD/root" /bin/busybox true
}

#: systemd.tpm_credential systemd,azure-guest a secret sealed to the TPM
tpm_credential()
{
	[[ -c /dev/tpmrm0 ]]
	systemd-creds --with-key=tpm2 --name=c encrypt - file <<<sealed
	[[ $(systemd-creds --name=c decrypt file -) == sealed ]]
}

# shellcheck disable=SC2016 # the inner shell's own substitution
#: systemd.scope systemd a scope limits a running process
scope() { systemd-run --quiet --scope -p MemoryMax=64M bash -c '[[ $(cat /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/memory.max) == 67108864 ]]'; }

#: systemd.oomd_pressure systemd pressure is accounted for
oomd_pressure() { grep -q some /proc/pressure/memory && grep -q some /proc/pressure/io && grep -q some /proc/pressure/cpu; }

#: systemd.coredump systemd a crash is piped to a program
coredump()
{
	printf '#!/bin/sh\ncat >/run/kseal-core\n' >/run/kseal-pipe
	chmod +x /run/kseal-pipe
	old=$(</proc/sys/kernel/core_pattern)
	echo '|/run/kseal-pipe' >/proc/sys/kernel/core_pattern
	(ulimit -c unlimited; bash -c 'kill -SEGV $$' || true)
	echo "$old" >/proc/sys/kernel/core_pattern
	await test -s /run/kseal-core
}

main "$@"
