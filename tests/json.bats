# SPDX-License-Identifier: LGPL-2.1-or-later
# docs/schema: each schema is one, takes nothing that it does not name, and is proved to refuse by the test of who
# writes the document (check_json --control).

load helpers

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# refused WORDS DOCUMENT
refused()
{
	run -1 check_json <<<"$2"
	said "$1"
}

@test "a document without its schema, of another version, or with a key twice is refused, and a good one taken" {
	new_cert one
	kseal keyring show --json one.pem >good.json
	check_json --control kseal/keyring-show <good.json
	refused 'is not an object that begins with its schema' '[]'
	refused 'begins with its schema' '{ "files": [], "schema": "kseal/keyring-show/1" }'
	refused 'is not the name of a schema' '{ "schema": "kseal/keyring-show/2" }'
	refused 'is not the name of a schema' '{ "schema": "kseal/../x/1" }'
	refused 'has no schema in docs/schema' '{ "schema": "kseal/no-such/1" }'
	refused 'a key is there twice' '{ "schema": "kseal/keyring-show/1", "files": [], "files": [] }'
	refused "'files' is a required property" '{ "schema": "kseal/keyring-show/1" }'
	refused "'more' was unexpected" '{ "schema": "kseal/keyring-show/1", "files": [], "more": 1 }'
	refused 'Unevaluated properties' "$(jq '.files[0].certificates[0].more = 1' good.json)"
	refused 'does not match' "$(jq '.files[0].certificates[0].sha256 |= ascii_upcase' good.json)"
	run -1 check_json --control kseal/pe-show <good.json
	said 'kseal/pe-show/1 was expected'
}

@test "each schema names its document, and the test that controls it" {
	cd "$ROOT/docs/schema" || return
	for file in */*.json; do
		name=${file%.json}
		[ "$(jq -r '.properties.schema.const' "$file")" = "$name/1" ]
		grep -rqF -- "check_json --control $name <" "$ROOT/tests" || {
			echo "$name: no test controls it"
			return 1
		}
	done
	files=(*/*.json)
	[ "${#files[@]}" -ge 19 ]
}

# Every object, wherever it stands in a schema, says what else it takes: nothing.
@test "no object of a schema is open" {
	cd "$ROOT/docs/schema" || return
	for file in common.json */*.json; do
		# shellcheck disable=SC2016 # the name of a schema's key
		run jq -r 'path(.. | objects | select(has("properties") and .additionalProperties != false and
			.unevaluatedProperties != false)) | map(tostring) | join("/")' "$file"
		# The one that others extend.
		# shellcheck disable=SC2016
		[[ $file == common.json && $output == '$defs/certificate' ]] || [ -z "$output" ] || {
			echo "$file: $output"
			return 1
		}
	done
}

@test "all documents have names as docs/json.md says: snake_case, and what is there twice is the same" {
	cd "$ROOT/docs/schema" || return
	run jq -r '.. | objects | .properties? // empty | keys[]' ./*.json ./*/*.json
	[ "$(grep -cvE '^[a-z][a-z0-9_]*$' <<<"$output")" -eq 0 ]
	[ "$(grep -cxF file <<<"$output")" -ge 10 ]
	run ! grep -xE 'path_hex|error|cn|kernelName|notAfter|fingerprint' <<<"$output"
}
