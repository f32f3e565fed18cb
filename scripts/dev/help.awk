# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the groups (##@), targets (##) and variables (#@) of the Makefile.
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z]+:.*## / {
	name = $0
	sub(/:.*/, "", name)
	sub(/^[^#]*## /, "")
	printf "  make %-10s %s\n", name, $0
}
/^#@ / {
	if (!seen++)
		print "\nVariables"
	print "  " substr($0, 4)
}
