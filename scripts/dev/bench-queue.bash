# shellcheck shell=bash disable=SC2154 # $O, $work, $cache and $cores are of scripts/dev/bench
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For scripts/dev/bench: the patch queue. 100 patches on 6.18.5, made of the releases: 60 edits of files
# that 6.18.15 has unchanged, 30 of files that it changed elsewhere, 10 of upstream's own changes; and
# 25 more edits, 5 for each of 5 SKUs. All of 6.18.5 is unpacked, in the cache, as for a build.

# files_of RELEASE: MODE ID PATH of all of its files, sorted
files_of()
{
	local lock=$work/lock-$1

	mkdir -p "$lock"
	"$kq" lock --queue "$lock" --write "$1" >/dev/null
	sed 1d "${XDG_CACHE_HOME:-$HOME/.cache}/kseal/kq/manifests/$(sed -n 's/^tarball //p' "$lock/base.lock")"
}

# unpack_release RELEASE TO [LIST]: all files, or those of a list
unpack_release()
{
	local tarball top

	tarball=$(scripts/build/fetch "$1")
	top=$(tar -tf "$tarball" 2>/dev/null | sed -n '1{s,/.*,,p;q}') || true
	rm -rf "$2" "$2.part"
	mkdir "$2.part"
	if [[ -n ${3-} ]]; then
		sed "s,^,$top/," "$3" >"$work/list"
		tar -C "$2.part" --strip-components=1 -xf "$tarball" -T "$work/list"
	else
		tar -C "$2.part" --strip-components=1 -xf "$tarball"
	fi
	mv "$2.part" "$2"
}

# The files to edit: unchanged ones, and changed ones where line 12 can be edited without a conflict.
choose_queue_files()
{
	local path nr=0

	files_of 6.18.5 >"$work/files.5"
	files_of 6.18.15 >"$work/files.15"
	LC_ALL=C join -1 3 -2 3 <(grep -E '^100644 .*\.c$' "$work/files.5" | LC_ALL=C sort -k 3) <(LC_ALL=C sort -k 3 "$work/files.15") |
		LC_ALL=C sort -k 3 >"$work/both"
	awk '$3 == $5 { print $1; if (++n == 200) exit }' "$work/both" >"$work/same"
	awk '$3 != $5 { print $1; if (++n == 120) exit }' "$work/both" >"$work/differ"
	unpack_release 6.18.15 "$work/new" "$work/differ"
	(cd "$old" && xargs wc -l <"$work/same") | awk '$1 >= 24 && $2 != "total" { print $2 }' >"$work/quiet"
	while read -r path && ((nr < 30)); do
		sed '12s|.*|/* bench */|' "$old/$path" >"$work/edited"
		git merge-file -q -p "$work/new/$path" "$old/$path" "$work/edited" >/dev/null || continue
		echo "$path"
		nr=$((nr + 1))
	done <"$work/differ" >"$work/drift"
	grep -v -x -F -f "$work/drift" "$work/differ" | head -n 10 >"$work/upstream"
}

# A directory with the files that change, before and after, and the patches between the two.
make_bench_queue()
{
	local path n=0 git=(git --git-dir="$work/git" -c core.autocrlf=false) before after

	choose_queue_files
	head -n 60 "$work/quiet" >"$work/edit"
	cat "$work/drift" >>"$work/edit"
	sed -n 61,85p "$work/quiet" >"$work/for-skus"
	mkdir "$work/before"
	cat "$work/edit" "$work/upstream" "$work/for-skus" | (cd "$old" && xargs cp --parents -t "$work/before")
	cp -r "$work/before" "$work/after"
	while read -r path; do
		sed -i '12s|.*|/* bench */|' "$work/after/$path"
	done < <(cat "$work/edit" "$work/for-skus")
	while read -r path; do
		cp "$work/new/$path" "$work/after/$path"
	done <"$work/upstream"
	mkdir "$work/queue"
	while read -r path; do
		printf '%s\t%04d-bench\n' "$path" $((n += 1))
	done < <(cat "$work/edit" "$work/upstream" "$work/for-skus") >"$work/cases"
	git init -q --bare "$work/git"
	"${git[@]}" --work-tree="$work/before" add -A -f
	before=$("${git[@]}" write-tree)
	"${git[@]}" --work-tree="$work/after" add -A -f
	after=$("${git[@]}" write-tree)
	"${git[@]}" diff --full-index --no-renames "$before" "$after" |
		awk -v dir="$work/queue" -f tests/real/split.awk "$work/cases" -
	cp "$work/lock-6.18.5/base.lock" "$work/queue"
	cp -r "$work/queue" "$work/queue-skus"
	(cd "$work/queue" && printf '%s\n' *.patch | sed 1,100d | xargs rm && printf '%s\n' *.patch >series)
	(cd "$work/queue-skus" && printf '%s\n' *.patch | awk 'NR > 100 { $2 = "sku=s" int((NR - 101) / 5 + 1) } { print }' >series)
}

# The tree as the tarball has it, for the next one.
restore_tree()
{
	rm -rf "$old/.pc" "$old/.kq-applied"
	cp -r "$work/before/." "$old"
	sync -f "$old"
}

# A cache with nothing but the tarballs.
make_cold()
{
	rm -rf "$work/cold"
	mkdir -p "$work/cold/kseal"
	ln -s "$(scripts/build/fetch 6.18.5)" "$(scripts/build/fetch 6.18.15)" "$work/cold/kseal"
}

# rebase_round ROUND NAME [COMMAND]: of a fresh copy, from 6.18.5 to 6.18.15
rebase_round()
{
	rm -rf "$work/moving" "$work/state"
	cp -r "$work/queue" "$work/moving"
	timed "$1" "$2" "${@:3}" "$kq" rebase --queue "$work/moving" --state "$work/state" --to 6.18.15
}

queue_round()
{
	local round=$1

	say "queue, round $round of $ROUNDS"
	restore_tree
	timed "$round" queue:apply "$kq" apply --queue "$work/queue" "$old"
	[[ $round != 1 ]] || cp -r "$old/$(dirname "$(head -n 1 "$work/edit")")" "$work/by-kq"
	restore_tree
	timed "$round" queue:quilt env -C "$old" QUILT_PATCHES="$work/queue" QUILTRC=- quilt push -a -q --fuzz=0
	[[ $round != 1 ]] || diff -r "$old/$(dirname "$(head -n 1 "$work/edit")")" "$work/by-kq" >&2 || fail 'quilt made another tree'
	timed "$round" queue:verdicts "$kq" status --queue "$work/queue-skus" --on 6.18.15
	rebase_round "$round" queue:cached
}

queue()
{
	local round

	kq=$(realpath "$O/bin/kq")
	old=$cache/linux-6.18.5
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
	command -v quilt >/dev/null || fail 'no quilt to compare with'
	[[ -e $old ]] || {
		say 'unpacking 6.18.5'
		unpack_release 6.18.5 "$old"
	}
	rm -rf "$old/.pc" "$old/.kq-applied"
	make_bench_queue
	note 0 patches "$(wc -l <"$work/queue/series")"
	# What a round needs is cached by one that does not count.
	"$kq" status --queue "$work/queue-skus" --on 6.18.15 >/dev/null
	for ((round = 1; round <= ROUNDS; round++)); do
		queue_round "$round"
	done
	say 'queue, without a cache'
	make_cold
	rebase_round 1 queue:cold env XDG_CACHE_HOME="$work/cold"
	note 0 dropped "$(jq .totals.dropped "$work/state/rebase-report.json")"
	restore_tree
}
