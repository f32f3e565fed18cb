#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kexec-tools on a locked-down kernel. The kernel is the one that ships for it, vmlinuz-kexec; the UKI of this
# boot needs crashkernel= on its command line, or the addon beside it. kselftest-extra/kdump really crashes.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

KERNEL=${0%/*}/data/vmlinuz-kexec
CRASH=/sys/kernel/kexec_crash_loaded NEXT=/sys/kernel/kexec_loaded

cleanup() { kexec -u -s; kexec -p -u -s; } >/dev/null 2>&1

# A copy with other bytes in its code, and one without a signature.
changed() { cp "$KERNEL" changed; printf 'changed!' | dd of=changed bs=1 seek=1000000 conv=notrunc status=none; }
# The data directory's entry of the certificate table, from the "PE" magic on.
unsigned()
{
	local pe

	cp "$KERNEL" unsigned
	pe=$(od -An -tu4 -j 60 -N 4 unsigned | tr -d ' ')
	head -c 8 /dev/zero | dd of=unsigned bs=1 seek=$((pe + 24 + 112 + 32)) conv=notrunc status=none
}

#: kdump.locked_down kdump the kernel is locked down, as the first one or after a kexec
locked_down() { grep -qF '[integrity]' /sys/kernel/security/lockdown; }
#: kdump.room kdump crashkernel= reserved memory
room() { (($(cat /sys/kernel/kexec_crash_size) >= 64 << 20)); }
#: kdump.load kdump kexec -p loads the signed kernel for a crash
load() { kexec -p -s "$KERNEL" --reuse-cmdline; grep -qx 1 $CRASH; kexec -p -u -s; grep -qx 0 $CRASH; }
#: kdump.load_refused kdump and none that is not signed, or was changed
load_refused() { unsigned; changed; refused kexec -p -s unsigned --reuse-cmdline; refused kexec -p -s changed --reuse-cmdline; grep -qx 0 $CRASH; kexec -p -s "$KERNEL" --reuse-cmdline; }
#: kdump.next kdump kexec -l loads the signed kernel to go on with
next() { kexec -l -s "$KERNEL" --reuse-cmdline; grep -qx 1 $NEXT; }
#: kdump.next_refused kdump and none that is not signed
next_refused() { unsigned; refused kexec -l -s unsigned --reuse-cmdline; grep -qx 0 $NEXT; kexec -l -s "$KERNEL" --reuse-cmdline; }
#: kdump.old_call kdump kexec_load(), which checks no signature, is not there
old_call() { refused kexec -c -l "$KERNEL" --reuse-cmdline; grep -qx 0 $NEXT; kexec -s -l "$KERNEL" --reuse-cmdline; }
#: kdump.vmcoreinfo kdump what makedumpfile has to know is told
vmcoreinfo() { grep -qE '^0x[0-9a-f]+ [0-9a-f]+$' /sys/kernel/vmcoreinfo; }
#: kdump.sysrq kdump,azure-guest the crash key is there, and lockdown integrity does not take it
sysrq() { dmesg -C; echo h >/proc/sysrq-trigger; dmesg | grep -q 'crash(c)'; }

main "$@"
