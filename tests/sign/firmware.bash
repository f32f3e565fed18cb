# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A directory for `vm judge`: keys of the run, the application, and stores of signature lists.

OVMF=${OVMF_DIR:-/usr/share/OVMF}
OWNER=6338560e-65d1-439d-ad68-274b9fc09278

# new_judge DIR: with what every boot needs: judge.efi (signed by the only certificate that the first
# store has), control.efi, vars.fd, and no case
new_judge()
{
	local dir=$1 name usage

	mkdir -p "$dir/keys" "$dir/images" "$dir/stores"
	for name in PK KEK start; do
		usage=digitalSignature
		# As dev-keys makes them.
		[[ $name == start ]] || usage=digitalSignature,keyCertSign
		openssl req -x509 -nodes -newkey rsa:2048 -keyout "$dir/keys/$name.key" -out "$dir/keys/$name.pem" \
			-subj "/CN=$name of a run" -days 3650 -addext "keyUsage=critical,$usage" 2>/dev/null
		chmod 0600 "$dir/keys/$name.key"
	done
	"$ROOT/scripts/vm/efi/build" "$dir/control.efi"
	"$KSEAL_BIN/kseal" pe sign --key "$dir/keys/start.key" --cert "$dir/keys/start.pem" \
		--output "$dir/judge.efi" "$dir/control.efi"
	SOURCE_DATE_EPOCH=1000000000 "$KSEAL_BIN/kseal" efi vars --template "$OVMF/OVMF_VARS_4M.fd" \
		--output "$dir/vars.fd" --pk "$dir/keys/PK.pem" --kek "$dir/keys/KEK.pem" --db "$dir/keys/start.pem"
	hash-to-efi-sig-list "$dir/control.efi" "$dir/control.esl" >/dev/null
}

# new_store DIR NAME DB DBX: two files of signature lists, or empty ones, as updates signed by the KEK.
# Each is younger than the one before, or the firmware would refuse it: name them in this order.
new_store()
{
	local dir=$1 to=$1/stores/$2 nr when

	nr=$(find "$dir/stores" -mindepth 1 -maxdepth 1 | wc -l)
	when=$(date -u -d "@$((1100000000 + nr * 60))" '+%F %T')
	mkdir "$to"
	cat "$dir/control.esl" "$3" >"$to/db.esl"
	cp "$4" "$to/dbx.esl"
	for nr in db dbx; do
		sign-efi-sig-list -t "$when" -g "$OWNER" -k "$dir/keys/KEK.key" -c "$dir/keys/KEK.pem" "$nr" \
			"$to/$nr.esl" "$to/$nr.auth" >/dev/null
	done
}

# judge DIR [OPTION...]: one line "STORE IMAGE SECURITY LOAD" per line "STORE IMAGE" of DIR/cases
judge()
{
	local dir=$1

	shift
	"$KSEAL_BIN/vm" judge --accel tcg --cases "$dir" --vars "$dir/vars.fd" --log-dir "$dir/log" "$@"
}

# The table of cases: tests/sign/firmware/table tells what its columns are.
TABLE=$ROOT/tests/sign/firmware/table

# table_rows [MARK]: its rows, or those with the mark
table_rows() { awk -F '\t' -v mark="${1-}" '/^[+-]\t/ && (mark == "" || $1 == mark)' "$TABLE"; }

# generate DIR: new_judge with every image and store of tests/sign/firmware/*.c, no case yet
generate()
{
	local dir=$1 store

	new_judge "$dir"
	mkdir "$dir/lists"
	"${CC:-gcc}" -O1 -Wall -Wextra -Werror -o "$dir/generate" "$ROOT"/tests/sign/firmware/*.c -lcrypto
	"$dir/generate" "$dir/images" "$dir/lists" >"$dir/names"
	while read -r store; do
		new_store "$dir" "$store" "$dir/lists/$store/db.esl" "$dir/lists/$store/dbx.esl"
	done <"$dir/names"
}

# put_cases DIR ROWS: what those rows of the table ask, stores as they were made
put_cases()
{
	awk -F '\t' 'NR == FNR { of[$2] = of[$2] $2 " " ($3 == "-" ? "-" : $3 ".efi") "\n"; next }
		{ printf "%s", of[$1] }' "$2" "$1/names" >"$1/cases"
}

# firmware_says DIR [OPTION...]: "STORE IMAGE SIGNATURE LOAD" for each case, in the table's words
firmware_says()
{
	judge "$@" >"$1/answers" || return
	awk 'function word(s) { return s == "SUCCESS" ? "yes" : s == "ACCESS_DENIED" ? "no" : s }
		{ sub(/[.]efi$/, "", $2); print $1, $2, word($3), word($4) (NF > 4 ? "+DAMAGE" : "") }' OFS='\t' "$1/answers"
}

# kseal_says DIR: "STORE IMAGE VERIFY LINT" for each case with an image
kseal_says()
{
	local lib=${KSEAL_LIB:-${KSEAL_BIN%/bin}/lib/libkseal.a}
	local -a sanitize=()

	! nm "$lib" 2>/dev/null | grep -q __asan_init || sanitize=("-fsanitize=address,undefined")
	# shellcheck disable=SC2046 # options
	"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror "${sanitize[@]}" -I"$ROOT/sign" -o "$1/pe-says" \
		"$ROOT/tests/sign/pe-says.c" "$lib" $(make -s -C "$ROOT" -f scripts/build/tools.mk list-libs) || return
	"$1/pe-says" "$1"
}

# verbs_say DIR: the same of lines on stdin as in DIR/cases, by the verbs themselves
verbs_say()
{
	local dir=$1 store image trust dbx verify lint rc

	while read -r store image; do
		[[ $image != - ]] || continue
		trust=$dir/lists/$store/trust.pem dbx=() verify=-
		[[ ! -s $dir/lists/$store/dbx.esl ]] || dbx=(--dbx "$dir/lists/$store/dbx.esl")
		# A db without a certificate cannot be said to kseal.
		if [[ -e $trust ]]; then
			"$KSEAL_BIN/kseal" pe verify --trust "$trust" "${dbx[@]}" "$dir/images/$image" >"$dir/said" 2>&1 && rc=0 || rc=$?
			verify=$(answer "$rc" "$dir/said") || return
		fi
		"$KSEAL_BIN/kseal" pe lint "$dir/images/$image" >"$dir/said" 2>&1 && rc=0 || rc=$?
		lint=$(answer "$rc" "$dir/said") || return
		printf '%s\t%s\t%s\t%s\n' "$store" "${image%.efi}" "$verify" "$lint"
	done
}

# An image that cannot be read is not verified.
answer()
{
	case $1 in
	0) echo yes ;;
	1 | 3) echo no ;;
	*)
		cat "$2" >&2
		return 1
		;;
	esac
}

# differs ROWS COLUMN VERSION ANSWERS: what was answered otherwise than the table says in COLUMN and the
# next one, or not at all. VERSION picks one of a cell's words; 0 is for cells of one word.
differs()
{
	awk -F '\t' -v column="$2" -v version="$3" '
		function cell(text, words) { return version && split(text, words, ",") > 1 ? words[version] : text }
		NR == FNR { got[$1 "\t" $2] = $3 "\t" $4; next }
		column == 6 && $3 == "-" { next }
		{
			want = cell($column) "\t" cell($(column + 1))
			have = ($2 "\t" $3) in got ? got[$2 "\t" $3] : "no answer"
			if (want != have)
				print $2, $3 ": the table says " want ", it is " have
		}' "$4" "$1"
}

# ovmf_version: of the installed one, as the table's head has it
ovmf_version()
{
	local version

	# shellcheck disable=SC2016 # dpkg's own variable
	version=$(dpkg-query -W -f '${Version}' ovmf 2>/dev/null) || return
	version_column "${version%%[-+]*}" >/dev/null || return
	echo "${version%%[-+]*}"
}

# version_column VERSION: which word of a cell is that version's
version_column()
{
	sed -n 's/^# versions: //p' "$TABLE" | tr ' ' '\n' | grep -nxF "$1" | cut -d : -f 1 | grep .
}

# check_table: what must hold between the columns of every row
check_table()
{
	awk -F '\t' '
		function bad(why) { print $2, $3 ": " why; failed = 1 }
		function some(cell) { return cell ~ /(^|,)yes(,|$)/ }
		function all(cell) { return cell == "yes" }
		/^! / { split($0, part, " "); legend[part[2]] = 1; next }
		!/^[+-]\t/ || $3 == "-" { next }
		{
			if (($2 "\t" $3) in seen)
				bad("twice in the table")
			seen[$2 "\t" $3] = 1
			odd = 0
			if ($6 == "yes" && !some($4))
				bad("kseal says yes, and every version of the firmware refuses it")
			# Refused by some, or accepted by some: which ones, and why kseal sides with whom.
			odd = ($6 == "yes" && !all($4)) || ($6 != "yes" && some($4))
			# Behind the signature: what does not load has to be told, what loads not.
			odd = odd || ($7 == "yes" && some($4) && !all($5)) || ($7 == "no" && some($5))
			if (odd && NF < 8)
				bad("kseal and the firmware differ, and no reason is said")
			if (!odd && NF > 7)
				bad("a reason, and nothing to explain")
			for (i = split($8, reasons, " "); NF > 7 && i; i--) {
				used[reasons[i]] = 1
				if (!(reasons[i] in legend))
					bad("no such reason: " reasons[i])
			}
		}
		END {
			for (r in legend)
				if (!(r in used)) {
					print r ": a reason that no row has"
					failed = 1
				}
			exit failed
		}' "$TABLE"
}
