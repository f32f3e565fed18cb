# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `source`: what several runs of make may share is used under a lock, which ends with the process
# that took it and with all that it started. An interrupt ends the wait.

# make_tools ARGUMENT...: scripts/build/tools.mk, in O, by one at a time
make_tools()
{
	local rc=0

	take_lock 9 "${O:-out}/.tools.lock" -x "another make that builds the host programs"
	# Whatever the compiler may leave behind does not hold the lock.
	"${MAKE:-make}" -s -f scripts/build/tools.mk --no-print-directory "$@" 9>&- || rc=$?
	exec 9>&-
	return "$rc"
}

# take_lock FD FILE MODE WHO: open FILE as FD and lock it, MODE -s or -x. Whoever has to wait says in
# one line for WHO.
take_lock()
{
	local fd=$1 file=$2 mode=$3 who=$4

	mkdir -p "${file%/*}" || exit 1
	while :; do
		eval "exec $fd>>\"\$file\"" || exit 1
		flock -n "$mode" "$fd" || {
			[[ -z $who ]] || echo "kseal: waiting for $who" >&2
			who=''
			flock "$mode" "$fd" || exit 1
		}
		# make clean may have removed the file since it was opened.
		[[ ! $file -ef /dev/fd/$fd ]] || return 0
	done
}
