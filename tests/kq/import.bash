# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of kq import share: a repository that patches come from, and git am as the oracle.

# shellcheck disable=SC2154 # bats sets status and output

load kq

as_git() { git -C repo -c user.name='Ä Person' -c user.email=a@example.org "$@"; }

# base_repo: a repository whose first commit is the tree
base_repo() {
	mkdir -p tree/dir
	seq 1 60 > tree/f
	seq 1 20 > tree/dir/g
	printf 'no newline' > tree/dir/n
	cp -r tree repo
	git init -q repo
	as_git add -A
	as_git commit -q -m base
}

# commit SUBJECT [BODY]: what was changed in repo
commit() {
	as_git add -A
	as_git commit -q -m "$1" -m "${2:-Because.}"
}

import() {
	run "$KQ" import --queue queue --from tree "$@"
	echo "$output"
}

# import_refused STATUS TEXT ARGS...: the last line says so, and the queue is as before
import_refused() {
	local want=$1 text=$2 before

	before=$(tree_hash queue)
	shift 2
	import "$@"
	[ "$status" -eq "$want" ]
	[[ "${lines[-1]}" == *"$text"* ]]
	[ "$before" = "$(tree_hash queue)" ]
}

format_patch() { as_git format-patch -q -N --full-index --no-renames --zero-commit "$@"; }

# log_of REPO: its commits after the first, in words, and what they make
log_of() {
	git -C "$1" log --reverse --format='%an <%ae>%n%ad%n%B' "$(git -C "$1" rev-list --max-parents=0 HEAD)..HEAD"
	git -C "$1" rev-parse 'HEAD^{tree}'
}

# clone_base NAME: another repository at the first commit
clone_base() {
	rm -rf "$1"
	git clone -q repo "$1" 2> /dev/null
	git -C "$1" reset -q --hard "$(git -C repo rev-list --max-parents=0 HEAD)"
	git -C "$1" config user.name c && git -C "$1" config user.email c@example.org
}

# queue_log: what git am makes of the queue
queue_log() {
	clone_base ours
	sed 's/[ #].*//; /^$/d; s,^,queue/,' queue/series | xargs cat > ours.mbox
	git -C ours am -q ../ours.mbox
	log_of ours
}

# as_am MBOX...: git am and kq import make the same commits of it, and the queue is canonical
as_am() {
	clone_base theirs
	git -C theirs am -q "${@/#/../}"
	log_of theirs > want
	rm -f queue/*.patch
	: > queue/series
	import "$@"
	[ "$status" -eq 0 ]
	queue_log | diff want -
	grep -L -E '^index [0-9a-f]{40}\.\.[0-9a-f]{40}' queue/*.patch | diff /dev/null -
	cp -r tree applied
	"$KQ" apply --queue queue applied
	rm applied/.kq-applied
	git -C theirs archive HEAD | (mkdir applied.want && tar -x -C applied.want)
	diff -r applied.want applied
	rm -r applied applied.want
}

# mailer KIND < PATCH: the same mail from a mailer that encodes it, with python's mail library
mailer() {
	python3 -c '
import email, email.policy, sys
from email.message import EmailMessage
kind = sys.argv[1]
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
body = m.get_payload(decode=True).decode(m.get_content_charset() or "utf-8")
new = EmailMessage(policy=email.policy.SMTP if "crlf" in kind else email.policy.default)
for key in ("From", "Date", "Subject"):
	new[key] = str(m[key])
new["Received"] = "from a by b; Thu, 1 Jan 2026 00:00:00 +0000"
new["Message-ID"] = "<1@example.org>"
if "latin" in kind:
	new.set_content(body, charset="iso-8859-1", cte="quoted-printable")
elif "qp" in kind:
	new.set_content(body, cte="quoted-printable")
elif "base64" in kind:
	new.set_content(body, cte="base64")
elif "attached" in kind:
	new.set_content(body[:body.index("\n---\n") + 1])
	new.add_attachment(body[body.index("\n---\n") + 1:].encode(), maintype="application",
			   subtype="octet-stream", filename="a.patch")
else:
	new.set_content(body, cte="8bit")
if "html" in kind:
	new.add_alternative("<html><pre>diff --git a/f b/f</pre></html>", subtype="html")
if "footer" in kind:
	new.is_multipart() or new.make_mixed()
	new.add_attachment("_______\nlist mailing list\nlist@example.org\n")
if "signed" in kind:
	new.is_multipart() or new.make_mixed()
	new.add_attachment(b"-----BEGIN PGP SIGNATURE-----\n", maintype="application", subtype="pgp-signature")
sys.stdout.buffer.write(new.as_bytes())
' "$1"
}
