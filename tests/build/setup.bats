#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# scripts/build/setup with a package manager that is played.

load ../helpers

# All packages but those of $1 are installed.
installed_but()
{
	fake dpkg-query <<-END
		#!/bin/bash
		for p; do
			[[ \$p == -* ]] || [[ " $1 " == *" \$p "* ]] || echo "ii \$p"
		done
		exit 1
	END
	fake apt-get <<-END
		#!/bin/bash
		echo "\$DEBIAN_FRONTEND apt-get \$*" >>"$BATS_TEST_TMPDIR/calls"
		[[ ! -e "$BATS_TEST_TMPDIR/stale" || \$* == *update ]] || { echo 'E: Unable to locate package'; exit 100; }
		[[ \$* != *update ]] || rm -f "$BATS_TEST_TMPDIR/stale"
	END
	: >"$BATS_TEST_TMPDIR/calls"
}

user()
{
	fake id <<-END
		#!/bin/sh
		echo $1
	END
}

@test "nothing is missing: quiet, and apt is not called" {
	installed_but none
	user 0
	run "$ROOT/scripts/build/setup" check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -s "$BATS_TEST_TMPDIR/calls" ]
}

@test "root: what is missing is installed, without update and without questions" {
	installed_but 'swtpm bc'
	user 0
	run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 0 ]
	run cat "$BATS_TEST_TMPDIR/calls"
	[ "${#lines[@]}" -eq 1 ]
	said 'noninteractive apt-get'
	said '--no-install-recommends bc swtpm'
}

@test "root with stale package lists: one update, then the install again" {
	installed_but swtpm
	user 0
	touch "$BATS_TEST_TMPDIR/stale"
	run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 0 ]
	run cat "$BATS_TEST_TMPDIR/calls"
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} == *update ]]
}

@test "root and apt fails: apt's own words and exit 1" {
	installed_but swtpm
	user 0
	fake apt-get <<-'END'
		#!/bin/sh
		echo 'E: no network'
		exit 100
	END
	run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 1 ]
	said 'E: no network'
	said 'make again'
}

@test "no root: the one command is printed, nothing is called, exit 1" {
	installed_but 'swtpm bc'
	user 1000
	run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 1 ]
	said 'sudo apt-get install -y --no-install-recommends bc swtpm'
	[ ! -s "$BATS_TEST_TMPDIR/calls" ]
}

@test "make stops before anything else when a package is missing" {
	installed_but swtpm
	user 1000
	run make -C "$ROOT" O="$BATS_TEST_TMPDIR/out"
	[ "$status" -ne 0 ]
	said 'setup: missing: swtpm'
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
}

@test "only check needs the test tools" {
	installed_but bats
	user 1000
	run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 0 ]
	run "$ROOT/scripts/build/setup" check
	[ "$status" -eq 1 ]
}

# A PATH in which neither apt nor dpkg are, only what the script itself needs.
bare_path()
{
	local tool

	mkdir -p "$BATS_TEST_TMPDIR/bare"
	for tool in sh sed tr cat id wc awk; do
		ln -sf "$(command -v "$tool")" "$BATS_TEST_TMPDIR/bare/$tool"
	done
}

@test "dnf machine: the one command for dnf" {
	bare_path
	cat >"$BATS_TEST_TMPDIR/bare/rpm" <<-'END'
		#!/bin/sh
		echo 'no package provides swtpm'
		exit 1
	END
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bare/dnf"
	chmod +x "$BATS_TEST_TMPDIR/bare/rpm" "$BATS_TEST_TMPDIR/bare/dnf"
	PATH=$BATS_TEST_TMPDIR/bare run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 1 ]
	said 'dnf install -y swtpm'
}

@test "no package manager: the missing tool is named" {
	bare_path
	PATH=$BATS_TEST_TMPDIR/bare run "$ROOT/scripts/build/setup" build
	[ "$status" -eq 1 ]
	said 'setup: no bc, and neither apt nor dnf is here'
}

@test "unknown list is a usage error" {
	run "$ROOT/scripts/build/setup" everything
	[ "$status" -eq 2 ]
}

@test "what a SKU needs beside the others is asked for as well" {
	installed_but 'qemu-user clang-19'
	user 0
	run -0 "$ROOT/scripts/build/setup" build
	[ ! -s "$BATS_TEST_TMPDIR/calls" ]
	SETUP_APT=$'qemu-user\nclang-19 make' run -0 "$ROOT/scripts/build/setup" build
	run cat "$BATS_TEST_TMPDIR/calls"
	said '--no-install-recommends qemu-user clang-19'
}
