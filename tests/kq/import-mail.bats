#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq import: mail as it comes. git am is the oracle: the same mail gives the same commit.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

bats_require_minimum_version 1.5.0

load import

# two_commits: in repo, with letters beyond ASCII in author, subject, message and diff
two_commits() {
	base_repo
	sed -i '10s/.*/ten = "größer" =20/' repo/f && commit 'f: größer, and a subject that is so long that every mailer folds it somewhere' 'Weil es größer ist = besser.'
	seq 1 5 > repo/new && rm repo/dir/g && commit 'new: five'
}

@test "import -: a mailbox from standard input" {
	two_commits
	as_git format-patch -q --stdout HEAD~2 > all.mbox
	run "$KQ" import --queue queue --from tree - < all.mbox
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	as_am all.mbox
	: > empty
	import_refused 1 "no mail in what was given" - < empty
}

@test "import: base64, quoted-printable, CRLF, another charset, parts, a list's footer: as git am" {
	two_commits
	format_patch --stdout HEAD~2..HEAD~1 > plain.mbox
	for kind in 8bit qp base64 crlf qp-crlf; do
		echo "# $kind"
		mailer "$kind" < plain.mbox > "$kind.mbox"
		as_am "$kind.mbox"
	done
	mailer footer < plain.mbox > mail && grep -q '^Content-Type: multipart/mixed' mail
	as_am mail
	# The parts that git am takes for a part of the diff, or of the message, kq leaves out; and the
	# line ends of mail, for which git am wants --quoted-cr=strip.
	clone_base theirs && git -C theirs am -q ../plain.mbox && log_of theirs > want
	for kind in base64-crlf 8bit-html qp-html base64-signed attached attached-footer; do
		echo "# $kind"
		rm -f queue/*.patch && : > queue/series
		mailer "$kind" < plain.mbox > mail
		import mail
		[ "$status" -eq 0 ]
		queue_log | diff want -
	done
}

@test "import: a message in ISO-8859-1 becomes UTF-8, the diff stays as it is: as git am" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && commit 'f: größer' 'Weil es größer ist.'
	format_patch --stdout HEAD^ | mailer latin > mail
	grep -q 'iso-8859-1' mail
	as_am mail
	printf 'caf\351\n' >> repo/f && commit 'f: not UTF-8'
	rm -f queue/*.patch && : > queue/series
	as_git format-patch -q --stdout HEAD~2 > mail
	as_am mail
}

@test "import: git format-patch --attach and --inline, and a patch that is attached to a mail" {
	two_commits
	for how in --attach --inline; do
		as_git format-patch -q "$how" --stdout HEAD~2 > mail
		as_am mail
	done
	format_patch HEAD~2 -o ../single
	python3 - single/*.patch > mail <<-'PY'
		import sys
		from email.message import EmailMessage
		m = EmailMessage()
		m["From"], m["Subject"], m["Date"] = "B <b@example.org>", "two patches", "Thu, 1 Jan 2026 00:00:00 +0000"
		m.set_content("please take these\n")
		for name in sys.argv[1:]:
		    m.add_attachment(open(name, "rb").read(), maintype="text", subtype="x-patch", filename=name)
		sys.stdout.buffer.write(m.as_bytes())
	PY
	clone_base theirs && git -C theirs am -q "$PWD"/single/*.patch && log_of theirs > want
	rm -f queue/*.patch && : > queue/series
	import mail
	[ "$status" -eq 0 ]
	[[ "$output" == *"mail, mail 1: left out: only holds others"* ]]
	queue_log | diff want -
}

@test "import: an author, a subject and a date in the message count, as git am" {
	base_repo
	sed -i '10s/.*/ten/' repo/f
	as_git add -A && as_git commit -q --author 'Ö Other <o@example.org>' -m 'f: by another' -m 'Why.'
	as_git format-patch -q --from='Sender <s@example.org>' --stdout HEAD^ > mail
	grep -q '^From: =?UTF-8?q?=C3=96=20Other?= <o@example.org>\|^From: Ö Other' mail
	as_am mail
	grep -q '^From: =?[^ ]* Other <o@example.org>$\|^From: =?[^ ]*Other?= <o@example.org>$' queue/0001-f-by-another.patch
}

@test "import: the subject as git am cleans it, and scissors only when asked for" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && commit 'f: ten'
	format_patch --stdout HEAD^ > plain
	for subject in '[PATCH net-next,v3 2/7] f: ten' '[linux] [RFC PATCH] f: ten' '[PATCH] Re: f: ten' '[PATCH]: f: [ten]'; do
		echo "# $subject"
		sed "s|^Subject: .*|Subject: $subject|" plain > mail
		as_am mail
	done
	awk '/^Because/ { print "Hello,\n\nas said.\n\n-- >8 --\nFrom: B <b@example.org>\nSubject: f: cut\n" } { print }' plain > mail
	as_am mail
	clone_base theirs && git -C theirs am -q --scissors ../mail && log_of theirs > want
	rm -f queue/*.patch && : > queue/series
	import --scissors mail
	[ "$output" = 0001-f-cut.patch ]
	queue_log | diff want -
}

@test "import: the thread of a series: cover letter and replies are left out and named, the order is that of the numbers" {
	two_commits
	sed -i '30s/.*/x/' repo/f && commit 'f: third'
	as_git format-patch -q --thread --cover-letter --subject-prefix='PATCH net' HEAD~3 -o ../series
	id=$(sed -n 's/^Message-I[dD]: //p' series/0002*)
	{ echo "From b@example.org Thu Jan  1 00:00:00 2026"
	  printf 'From: B <b@example.org>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nSubject: Re: [PATCH net 2/3] new: five\nMessage-ID: <re@example.org>\nIn-Reply-To: %s\n\n' "$id"
	  sed -n '/^diff/,$p' series/0002*; } > reply
	cat series/0000* series/0003* reply series/0001* series/0002* > thread.mbox
	cat series/0003* series/0001* series/0002* > only.mbox
	import thread.mbox
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "kq: thread.mbox, mail 1: left out: the cover letter" ]
	[ "${lines[1]}" = "kq: thread.mbox, mail 3: left out: a reply, though with a diff in it" ]
	[ "${#lines[@]}" -eq 5 ]
	clone_base theirs && git -C theirs am -q "$PWD"/series/000[123]* && log_of theirs > want
	queue_log | diff want -
	rm queue/*.patch && : > queue/series
	import - < only.mbox
	queue_log | diff want -
	# The same mail over two lists
	rm queue/*.patch && : > queue/series
	cat series/000[123]* series/0002* > twice.mbox
	import twice.mbox
	[ "${lines[0]}" = "kq: twice.mbox, mail 4: left out: the same mail as twice.mbox, mail 2" ]
	queue_log | diff want -
}

@test "import: a hole and a number that is there twice are refused, a single patch of a series is not" {
	two_commits
	sed -i '30s/.*/x/' repo/f && commit 'f: third'
	for thread in --thread --no-thread; do
		rm -rf series
		as_git format-patch -q "$thread" --cover-letter HEAD~3 -o ../series
		cat series/0001* series/0003* > hole.mbox
		import_refused 3 "is one of 3 patches, but 2/3 is not there" hole.mbox
		cat series/0000* series/0001* > hole.mbox
		import_refused 3 "is one of 3 patches, but 2/3 is not there" hole.mbox
		sed 's/^Message-I.*/Message-ID: <other@x>/' series/0002* | cat series/000[123]* - > twice.mbox
		import_refused 3 "is a second 2/3" twice.mbox
		import_refused 3 "but 3/3 is not there" series/0001* series/0002*
	done
	import series/0001*
	[ "$status" -eq 0 ]
	import series/0003* # not what was missing before
	[ "$status" -eq 0 ]
}

@test "import: of two versions in one thread the newer one, also when the older comes last" {
	base_repo
	for v in 1 2; do
		as_git reset -q --hard "$(as_git rev-list --max-parents=0 HEAD)"
		sed -i "10s/.*/v$v/" repo/f && commit 'f: first'
		sed -i "40s/.*/v$v/" repo/f && commit "f: second, v$v"
		as_git format-patch -q -v$v --thread --cover-letter ${id:+--in-reply-to="$id"} HEAD~2 -o "../v$v"
		id=$(sed -n 's/^Message-I[dD]: //p' v$v/*-0000-*)
		as_git format-patch -q -v$v HEAD~2 -o "../bare$v"
	done
	cat v2/* v1/* > thread.mbox
	clone_base theirs && git -C theirs am -q "$PWD"/v2/*-000[12]* && log_of theirs > want
	import thread.mbox
	[ "$status" -eq 0 ]
	[[ "$output" == *"thread.mbox, mail 5: left out: an older version than thread.mbox, mail "* ]]
	queue_log | diff want -
	rm queue/*.patch && : > queue/series
	cat bare1/* bare2/* > thread.mbox
	import thread.mbox
	queue_log | diff want -
}

@test "import: a reply, a cover letter and a word of thanks alone are no patch" {
	two_commits
	as_git format-patch -q --cover-letter HEAD~2 -o ../series
	import_refused 1 "no patch in what was given" series/0000*
	format_patch --stdout HEAD^ | sed 's/^Subject: /Subject: Re: /' > reply
	import_refused 1 "no patch in what was given" reply
	[ "${lines[0]}" = "kq: reply, mail 1: left out: a reply, though with a diff in it" ]
	format_patch --stdout HEAD^ | sed '/^diff/,$d' > bad # but what says [PATCH] must have one
	import_refused 1 "no diff --git line, nothing to apply" bad
}

@test "import: diffs without index lines, with other prefixes, without a signature: as git am" {
	two_commits
	as_git format-patch -q --stdout HEAD~2 > plain
	sed '/^index /d' plain > mail
	as_am mail
	as_git -c diff.mnemonicPrefix=true format-patch -q --stdout --src-prefix=i/ --dst-prefix=w/ HEAD~2 > mail
	as_am mail
	as_git format-patch -q --stdout --no-signature HEAD~2 > mail
	run grep -q '^-- $' mail
	[ "$status" -eq 1 ]
	as_am mail
	as_git format-patch -q --stdout --no-prefix HEAD~2 > mail
	grep -q '^diff --git dir/g dir/g' mail
	clone_base theirs && git -C theirs am -q -p0 ../mail && log_of theirs > want
	rm queue/*.patch && : > queue/series
	import mail
	queue_log | diff want -
	as_git format-patch -q --stdout --src-prefix=linux.orig/ --dst-prefix=linux/ HEAD~2 > mail
	as_am mail
	as_git format-patch -q --stdout -U1 --no-stat HEAD~2 > mail
	as_am mail
}

@test "import: without a signature a mail must do what its diffstat says" {
	two_commits
	as_git format-patch -q --stdout --no-signature HEAD^ > mail
	sed '/^diff --git a\/new/,$d' mail > short
	import_refused 1 "its diffstat says 2 files, +5 -20, the diff has 1, +0 -20" short
	sed '$d' mail | sed '$d' > short
	import_refused 1 "hunk is shorter than its @@ line says" short
	import mail
	[ "$status" -eq 0 ]
}

@test "import --subject --author: raw diffs of git and of diff, and a quilt patch with its words" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && seq 1 3 > repo/dir/new
	as_git add -A
	as_git diff --cached > git.diff
	cp -r tree linux.orig && cp -r repo linux && rm -rf linux/.git
	diff -urN linux.orig linux > plain.diff || true
	(cd linux && mkdir ../q && cp ../linux.orig/f ../q/f.orig && cp f ../q/f && cd ../q && diff -u f.orig f > ../by-hand.diff) || true
	import_refused 1 "git.diff, mail 1: has no Subject, which names the file: give --subject" --author 'B <b@example.org>' git.diff
	for from in git.diff plain.diff; do
		echo "# $from"
		rm -f queue/*.patch && : > queue/series
		import --subject 'größer: ten' --author 'Ö Body <b@example.org>' $from
		[ "$status" -eq 0 ]
		queue_log > log
		head -2 log | diff - <(printf 'Ö Body <b@example.org>\nThu Jan 1 00:00:00 2026 +0000\n')
		grep -q '^größer: ten$' log
		git -C ours diff --cached --quiet && diff -r -x .git ours linux
		grep -q '^index [0-9a-f]\{40\}\.\.[0-9a-f]\{40\} 100644$' queue/0001*.patch
	done
	rm -f queue/*.patch && : > queue/series
	import --subject 'f: ten' --author 'B <b@example.org>' by-hand.diff
	[ "$status" -eq 0 ]
	grep -q '^diff --git a/f b/f$' queue/0001*.patch
	rm -f queue/*.patch && : > queue/series
	{ printf 'From: B <b@example.org>\nSubject: f: by quilt\n\nWhy it is so.\n\n'; sed 's/^diff -urN.*/Index: linux\/x\n=======/' plain.diff; } > quilt.patch
	import quilt.patch
	[ "$output" = 0001-f-by-quilt.patch ]
	queue_log > log
	grep -q '^Why it is so\.$' log
	diff -r -x .git ours linux
	rm -f queue/*.patch && : > queue/series
	{ printf 'Why it is so.\n\n'; cat plain.diff; } > quilt.patch
	import --subject 'f: by quilt' --author 'B <b@example.org>' - < quilt.patch
	[ "$status" -eq 0 ]
	queue_log | grep -q '^Why it is so\.$'
	import_refused 1 "--author B: want 'Name <address>'" --subject x --author B git.diff
	import_refused 1 "README: is not a mail, and no diff is in it" "$BATS_TEST_DIRNAME/../../README.md" 2> /dev/null ||
		import_refused 1 "is not a mail, and no diff is in it" "$BATS_TEST_DIRNAME/../../README.md"
}

@test "import --subject: who made it is who git says that the user is" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && as_git diff > a.diff
	export GIT_CONFIG_GLOBAL=$PWD/gitconfig
	printf '[user]\n\tname = Ä Keeper\n\temail = keeper@example.org\n' > gitconfig
	import --subject 'f: ten' a.diff
	[ "$status" -eq 0 ]
	queue_log | head -1 | grep -qx 'Ä Keeper <keeper@example.org>'
	rm queue/*.patch && : > queue/series
	GIT_AUTHOR_NAME=Other GIT_AUTHOR_EMAIL=o@example.org import --subject 'f: ten' a.diff
	queue_log | head -1 | grep -qx 'Other <o@example.org>'
	printf '[user]\n\tuseConfigOnly = true\n' > gitconfig
	rm queue/*.patch && : > queue/series
	import_refused 1 "a.diff, mail 1: names no author: give --author" --subject 'f: ten' a.diff
}

@test "import -3: what does not apply is merged from the contents that it was made on, as git am -3" {
	base_repo
	sed -i '12s/.*/twelve/' repo/f && commit 'f: nearby'
	sed -i '10s/.*/ten/' repo/f && seq 1 3 > repo/new && commit 'f: ten'
	as_git format-patch -q --full-index --stdout HEAD^ > mail
	import_refused 3 "mail, mail 1: f: hunk 1" mail
	clone_base theirs && git -C theirs am -q -3 ../mail && log_of theirs > want
	import_refused 3 "are neither in the release nor in .: give --git DIR" -3 mail
	import -3 --git repo mail
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "kq: mail, mail 1: merged: f, look at it" ]
	queue_log | diff want -
	rm queue/*.patch && : > queue/series
	import --3way --git repo mail
	[ "$status" -eq 0 ]
	# A conflict is refused
	rm queue/*.patch && : > queue/series
	sed -i '10s/.*/zehn/' tree/f
	import_refused 3 "mail, mail 1: f: does not apply, and merging it has conflicts" -3 --git repo mail
	# and so is what is there already
	sed -i '10s/.*/ten/' tree/f && seq 1 3 > tree/new
	import_refused 3 "" -3 --git repo mail
	sed '/^index/d' mail > bare
	git -C . checkout -q 2> /dev/null || true
	sed -i '10s/.*/10/; 11s/.*/eleven/' tree/f && rm tree/new
	import_refused 3 "no index line says what it was made on" -3 bare
}
