# shellcheck shell=bash disable=SC2034 # for the caller
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `source`: TAP of scripts that collect complaints.

nr=0 failed=0

# result TEXT COMPLAINTS-FILE
result()
{
	nr=$((nr + 1))
	if [[ ! -s $2 ]]; then
		echo "ok $nr - $1"
		return
	fi
	failed=1
	echo "not ok $nr - $1"
	sed 's/^/# /' "$2"
}
