# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of kseal, kq and vm for bash: nouns, verbs, options, their values, and files. All words are
# those of the program's `help --words`, so that this file knows no verb and no option by itself.

# Matches of $cur among the words "$@".
_kseal_words()
{
	local word

	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
	done
}

_kseal_files()
{
	# Outside of readline there is nothing to set.
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# $1: noun, "" for those without one. Its verbs.
_kseal_verbs()
{
	local -a verbs

	mapfile -t verbs < <(awk -F '\t' -v noun="$1" '$1 == noun { print $2 }' <<<"$table")
	_kseal_words "${verbs[@]}"
}

_kseal_nouns()
{
	local -a nouns

	# A verb without a noun stands where others have theirs.
	mapfile -t nouns < <(awk -F '\t' '{ word = $1 == "" ? $2 : $1 } !seen[word]++ { print word }' <<<"$table")
	_kseal_words "${nouns[@]}" "$@"
}

# $1: the option in front of the cursor. Completes its value; fails if it takes none.
_kseal_value()
{
	local field arg
	local -a words

	# As every verb has it.
	[[ $1 != --color ]] || {
		_kseal_words auto always never
		return 0
	}

	for field in "${row[@]:3}"; do
		[[ $field == "$1="* ]] || continue
		arg=${field#*=}
		case $arg in
		*\|*)
			IFS='|' read -r -a words <<<"$arg"
			_kseal_words "${words[@]}"
			;;
		N | FD | S | VERSION | SHA256 | GUID | WORDS) ;;
		*) _kseal_files ;;
		esac
		return 0
	done
	return 1
}

_kseal_options()
{
	local field

	for field in "${row[@]:3}"; do
		_kseal_words "${field%%=*}"
	done
	_kseal_words --help --quiet --color
}

# $1: noun, "" in a program without them, $2: verb, $3: how many words come before the verb's own
_kseal_arguments()
{
	local before=${COMP_WORDS[COMP_CWORD - 1]} word line first=$3
	local -a row

	line=$(awk -F '\t' -v noun="$1" -v verb="$2" '$1 == noun && $2 == verb' <<<"$table")
	[[ -n $line ]] || return 0
	# A tab between two tabs is an empty field, which read would swallow.
	IFS=$'\x1f' read -r -a row <<<"${line//$'\t'/$'\x1f'}"
	for word in "${COMP_WORDS[@]:first:COMP_CWORD-first}"; do
		[[ $word != -- ]] || { _kseal_files; return; }
	done
	# readline cuts --name=value into three words.
	if [[ $cur == = ]]; then
		cur=
		_kseal_value "$before" && return
	elif [[ $before == = ]] && ((COMP_CWORD > first + 1)); then
		_kseal_value "${COMP_WORDS[COMP_CWORD - 2]}" && return
	fi
	if ((COMP_CWORD > first)) && _kseal_value "$before"; then
		return
	elif [[ $cur == -* ]]; then
		_kseal_options
	elif [[ -n ${row[2]} ]]; then
		_kseal_files
	fi
}

_kseal()
{
	local cur=${COMP_WORDS[COMP_CWORD]} table noun=

	COMPREPLY=()
	table=$("${1/#\~/$HOME}" help --words 2>/dev/null) || return 0
	[[ $table == $'\t'* ]] || noun=${COMP_WORDS[1]}
	if ((COMP_CWORD == 1)); then
		if [[ $table == $'\t'* ]]; then
			_kseal_verbs ''
			_kseal_words help --help --version
		else
			_kseal_nouns help --help --version
		fi
	elif [[ ${COMP_WORDS[1]} == help ]]; then
		case $noun.$COMP_CWORD in
		.2) _kseal_verbs '' ;;
		help.2) _kseal_nouns ;;
		help.3) _kseal_verbs "${COMP_WORDS[2]}" ;;
		esac
	elif [[ -z $noun || $'\n'$table == *$'\n\t'"$noun"$'\t'* ]]; then
		_kseal_arguments '' "${COMP_WORDS[1]}" 2
	elif ((COMP_CWORD == 2)); then
		_kseal_verbs "$noun"
		_kseal_words --help
	else
		_kseal_arguments "$noun" "${COMP_WORDS[2]}" 3
	fi
}

complete -F _kseal kseal kq vm
