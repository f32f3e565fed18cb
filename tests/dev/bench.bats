#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The arithmetic of `make bench` on numbers that are given; no time is asserted anywhere.

# shellcheck disable=SC2016 # Markdown's backquotes
load ../helpers

# raw ROW...: rows of "round name value"
table()
{
	printf '%s\n' "$@" | tr ' ' '\t' | awk -f "$ROOT/scripts/dev/bench.awk"
}

# Two cores, 100 modules of 1,000 bytes in all. Round 2 is on a machine twice as slow.
ROWS=('0 cores 2' '0 modules 100' '0 bytes 1000' '0 largest 20'
	'1 rate:rsa4096 100' '1 hash:rsa4096 1000' '1 cp:rsa4096 0.5' '1 loop:rsa4096 6' '1 default:rsa4096 2' '1 inplace:rsa4096 1.25'
	'1 verify:rsa4096 1.0' '1 rss:default:rsa4096 20480'
	'2 rate:rsa4096 50' '2 hash:rsa4096 500' '2 cp:rsa4096 1.0' '2 loop:rsa4096 12' '2 default:rsa4096 4' '2 inplace:rsa4096 2.5'
	'2 verify:rsa4096 2.0' '2 rss:default:rsa4096 20480'
	'3 rate:rsa4096 100' '3 hash:rsa4096 1000' '3 cp:rsa4096 0.5' '3 loop:rsa4096 60' '3 default:rsa4096 2' '3 inplace:rsa4096 1.25'
	'3 verify:rsa4096 1.0' '3 rss:default:rsa4096 20480')

@test 'limits, medians and ratios are those of a calculation by hand' {
	run table "${ROWS[@]}"
	echo "$output"
	# Limit: (100 / 100 + 1000 / 1000) / 2 = 1 s, in round 2 twice that; loop / default: 3, 3, 30.
	said '| RSA-4096 | 1.00 | 12.00 | 2.00 | 1.33 | 3.0 | 1.25 | 0.80 | 4.8 | 1.00 | 0.50 |'
	said '100 modules, 0 MB, 2 threads; seconds, medians of 3 rounds'
	said 'takes 0.50 s'
	# (limit + copy) is 1.5 s, 3 s in round 2: 2 / 1.5 and 4 / 3.
	said '| RSA-4096: default / (limit + `cp -r`) | <= 1.15 | 1.33 | **not reached** |'
	said '| RSA-4096: sign-file loop / default | >= 2 | 3.00 | reached |'
	said '| RSA-4096: limit / `--in-place` | >= 0.93 | 0.80 | **not reached** |'
	said '| RSA-4096: sign-file loop / `--in-place` | >= 2.6 | 4.80 | reached |'
	said '| verify of RSA-2048: hashing / it | >= 0.8 | - | not measured |'
	not_said 'P-256 |'
	# 2 s of 100 modules are 80 s of 4,000.
	run table "${ROWS[@]}" '1 inspect:rsa4096 2' '2 inspect:rsa4096 3' '3 inspect:rsa4096 1'
	said '| `kseal inspect` of 4,000 modules (RSA-4096), s | <= 3 | 80.0 | **not reached** |'
	run table "${ROWS[@]}" '1 inspect:rsa4096 0.05'
	said '| `kseal inspect` of 4,000 modules (RSA-4096), s | <= 3 | 2.00 | reached |'
}

@test 'an even number of rounds has the mean of the middle two' {
	run table '0 uki-bytes 62500000' '1 uki:cp 1' '1 uki:sha256 1' '1 uki:onepass 2' '2 uki:cp 1' '2 uki:sha256 1' '2 uki:onepass 4' \
		'3 uki:cp 1' '3 uki:sha256 1' '3 uki:onepass 100' '4 uki:cp 1' '4 uki:sha256 1' '4 uki:onepass 1'
	said '| **kseal**: built and signed in one pass | 3.000 | 1.50 | - |'
	said '<= 1.5 | 1.50 | reached |'
	not_said 'RSA-4096'
}

@test 'the patch queue: seconds, and the ratio to quilt in each round' {
	run table '0 patches 100' '0 dropped 10' '1 queue:apply 0.1' '1 queue:quilt 1' '2 queue:apply 0.2' '2 queue:quilt 0.6' \
		'3 queue:apply 0.4' '3 queue:quilt 20' '1 queue:verdicts 2' '1 rss:queue:apply 2048'
	echo "$output"
	said '100 patches on 6.18.5, of which 6.18.15 has 10; seconds, medians of 3 rounds.'
	said '| `kq apply` | 0.20 | 2 |'
	said '| `quilt push -a` / `kq apply` | >= 4 | 10.0 | reached |'
	said '| verdicts for 5 SKUs, seconds | <= 0.5 | 2.00 | **not reached** |'
	said '| rebase, cached, seconds | <= 3 | - | not measured |'
	not_said 'UKI'
}

@test 'rows in any order and numbers of any length give the same' {
	sorted=$(printf '%s\n' "${ROWS[@]}" | LC_ALL=C sort -r)
	mapfile -t reversed <<<"$sorted"
	[ "$(table "${reversed[@]}")" = "$(table "${ROWS[@]}")" ]
	# 9 and 10 are compared as numbers.
	run table '0 uki-bytes 1' '1 uki:cp 9' '2 uki:cp 10' '3 uki:cp 100' '1 uki:sha256 1' '2 uki:sha256 1' '3 uki:sha256 1'
	said '| `cp` | 10.000 |'
}

@test 'an unknown bench is refused before anything is downloaded' {
	run env HOME="$BATS_TEST_TMPDIR" O="$BATS_TEST_TMPDIR/out" "$ROOT/scripts/dev/bench" nothing
	[ "$status" -eq 1 ]
	said 'there are: modules uki queue'
	[ ! -e "$BATS_TEST_TMPDIR/.cache" ]
}
