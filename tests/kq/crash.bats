#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kill -9 at every system call of kq rebase that makes, renames, removes or syncs something, and at
# many others: the queue is the old or the new one at any moment, and going on gives the same bytes.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

setup_file() {
	strace -o /dev/null true 2> /dev/null || skip "strace may not trace here"
}

# One patch each that is kept, dropped and in conflict.
setup_queue() {
	# The leak checker of the sanitizers cannot run below strace.
	export ASAN_OPTIONS=detect_leaks=0 TMPDIR=$BATS_TEST_TMPDIR
	mkdir -p old new
	seq 1 100 > old/f
	seq 1 100 > old/g
	change 0001-x.patch f 's/^20$/new/'
	change 0002-z.patch g 's/^50$/fifty/'
	change 0003-y.patch f 's/^60$/sixty/'
	{ echo top; cat old/f; } > new/f
	sed 's/^50$/fifty/' old/g > new/g
}

# Content, names and modes, whatever the times are. Two processes, since it is asked after each kill.
hash_of() {
	tar -c --sort=name --mtime=@0 --owner=0 --group=0 --hard-dereference -C "$1" . | sha256sum
}

# is_whole: the queue is the old or the new one, and never something else
is_whole() {
	local now

	now=$(hash_of queue)
	[ "$now" = "$before" ] || [ "$now" = "$after" ] || {
		echo "killed at $call $nr: the queue is neither the old nor the new one"
		ls -lA . queue
		return 1
	}
}

# kill_at CALL NR COMMAND...: Return: 0 if it was killed there, 1 if it came to its end before
kill_at() {
	local rc=0 call=$1 nr=$2

	shift 2
	strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$nr" "$@" \
		> said 2>&1 || rc=$?
	[ "$rc" -eq 137 ]
}

# go_on: what a person does after a crash, up to the end
go_on() {
	local rc=0

	if [ -e .kq/rebase/plan.json ]; then
		"$KQ" continue > said 2>&1 || rc=$?
	elif [ "$(hash_of queue)" = "$before" ]; then
		"$KQ" rebase --queue queue --from old --to new > said 2>&1 || rc=$?
	fi
	[ "$rc" -eq "${1:-0}" ] || {
		echo "killed at $call $nr: went on with $rc"
		cat said
		return 1
	}
}

# same_end: nothing but the new queue and the report is left
same_end() {
	[ "$(hash_of queue)" = "$after" ]
	[ ! -e .kq/rebase ]
	[ -z "$(find . -maxdepth 1 -name '.queue*')" ]
	cmp .kq/rebase-report.json report.json
}

calls='linkat rename renameat renameat2 mkdir unlink rmdir'
many='fsync:3 openat:17 write:5'

# every_point COMMAND...: kill it once at each point; start(), then check() after each kill
every_point() {
	local call nr step killed=0

	for call in $calls $many; do
		step=${call#*:}
		[ "$step" != "$call" ] || step=1
		call=${call%:*}
		for ((nr = 1; ; nr += step)); do
			start
			kill_at "$call" "$nr" "$@" || break
			killed=$((killed + 1))
			is_whole
			check
		done
	done
	echo "killed $killed times"
	[ "$killed" -ge 20 ]
}

@test "a rebase without a conflict" {
	setup_queue
	before=$(hash_of queue)
	cp -r queue pristine
	"$KQ" rebase --queue queue --from old --to new
	after=$(hash_of queue)
	cp .kq/rebase-report.json report.json
	start() {
		rm -rf queue .kq .queue*
		cp -r pristine queue
	}
	check() {
		go_on
		same_end
	}
	every_point "$KQ" rebase --queue queue --from old --to new
}

@test "a rebase that stops at a conflict, and the abort of it" {
	setup_queue
	sed -i 's/^60$/upstream/' new/f
	before=$(hash_of queue)
	after=$before
	run "$KQ" rebase --queue queue --from old --to new
	[ "$status" -eq 3 ]
	cp -r .kq/rebase/conflict/tree/f marked
	start() { rm -rf .kq; }
	check() {
		go_on 3
		cmp marked .kq/rebase/conflict/tree/f
		"$KQ" abort > said
		[ ! -e .kq/rebase ]
		is_whole
	}
	calls='linkat rename mkdir' many='openat:17 fsync:3'
	every_point "$KQ" rebase --queue queue --from old --to new
}

@test "continue with a resolution" {
	setup_queue
	sed -i 's/^60$/upstream/' new/f
	before=$(hash_of queue)
	run "$KQ" rebase --queue queue --from old --to new
	[ "$status" -eq 3 ]
	resolve f both
	cp -r queue pristine
	cp -r .kq asked
	"$KQ" continue
	after=$(hash_of queue)
	cp .kq/rebase-report.json report.json
	start() {
		rm -rf queue .kq .queue*
		cp -r pristine queue
		cp -r asked .kq
	}
	check() {
		[ ! -e .kq/rebase/plan.json ] || go_on
		same_end
	}
	every_point "$KQ" continue
}

@test "continue with the answers of two files: all of them count, or the tree is as it was" {
	setup_queue
	mkdir -p a b
	seq 1 100 > old/h
	sed 's/^60$/upstream/' old/h > new/h
	sed -i 's/^60$/upstream/' new/f
	sed -i '$d' queue/series # 0003-y.patch of f alone
	rm queue/0003-y.patch
	rm -rf a b
	mkdir a b
	sed 's/^20$/new/' old/f > a/f
	cp old/h a/h
	for file in f h; do sed 's/^60$/sixty/' "a/$file" > "b/$file"; done
	queue_patch 0003-y.patch
	before=$(hash_of queue)
	run "$KQ" rebase --queue queue --from old --to new
	[ "$status" -eq 3 ]
	resolve f both
	resolve h more
	cp -r queue pristine
	cp -r .kq asked
	"$KQ" continue
	after=$(hash_of queue)
	cp .kq/rebase-report.json report.json
	start() {
		rm -rf queue .kq .queue*
		cp -r pristine queue
		cp -r asked .kq
	}
	check() {
		[ ! -e .kq/rebase/plan.json ] || go_on
		same_end
		[ -z "$(find .kq -name 'conflict*')" ]
	}
	every_point "$KQ" continue
}

@test "abort with an edited tree: killed anywhere, the work is still there" {
	setup_queue
	sed -i 's/^60$/upstream/' new/f
	before=$(hash_of queue)
	after=$before
	run "$KQ" rebase --queue queue --from old --to new
	[ "$status" -eq 3 ]
	resolve f 'hours of work'
	cp -r .kq asked
	start() {
		rm -rf .kq
		cp -r asked .kq
	}
	check() {
		[ "$(grep -r -l -x 'hours of work' .kq --include f | wc -l)" -eq 1 ]
		[ ! -e .kq/rebase/plan.json ] || "$KQ" abort > said
		[ ! -e .kq/rebase ]
		[ "$(grep -r -l -x 'hours of work' .kq --include f | wc -l)" -eq 1 ]
	}
	many='fsync openat:3 write'
	every_point "$KQ" abort
}

@test "where two directories cannot be exchanged in one step, going on puts the queue back" {
	local call nr killed=0

	setup_queue
	before=$(hash_of queue)
	cp -r queue pristine
	"$KQ" rebase --queue queue --from old --to new
	after=$(hash_of queue)
	cp .kq/rebase-report.json report.json
	# As on a file system without RENAME_EXCHANGE.
	for call in linkat rename; do
		for ((nr = 1; nr < 20; nr++)); do
			rm -rf queue .kq .queue*
			cp -r pristine queue
			strace -qq -o /dev/null -e trace="$call,renameat2" -e inject=renameat2:error=EINVAL \
				-e inject="$call:signal=KILL:when=$nr" \
				"$KQ" rebase --queue queue --from old --to new > said 2>&1 && break
			killed=$((killed + 1))
			[ -e queue ] || put_back=yes
			[ ! -e .kq/rebase/plan.json ] || "$KQ" continue > said
			[ "$(hash_of queue)" = "$after" ] || "$KQ" rebase --queue queue --from old --to new > said
			same_end
		done
	done
	[ "$killed" -ge 10 ]
	[ "$put_back" = yes ]
	[ "$(hash_of queue)" = "$after" ]
}

# verb_done COMMAND...: killed at each point it leaves the old queue or the new one, and then it can be done
verb_done() {
	verb=("$@")
	before=$(hash_of queue)
	rm -rf pristine && cp -r queue pristine
	"$@"
	after=$(hash_of queue)
	[ "$before" != "$after" ]
	start() {
		rm -rf queue .kq .queue*
		cp -r pristine queue
	}
	check() {
		[ "$(hash_of queue)" = "$after" ] || { rm -rf .kq/edit && "${verb[@]}" > said; }
		[ "$(hash_of queue)" = "$after" ]
		# What a kill left beside the queue goes with the next change.
		[ "$(hash_of queue)" = "$before" ] || "$KQ" refresh --queue queue --from old > said
	}
	calls='linkat rename renameat2 unlink rmdir mkdir' many='fsync:2 openat:23 write:7'
	every_point "$@"
}

@test "a move, a removal and an import: the old queue or the new one" {
	setup_queue
	verb_done "$KQ" move --queue queue --from old --after 3 1
	verb_done "$KQ" remove --queue queue --from old 2
	cp pristine/0002-z.patch z.mbox
	verb_done "$KQ" import --queue queue --from old --before 3 z.mbox
}

@test "a refresh and an edit: the old queue or the new one" {
	setup_queue
	sed -i '/^index/d' queue/000*.patch
	verb_done "$KQ" refresh --queue queue --from old
	verb_done "$KQ" edit --queue queue --from old 1 -- sed -i s/^90$/ninety/ f
}
