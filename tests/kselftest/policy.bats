#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kselftest-extra/policy, which holds compiled rules against the kernel that runs: what it reads, what it compares, what
# it refuses, with a directory in the place of /proc and /sys. The rules are made by `kseal audit compile`.

load ../helpers
load ../sign/module-kernel

extra=$ROOT/kselftest-extra
selftests=tools/testing/selftests

setup_file()
{
	kernel_sources $selftests/{lib.mk,kselftest.h,kselftest_harness.h}
	mkdir -p "$BATS_FILE_TMPDIR/out"
	make -s -C "$extra/policy" "KSFT=$SOURCES/$selftests" "OUTPUT=$BATS_FILE_TMPDIR/out" \
		USERCFLAGS=-Werror >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/log"
		return 1
	}
}

setup()
{
	[[ -e $BATS_FILE_TMPDIR/out/policy ]] || skip "no sources of the kernel's selftests"
	cd "$BATS_TEST_TMPDIR" || return 1
	export KSEAL_MODE=enforced KSEAL_RULES=rules KSEAL_ROOT=$PWD/root
	mkdir -p root/proc/sys/kernel root/sys/kernel/security root/sys/module/kfence/parameters \
		root/sys/devices/system/cpu/vulnerabilities root/dev
	echo 6.18.15-kseal >root/proc/sys/kernel/osrelease
	echo x86_64 >root/proc/sys/kernel/arch
	echo 'console=ttyS0 panic=-1' >root/proc/cmdline
	printf '%s\n' '#' '# Linux/x86 6.18.15 Kernel Configuration' '#' CONFIG_X86_64=y CONFIG_IKCONFIG_PROC=y \
		CONFIG_Y=y CONFIG_M=m '# CONFIG_OFF is not set' CONFIG_NUM=64 CONFIG_HEX=0x10 'CONFIG_LIST="a,b"' 'CONFIG_TEXT=""' >config
	running config
}

# running FILE: what the kernel says that it was made of
running() { gzip -c "$1" >root/proc/config.gz; }

# policy LINE...: rules of these lines, compiled
policy()
{
	printf '%s\n' 'source own a test' "$@" >p.policy
	# What is wrong with the configuration has to show at run time.
	kseal audit compile --policy p.policy ${need:+--need "$need"} ${exceptions:+--exceptions "$exceptions" --sku one} --output rules config
}

hold() { run "$BATS_FILE_TMPDIR/out/policy"; }

# holds: all rules; the control of what follows it
holds()
{
	hold
	[ "$status" -eq 0 ] || {
		echo "$output"
		return 1
	}
}

# fails CASE TEXT: it alone fails, and TEXT says why
fails()
{
	hold
	[[ $status -eq 1 && $(grep -c '^not ok' <<<"$output") -eq 1 && $output == *"not ok "*" $1"* && $output == *"$2"* ]] || {
		printf 'not "%s":\n%s\n' "$2" "$output"
		return 1
	}
}

@test "a case for each rule, listed without a kernel; the plan of the VM has them" {
	policy 'Y y own config a' 'OFF n own config b' 'Y=y requires OFF=n own config c' 'Y=n requires M=n own config d'
	run "$BATS_FILE_TMPDIR/out/policy" -l
	[ "$(awk -v program=policy -f "$extra/init/plan.awk" <<<"$output" | xargs -n 2 | cut -d ' ' -f 2 | xargs)" = \
		'global.the_rules_are_those_of_this_kernel rule.Y rule.OFF rule.OFF.2' ]
	holds
	[ "${lines[1]}" = 1..4 ]
}

@test "each value of a policy, true and false, by the configuration of the running kernel" {
	local value symbol good bad

	while read -r symbol value good bad; do
		policy "$symbol ${value//_/ } own config because"
		sed "s/.*CONFIG_${symbol}[= ].*/$good/" config >now
		running now
		holds
		sed "s/.*CONFIG_${symbol}[= ].*/$bad/" config >now
		running now
		fails "rule.$symbol" 'wanted'
		said '(own: because)'
	done <<-'END'
		Y y CONFIG_Y=y CONFIG_Y=m
		Y m|y CONFIG_Y=m CONFIG_Z=y
		OFF n # CONFIG_OFF=y
		OFF absent # CONFIG_OFF=y
		NUM >=64 CONFIG_NUM=65 CONFIG_NUM=63
		NUM <=64 CONFIG_NUM=64 CONFIG_NUM=65
		NUM 64 CONFIG_NUM=64 CONFIG_NUM=640
		HEX 16 CONFIG_HEX=0x10 CONFIG_HEX=0x11
		LIST contains_b,a CONFIG_LIST="a,c,b" CONFIG_LIST="a,bb"
		LIST "a,b" CONFIG_LIST="a,b" CONFIG_LIST="a"
		TEXT "" CONFIG_TEXT="" CONFIG_TEXT="x"
		M one-of_m,n CONFIG_M=m CONFIG_M=y
	END
}

@test "it says of a configuration what kseal audit config says" {
	local value nr=0

	for value in y n m '"m|y"' absent 64 0x40 '>=64' '<=64' '>=0x41' '""' '"a,b"' 'contains a' 'contains a,c' 'one-of n,64' 'one-of y,m'; do
		value=${value/'"m|y"'/m|y}
		for symbol in Y M OFF NUM HEX LIST TEXT NOWHERE; do
			printf '%s\n' 'source own a test' "$symbol $value own config,runtime b" "probe $symbol path /proc/cmdline" >p.policy
			rc=0
			kseal audit config --policy p.policy config >/dev/null || rc=$?
			kseal audit compile --policy p.policy --output rules config >/dev/null
			hold
			[[ $status -eq 0 && $rc -eq 0 || $status -eq 1 && $rc -eq 3 ]] || {
				echo "$symbol $value: kseal $rc, policy $status"
				echo "$output"
				return 1
			}
			nr=$((nr + (rc == 0)))
		done
	done
	# Both answers came.
	((nr >= 15 && nr < 100))
}

@test "the command line is in effect, its last word, and however the parameter is written" {
	policy 'Y y own config because' 'effect init_y=0|of* Y n' 'effect init_y=1 Y y' 'effect no-y Y n' 'NUM >=64 own config size' 'effect num=* NUM *'
	holds
	local words

	for words in init_y=0 init-y=off 'init_y=1 init_y=offline' 'a="b init_y=1" init_y=0' no_y; do
		echo "console=ttyS0 $words" >root/proc/cmdline
		fails rule.Y 'CONFIG_Y is n by '
	done
	for words in init_y=1 'init_y=0 init_y=1' init_yy=0 'a="init_y=0 b"' init_y no_y=1 no num=64 num=0x40; do
		echo "$words" >root/proc/cmdline
		holds
	done
	echo num=8 >root/proc/cmdline
	fails rule.NUM 'CONFIG_NUM is 8 by num=8 of the command line, wanted >= 64'
}

@test "the older name of a symbol" {
	policy 'NEW y own config was=Y x'
	holds
	sed s/CONFIG_Y=y/CONFIG_Y=m/ config >now
	running now
	fails rule.NEW 'CONFIG_NEW is m'
}

@test "each kind of probe, and the expectation that is false" {
	local probe file good bad

	while IFS=';' read -r probe file good bad; do
		policy 'Y y own runtime because' "probe Y $probe"
		rm -rf "root/$file"
		mkdir -p "$(dirname "root/$file")"
		[[ $good == - ]] || printf '%s\n' "$good" >"root/$file"
		holds
		rm -f "root/$file"
		[[ $bad == - ]] || printf '%s\n' "$bad" >"root/$file"
		fails rule.Y "CONFIG_Y: $probe: "
	done <<-'END'
		sysctl kernel.kptr_restrict >= 1;proc/sys/kernel/kptr_restrict;2;0
		sysctl kernel.kptr_restrict <= 1;proc/sys/kernel/kptr_restrict;-1;2
		sysctl kernel.kptr_restrict = 1;proc/sys/kernel/kptr_restrict;1;11
		sysctl kernel.kptr_restrict != 1;proc/sys/kernel/kptr_restrict;0;1
		sysctl kernel.kptr_restrict != 1;proc/sys/kernel/kptr_restrict;0;-
		file /sys/kernel/security/lockdown contains [integrity];sys/kernel/security/lockdown;none [integrity] confidentiality;[none] integrity confidentiality
		file /sys/kernel/security/lockdown lacks [none];sys/kernel/security/lockdown;none [integrity] confidentiality;[none] integrity confidentiality
		file /sys/kernel/security/lockdown lacks [none];sys/kernel/security/lockdown;none;-
		file /sys/kernel/x begins two words;sys/kernel/x;two words and more;one two words
		param kfence/sample_interval = 100;sys/module/kfence/parameters/sample_interval;100;0
		cpu meltdown lacks Vulnerable;sys/devices/system/cpu/vulnerabilities/meltdown;Mitigation: PTI;Vulnerable
		cpu meltdown begins Not affected;sys/devices/system/cpu/vulnerabilities/meltdown;Not affected;Mitigation: PTI
		lsm ipe;lsm_list_modules;lockdown ipe bpf;lockdown bpf
		lsm ipe;lsm_list_modules;ipe;-
		dmesg heap alloc:on;dmesg;mem auto-init: stack:all(zero), heap alloc:on;mem auto-init: heap alloc:off
		path /proc/kcore;proc/kcore;x;-
		nopath /proc/kcore;proc/kcore;-;x
	END
}

@test "all probes of a rule have to hold" {
	policy 'Y y own runtime because' 'probe Y path /proc/a' 'probe Y path /proc/b'
	touch root/proc/{a,b}
	holds
	rm root/proc/a
	fails rule.Y 'path /proc/a'
	mv root/proc/b root/proc/a
	fails rule.Y 'path /proc/b'
}

@test "lockdown by Secure Boot: there in the enforced boot, and in the control boot it must not be" {
	printf '%s\n' CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y >>config
	running config
	policy 'LOCK_DOWN_IN_EFI_SECURE_BOOT y own runtime because' 'probe LOCK_DOWN_IN_EFI_SECURE_BOOT file /sys/kernel/security/lockdown lacks [none]'
	echo 'none [integrity] confidentiality' >root/sys/kernel/security/lockdown
	holds
	KSEAL_MODE=control fails rule.LOCK_DOWN_IN_EFI_SECURE_BOOT lockdown
	KSEAL_MODE=control KSEAL_LOCKDOWN=confidentiality holds
	echo '[none] integrity confidentiality' >root/sys/kernel/security/lockdown
	fails rule.LOCK_DOWN_IN_EFI_SECURE_BOOT lockdown
	KSEAL_MODE=control holds
}

@test "what is needed or excepted is shown with its reason and not judged" {
	printf '%s\n' 'source x' 'unproved y' Y >bpf.need
	echo 'M one until=2099-12-31 owner=me it takes time' >exceptions
	need=bpf.need exceptions=exceptions policy 'Y n own runtime a' 'probe Y nopath /proc/cmdline' 'M n own config b'
	holds
	said 'not judged, needed by bpf: CONFIG_Y is y, wanted off (own: a)'
	said 'not judged, until 2099-12-31, me: it takes time: CONFIG_M is m, wanted off (own: b)'
	policy 'Y n own runtime a' 'probe Y path /proc/cmdline'
	fails rule.Y 'CONFIG_Y is y, wanted off'
}

@test "rules of another release or architecture, and a kernel that does not say what it is made of" {
	policy 'Y y own config a'
	holds
	echo 6.180.1 >root/proc/sys/kernel/osrelease
	fails global.the_rules_are_those_of_this_kernel 'rules of 6.18, kernel 6.180.1'
	echo 6.12.1 >root/proc/sys/kernel/osrelease
	fails global.the_rules_are_those_of_this_kernel 'rules of 6.18, kernel 6.12.1'
	echo 6.18.1 >root/proc/sys/kernel/osrelease
	echo aarch64 >root/proc/sys/kernel/arch
	fails global.the_rules_are_those_of_this_kernel aarch64
	sed -i 's/^kernel 6.18 x86_64/kernel 6.18 arm64/' rules
	holds
	rm root/proc/config.gz
	fails rule.Y '/proc/config.gz: No such file or directory'
	head -c 60 <(gzip -c config) >root/proc/config.gz
	fails rule.Y '/proc/config.gz: '
}

@test "a file of rules that is not exactly one is refused, in the plan as in the VM" {
	local change line

	policy 'Y y own runtime a' 'probe Y path /proc/cmdline' 'NUM >=3 own config b' 'effect num=* NUM *'
	cp rules good
	while IFS=';' read -r line change; do
		sed "$change" good >rules
		hold
		[[ $status -eq 1 && $output == *"rules: $line"* ]] || {
			echo "$change: $output"
			return 1
		}
		run ! "$BATS_FILE_TMPDIR/out/policy" -l
		[ "$(awk -v program=policy -f "$extra/init/plan.awk" <<<"$output" | wc -l)" -eq 0 ]
	done <<-'END'
		line 2: not "kseal-rules 1";s/^kseal-rules 1/kseal-rules 2/
		line 3: not "kernel RELEASE ARCH SKU";s/^kernel.*/kernel 6.18 x86_64/
		line 3: not "kernel RELEASE ARCH SKU";s/^kernel.*/kernel a b c d/
		line 4: not "rule NAME;s/^rule Y ok/rule Y maybe/
		line 4: not "rule NAME;s/^rule Y ok/rule Y /
		line 4: not "rule NAME;s/^rule Y ok/rule Y-Z ok/
		line 4: no record of a rule: frule;s/^rule Y ok/frule Y ok/
		line 5: no record of a rule: why;s/^why own: a/why/
		line 6: why is not in its place;/^why own: a/{N;s/\(.*\)\n\(.*\)/\2\n\1/}
		line 7: the rule above, Y, lacks;s/^why own: a/probe path \/x/;/^config Y/d
		line 8: a second rule Y;s/^rule NUM/rule Y/
		line 8: the rule above, Y, lacks;/^why own: a/s/^why.*/# none/
		line 8: the rule above, Y, lacks;s/^rule Y ok/rule Y needed/
		line 6: not "config SYMBOL;s/^config Y is y/config Y like y/
		line 6: not "config SYMBOL;s/^config Y is y/config Y/
		line 6: config Y off has a wrong value;s/^config Y is y/config Y off y/
		line 10: config NUM >= has a wrong value;s/^config NUM >= 3/config NUM >= three/
		line 10: config NUM >= has a wrong value;s/^config NUM >= 3/config NUM >=/
		line 7: a probe that is not known;s/^probe path/probe patch/
		line 7: a probe that is not known;s/^probe path.*/probe sysctl kernel.x/
		line 7: a probe that is not known;s/^probe path.*/probe sysctl kernel.x ~ 1/
		line 7: a probe that is not known;s/^probe path.*/probe sysctl kernel.x >= one/
		line 7: a probe that is not known;s/^probe path.*/probe path proc/
		line 7: a probe that is not known;s/^probe path.*/probe path \/proc\/..\/x/
		line 7: a probe that is not known;s/^probe path.*/probe param kfence = 1/
		line 7: a probe that is not known;s/^probe path.*/probe lsm/
		line 11: not "effect;s/^effect.*/effect num=1/
		line 12: end says another number;s/^end 2/end 3/
		line 12: end says another number;s/^end 2/end/
		line 12: something stands behind the end;$s/$/\nend 2/
		line 12: the file has no end;$d
		line 0: control byte at offset;s/^why own: a/why own: \x01/
	END
	: >rules
	hold
	[[ $status -eq 1 && $output == *'rules: line 0: 0 bytes'* ]]
	rm rules
	hold
	[[ $status -eq 1 && $output == *'rules: cannot read it: No such file'* ]]
}
