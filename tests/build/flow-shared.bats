#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Several runs of make at once: SKUs of one checkout, an O= outside of a checkout that is not written to,
# checkouts side by side. What they share is made by one of them, and the other says what it waits for.

load flow

setup_file()
{
	new_repo
	cd repo || return 1
	sed 's/^DESCRIPTION=.*/DESCRIPTION=another one/' configs/sku/tiny.sku >configs/sku/other.sku
}

# both GOAL...: `make` for two SKUs at once, output in log.tiny and log.other
both()
{
	local sku pids=() failed=0

	for sku in tiny other; do
		SKU=$sku make "$@" >"log.$sku" 2>&1 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=1
	done
	((!failed)) || {
		tail -n 30 log.*
		return 1
	}
}

# until FILE: is there, within 30 s
until_there()
{
	local tries=0

	while [[ ! -e $1 ]] && ((tries++ < 300)); do sleep 0.1; done
	[ -e "$1" ]
}

# until_said FILE TEXT: the same for a text in a log
until_said()
{
	local tries=0

	while ! grep -q -F "$2" "$1" && ((tries++ < 300)); do sleep 0.1; done
	grep -F "$2" "$1" || {
		cat "$1"
		return 1
	}
}

@test "two SKUs at once from nothing: one tarball, one tree, one key set, two kernels" {
	unset KEYS
	for round in 1 2 3; do
		[ "$round" = 1 ] || rm -rf out/tiny out/other linux/9.9.1 "$XDG_CACHE_HOME"
		both sign
		[ "$(find linux -mindepth 1 -maxdepth 1 ! -name ".*" -printf "%f\n" | sort | xargs)" = '9.9.1 PIN' ]
		[ -z "$(find linux -name '.*part*')" ]
		[ "$(grep -l 'tree: linux/9.9.1 is ready' log.* | wc -l)" -eq 1 ]
		cmp out/tiny/build/certs/trusted.pem out/other/build/certs/trusted.pem
		for sku in tiny other; do
			"$KSEAL_BIN/kseal" module verify --trust out/keys/module.pem out/$sku/modules
		done
	done
	# Once at a lock, of which a make meets five: programs, tarball, keys, and the tree's two.
	[ "$(cat log.* | grep -c 'waiting for')" -le 10 ]
}

@test "a tree that is being made is waited for, which Ctrl-C ends" {
	mkdir -p linux
	exec 5>linux/.9.9.1.maker
	flock 5
	make queue >log.tiny 2>&1 5>&- &
	pid=$!
	until_said log.tiny 'kseal: waiting for another make that makes linux/9.9.1'
	exec 5>&-
	wait $pid
	[ -e linux/9.9.1/.kseal-tree ]
	[ "$(grep -c waiting log.tiny)" -eq 1 ]
	exec 5>linux/.9.9.1.lock
	flock 5
	touch go
	(
		exec 5>&-
		interrupt_at go queue
		echo "$status" >status
	)
	[ "$(cat status)" -ne 0 ]
	exec 5>&-
	flow queue
	is_done
}

@test "nobody changes a tree while another builds from it" {
	flow config
	is_done
	touch slow
	knob "SLOW=$PWD/slow"
	setsid make kernel >log.tiny 2>&1 &
	pid=$!
	until_there reached
	# The same tree: they go on side by side.
	SKU=other run make queue
	[ "$status" -eq 0 ]
	not_said waiting
	patch_of drivers/a.c '-two' '+TWO, again' >patches/9.9/0001-two.patch
	SKU=other make queue >log.other 2>&1 &
	other=$!
	until_said log.other 'kseal: waiting for another make that builds from linux/9.9.1, which has to change'
	[ "$(xargs <linux/9.9.1/drivers/a.c)" = 'one TWO three' ]
	kill -INT -- -$pid
	run ! wait $pid
	wait $other
	[ "$(xargs <linux/9.9.1/drivers/a.c)" = 'one TWO, again three' ]
}

@test "the host programs are built by one make at a time, and make clean waits for those who build" {
	printf '%s\n' '.PHONY: tools' 'tools:' '	@echo + >>tools.log; sleep 1; echo - >>tools.log' >scripts/build/tools.mk
	both fetch
	[ "$(xargs <tools.log)" = '+ - + -' ]
	cat log.* | grep 'kseal: waiting for another make that builds the host programs'
	touch slow
	knob "SLOW=$PWD/slow"
	setsid make kernel >log.tiny 2>&1 &
	pid=$!
	until_there reached
	make clean >log.clean 2>&1 &
	clean=$!
	until_said log.clean 'kseal: waiting for another make that works in out/tiny'
	[ -e out/tiny/build ]
	kill -INT -- -$pid
	run ! wait $pid
	wait $clean
	[ ! -e out/tiny ]
}

@test "SKUs whose queues differ have trees that differ, side by side" {
	cp -r patches/9.9 patches/9.9-more
	patch_of drivers/b.c '-five' '+FIVE' >patches/9.9-more/0002-five.patch
	echo 0002-five.patch >>patches/9.9-more/series
	sed -i 's/^QUEUE=.*/QUEUE=9.9-more/' configs/sku/other.sku
	both queue
	[ "$(xargs <linux/9.9.1/drivers/b.c)" = 'four five six' ]
	[ "$(xargs <linux/9.9.1-9.9-more/drivers/b.c)" = 'four FIVE six' ]
	both queue
	cat log.tiny log.other
	[ "$(cat log.* | grep -c 'nothing to do')" -eq 2 ]
	# Lines for one architecture only.
	echo 0003-six.patch arch=x86_64 >>patches/9.9-more/series
	patch_of drivers/b.c '-FIVE' '+6' >patches/9.9-more/0003-six.patch
	SKU=other make queue
	[ "$(xargs <linux/9.9.1-9.9-more-x86_64/drivers/b.c)" = 'four 6 six' ]
}

# read_only COMMAND...: with a checkout that cannot be written
read_only()
{
	if [[ $(id -u) == 0 ]]; then
		# shellcheck disable=SC2016 # the inner shell's own variables
		unshare -m sh -c 'mount --bind "$PWD" "$PWD" && mount -o remount,bind,ro "$PWD" && cd "$PWD" && exec "$@"' sh "$@"
	else
		chmod -R a-w . && "$@" || status=1
		chmod -R u+w .
		return "${status:-0}"
	fi
}

@test "O= outside of the checkout: nothing is written into the checkout, which may be read-only" {
	export O=$BATS_TEST_TMPDIR/o
	unset KEYS
	stand_in
	mkdir -p "$O"
	mv out/bin "$O/bin"
	rmdir out
	run ! read_only touch here
	before=$(find . -printf '%p %T@ %C@ %s\n' | sort | sha256sum)
	run read_only make
	echo "$output"
	[ "$status" -eq 0 ]
	said 'PROVED'
	[ -e "$O/linux/9.9.1/.kseal-tree" ]
	[ -e "$O/keys/module.pem" ]
	run read_only make
	said 'nothing to do: tiny 9.9.1'
	run read_only make report
	[ "$status" -eq 0 ]
	SKU=other read_only make sign
	run read_only make clean
	[ "$status" -eq 0 ]
	[ -e "$O/linux/9.9.1/.kseal-tree" ]
	[ ! -e "$O/tiny" ]
	run read_only make distclean
	[ "$status" -eq 0 ]
	[ ! -e "$O" ]
	[ "$before" = "$(find . -printf '%p %T@ %C@ %s\n' | sort | sha256sum)" ]
}

@test "two checkouts side by side share the cache, and neither trees nor keys" {
	unset KEYS
	cp -r . ../second
	make sign >log.first 2>&1 &
	pid=$!
	make -C ../second sign >log.second 2>&1
	wait $pid
	run ! cmp out/keys/module.pem ../second/out/keys/module.pem
	[ "$(find "$XDG_CACHE_HOME/kseal" -name '*.tar.xz' | wc -l)" -eq 1 ]
	patch_of drivers/a.c '-two' '+TWO, again' >patches/9.9/0001-two.patch
	make queue
	[ "$(xargs <../second/linux/9.9.1/drivers/a.c)" = 'one TWO three' ]
	run make -C ../second sign
	said 'nothing to do'
}

@test "a fresh clone: make report says what to do first, clean and distclean have nothing to do" {
	run make report
	[ "$status" -ne 0 ]
	said 'kseal: tiny was not built here yet, so there is nothing to report: make SKU=tiny'
	not_said FAILED
	[ ! -e out/tiny ]
	make clean
	make distclean
	make distclean
	[ ! -e out ]
}

@test "a part of the way: what was not run is not run, not failed" {
	flow keyring
	is_done
	run make report
	[ "$status" -ne 0 ]
	said 'keyring   ok'
	said 'kernel    not run'
	said 'kseal: tiny 9.9.1: UNPROVED (kernel: not run), 0 passed, 0 failed, 0 skipped'
	[ "$(jq -r .verdict out/tiny/report.json)" = UNPROVED ]
	touch slow
	knob "SLOW=$PWD/slow"
	interrupt_at reached kernel
	knob
	run make report
	said 'UNPROVED (kernel: interrupted)'
	flow kernel
	is_done
	run make report
	said 'UNPROVED (modules: not run)'
}
