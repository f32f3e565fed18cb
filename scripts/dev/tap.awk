# SPDX-License-Identifier: LGPL-2.1-or-later
# One program's TAP (several plans in a row are added up) and, as -v, its name, exit code rc and
# quiet. Prints "COUNT passed failed skipped" last; before it every failure with its comments and
# every skip with its reason. A program that fell short of its plan or died counts as a failure.
function fail(text) {
	failed++
	print "FAILED  " name ": " text
}
/^1\.\.[0-9]+/ { planned += substr($1, 4); plans++ }
# How cmocka skips; its reason is the comment before.
/^not ok [0-9]+ # SKIP / {
	showing = 0
	seen++
	said = $0
	sub(/^not ok [0-9]+ # SKIP /, "", said)
	skipped++
	print "skipped " name ": " said ": " (comment == "" ? "NO REASON GIVEN" : comment)
	if (comment == "")
		fail(said ": skipped without a reason")
	comment = ""
	next
}
/^# / {
	comment = substr($0, 3)
}
/^(not )?ok / {
	comment = ""
}
/^not ok / {
	seen++
	said = $0
	sub(/^not ok [0-9]* *(- )?/, "", said)
	fail(said)
	showing = 1
	next
}
/^ok / {
	showing = 0
	seen++
	if (match($0, /# *[Ss][Kk][Ii][Pp]/)) {
		reason = substr($0, RSTART + RLENGTH)
		said = substr($0, 1, RSTART - 1)
		sub(/^ok [0-9]* *(- )?/, "", said)
		sub(/^(ped)?:? */, "", reason)
		skipped++
		print "skipped " name ": " said ": " (reason == "" ? "NO REASON GIVEN" : reason)
		if (reason == "")
			fail(said ": skipped without a reason")
	} else {
		passed++
	}
	next
}
showing { print "        " $0 }
END {
	if (!plans)
		fail("printed no plan, exit code " rc)
	else if (seen != planned)
		fail(seen + 0 " results, " planned " were planned, exit code " rc)
	else if (rc && !failed)
		fail("exit code " rc " although every test passed")
	print "COUNT", passed + 0, failed + 0, skipped + 0
}
