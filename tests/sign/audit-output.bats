#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal audit as SARIF, TAP and a page: each is read by what reads such files. tests/real/audit-page looks at the page in
# a browser.

load ../helpers
load keyring
load module-kernel
load audit

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# A verdict each; a reason and a path that would be markup.
	policy 'source it <b>"its"</b> & '"'settings'" 'A y us config </td><script>alert(1)</script> "a" & '"'b'" 'B y us,it config b' \
		'C n us config c # SKIP' 'D y us config d' 'E=y requires F y us config f' 'G y us config since=9.1 g'
	config CONFIG_C=y CONFIG_D=y
	printf '%s\n' 'source s' 'unproved u' 'C is used' >x.need
	echo 'B one until=2026-06-30 owner=<i>k</i> it is # slow' >exceptions
	export SOURCE_DATE_EPOCH=1767225600
	ARGS=(config --policy p.policy --need x.need --exceptions exceptions --sku one)
}

# well_formed FILE: each element is closed where HTML wants it, no text became markup, nothing comes from elsewhere
well_formed() {
	python3 - "$1" <<'PY'
import base64, hashlib, html.parser, re, sys

VOID = {"meta", "input", "br", "link", "img"}


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.scripts, self.styles, self.text, self.ids = [], {}, [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "style"), (tag, attrs)
            if name == "href":
                assert value.startswith("#"), value
            if name == "id":
                self.ids.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open, self.getpos())

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        {"script": self.scripts, "style": self.styles}.get(inside, self.text).append(data)


page = open(sys.argv[1], encoding="utf-8").read()
reader = Reader()
reader.feed(page)
reader.close()
assert not reader.open, reader.open
assert reader.tags["script"] == 1 and reader.tags["style"] == 1 and "b" not in reader.tags and "i" not in reader.tags
assert len(reader.ids) == len(set(reader.ids))
assert page.startswith("<!DOCTYPE html>\n<html lang=\"en\">") and "viewport" in page
assert "http:" not in page and "https:" not in page and "url(" not in page and "@import" not in page
policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
for part in ("".join(reader.scripts), "".join(reader.styles)):
    assert "'sha256-" + base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() + "'" in policy
assert "default-src 'none'" in policy
print(" ".join("".join(reader.text).split()))
PY
}

@test "SARIF has a rule and a result for each row, and the verdict as kind, level and suppression" {
	run -3 kseal audit "${ARGS[@]}" --sarif .config
	printf '%s\n' "$output" >out.sarif
	[ "$(jq -r '.version + " " + .runs[0].tool.driver.name' out.sarif)" = '2.1.0 kseal audit' ]
	[ "$(jq -r '[.runs[0].results[] | "\(.ruleId): \(.kind) \(.level)\(.suppressions // [] | map(" " + .status) | join(""))"] | join("\n")' out.sarif)" = \
		"A: fail error
B: fail error accepted
C: informational none
D: pass none
F if E=y: notApplicable none
G since 9.1: notApplicable none" ]
	# What the standard wants of an index, a location, and of a level beside a kind that is not fail (3.27.10).
	jq -e '.runs[0] | .tool.driver.rules as $rules | .results | all(.ruleId == $rules[.ruleIndex].id and
		(.kind == "fail" or .level == "none") and (.message.text | length > 0) and
		.locations[0].physicalLocation.artifactLocation.uri == ".config" and
		.relatedLocations[0].physicalLocation.artifactLocation.uri == "p.policy" and
		.relatedLocations[0].physicalLocation.region.startLine > 1)' out.sarif
	[ "$(jq -r '.runs[0].tool.driver.rules | map(.id) | unique | length' out.sarif)" = 6 ]
	[ "$(jq -r '.runs[0].results[0].message.text' out.sarif)" = "A is not there, wanted y: </td><script>alert(1)</script> \"a\" & 'b'" ]
	[ "$(jq -r '.runs[0].results[1].suppressions[0].justification' out.sarif)" = 'it is # slow' ]
	# By its schema, where somebody has it.
	[ -z "${SARIF_SCHEMA-}" ] || python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open("out.sarif")), json.load(open(sys.argv[1])))' "$SARIF_SCHEMA"
	# A name is a URI, whatever is in it.
	cp .config 'a b:%#?.config'
	run -3 kseal audit "${ARGS[@]}" --sarif 'a b:%#?.config'
	[ "$(jq -r '.runs[0].artifacts[0].location.uri' <<<"$output")" = 'a%20b%3A%25%23%3F.config' ]
	run -3 kseal audit "${ARGS[@]}" --sarif "$PWD/.config"
	[ "$(jq -r '.runs[0].artifacts[0].location.uri' <<<"$output")" = "file://$PWD/.config" ]
}

@test "TAP is what the kernel's own parser takes, with the same counts" {
	run -3 kseal audit "${ARGS[@]}" --tap .config
	printf '%s\n' "$output" >out.tap
	diff - out.tap <<-'END'
		TAP version 13
		1..6
		not ok 1 A
		# is not there, wanted y: </td><script>alert(1)</script> "a" & 'b' (p.policy:3)
		ok 2 B # XFAIL until 2026-06-30, <i>k</i>: it is + slow (exceptions:1)
		ok 3 C # XFAIL needed by x (x.need:3)
		ok 4 D
		ok 5 F if E=y # SKIP asked for only with E=y
		ok 6 G since 9.1 # SKIP for releases since 9.1, and this is 6.18.15: the rule does not apply
		# Totals: pass:1 fail:1 xfail:2 xpass:0 skip:2 error:0
	END
	# This project's reader of it, as for the programs of kselftest-extra.
	kernel_sources tools/testing/kunit/kunit_parser.py tools/testing/kunit/kunit_printer.py
	sed 's/^TAP version 13$/KTAP version 1/' out.tap | PYTHONPATH=$SOURCES/tools/testing/kunit python3 -c 'import sys, kunit_parser
from kunit_printer import Printer
import io
test = kunit_parser.parse_run_tests(sys.stdin.readlines(), Printer(silence_stdout=True) if "silence_stdout" in Printer.__init__.__code__.co_varnames else Printer(io.StringIO()))
c = test.counts
print(c.passed, c.failed, c.skipped, c.errors)' >parsed
	[ "$(tail -n 1 parsed)" = '3 1 2 0' ] || { cat parsed; false; }
}

@test "the page says what the audit says, and markup in a policy stays text" {
	run -3 kseal audit "${ARGS[@]}" --html page.html --tap .config
	[ "${lines[0]}" = 'TAP version 13' ]
	well_formed page.html >text
	grep -F "</td><script>alert(1)</script> \"a\" & 'b'" text
	grep -F 'until 2026-06-30, <i>k</i>: it is # slow (exceptions:1)' text
	grep -F "<b>\"its\"</b> & 'settings'" text
	grep -F 'A wanted y' text
	grep -F 'needed by x (x.need:3)' text
	grep -F '1 fail, 1 excepted, 1 needed, 1 ok, 2 other' text
	# A name with markup is text as well.
	cp .config '<script>x.config'
	run -3 kseal audit "${ARGS[@]}" --html page.html '<script>x.config'
	well_formed page.html | grep -F '<script>x.config'
	# And nothing is half written.
	run -1 kseal audit "${ARGS[@]}" --html no/such/page.html .config
	mkdir full
	cp page.html full
	run -1 kseal audit "${ARGS[@]}" --html full .config
	cmp page.html full/page.html
}

@test "one page of several audits, and what changed since earlier ones" {
	kseal audit "${ARGS[@]}" --json .config >one.json || [ $? = 3 ]
	sed -i 's/CONFIG_D=y/CONFIG_A=y/' .config
	kseal audit "${ARGS[@]}" --json .config >new.json || [ $? = 3 ]
	# Another SKU, with a policy of its own.
	policy 'H y us config h'
	kseal audit config --policy p.policy --sku two --json .config >two.json || [ $? = 3 ]
	run -0 kseal audit page --output page.html --before one.json new.json two.json
	[ -z "$output" ]
	well_formed page.html >text
	grep -F 'A: fail, not there → ok, y' text
	grep -F 'D: ok, y → fail, not there' text
	grep -F '7 rules:' text
	grep -F 'not asked' text
	[ "$(grep -c data-changed page.html)" = 2 ]
	# Nothing changed, and nothing to compare with.
	kseal audit page --output page.html --before new.json new.json two.json
	well_formed page.html | grep -F 'What changed one nothing'
	kseal audit page --output page.html new.json two.json
	well_formed page.html >text
	run ! grep -F 'What changed' text
	# What the document has beside it is shown if it is known, and passed over if not.
	jq '.signers = {"keys": [{"name": "a <b>CA</b>", "signs": ["modules", "kexec"]}],
		"keyrings": [{"name": ".machine", "there": false}]} | .findings = [{"rule": "r", "what": "w"}] |
		.nobody_knows = {"x": ["y"]}' new.json >more.json
	kseal audit page --output page.html more.json
	well_formed page.html >text
	grep -F 'Who can sign' text
	grep -F 'a <b>CA</b>' text
	grep -F 'modules, kexec' text
	run ! grep -F .machine text
	grep -F Findings text
	run ! grep -F nobody text
}

# refused WORDS FILTER: what the jq FILTER makes of one.json
refused() {
	jq -c "$2" one.json >bad.json
	bad "$1" page --output page.html bad.json
	[ ! -e page.html ]
}

@test "a page is made of audits only" {
	kseal audit "${ARGS[@]}" --json .config >one.json || [ $? = 3 ]
	refused 'bad.json: JSON is not a document that says its schema is: kseal/audit/1' '.schema = "kseal/audit/2"'
	refused 'says its schema is' '[.]'
	refused 'bad.json: audit lacks a key, or it has another type: rules' 'del(.rules)'
	refused 'another type: rules[1].sources' '.rules[1].sources = "us"'
	refused 'another type: rules[0].effective' '.rules[0].effective = {}'
	refused 'another type: rules[0].rule' '.rules[0] = []'
	refused 'another type: sources[0].document' '.sources[0].document = null'
	head -c 200 one.json >bad.json
	bad 'bad.json: is not JSON' page --output page.html bad.json
	cat one.json one.json >bad.json
	bad 'bad.json: is not JSON: unexpected character' page --output page.html bad.json
	{ printf '%0.s[' {1..5000}; } >bad.json
	bad 'bad.json: is not JSON' page --output page.html bad.json
	bad 'none.json: ' page --output page.html none.json
	kseal audit page --output page.html one.json
	run -2 kseal audit page one.json
}
