# SPDX-License-Identifier: GPL-2.0-only
#
# From "<program> -l" of kselftest_harness.h (columns FIXTURE, VARIANT, TEST of 20 and 25 characters,
# the fixture only on its first line) to one line "<program> <fixture>.<test>" per case.
/^#/ || /^-+$/ { next }
{
	if (substr($0, 1, 20) ~ /[^ ]/)
		fixture = $1
	if (substr($0, 22, 25) ~ /[^ ]/) {
		print "plan.awk: " program ": fixture variants are not known here" > "/dev/stderr"
		exit 1
	}
	test = substr($0, 48)
	gsub(/ /, "", test)
	if (test != "") {
		print program, fixture "." test
		cases++
	}
}
END { if (!cases) exit 1 }
