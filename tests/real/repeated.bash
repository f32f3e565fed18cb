# shellcheck shell=bash disable=SC2154,SC2317 # called by name; $work, $here and $kq are of tests/real/queue
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The second set of tests/real/queue: edits on 6.18.5 of lines that several functions of a driver have,
# for a 6.18.15 in which a script moves, removes and exchanges these functions, or makes the same edit in
# the other one; and files with two conflicts. git rebase, of the same patches, is the measure; and no
# edit may end in another function than it was made for, even if git puts it there.

# functions OP FILE [-v NAME=VALUE...]
functions()
{
	local op=$1 file=$2

	awk -v op="$op" "${@:3}" -f "$here/functions.awk" "$file"
}

# change FILE OP [-v NAME=VALUE...]: in place; fails if the new release has no such functions
change()
{
	functions "$2" "$1" "${@:3}" >"$work/changed.c" && cp "$work/changed.c" "$1"
}

# Of each C file that 6.18.15 has too: PATH TAB LINE TAB HEAD TAB OTHER HEAD
find_repeated()
{
	local path place

	while read -r path; do
		[[ -s $work/6.18.15/$path ]] || continue
		place=$(functions find "$work/6.18.5/$path")
		[[ -z $place ]] || printf '%s\t%s\n' "$path" "$place"
	done < <(grep '\.c$' "$work/wanted")
}

# What the new release does to the file, besides its own changes. Return: 1 where it cannot.
shuffle()
{
	local how=$1 file=$2 head=$3 other=$4 mark=$5

	case $how in
	plain) ;;
	twin) change "$file" mark -v a="$other" -v mark="$mark" -v from="$work/place" ;;
	own) change "$file" mark -v a="$head" -v mark="$mark" -v from="$work/place" ;;
	move) change "$file" move -v a="$head" ;;
	gone) change "$file" gone -v a="$head" ;;
	lone) change "$file" gone -v a="$other" ;;
	swap) change "$file" swap -v a="$head" -v b="$other" ;;
	# The neighbour is fixed, and then gone from where it was, or ours is.
	twin-move) shuffle twin "${@:2}" && shuffle move "${@:2}" ;;
	twin-gone) shuffle twin "${@:2}" && shuffle gone "${@:2}" ;;
	twin-swap) shuffle twin "${@:2}" && shuffle swap "${@:2}" ;;
	esac
}

# NAME TAB PATH TAB HEAD TAB HOW of each patch goes to "repeated"
make_repeated()
{
	local hows=(plain twin own move gone lone swap twin-move twin-gone twin-swap) path line head other nr=0 how mark

	rm -rf "$work/mine" "$work/shuffled"
	cp -r "$work/6.18.5" "$work/mine"
	cp -r "$work/6.18.15" "$work/shuffled"
	: >"$work/cases"
	: >"$work/repeated"
	while IFS=$'\t' read -r path line head other; do
		how=${hows[nr % ${#hows[@]}]} mark="	/* mine $nr */;"
		sed -n "$((line - 3)),$((line + 4))p" "$work/6.18.5/$path" >"$work/place"
		shuffle "$how" "$work/shuffled/$path" "$head" "$other" "$mark" || continue
		sed -i "${line}r /dev/stdin" "$work/mine/$path" <<<"$mark"
		printf '%s\trepeated-%s\n' "$path" "$nr" >>"$work/cases"
		printf 'repeated-%s\t%s\t%s\t%s\t%s\n' "$nr" "$path" "$head" "$how" "$mark" >>"$work/repeated"
		nr=$((nr + 1))
	done <"$work/places"
}

# Two of the lines that upstream changed, far from each other, in a file: NAME TAB PATH goes to "twice"
make_twice()
{
	local nr=0 path first second

	: >"$work/twice"
	while IFS=$'\t' read -r path first second; do
		! cut -f 1 "$work/cases" | grep -q -x -F "$path" || continue
		put "$first" "$work/mine/$path" "/* twice $nr */"
		put "$second" "$work/mine/$path" "/* twice $nr too */"
		printf '%s\ttwice-%s\n' "$path" "$nr" >>"$work/cases"
		printf 'twice-%s\t%s\n' "$nr" "$path" >>"$work/twice"
		nr=$((nr + 1))
		((nr < 30)) || break
	done < <(diff_of -U0 "$(cat "$work/tree-6.18.5")" "$(cat "$work/tree-6.18.15")" -- '*.c' |
		awk '/^\+\+\+ b\// { path = substr($0, 7); first = 0 }
			/^@@ / { split(substr($2, 2), old, ","); if (old[2] == "0") next
				if (!first) first = old[1]
				else if (old[1] > first + 20) { print path "\t" first "\t" old[1]; path = ""; nextfile_ = 1 } }' |
		awk -F '\t' '$1 != ""')
}

# git rebase of all patches at once: what stops is skipped. NAME TAB clean, empty or conflict
rebase_with_git()
{
	local tree=$work/rebase patch name run=(git -C "$work/rebase" -c user.name=t -c user.email=t@example.org -c core.editor=true -c advice.skippedCherryPicks=false)

	rm -rf "$tree"
	cp -r "$work/6.18.5" "$tree"
	git init -q -b old "$tree"
	"${run[@]}" add -A -f
	"${run[@]}" commit -q -m old
	"${run[@]}" checkout -q -b mine
	for patch in "$1"/*.patch; do
		name=$(basename "$patch" .patch)
		"${run[@]}" apply --index "$patch"
		"${run[@]}" commit -q -m "$name"
	done
	"${run[@]}" checkout -q -b new old
	rm -rf "${tree:?}"/*
	cp -r "$work/shuffled/." "$tree"
	"${run[@]}" add -A -f
	"${run[@]}" commit -q -m new
	: >"$work/stopped"
	"${run[@]}" rebase -q --onto new old mine >"$work/rebase.log" 2>&1 || while [[ -d $tree/.git/rebase-merge ]]; do
		"${run[@]}" log -1 --format=%s REBASE_HEAD >>"$work/stopped"
		"${run[@]}" rebase --skip >>"$work/rebase.log" 2>&1 || true
	done
	"${run[@]}" log --format=%s new..mine >"$work/went"
	cut -f 2 "$work/cases" | sort | awk -v dir="$work" 'BEGIN {
			while ((getline name < (dir "/stopped")) > 0) stopped[name] = 1
			while ((getline name < (dir "/went")) > 0) went[name] = 1
		}
		{ print $0 "\t" ($0 in stopped ? "conflict" : $0 in went ? "clean" : "empty") }' >"$work/git-said"
}

# What kq decides is what git rebase makes, or git has a conflict.
as_git_rebase()
{
	local name path said outcome bad=0

	while IFS=$'\t' read -r name said outcome; do
		path=$(awk -F '\t' -v name="$name" '$2 == name { print $1 }' "$work/cases")
		case $outcome/$said in
		conflict/* | */conflict) ;;
		*)
			cmp "$work/rebase/$path" "$work/made/$path" || {
				echo "$name: kq $outcome, git rebase $said: something else"
				bad=1
			} ;;
		esac
	done < <(join -t "$(printf '\t')" "$work/git-said" "$work/status")
	return "$bad"
}

# An edit is in the function that it was made for, once, wherever that is now; or it is a conflict.
in_its_function()
{
	local name path head how mark outcome bad=0

	while IFS=$'\t' read -r name path head how mark outcome; do
		[[ $outcome != conflict ]] || continue
		# read has taken the tab that it starts with for one more that separates.
		mark=$'\t'$mark
		functions where "$work/made/$path" -v mark="$mark" | grep -q -x -F "$head" || {
			echo "$name: $how, $outcome: not in $head"
			bad=1
		}
		[[ $how == twin* || $(grep -c -x -F "$mark" "$work/made/$path") == 1 ]] || {
			echo "$name: $how, $outcome: more than once"
			bad=1
		}
	done < <(join -t "$(printf '\t')" <(sort "$work/repeated") "$work/status")
	return "$bad"
}

# of HOW: the outcomes
of_kind()
{
	join -t "$(printf '\t')" <(awk -F '\t' -v how="$1" '$4 ~ "^(" how ")$" { print $1 }' "$work/repeated" | sort) "$work/status"
}

# Of those whose function stays where it is, and whose lines git can merge: the outcomes
unmoved()
{
	of_kind plain | join -t "$(printf '\t')" - <(grep '	clean$' "$work/git-said") | cut -f 1,2
}

# A queue of one patch stops, and the file that is left has both regions.
both_are_left()
{
	local name path one=$work/one bad=0

	while IFS=$'\t' read -r name path; do
		rm -rf "$one" "$work/state-one"
		mkdir "$one"
		cp "$work/queue-repeated/$name.patch" "$one"
		echo "$name.patch" >"$one/series"
		! "$kq" rebase --queue "$one" --state "$work/state-one" --from "$work/6.18.5" --to "$work/shuffled" >/dev/null || return 1
		[[ $(grep -c '^<<<<<<< ' "$work/state-one/rebase/conflict/tree/$path") == 2 ]] || {
			echo "$name: $path"
			bad=1
		}
	done <"$work/twice"
	return "$bad"
}

run_repeated()
{
	local queue=$work/queue-repeated moved=$work/rebased-repeated count

	head -n 240 <(find_repeated) >"$work/places"
	make_repeated
	make_twice
	make_queue "$work/mine" 6.18.5 "$queue"
	# Both bases are directories, which no lock names.
	rm "$queue/base.lock"
	rebase_with_git "$queue"
	note "$(wc -l <"$work/repeated") edits of lines that two functions have, $(wc -l <"$work/twice") of two changed places"
	check 'at least 100 of the first, and 10 of the second' \
		test "$(wc -l <"$work/repeated")" -ge 100 -a "$(wc -l <"$work/twice")" -ge 10
	status_of "$queue" "$work/6.18.5" "$work/shuffled"
	sort -o "$work/status" "$work/status"
	rm -rf "$moved" "$work/state" "$work/made"
	cp -r "$queue" "$moved"
	grep '	conflict$' "$work/status" | cut -f 1 | while read -r count; do
		rm "$moved/$count.patch"
		sed -i "/^$count\.patch/d" "$moved/series"
	done
	check 'the queue without conflicts goes from 6.18.5 to 6.18.15 and the changes to it' \
		"$kq" rebase --queue "$moved" --state "$work/state" --from "$work/6.18.5" --to "$work/shuffled"
	rebase_of
	check 'kq status --on says the same of all others' cmp <(grep -v '	conflict$' "$work/status") <(sort "$work/rebased")
	cp -r "$work/shuffled" "$work/made"
	check '... and applies there' "$kq" apply --queue "$moved" "$work/made"
	check 'what is not a conflict is what git rebase makes, or git has one' as_git_rebase
	check '... every edit is in the function that it was made for' in_its_function
	check '... none is left where that function is gone' all_are <(of_kind 'gone|twin-gone') conflict
	check '... none is dropped but those which the function has' \
		all_are <(grep '	upstream$' "$work/status" | cut -f 1 | join -t "$(printf '\t')" - <(sort "$work/repeated")) '.*'
	check "$(unmoved | wc -l) in functions that stay where they are are kept or merged" all_are <(unmoved) 'kept|merged'
	check "$(of_kind own | wc -l) that the new release has are upstream" all_are <(of_kind own) upstream
	check "$(wc -l <"$work/twice") edits of two changed places are conflicts" all_are <(grep ^twice- "$work/status") conflict
	check '... and both are left to solve' both_are_left
	note "kq: $(cut -f 2 "$work/status" | sort | uniq -c | tr '\n' ' '); git rebase: $(cut -f 2 "$work/git-said" | sort | uniq -c | tr '\n' ' ')"
	note "conflicts where git has none: $(join -t "$(printf '\t')" "$work/git-said" "$work/status" | awk -F '\t' '$3 == "conflict" && $2 != "conflict"' | wc -l)"
}
