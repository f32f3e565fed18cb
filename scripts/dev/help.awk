# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the targets (##) of the Makefile and its variables (#@); -v stages="NAME...". At most 24 lines
# of 80 columns: it has to fit on a screen.
/^[^\t#]*:.* ## / {
	name = $0
	sub(/:.*/, "", name)
	sub(/^[^#]*## /, "")
	if (name ~ /^\$/) {
		name = "STAGE"
		$0 = stages
	}
	printf "make %-9s %s\n", name, $0
}
/^#@ / {
	if (!seen++)
		print ""
	print substr($0, 4)
}
