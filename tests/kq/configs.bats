#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq rebase tells the configs: symbols that came, went or were renamed, for each SKU, and no other.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

# release N: directory linux-6.18.N, to be filled
release() {
	mkdir -p "linux-6.18.$1/arch/arm64" "linux-6.18.$1/drivers"
	printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = %s\n' "$1" > "linux-6.18.$1/Makefile"
	seq 1 100 > "linux-6.18.$1/f"
	printf 'config STAYS\n\tbool "Stays"\n' > "linux-6.18.$1/Kconfig"
}

setup_configs() {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	release 5
	release 9
	mkdir -p old configs/sku
	cp linux-6.18.5/f old/
	change 0001-x.patch f 's/^20$/new/'
	printf 'ARCH=x86_64\nQUEUE=queue\n' > configs/sku/one.sku
	printf 'ARCH=arm64\nQUEUE=queue\n' > configs/sku/two.sku
	printf 'ARCH=x86_64\nQUEUE=5.15\n' > configs/sku/other.sku
	echo '# decisions' > configs/decisions
	{ printf 'config GOES\n\tbool "Goes"\n'; printf 'config OLD\n\tint "A number"\n'; } > linux-6.18.5/drivers/Kconfig
	{ printf 'config COMES\n\ttristate "Comes"\n\tdepends on PCI\n\thelp\n\t  What it is.\n'
	  printf 'config NEW\n\tint "A number"\n'
	  printf 'config QUIET\n\tdef_bool y\n'; } > linux-6.18.9/drivers/Kconfig
	printf 'config ARMED\n\tbool "Armed"\n' > linux-6.18.9/arch/arm64/Kconfig
}

# to_nine STATUS [OPTION...]
to_nine() {
	local want=$1

	shift
	tar -cf 5.tar linux-6.18.5
	tar -cf 9.tar linux-6.18.9
	run "$KQ" rebase --queue queue --from 5.tar --to 9.tar "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

decided() { grep -v '^#' configs/decisions; }

@test "each symbol with a question gets a line for the SKUs that see it" {
	setup_configs
	to_nine 0
	decided | sort > have
	sort > want <<-'END'
		6.18.9 new ARMED two undecided
		6.18.9 new COMES one,two undecided
		6.18.9 removed GOES one,two undecided
		6.18.9 renamed OLD=NEW one,two undecided
	END
	diff want have
	[ "$(head -n 1 configs/decisions)" = '# decisions' ]
}

@test "the report has prompt, help and place, also of symbols that nobody is asked for" {
	setup_configs
	to_nine 0
	jq -e '.config.compared and (.config.symbols | length == 5)' .kq/rebase-report.json
	jq -e '.config.symbols[] | select(.symbol == "COMES") | .file == "drivers/Kconfig" and .line == 1 and
		.prompt == "Comes" and .depends == "PCI" and .skus == "one,two" and .decide' .kq/rebase-report.json
	jq -e '.config.symbols[] | select(.symbol == "QUIET") | .decide | not' .kq/rebase-report.json
	grep -q '^### COMES: new$' .kq/rebase-report.md
	grep -q '^    What it is\.$' .kq/rebase-report.md
	grep -q '^### NEW: renamed, was OLD$' .kq/rebase-report.md
	grep -q '^Kconfig asks nobody for it\.$' .kq/rebase-report.md
}

@test "the lines are those that kconfig-check stops at" {
	setup_configs
	to_nine 0
	echo CONFIG_STAYS=y > f.config
	run "$KSEAL_BIN/kconfig-check" decide --decisions configs/decisions --sku one f.config
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ] # COMES and NEW
	sed -i 's/undecided/default not ours/' configs/decisions
	"$KSEAL_BIN/kconfig-check" decide --decisions configs/decisions --sku one f.config
}

@test "what is decided stays decided, and no line comes twice" {
	setup_configs
	to_nine 0
	sed -i '/COMES/s/undecided/default no such hardware/' configs/decisions
	cp configs/decisions before
	rm -rf queue/base.lock
	to_nine 0
	cmp before configs/decisions
}

@test "without a change of symbols nothing is written; a conflict or a trial of one SKU writes nothing either" {
	setup_configs
	cp configs/decisions before
	sed -i 's/^20$/other/' linux-6.18.9/f
	to_nine 3
	cmp before configs/decisions
	"$KQ" abort
	seq 1 100 > linux-6.18.9/f
	rm linux-6.18.9/arch/arm64/Kconfig
	cp linux-6.18.5/drivers/Kconfig linux-6.18.9/drivers/Kconfig
	to_nine 0
	cmp before configs/decisions
	grep -q 'None came, went or was renamed' .kq/rebase-report.md
}

@test "directories have no list of files: the report says that nothing was compared" {
	setup_configs
	cp -r linux-6.18.9 new
	cp -r linux-6.18.5/. old
	rebased 0
	grep -q '^Not compared: ' .kq/rebase-report.md
	[ -z "$(decided)" ]
}

@test "killed at any link or rename: going on ends with the same decisions, each once" {
	local call nr rc killed=0

	strace -o /dev/null true 2> /dev/null || skip "strace may not trace here"
	setup_configs
	cp -r queue queue.old
	to_nine 0
	cp configs/decisions want
	# A new file is linked to its name; over an old one it is renamed. strace counts each call by itself.
	for call in linkat renameat renameat2 rename; do
		for ((nr = 1; nr < 40; nr++)); do
			rm -rf queue .kq
			cp -r queue.old queue
			echo '# decisions' > configs/decisions
			rc=0
			ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -e trace="$call" \
				-e inject="$call:signal=KILL:when=$nr" \
				"$KQ" rebase --queue queue --from 5.tar --to 9.tar > said 2>&1 || rc=$?
			[ "$rc" -eq 137 ] || break
			if [ -e .kq/rebase/plan.json ]; then
				"$KQ" continue
			elif cmp -s queue/series queue.old/series && [ ! -e queue/base.lock ]; then
				"$KQ" rebase --queue queue --from 5.tar --to 9.tar
			fi
			cmp want configs/decisions
		done
		[ "$rc" -eq 0 ]
		[ "$nr" -gt 1 ] # it was killed at this call before it came to its end
		killed=$((killed + nr - 1))
	done
	[ "$killed" -ge 10 ]
}
