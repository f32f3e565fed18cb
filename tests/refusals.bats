# SPDX-License-Identifier: LGPL-2.1-or-later
# Every refusal of the PE formats has an input that gives it: a test names its words.

load helpers

# messages FILE: what its ks_fail()s, and the cursor and DER readers that it calls, may say
messages() {
	awk '/ks_fail|_end\(|_ok\(|_enter\(/ { left = 4 }
		left > 0 { print; left-- }
		/;$/ { left = 0 }' "$1" | grep -v '^#include' | grep -o '"[^"]* [^"]*"' | tr -d '"' | sort -u
}

@test "the words of every refusal in the PE formats stand in a test" {
	# Not to be had: the section table was cut out before its rows are read; 4 GiB of sections.
	cat >"$BATS_TEST_TMPDIR/except" <<-'EOF'
		section table past the end
		image would be over 4 GiB
	EOF
	nr=0 missing=
	for name in pe pe_sign pe_build authcode sbat; do
		while read -r words; do
			nr=$((nr + 1))
			grep -qxF -- "$words" "$BATS_TEST_TMPDIR/except" && continue
			grep -qF -- "\"$words\"" "$ROOT"/sign/test/*.c || missing+="fmt/$name.c: $words"$'\n'
		done < <(messages "$ROOT/sign/fmt/$name.c")
	done
	[ "$nr" -ge 45 ]
	printf '%s' "$missing"
	[ -z "$missing" ]
}

@test "every rule of pe lint fires in a test" {
	nr=0 missing=
	while read -r rule; do
		nr=$((nr + 1))
		grep -qF -e "\"$rule\", " -e "advice: $rule: " "$ROOT"/{sign/test/pe_lint_test.c,tests/pe-lint.bats} || missing+="$rule"$'\n'
	done < <(sed -n -E 's/^(\t|.*= )\{ "([a-z-]+)", KS_LINT_[A-Z]*, .*/\2/p' "$ROOT/sign/ops/pe_lint.c")
	[ "$nr" -ge 20 ]
	printf '%s' "$missing"
	[ -z "$missing" ]
}
