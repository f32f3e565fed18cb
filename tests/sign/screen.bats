# SPDX-License-Identifier: LGPL-2.1-or-later
# A terminal and none: colour, progress, quiet, and 80 columns. The terminal is one that script(1) opens.

# shellcheck disable=SC2016 # variables of the shell on that terminal

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	new_cert other
	kseal pe sign --key signer.key --cert signer.pem --output signed.efi "$IMAGE"
	mkdir slow
	# A signing service that takes its time.
	printf '%s\n' '#!/bin/sh' 'sleep 0.7' "exec openssl pkeyutl -sign -inkey '$PWD/signer.key' -pkeyopt digest:sha512" >service
	chmod +x service
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	unset NO_COLOR
	export TERM=xterm KSEAL=$KSEAL_BIN/kseal
}

# on_terminal COMMAND: what a terminal of its stdout and stderr gets; its exit code is the command's
on_terminal() {
	run script -qec "$1" /dev/null </dev/null
	output=${output//$'\r'$'\n'/$'\n'} output=${output%$'\r'}
}

ESC=$'\033'

@test "colour on a terminal, none in a pipe, none with NO_COLOR, and --color has the last word" {
	on_terminal '"$KSEAL" pe verify --trust signer.pem signed.efi'
	[ "$status" -eq 0 ]
	said "${ESC}["
	on_terminal '"$KSEAL" pe verify --trust signer.pem no-such-file'
	[ "$status" -eq 1 ]
	said "${ESC}[31;1mkseal:${ESC}[0m no-such-file: cannot open"
	for plain in 'NO_COLOR=1 "$KSEAL"' 'TERM=dumb "$KSEAL"' 'env -u TERM "$KSEAL"' '"$KSEAL" --color=never'; do
		on_terminal "$plain pe verify --trust signer.pem signed.efi; $plain pe hash no-such-file"
		not_said "$ESC"
		said verified
	done
	# Empty is not set: no-color.org.
	on_terminal 'NO_COLOR= "$KSEAL" pe verify --trust signer.pem signed.efi'
	said "${ESC}["
	run -0 kseal pe verify --trust signer.pem signed.efi
	not_said "$ESC"
	for always in '--color=always pe verify' 'pe verify --color always'; do
		# shellcheck disable=SC2086 # words
		NO_COLOR=1 run -0 kseal $always --trust signer.pem signed.efi
		said "${ESC}["
	done
	run -0 kseal pe verify --color=always --json --trust signer.pem signed.efi
	not_said "$ESC"
	run -2 kseal --color=sometimes pe hash signed.efi
	said '--color takes auto, always or never: sometimes'
	run -2 kseal pe hash --color
	said '--color takes auto, always or never'
}

@test "without a terminal the output is the same, but for the colour" {
	kseal pe verify --color=always --trust signer.pem signed.efi | sed 's/\x1b\[[0-9;]*m//g' >colour
	kseal pe verify --trust signer.pem signed.efi | diff - colour
	for file in signer.pem other.pem; do
		on_terminal '"$KSEAL" --color=never pe verify --trust '$file' signed.efi 2>/dev/null'
		kseal pe verify --trust $file signed.efi 2>/dev/null >plain || [ $? = 3 ]
		diff <(echo "$output") plain
	done
}

@test "a line of progress on a terminal for what takes longer than a second, and then it goes" {
	rm -rf tree
	mkdir tree
	for i in 1 2 3 4; do new_module tree/$i.ko "alias=test-$i"; done
	cp -r tree quick
	sign='"$KSEAL" module sign --jobs 1 --cert signer.pem --key'
	on_terminal "$sign exec:./service tree"
	[ "$status" -eq 0 ]
	said "2 of 4 modules${ESC}[K"
	not_said $'\r'"1 of 4 modules"
	# Last it is erased.
	[[ $output == *"4 modules${ESC}[K"*$'\r'"${ESC}[K"*"4 of 4 modules signed" ]]
	for args in '-q' '--quiet'; do
		on_terminal "$sign exec:./service --signed replace $args tree"
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
	# Quick work and a pipe have none.
	on_terminal "$sign signer.key quick"
	not_said "$ESC"
	said '4 of 4 modules signed'
	run -0 kseal module sign --jobs 1 --cert signer.pem --key exec:./service --signed replace tree
	[ "$output" = '4 of 4 modules signed' ]
}

@test "inspect and module verify show it too" {
	# Half a second goes by from one look at the clock to the next.
	cat >clock.c <<-'END'
		#include <sys/syscall.h>
		#include <time.h>
		#include <unistd.h>
		int clock_gettime(clockid_t id, struct timespec *now)
		{
			static long calls;
			if (id != CLOCK_MONOTONIC)
				return (int)syscall(SYS_clock_gettime, id, now);
			now->tv_sec = 1000 + calls / 2;
			now->tv_nsec = calls++ % 2 * 500000000;
			return 0;
		}
	END
	gcc -shared -fPIC -o clock.so clock.c
	rm -rf judged
	mkdir judged
	for i in 1 2 3 4; do new_module judged/$i.ko "alias=test-$i"; done
	kseal module sign --key signer.key --cert signer.pem judged >/dev/null
	slow='LD_PRELOAD=$PWD/clock.so ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$KSEAL"'
	for verb in 'files inspect' 'modules module verify --trust signer.pem'; do
		what=${verb%% *} verb=${verb#* }
		on_terminal "$slow $verb --jobs 1 judged"
		[ "$status" -eq 0 ]
		said $'\r'"2 of 4 $what${ESC}[K"$'\r'"3 of 4 $what${ESC}[K"$'\r'"${ESC}[K"
		not_said "1 of 4 $what"
		not_said "4 of 4 $what$ESC"
		# Not if quiet, if quick, or if stderr is no terminal.
		for plain in "$slow -q $verb --jobs 1 judged" "\"\$KSEAL\" $verb --jobs 1 judged" \
			"{ $slow $verb --jobs 1 judged; } 2>errors"; do
			on_terminal "$plain"
			[ "$status" -eq 0 ]
			not_said " of 4 $what$ESC"
		done
		run ! grep -q ' of 4 ' errors
	done
}

@test "--quiet says nothing but errors; the exit code is the answer" {
	for quiet in '-q pe verify' '--quiet pe verify' 'pe verify -q'; do
		# shellcheck disable=SC2086 # words
		run -0 kseal $quiet --trust signer.pem signed.efi
		[ -z "$output" ]
		# shellcheck disable=SC2086 # words
		run -3 --separate-stderr kseal $quiet --trust other.pem signed.efi
		[ -z "$output" ]
		# shellcheck disable=SC2154 # run sets it
		[[ $stderr == 'kseal: signed.efi: '* ]]
	done
	# Behind -- it is a file.
	run -1 kseal pe hash -- -q
	said '-q: cannot open'
}

@test "-h and -V are short for --help and --version" {
	for program in kseal kq vm; do
		diff <("$KSEAL_BIN/$program" -h) <("$KSEAL_BIN/$program" --help)
		diff <("$KSEAL_BIN/$program" -V) <("$KSEAL_BIN/$program" --version)
		[[ $("$KSEAL_BIN/$program" -V) == "$program "[0-9]* ]]
	done
	diff <(kseal module -h) <(kseal help module)
	diff <(kseal module sign -h) <(kseal help module sign)
}

# In columns, not bytes: help is ASCII.
too_wide() { awk 'length > 80 { print length ": " $0; wide = 1 } END { exit !wide }'; }

@test "help has 80 columns, of every verb of every program" {
	local program noun verb

	printf '%081d\n' 1 | too_wide
	for program in kseal kq vm; do
		{
			"$KSEAL_BIN/$program" help
			while IFS= read -r line; do
				noun=${line%%$'\t'*} verb=${line#*$'\t'}
				# shellcheck disable=SC2086 # no noun is no word
				"$KSEAL_BIN/$program" help $noun "${verb%%$'\t'*}"
				[[ -z $noun ]] || "$KSEAL_BIN/$program" help "$noun"
			done < <("$KSEAL_BIN/$program" help --words)
		} >"$program.help"
		[ "$(wc -l <"$program.help")" -gt 20 ]
		run ! too_wide <"$program.help"
	done
	# What was wrapped lost no word.
	kseal help pe verify | tr -s ' \n' ' ' | grep -qF 'what dbx holds: signature lists, an update, a variable store or JSON'
}

# A finding of a lint is a sentence on one line, as a compiler's is, for grep; these are tables.
@test "tables have 80 columns" {
	echo ID=test >os-release
	kseal uki build --stub "$STUB" --linux "$IMAGE" --cmdline quiet --os-release os-release --output u.efi
	new_module m.ko
	kseal module sign --key signer.key --cert signer.pem m.ko >/dev/null
	{
		kseal pe verify --trust signer.pem signed.efi
		kseal pe show signed.efi
		kseal keyring show signer.pem "$ROOT/keyring/microsoft.keyring"
		kseal keyring diff signer.pem other.pem || [ $? = 3 ]
		kseal efi show /usr/share/OVMF/OVMF_VARS_4M.ms.fd
		kseal uki show u.efi
		kseal module show m.ko
		kseal module verify --trust signer.pem m.ko
	} >tables
	[ "$(wc -l <tables)" -gt 60 ]
	run ! too_wide <tables
}

@test "unknown words are answered with the known ones" {
	run -2 kseal module frobnicate
	said "no verb 'module frobnicate', there are sign, verify, strip, show"
	run -2 kseal qqqq
	said "no noun 'qqqq', there are module, pe, uki, keyring, efi, offline"
	run -2 "$KSEAL_BIN/kq" qqqq
	said "no verb 'qqqq', there are apply, init, "
	run -2 kseal module sing
	said "did you mean 'module sign'?"
}
