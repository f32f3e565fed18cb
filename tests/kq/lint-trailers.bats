#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq lint: trailers of backports and CVE fixes, names and order of a series.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

UP=0123456789012345678901234567890123456789
STABLE=abcdefabcdefabcdefabcdefabcdefabcdefabcd

# lint_says EDIT TEXT: the good patch, edited, has one finding; without TEXT none
lint_says() {
	sed -E "$1" good > queue/0001-x.patch
	if cmp -s good queue/0001-x.patch; then return 1; fi
	run "$KQ" lint --queue queue
	echo "$output"
	if [ -z "$2" ]; then
		[ "$output" = "queue: clean" ]
	else
		[ "$status" -eq 3 ]
		[[ "$output" == "queue/0001-x.patch:"*"$2"* ]]
		[ "${#lines[@]}" -eq 1 ]
	fi
}

@test "lint: Stable-commit, CVE and Fixes have one form, and only a backport has all of them" {
	one_line_patch
	sed "s/^Upstream-status.*/Upstream-status: backport $UP (v6.19)\nStable-commit: $STABLE\nCVE: CVE-2026-1234\nFixes: $UP (\"x: y\")/" \
		queue/0001-x.patch > good
	lint_says 's/^CVE.*/&\nCVE: CVE-2026-12345678/' ""
	lint_says 's/^(Fixes: .{12}).*/\1 ("x (again): y")/' ""
	lint_says '/^(Fixes|CVE|Stable)/d' ""
	while IFS='|' read -r edit text; do
		lint_says "$edit" "$text"
	done <<-'EOF2'
		s/^(Stable-commit: .{39}).*/\1/|9: Stable-commit: want the 40 hexadecimal digits
		s/^(Stable-commit: ).*/\10123456789ABCDEF0123456789ABCDEF01234567/|9: Stable-commit: want
		s/^Stable-commit.*/&\n&/|10: second Stable-commit:
		s/^CVE.*/CVE: 2026-1234/|10: CVE: want one number
		s/^CVE.*/CVE: CVE-2026-123/|10: CVE: want one number
		s/^CVE.*/CVE: CVE-2026-1234567890/|10: CVE: want one number
		s/^CVE.*/CVE: CVE-1998-1234/|10: CVE: want one number
		s/^CVE.*/CVE: CVE-2026-1234, CVE-2026-1235/|10: CVE: want one number
		s/^CVE.*/CVE: none/|10: CVE: want one number
		s/^(Fixes: .{11}).*/\1 ("x: y")/|11: Fixes: want at least 12
		s/^(Fixes: .{12}).*/\1/|11: Fixes: want at least 12
		s/^(Fixes: .{12}).*/\1 ("")/|11: Fixes: want at least 12
		s/^(Fixes: .{12}).*/\1 (x: y)/|11: Fixes: want at least 12
	EOF2
}

@test "lint: what is meant for mainline and not sent yet is pending, with a reason" {
	one_line_patch
	cp queue/0001-x.patch good
	lint_says 's/^Upstream-status.*/Upstream-status: pending, not sent yet/' ""
	lint_says 's/^Upstream-status.*/Upstream-status: pending, no fix there yet\nCVE: CVE-2026-1234/' ""
	for status in pending 'pending,' 'pending,  ' 'pending not sent yet' 'Pending, not sent yet'; do
		lint_says "s/^Upstream-status.*/Upstream-status: $status/" "Upstream-status: want 'backport"
	done
}

@test "lint: trailers that contradict each other are found" {
	one_line_patch
	cp queue/0001-x.patch good
	lint_says "s/^Owner/Stable-commit: $STABLE\n&/" "6: Stable-commit: needs Upstream-status: backport"
	lint_says "s/^Owner/CVE: CVE-2026-1234\n&/" "" # never, with a reason
	lint_says "s/^Upstream-status.*/Upstream-status: submitted https:\/\/example.org\/1\nCVE: CVE-2026-1234/" \
		"6: CVE: needs Upstream-status: backport"
	sed -i "s/^Upstream-status.*/Upstream-status: backport $UP (v6.19)/" good
	lint_says "s/^Owner/Stable-commit: $UP\n&/" "6: Stable-commit: is the commit of Upstream-status"
	lint_says "s/^Owner/Stable-commit: $STABLE\n&/" ""
}

@test "lint: the commit that the text names is the one of the trailer" {
	one_line_patch
	sed "s/^Upstream-status.*/Upstream-status: backport $UP (v6.19)\nStable-commit: $STABLE/" queue/0001-x.patch > good
	other=${UP/012/fff}
	for form in "commit ID upstream." "[ Upstream commit ID ]" "(cherry picked from commit ID)"; do
		lint_says "s/^Because/${form/ID/$UP}\n\n&/" ""
		lint_says "s/^Because/${form/ID/$STABLE}\n\n&/" ""
		lint_says "s/^Because/${form/ID/$other}\n\n&/" "6: the text names commit $other, Upstream-status another one"
	done
}

@test "lint: a file name is what git format-patch makes of the subject" {
	git init -q repo
	seq 9 > repo/f
	git -C repo add f
	git -C repo -c user.name=A -c user.email=a@example.org commit -q -m base
	for subject in 'mm/slub: "quoted" and (more)...' 'x: a..b. c.' 'ü: schön, größer' '_.a.' \
		'net: one two three four five six seven eight nine ten eleven twelve' \
		'x: größer als die Zeile, die ein Kopf haben darf, und deshalb in mehreren Stücken kodiert'; do
		seq $((RANDOM + 10)) > repo/f
		git -C repo -c user.name=A -c user.email=a@example.org commit -q -a -m "$subject"
		rm queue/*
		git -C repo format-patch -q --full-index -1 -o ../queue
		name=$(basename queue/*)
		echo "$name" > queue/series
		sed -i 's/^---$/Because.\n\nUpstream-status: never, a test\nOwner: k\nReview-by: 2027-01-01\nSigned-off-by: A <a@example.org>\n&/' "queue/$name"
		run "$KQ" lint --queue queue
		echo "$output"
		[ "$output" = "queue: clean" ]
		mv "queue/$name" queue/0001-other.patch
		echo 0001-other.patch > queue/series
		run "$KQ" lint --queue queue
		[ "$output" = "queue/0001-other.patch: the subject makes the file name $name" ]
		[ "$status" -eq 3 ]
	done
	# Whole where git would cut: that is longer, and says more.
	mv queue/0001-other.patch "queue/0001-other.patch.old"
	{ message "" "net: one two three four five six seven eight nine ten eleven twelve"
	  sed -n '/^diff/,$p' queue/0001-other.patch.old; } > queue/0001-net-one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve.patch
	rm queue/*.old
	(cd queue && ls -- *.patch > series)
	run "$KQ" lint --queue queue
	[ "$output" = "queue: clean" ]
}

@test "lint: what is for all stands before what has a condition" {
	one_line_patch
	sed 's/ x$/ y/' queue/0001-x.patch > queue/0002-y.patch
	printf '0001-x.patch\n0002-y.patch sku=vm\n' > queue/series
	run "$KQ" lint --queue queue
	[ "$output" = "queue: clean" ]
	printf '0001-x.patch arch=x86_64\n0002-y.patch\n' > queue/series
	run "$KQ" lint --queue queue
	[ "$status" -eq 3 ]
	[ "$output" = "queue/series:2: 0002-y.patch: is for all, but comes after line 1, which has a condition: move it before" ]
}
