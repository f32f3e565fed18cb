# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -v want="NAME..." -f module-oracle.awk FILE...: the definitions of these C functions and structs,
# as they stand in the kernel's sources, in the order of the sources; the first of each.

BEGIN {
	nr = split(want, names, " ")
	for (i = 1; i <= nr; i++)
		wanted[names[i]] = 1
}

# A definition starts at the left edge, with its type and name.
!held && /^[a-z].*[(]/ {
	name = $0
	sub(/[(].*/, "", name)
	sub(/.*[ *]/, "", name)
	held = name in wanted
}
!held && /^struct [a-z_]+ [{]$/ && ($2 in wanted) {
	name = $2
	held = 1
}

held {
	text = text $0 "\n"
	# Where a ";" comes before the first "{" it was a declaration.
	if (text !~ /[{]/ && /;$/) {
		held = 0
		text = ""
	}
	if (/^}/) {
		printf "%s", text
		delete wanted[name]
		held = 0
		text = ""
	}
}
