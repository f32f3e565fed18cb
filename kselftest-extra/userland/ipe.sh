#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# IPE on the signed root: programs of the root and of the disk with the checks run, others do not. The
# policies are signed by a key of the firmware's db and by one that nobody trusts. Last of all groups, as
# this one ends what the others do.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

IPE=/sys/kernel/security/ipe
DATA=/kselftest/data

enforce() { echo "$1" >"$IPE/enforce"; }

cleanup()
{
	# The next check begins without a policy that enforces.
	enforce 0
}

load()
{
	[[ -d $IPE/policies/kseal_root ]] || cat "$DATA/ipe.p7b" >"$IPE/new_policy"
	echo 1 >"$IPE/policies/kseal_root/active"
}

#: ipe.is_on - the module is among those that are active
is_on() { grep -qw ipe /sys/kernel/security/lsm; }

#: ipe.foreign_policy - a policy signed by a foreign key is refused
foreign_policy()
{
	# As load() does it.
	refused bash -c "cat $DATA/ipe.foreign >$IPE/new_policy"
	[[ ! -d $IPE/policies/kseal_root ]]
}

#: ipe.signed_policy - the same policy with a trusted signature is taken
signed_policy() { load && [[ $(<"$IPE/policies/kseal_root/active") == 1 ]]; }

#: ipe.root_runs - a program of the signed root runs while the policy is enforced
root_runs() { load; enforce 1; /usr/bin/true && /kselftest/probe memfd; }

#: ipe.tmpfs_refused - a copy on tmpfs does not, and does when the policy only reports
tmpfs_refused()
{
	cp /usr/bin/true copy
	load
	enforce 1
	refused ./copy
	enforce 0
	./copy
}

#: ipe.library_refused - a library on tmpfs is not mapped, and is when the policy only reports
library_refused()
{
	local said

	cp -L /lib/x86_64-linux-gnu/libm.so.6 lib.so
	load
	enforce 1
	said=$(LD_PRELOAD=$PWD/lib.so /usr/bin/true 2>&1 || true)
	[[ $said == *'cannot be preloaded'* ]]
	enforce 0
	said=$(LD_PRELOAD=$PWD/lib.so /usr/bin/true 2>&1)
	[[ $said != *'cannot be preloaded'* ]]
}

#: ipe.shm_refused - nor does one in /dev/shm
shm_refused()
{
	mkdir /dev/shm/kseal && cp /usr/bin/true /dev/shm/kseal/copy
	load
	enforce 1
	refused /dev/shm/kseal/copy
	enforce 0
	/dev/shm/kseal/copy
	rm -r /dev/shm/kseal
}

#: ipe.service_runs systemd a service starts while the policy is enforced
service_runs() { load; enforce 1; systemd-run --quiet --wait --pipe --collect /usr/bin/true; }

main "$@"
