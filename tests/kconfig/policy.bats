#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# configs/policy and configs/exceptions against the kernel's own Kconfig: a misspelt symbol that has to be off would
# hold for ever. Reading and judging the files is the business of `kseal audit`.

load ../helpers

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# defined DIR: the symbols that Kconfig files below it define
defined()
{
	find "$1/" -name 'Kconfig*' ! -path '*/scripts/kconfig/tests/*' -exec sed -n \
		's/^[[:blank:]]*\(menu\)\{0,1\}config[[:blank:]]\{1,\}\([A-Za-z0-9_]\{1,\}\).*/\2/p' {} + | sort -u
}

# named FILE...: "SYMBOL FILE:LINE" of what has to exist in 6.18: all but rules until= an older release, and was=
named()
{
	awk '
		function say(symbol) { print symbol, FILENAME ":" FNR }
		/^(#|$)/ || $1 == "include" || $1 == "source" { next }
		$1 == "effect" || $1 == "probe" { next }
		{
			old = 0
			for (i = 2; i <= NF; i++)
				if ($i ~ /^until=[0-9]+[.][0-9]+$/) {
					split(substr($i, 7), release, ".")
					old = release[1] < 6 || release[1] == 6 && release[2] < 18
				}
			if (old)
				next
			if ($2 == "requires") {
				say(substr($1, 1, index($1, "=") - 1))
				say($3)
			} else {
				say($1)
			}
		}' "$@"
}

# missing FILE...: those that neither the tree nor a patch of the queue has
missing()
{
	named "$@" | sort | awk 'NR == FNR { known[$1]; next } !($1 in known) { print $2 ": no symbol " $1 }' known -
}

# The queue may be applied to the tree or not.
know()
{
	local tree

	tree=$ROOT/linux/$(sed -n 's/^release //p' "$ROOT/patches/6.18/base.lock" | head -n 1)
	[[ -e $tree/Kconfig ]] || skip "no kernel tree in linux/ to take the symbols from (make queue)"
	{
		defined "$tree"
		sed -n 's/^+config \([A-Z0-9_]*\)$/\1/p' "$ROOT"/patches/6.18/*.patch
	} | sort -u >known
	[ "$(wc -l <known)" -gt 10000 ]
}

@test "every symbol that a policy or an exception names is one of the kernel's" {
	know
	missing "$ROOT"/configs/policy/*.policy >said
	sed 's/ until=/ for=/' "$ROOT/configs/exceptions" >exceptions
	missing exceptions >>said
	[ ! -s said ] || {
		cat said
		return 1
	}
	# The control: one letter, on either side of "requires".
	printf '%s\n' 'DEVMEN n ours config why' 'DEVMEN n ours config until=6.17 why' \
		'DEVMEM=y requires STRICT_DEVMEN y ours config why' 'DEVMEN=y requires STRICT_DEVMEM y ours config why' >typo
	missing typo >said
	[ "$(sort said)" = "$(printf '%s\n' 'typo:1: no symbol DEVMEN' 'typo:3: no symbol STRICT_DEVMEN' \
		'typo:4: no symbol DEVMEN')" ]
}

@test "what a rule calls gone is gone, for x86-64 and arm64" {
	know
	awk '/^(#|$)/ { next }
		{ for (i = 2; i <= NF; i++) if ($i ~ /^until=/) print $2 == "requires" ? $3 : $1 }' \
		"$ROOT"/configs/policy/*.policy | sort -u >gone
	[ -s gone ]
	# 32-bit Arm still has it.
	comm -12 gone known | grep -vx HARDEN_BRANCH_PREDICTOR >there || true
	[ ! -s there ] || {
		cat there
		return 1
	}
	grep -qx HARDENED_USERCOPY_FALLBACK gone
}

@test "an exception is for SKUs that exist, and for a symbol that a rule is about" {
	named "$ROOT"/configs/policy/*.policy | cut -d ' ' -f 1 | sort -u >rules
	grep -v '^#\|^$' "$ROOT/configs/exceptions" >lines
	while read -r symbol skus until owner reason; do
		IFS=, read -ra skus <<<"$skus"
		grep -qx "$symbol" rules || { echo "no rule of $symbol" && return 1; }
		[[ $until =~ ^until=[0-9]{4}-[0-9]{2}-[0-9]{2}$ && $owner == owner=?* && -n $reason ]] ||
			{ echo "$symbol: $until $owner" && return 1; }
		for sku in "${skus[@]}"; do
			[[ $sku == '*' || -e $ROOT/configs/sku/$sku.sku ]] || { echo "no SKU $sku" && return 1; }
		done
	done <lines
	[ -s lines ]
}
