# shellcheck shell=bash disable=SC2154,SC2317 # called by name; $work, $here and $kq are of tests/real/queue
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The cases of tests/real/queue: patches on 6.18.5 for 6.18.9, and reverts on 6.18.9 for 6.18.12.
#
# No two patches touch the same file. "mine" is 6.18.5 with all of them; what a three-way merge of
# 6.18.9, 6.18.5 and mine makes of each file is what kq has to make of it.

# put LINE FILE TEXT: replace a line
put() { sed -i "$1s|.*|$3|" "$2"; }

# case_of NAME HOW PATH: HOW of the slice is "-" for none
case_of()
{
	printf '%s\t%s\n' "$3" "$1" >>"$work/cases"
	[[ $2 == - ]] || printf '%s\t%s\n' "$3" "$2" >>"$work/slices"
}

# Whole new and deleted files, parts of one file, parts of three files at a time.
upstream_cases()
{
	local hows=(all first odd) path i

	i=0
	diff_of --diff-filter=AD --name-only "$(cat "$work/tree-6.18.5")" "$(cat "$work/tree-6.18.9")" >"$work/whole"
	while read -r path; do
		case_of "upstream-whole-$((i += 1))" all "$path"
	done <"$work/whole"
	for ((i = 1; i <= 150; i++)); do
		read -r path _ <&3
		case_of "upstream-$i" "${hows[i % 3]}" "$path"
	done
	for ((i = 1; i <= 60; i++)); do
		read -r path _ <&3
		case_of "upstream-three-$((i / 3))" "${hows[i % 3]}" "$path"
	done
}

# A part of upstream's change with an edit of a file that upstream left alone, or far away in the same.
partial_cases()
{
	local path far i

	for ((i = 1; i <= 40; i++)); do
		read -r path _ <&3
		case_of "partial-$i" odd "$path"
		read -r path <&4
		case_of "partial-$i" - "$path"
		put 12 "$work/mine/$path" "/* partial $i */"
	done
	for ((i = 1; i <= 40; i++)); do
		read -r path _ _ far <&5
		case_of "partial-far-$i" first "$path"
		put "$far" "$work/mine/$path" "/* partial far $i */"
	done
}

# In a file that upstream left alone, far away from its changes, beside them, on the same lines.
edit_cases()
{
	local path same beside far i

	for ((i = 1; i <= 80; i++)); do
		read -r path <&4
		case_of "kept-$i" - "$path"
		put 12 "$work/mine/$path" "/* kept $i */"
	done
	for ((i = 1; i <= 60; i++)); do
		read -r path same beside far <&5
		case_of "far-$i" - "$path"
		put "$far" "$work/mine/$path" "/* far $i */"
		read -r path same beside far <&6
		case_of "beside-$i" - "$path"
		put "$beside" "$work/mine/$path" "/* beside $i */"
		read -r path same beside far <&7
		case_of "same-$i" - "$path"
		put "$same" "$work/mine/$path" "/* same $i */"
		printf '%s\t%s\t%s\n' "same-$i" "$path" "$same" >>"$work/same"
	done
}

# Lists of files, each used once: 3 any, 4 untouched, 5 with FAR, 6 with BESIDE, 7 with SAME.
make_cases()
{
	local old new

	old=$(cat "$work/tree-6.18.5") new=$(cat "$work/tree-6.18.9")
	diff_of -U0 "$old" "$new" | awk -f "$here/lines.awk" >"$work/lines.all"
	awk -F '\t' '/\.[ch]\t/ && $4 { far++; if (far <= 110) { print > (dir "/far"); next } }
		/\.[ch]\t/ && $3 { beside++; if (beside <= 70) { print > (dir "/beside"); next } }
		/\.[ch]\t/ && $2 { same++; if (same <= 70) { print > (dir "/sames"); next } }
		{ print > (dir "/any") }' dir="$work" <(sort -t "$(printf '\t')" -k 2n -k 1 "$work/lines.all")
	# Long enough for an edit with lines around it.
	(cd "$work/6.18.5" && xargs wc -l <"$work/untouched") | awk '$1 >= 24 && $2 != "total" { print $2 }' >"$work/quiet"
	: >"$work/cases"
	: >"$work/slices"
	: >"$work/same"
	rm -rf "$work/mine"
	cp -r "$work/6.18.5" "$work/mine"
	{
		upstream_cases
		partial_cases
		edit_cases
	} 3<"$work/any" 4<"$work/quiet" 5<"$work/far" 6<"$work/beside" 7<"$work/sames"
	diff_of "$old" "$new" | awk -f "$here/slice.awk" "$work/slices" - >"$work/slices.diff"
	git -C "$work/mine" apply --whitespace=nowarn "$work/slices.diff"
	make_queue "$work/mine" 6.18.5 "$work/queue-cases"
}

# make_queue DIR RELEASE QUEUE: the difference to a release, by "cases"
make_queue()
{
	local tree

	rm -rf "$3"
	mkdir -p "$3"
	tree=$(tree_of "$1")
	diff_of "$(cat "$work/tree-$2")" "$tree" | awk -v dir="$3" -f "$here/split.awk" "$work/cases" -
	(cd "$3" && printf '%s\n' *.patch | sort -V >series)
	cp "$work/lock-$2/base.lock" "$3"
}

# merge_all FROM TO MINE WANT: a three-way merge of each file of "cases"; conflicts go to "clashes"
merge_all()
{
	local path name base=$work/$1 theirs=$work/$2 mine=$work/$3 want=$work/$4

	rm -rf "$want"
	cp -r "$theirs" "$want"
	: >"$work/clashes"
	while IFS=$'\t' read -r path name; do
		[[ -e $base/$path && -e $theirs/$path && -e $mine/$path ]] || continue
		git merge-file -q "$want/$path" "$base/$path" "$mine/$path" || {
			echo "$name" >>"$work/clashes"
			cp "$theirs/$path" "$want/$path"
		}
	done <"$work/cases"
	sort -u -o "$work/clashes" "$work/clashes"
}

# What git says of each patch on the new release: NAME TAB FORWARD TAB REVERSE
ask_git()
{
	local patch forward reverse

	for patch in "$1"/*.patch; do
		forward=no reverse=no
		! git -C "$work/$2" apply --check "$patch" 2>/dev/null || forward=yes
		! git -C "$work/$2" apply -R --check "$patch" 2>/dev/null || reverse=yes
		printf '%s\t%s\t%s\n' "$(basename "$patch" .patch)" "$forward" "$reverse"
	done >"$work/git-says"
}

# NAME TAB OUTCOME, as kq status and as the last rebase see it
status_of()
{
	"$kq" status --queue "$1" --from "$2" --on "$3" --json >"$work/status.json" || (($? == 3))
	jq -r '.patches[] | "\(.patch | rtrimstr(".patch"))\t\(.verdict.outcome)"' "$work/status.json" >"$work/status"
}

rebase_of() { jq -r '.patches[] | "\(.patch | rtrimstr(".patch"))\t\(.outcome)"' "$work/state/rebase-report.json" >"$work/rebased"; }

kind() { grep "^$1-[^	]*[0-9]	" "$2" || true; }

# The new tree is what git's three-way merges make.
makes()
{
	rm -rf "$work/made"
	cp -r "$work/$2" "$work/made"
	"$kq" apply --queue "$1" "$work/made"
	rm "$work/made/.kq-applied"
	diff -r "$work/want" "$work/made"
}

# Of what git says is not there backwards nothing is dropped; what is kept goes on as it is.
agrees_with_git()
{
	sort "$work/rebased" | join -t "$(printf '\t')" "$work/git-says" - |
		awk -F '\t' '$4 == "upstream" && $3 != "yes" { print "false drop: " $0; bad = 1 }
			$4 == "kept" && $2 != "yes" { print "kept, but git apply refuses: " $0; bad = 1 }
			$3 == "yes" && $2 != "yes" && $4 != "upstream" { print "not seen as upstream: " $0; bad = 1 }
			$2 != "yes" && $3 != "yes" && $4 !~ /^(merged|partial)$/ { print "git does not know, kq: " $0; bad = 1 }
			END { exit bad }'
}

# shows NAME PATH LINE: a queue of one patch stops, and shows both sides and the cause
shows()
{
	local name=$1 path=$2 line=$3 one=$work/one

	rm -rf "$one" "$work/state-one"
	mkdir "$one"
	cp "$work/queue-cases/$name.patch" "$one"
	echo "$name.patch" >"$one/series"
	! "$kq" rebase --queue "$one" --state "$work/state-one" --from "$work/6.18.5" --to "$work/6.18.9" >"$work/said" || return 1
	grep -q "^conflict in $name.patch" "$work/said" || return 1
	grep -q -F "/* ${name/-/ } */" "$work/said" || return 1
	# The line of the old base, and a line of the difference between the two that took it away.
	sed -n "${line}p" "$work/6.18.5/$path" >"$work/was"
	sed -n '/caused by the new base/,/^  new base:/p' "$work/said" | grep -q -F -- "-$(cat "$work/was")" || return 1
	sed -n '/^  old base:/,/^  ours:/p' "$work/said" | grep -q -F -f "$work/was" || return 1
	cmp -s "$work/queue-cases/$name.patch" "$one/$name.patch"
}

all_show()
{
	local name path line bad=0

	while IFS=$'\t' read -r name path line; do
		shows "$name" "$path" "$line" || {
			echo "$name: $path:$line: not all is shown"
			bad=1
		}
	done <"$work/same"
	return "$bad"
}

# A partial patch became smaller, and its own edit is all that is left.
shrunk()
{
	local patch name bad=0

	for patch in "$work"/rebased-cases/partial-*.patch; do
		name=$(basename "$patch" .patch)
		[[ $(grep -c '^[-+][^-+]' "$patch") -lt $(grep -c '^[-+][^-+]' "$work/queue-cases/$name.patch") &&
			$(grep -c '^@@ ' "$patch") == 1 ]] || {
			echo "$name"
			bad=1
		}
	done
	return "$bad"
}

run_cases()
{
	local queue=$work/queue-cases moved=$work/rebased-cases count

	make_cases
	merge_all 6.18.5 6.18.9 mine want
	note "$(wc -l <"$queue/series") patches on 6.18.5, $(wc -l <"$work/cases") files"
	check 'at least 300 patches' test "$(wc -l <"$queue/series")" -ge 300
	check 'git merge-file finds a conflict in each edit of the same lines, and in no other' \
		cmp <(cut -f 1 "$work/same" | sort) "$work/clashes"
	status_of "$queue" 6.18.5 6.18.9
	rm -rf "$moved" "$work/state"
	cp -r "$queue" "$moved"
	rm "$moved"/same-*
	sed -i /^same-/d "$moved/series"
	ask_git "$moved" 6.18.9
	check 'the queue without those goes from 6.18.5 to 6.18.9' \
		"$kq" rebase --queue "$moved" --state "$work/state" --to 6.18.9
	rebase_of
	count=$(kind upstream "$work/rebased" | wc -l)
	check "$count parts of upstream's change are dropped as upstream" all_are <(kind upstream "$work/rebased") upstream
	check "... all of them, and no other patch" \
		cmp <(kind upstream "$work/rebased") <(grep '	upstream$' "$work/rebased")
	check "$(kind partial "$work/rebased" | wc -l) with an edit of ours are partial" all_are <(kind partial "$work/rebased") partial
	check '... and only that edit is left' shrunk
	check "$(kind kept "$work/rebased" | wc -l) edits of untouched files are kept" all_are <(kind kept "$work/rebased") kept
	check "$(kind far "$work/rebased" | wc -l) edits far from upstream's are kept" all_are <(kind far "$work/rebased") kept
	check "$(kind beside "$work/rebased" | wc -l) edits beside upstream's are merged or kept" \
		all_are <(kind beside "$work/rebased") 'merged|kept'
	check "$(wc -l <"$work/same") edits of the same lines are conflicts" all_are <(kind same "$work/status") conflict
	check '... each shows the new base, the old base, ours and the cause' all_show
	check 'kq status --on says the same of all others' cmp <(grep -v ^same- "$work/status") "$work/rebased"
	check 'git apply --check and -R --check agree: no false drop, none missed' agrees_with_git
	check 'the new tree is what git merge-file makes, file by file' makes "$moved" 6.18.9
	note "outcomes: $(cut -f 2 "$work/rebased" | sort | uniq -c | tr '\n' ' ')and $(wc -l <"$work/same") conflicts"
}

# A hunk of 6.18.5 -> .9 taken back on 6.18.9. It may stand in the way of 6.18.12, but is never dropped
# unless 6.18.12 took it back as well.
run_reverts()
{
	local queue=$work/queue-reverts count

	: >"$work/cases"
	: >"$work/slices"
	grep -x -F -f <(cut -f 2- "$work/list-6.18.12" | cut -d ' ' -f 3-) <(cut -f 1 "$work/lines.all") | sed -n '1,120p' |
		awk -v cases="$work/cases" '{ print $0 "\trevert-" NR > cases; print $0 "\tfirst" }' >"$work/slices"
	rm -rf "$work/mine"
	cp -r "$work/6.18.9" "$work/mine"
	diff_of "$(cat "$work/tree-6.18.9")" "$(cat "$work/tree-6.18.5")" | awk -f "$here/slice.awk" "$work/slices" - >"$work/slices.diff"
	git -C "$work/mine" apply --whitespace=nowarn "$work/slices.diff"
	make_queue "$work/mine" 6.18.9 "$queue"
	merge_all 6.18.9 6.18.12 mine want
	status_of "$queue" 6.18.9 6.18.12
	ask_git "$queue" 6.18.12
	sort "$work/status" | join -t "$(printf '\t')" "$work/git-says" - | awk -F '\t' '$3 != "yes" { print $1 "\t" $4 }' >"$work/reverts"
	count=$(wc -l <"$work/reverts")
	check "of $count reverts on 6.18.9 none is dropped on 6.18.12" all_are "$work/reverts" 'kept|merged|conflict'
	check '... those which git merges are kept or merged' \
		all_are <(grep -v -w -F -f "$work/clashes" "$work/reverts") 'kept|merged'
	note "reverts: $(cut -f 2 "$work/status" | sort | uniq -c | tr '\n' ' ')"
}
