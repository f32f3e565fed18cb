# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the groups of checks share. A group is a script: this file, functions, and "main" at its end. The
# line above a function says what it is:
#
#	#: group.name NEED,NEED text
#	name() { … }
#
# Each function is run by a shell of its own with "set -eu", in a directory of its own: a command that
# fails fails the check, and so does a minute. "skip REASON" is for what the machine has not, never for
# what the kernel refuses. Output is KTAP; what a check printed last is the reason of its failure.
# With NETNS=y at the top of the group each has network and mounts to itself; LIMIT=S is another time limit
# than a minute, and KSEAL_CHECK_TIMEOUT one for a machine that is slow.
# No pipefail: "grep -q" closes the pipe as soon as it knows, and the writer would be at fault.
set -eu

GROUP=${0##*/}
GROUP=${GROUP%.sh}

checks() { sed -n "s/^#: $GROUP\.\([a-z0-9_]*\) .*/\1/p" "$0"; }

skip()
{
	echo "$*"
	exit 4
}

# $1: what must fail, as it is refused; a command that works is a failure.
refused()
{
	! "$@" || {
		echo "must be refused, and was not: $*"
		return 1
	}
}

# A loop device for a new file of $1 MiB; it goes with the check.
loop()
{
	local file

	file=$(mktemp "$PWD/disk.XXXXXX")
	truncate -s "$1M" "$file"
	losetup -f --show "$file"
}

# The check's directory becomes a file system of its own; it goes with the check.
own_tmpfs()
{
	mount -t tmpfs none .
	cd "$PWD"
}

# A command in the control group $G
inside() { bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$G" "$@"; }

# host NAME NUMBER: another host behind this one, a name space: it is 10.1.NUMBER.2, this one is 10.1.NUMBER.1.
host()
{
	ip netns add "$1-$$"
	ip link add "to-$1" type veth peer name eth0 netns "$1-$$"
	ip addr add "10.1.$2.1/24" dev "to-$1"
	ip link set "to-$1" up
	ip -n "$1-$$" addr add "10.1.$2.2/24" dev eth0
	ip -n "$1-$$" link set eth0 up
	ip -n "$1-$$" link set lo up
	ip -n "$1-$$" route add default via "10.1.$2.1"
}

# Two of them, between which this one routes.
two_hosts()
{
	sysctl -qw net.ipv4.ip_forward=1
	host a 1
	host b 2
}

in_a() { ip netns exec a-$$ "$@"; }
in_b() { ip netns exec b-$$ "$@"; }

# Wait until a command works, half a minute at most.
await()
{
	local end=$((SECONDS + 30))

	while ((SECONDS < end)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "did not come: $*"
	return 1
}

# Without programs as far as it goes: under emulation each of them takes longer than most checks.
undo()
{
	local where file mounts=()

	cd /
	! type -t cleanup >/dev/null || cleanup || true
	while read -r _ where _; do
		[[ $where != "$DIR"* ]] || mounts=("$where" "${mounts[@]}")
	done </proc/mounts
	for where in "${mounts[@]}"; do
		umount -l "$where" || true
	done
	for file in /sys/block/loop*/loop/backing_file; do
		[[ ! -e $file || $(<"$file") != "$DIR"/* ]] || losetup -d "/dev/$(cut -d / -f 4 <<<"$file")" || true
	done
	rm -rf --one-file-system "$DIR"
}

one()
{
	DIR=/tmp/$GROUP.$1.$$
	mkdir -m 0700 "$DIR"
	trap undo EXIT
	cd "$DIR"
	[[ -z ${NETNS-} ]] || ip link set lo up
	"$1"
}

main()
{
	local number=0 failed=0 name log rc wrap=()

	if [[ ${1-} == --one ]]; then
		one "$2"
		return
	fi
	[[ -z ${NETNS-} ]] || wrap=(unshare -n -m)
	LIMIT=${KSEAL_CHECK_TIMEOUT:-${LIMIT:-60}}
	log=$(mktemp)
	echo "KTAP version 1"
	echo "1..$(checks | wc -l)"
	for name in $(checks); do
		number=$((number + 1))
		rc=0
		timeout -k 5 "$LIMIT" "${wrap[@]}" "$0" --one "$name" </dev/null >"$log" 2>&1 || rc=$?
		case $rc in
		0) echo "ok $number $name" ;;
		4) echo "ok $number $name # SKIP $(tail -n 1 "$log" | tr -d '#')" ;;
		*)
			failed=1
			[[ $rc != 124 && $rc != 137 ]] || echo "still running after $LIMIT s" >>"$log"
			echo "# $GROUP.sh:$name: $(tail -n 4 "$log" | tr -c '[:print:]' ' ' | cut -c 1-400)"
			echo "not ok $number $name"
			;;
		esac
	done
	rm -f "$log"
	exit "$failed"
}
