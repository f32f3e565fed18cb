#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq rebase --undo: the queue as it was, bit by bit, unless somebody has changed it since.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

setup_queue() {
	mkdir -p old new
	seq 1 100 > old/f
	seq 1 100 > old/g
	change 0001-x.patch f 's/^20$/new/'
	change 0002-z.patch g 's/^50$/fifty/'
	{ echo top; cat old/f; } > new/f
	sed 's/^50$/fifty/' old/g > new/g
	cp -r queue queue.old
}

@test "undo: after a rebase, also one with a resolution; once" {
	setup_queue
	sed -i 's/^20$/upstream/' new/f
	kq_is 3 rebase --undo
	[[ "$output" == *"there is no rebase to undo"* ]]
	rebased 3
	kq_is 3 rebase --undo
	[[ "$output" == *"a rebase is under way"* ]]
	resolve f both
	kq_is 0 continue
	[ "$(diff -rq queue.old queue | wc -l)" -gt 0 ]
	kq_is 0 rebase --undo
	[[ "$output" == "queue: as it was before the rebase"* ]]
	diff -r queue.old queue
	[ -z "$(find . -maxdepth 1 -name '.queue*')" ]
	kq_is 3 rebase --undo
	rebased 0 # what was resolved once is not asked again
	[ "$(find queue/resolutions -type f | wc -l)" -eq 1 ]
}

@test "undo: only the last one, and not over later work" {
	setup_queue
	rebased 0
	cp -r queue queue.1
	cp -r new third && { echo top; cat new/f; } > third/f
	kq_is 0 rebase --queue queue --from new --to third
	[ "$(diff -rq queue.1 queue | wc -l)" -gt 0 ]
	echo "# more" >> queue/series
	kq_is 3 rebase --undo
	[[ "$output" == *"queue/series: changed since the rebase; the old queue is in .kq/undo/queue" ]]
	sed -i '$d' queue/series
	kq_is 0 rebase --undo
	diff -r queue.1 queue
	kq_is 3 rebase --undo
	kq_is 2 rebase --undo --to old
	kq_is 2 rebase
}

@test "undo: killed anywhere, the queue is the new one or the old one, and undo goes on" {
	setup_queue
	rebased 0
	cp -r queue queue.new && cp -r .kq kq.saved
	killed=0
	for call in renameat2 rename unlink rmdir mkdir fsync; do
		for nr in 1 2 4 8 12; do
			rm -rf queue .kq .queue* && cp -r queue.new queue && cp -r kq.saved .kq
			strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$nr" \
				"$KQ" rebase --undo > said 2>&1 && continue
			killed=$((killed + 1))
			diff -rq queue.old queue || diff -rq queue.new queue
			diff -rq queue.old queue || "$KQ" rebase --undo
			diff -r queue.old queue
		done
	done
	[ "$killed" -ge 5 ]
}
