#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq and git's own protection, the user's identity, directories that are missing, and characters that nobody sees.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load import

@test "safe.directory: a repository of somebody else is read only if the user's git trusts it" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to give a repository to somebody else"
	base_repo
	sed -i '10s/.*/ten/' repo/f && commit 'f: ten'
	chown -R 12345 repo
	export HOME=$PWD/home GIT_CONFIG_GLOBAL=$PWD/gitconfig XDG_CACHE_HOME=$PWD/cache
	unset SUDO_UID
	mkdir home && : > gitconfig
	run git -C repo log -1
	[ "$status" -ne 0 ]
	import_refused 1 "repo: belongs to somebody else, and git does not trust it" --git repo HEAD^!
	run "$KQ" lock --queue queue git:repo:HEAD
	[ "$status" -eq 1 ]
	[[ "$output" == *"repo: belongs to somebody else, and git does not trust it: git config --global --add safe.directory"* ]]
	printf '[safe]\n\tdirectory = %s/other\n' "$PWD" > gitconfig
	import_refused 1 "repo: belongs to somebody else" --git repo HEAD^!
	# In a file that the user's own includes, as git says
	printf '[include]\n\tpath = %s/included\n' "$PWD" > gitconfig
	printf '[safe]\n\tdirectory = %s/repo\n' "$PWD" > included
	import --git repo HEAD^!
	[ "$status" -eq 0 ]
	rm queue/*.patch && : > queue/series
	unset GIT_CONFIG_GLOBAL && mv gitconfig home/.gitconfig
	import --git repo HEAD^!
	[ "$status" -eq 0 ]
	rm queue/*.patch && : > queue/series
	run "$KQ" import --queue queue --from git:repo:HEAD^ --git repo HEAD^!
	echo "$output"
	[ "$status" -eq 0 ]
	# Not the repository's own word for it
	rm queue/*.patch && : > queue/series
	rm home/.gitconfig
	git config -f repo/.git/config safe.directory '*'
	import_refused 1 "repo: belongs to somebody else" --git repo HEAD^!
}

@test "edit: the user's identity and environment are there, and git's words on other repositories are not" {
	one_line_patch
	cp a/f tree/f
	export GIT_CONFIG_GLOBAL=$PWD/gitconfig
	printf '[user]\n\tname = A Keeper\n\temail = keeper@example.org\n' > gitconfig
	GIT_DIR=/nowhere GIT_AUTHOR_NAME=Other run "$KQ" edit --queue queue --from tree 0001-x.patch -- sh -c \
		'git var GIT_AUTHOR_IDENT > ../../id; git var GIT_COMMITTER_IDENT >> ../../id; git rev-parse --git-dir >> ../../id'
	echo "$output"
	[ "$status" -eq 0 ]
	sed 's/> .*/>/' .kq/../id ./id 2> /dev/null | head -3 | diff - <(printf 'Other <keeper@example.org>\nA Keeper <keeper@example.org>\n.git\n')
	# Whom git does not know is not asked
	printf '[user]\n\tuseConfigOnly = true\n' > gitconfig
	run "$KQ" edit --queue queue --from tree 0001-x.patch -- git commit -q --amend -m 'x' -m 'Why.'
	[ "$status" -eq 0 ]
}

@test "a missing directory is named, and how to go on" {
	mkdir none
	for verb in "apply tree" lint status "edit 0001 -- true" cve; do
		echo "# $verb"
		# shellcheck disable=SC2086
		run "$KQ" ${verb%% *} --queue away ${verb#"${verb%% *}"}
		[ "$status" -eq 1 ]
		[ "$output" = "kq: away/series: cannot open, there is no queue: say --queue DIR, or kq init --queue away makes one" ]
		# shellcheck disable=SC2086
		run "$KQ" ${verb%% *} --queue none ${verb#"${verb%% *}"}
		[ "$status" -eq 1 ]
		[[ "$output" == "kq: none/series: cannot open, there is no queue: say --queue DIR, or kq init --queue none makes one"* ]]
	done
	run "$KQ" lint
	[[ "$output" == "kq: patches/6.18/series: cannot open, there is no queue: say --queue DIR, or kq init --queue patches/6.18 makes one" ]]
	message > mail && printf 'diff --git a/f b/f\n' >> mail
	run "$KQ" import --queue queue --from tree --git away HEAD^!
	[ "$status" -eq 1 ]
	[ "$output" = "kq: away: cannot run git there: No such file or directory" ]
	one_line_patch
	run "$KQ" cve --queue queue --git away
	[ "$status" -eq 0 ] # nothing to look up
}

@test "white space and marks that nobody sees are shown for what they are" {
	one_line_patch
	nbsp=$'\u00a0' zwsp=$'\u200b' ls=$'\u2028' rlo=$'\u202e' bom=$'\ufeff'
	sed -i "s/^Owner: .*/Owner: ker${zwsp}nel${rlo}x\x1b[31m/; s/^Review-by:/CVE: CVE-2026-1234$nbsp\n&/" queue/0001-x.patch
	cp a/f tree/f
	run "$KQ" status --queue queue --from tree
	echo "$output"
	[[ "$output" == *"ker<U+200B>nel<U+202E>x?[31m"* ]]
	[[ "$output" == *"CVE-2026-1234<U+00A0>"* ]]
	run "$KQ" cve --queue queue
	[[ "$output" == *"CVE: CVE-2026-1234<U+00A0> is not a CVE number"* ]]
	sed -i "s/^Review-by: .*/Review-by: 2020-01-01/; s/^Upstream-status: .*/Upstream-status: never,$ls/" queue/0001-x.patch
	run "$KQ" lint --queue queue
	[[ "$output" == *"CVE: want one number"* ]]
	run grep -q -e "$nbsp" -e "$zwsp" -e "$ls" -e "$rlo" <<< "$output"
	[ "$status" -eq 1 ]
	run "$KQ" lint --queue "queue$bom"
	[ "$output" = "kq: queue<U+FEFF>/series: cannot open, there is no queue: say --queue DIR, or kq init --queue queue<U+FEFF> makes one" ]
	run "$KQ" lint --queue $'queue\344' # not UTF-8
	[[ "$output" == "kq: queue<E4>/series: cannot open"* ]]
	run "$KQ" lint --queue 'größer' # letters stay
	[[ "$output" == "kq: größer/series: cannot open"* ]]
}
