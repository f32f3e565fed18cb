#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The day of a queue keeper: the commands of scripts/kq/README.md, one after the other, as they stand there.
# shellcheck disable=SC2016,SC2030,SC2031 # bats sets status and output anew in every test

load kq

as_git() { git -C linux -c user.name='A Person' -c user.email=a@example.org -c commit.gpgSign=false "$@"; }

commit() { as_git add -A && as_git commit -q -m "$1" -m Because.; }

# release NR: commit, tag and tarball of what is in linux
release() {
	printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = %s\nEXTRAVERSION =\n' "$1" > linux/Makefile
	commit "Linux 6.18.$1"
	as_git tag "v6.18.$1"
	as_git archive --prefix="linux-6.18.$1/" -o "../linux-6.18.$1.tar" HEAD
}

# The two releases, mails made on the first, and what a person would do by hand.
setup_day() {
	rm -rf queue tree a b
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	git init -q -b main linux
	seq 1 90 > linux/f
	seq 1 40 > linux/g
	release 15
	as_git checkout -q -b mails
	sed -i 's/^10$/ten/' linux/f && commit 'f: ten'
	sed -i 's/^20$/twenty/' linux/g && commit 'g: twenty'
	sed -i 's/^60$/sixty/' linux/f && commit 'f: sixty'
	as_git format-patch -q --stdout --full-index v6.18.15 > thread.mbox
	as_git checkout -q -b fix v6.18.15
	sed -i '30i a fix' linux/f && commit 'f: a fix'
	as_git format-patch -q --stdout --full-index HEAD^ > fix.mbox
	as_git checkout -q main
	sed -i 's/^60$/upstream/' linux/f
	release 16
	mkdir home
	cat > home/.gitconfig <<-'END'
		[user]
			name = A Keeper
			email = k@example.org
		[merge]
			tool = both
		[mergetool]
			prompt = false
		[mergetool "both"]
			cmd = sed 's/^upstream$/upstream and sixty/' \"$LOCAL\" > \"$MERGED\"
			trustExitCode = true
		[sequence]
			editor = sed -i '2s/^pick/drop/'
	END
	printf '#!/bin/sh\nsed -i "s/^30\\$/thirty/" g && git commit -q -a --amend --no-edit\n' > keeper
	chmod +x keeper
	unset GIT_CONFIG_GLOBAL
	export HOME=$PWD/home SHELL=$PWD/keeper PATH=$KSEAL_BIN:$PATH
}

@test "every command of the page does what is said behind it" {
	setup_day
	sed -n '/^```sh$/,/^```$/ { /^```/d; p }' "$BATS_TEST_DIRNAME/../../scripts/kq/README.md" > day
	[ "$(grep -c '^kq ' day)" -ge 15 ]
	while IFS= read -r line <&3; do
		want=0
		[[ "$line" != *"# exit 3"* ]] || want=3
		echo "\$ $line"
		run bash -c "$line" < /dev/null 3<&-
		echo "$output"
		[ "$status" -eq "$want" ]
		case $line in
		"kq import thread"*) [ "$(find patches/6.18 -name '*.patch' | wc -l)" -eq 3 ] ;;
		"kq edit"*) grep -q '^+thirty$' patches/6.18/0002-g-twenty.patch ;;
		"kq import --after"*) [ -e patches/6.18/0002-f-a-fix.patch ] && [ -e patches/6.18/0004-f-sixty.patch ] ;;
		"kq move"*) [ -e patches/6.18/0003-f-sixty.patch ] ;;
		"kq status --on"*) cp -r patches before ;;
		"kq continue"*) grep -q '^release 6.18.16$' patches/6.18/base.lock && cp -r patches after ;;
		"kq rebase --undo"*) diff -r before patches ;;
		"kq export"*)
			diff -r after/6.18 patches/6.18
			[ "$(as_git log --format=%s v6.18.16..work | wc -l)" -eq 4 ]
			[ "$(as_git show work:f | grep -c 'upstream and sixty')" -eq 1 ]
			;;
		"kq import --git"*) [[ "$output" == *"0002-f-a-fix.patch: removed"* ]] ;;
		esac
	done 3< day
	[ "$(grep -v '^#' patches/6.18/series | xargs)" = "0001-f-sixty.patch 0002-g-twenty.patch" ]
	rm -rf applied && mkdir applied && tar -xf linux-6.18.16.tar -C applied --strip-components=1
	kq apply applied
	[ "$(sed -n 60p applied/f) $(sed -n '20p;30p' applied/g | xargs)" = "upstream and sixty twenty thirty" ]
}
