#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# configs/resolved: what the requests of each SKU come to is under review, and no other configuration is built.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p configs/{sku,resolved}
	printf '%s\n' DESCRIPTION=root ARCH=x86_64 FRAGMENTS=f QUEUE=6.18 KEYRING=none >configs/sku/root.sku
	printf '%s\n' DESCRIPTION=one BASE=root >configs/sku/one.sku
	printf '%s\n' DESCRIPTION=two BASE=one >configs/sku/two.sku
	printf '%s\n' '#' '# Linux/x86 6.18 Kernel Configuration' '#' 'CONFIG_CC_VERSION_TEXT="gcc 12"' CONFIG_GCC_VERSION=120200 \
		CONFIG_CC_IS_GCC=y CONFIG_A=y '# CONFIG_B is not set' 'CONFIG_TEXT="a"' CONFIG_Z=m >config
	compare root
	cp out configs/resolved/root.config
}

compare() { run "$KSEAL_BIN/kconfig-check" resolved --config config --sku "$1" --output out; }

# differs NAME.EXT TEXT: a clear no that says so
differs()
{
	[[ $status -eq 3 && $output == "kconfig-check: configs/resolved/$1: $2, read the difference and commit it" ||
		$output == "kconfig-check: configs/resolved/$1: $2, read and commit it" ]] || {
		printf 'not "%s: %s":\n%s\n' "$1" "$2" "$output"
		return 1
	}
}

@test "a root has it all but what only tells the versions of tools" {
	rm configs/resolved/root.config
	compare root
	differs root.config 'is not there; make config-update SKU=root'
	diff out - <<-'END'
		# SPDX-License-Identifier: LGPL-2.1-or-later
		#
		#
		CONFIG_CC_IS_GCC=y
		CONFIG_A=y
		# CONFIG_B is not set
		CONFIG_TEXT="a"
		CONFIG_Z=m
	END
	cp out configs/resolved/root.config
	sed -i 's/gcc 12/gcc 14/; s/120200/140200/' config
	compare root
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "what differs is named with both values, at most eight of them, and nothing committed is touched" {
	cp -r configs before
	sed -i 's/^CONFIG_A=y/CONFIG_A=m/; s/^CONFIG_Z=m/CONFIG_NEW=y/' config
	compare root
	differs root.config 'is not what the fragments come to now: CONFIG_A y -> m, CONFIG_NEW n -> y, CONFIG_Z m -> n; make config-update SKU=root'
	printf 'CONFIG_N%s=y\n' 1 2 3 4 5 6 7 8 9 >>config
	compare root
	[[ $output == *'CONFIG_N7 n -> y and 4 more; make config-update'* ]]
	diff -r configs before
}

@test "a root is compared by value: which symbols could be set is another matter on another machine" {
	sed -i 's/^# CONFIG_B is not set/# CONFIG_GCC_PLUGINS is not set/; s/6.18 Kernel/6.19 Kernel/' config
	compare root
	[ "$status" -eq 0 ]
	echo CONFIG_GCC_PLUGINS=y >>config
	compare root
	differs root.config 'is not what the fragments come to now: CONFIG_GCC_PLUGINS n -> y; make config-update SKU=root'
}

@test "the others have what is another value than in their base's; a difference to a difference too" {
	sed -i 's/^CONFIG_A=y/# CONFIG_A is not set/; s/^# CONFIG_B.*/CONFIG_B=m/; s/="a"/="b c"/; s/^CONFIG_Z=m/CONFIG_Y=y/; s/gcc 12/clang/' config
	compare one
	differs one.diff 'is not there; make config-update SKU=one'
	diff out - <<-'END'
		# SPDX-License-Identifier: LGPL-2.1-or-later
		-CONFIG_A=y
		+# CONFIG_A is not set
		+CONFIG_B=m
		-CONFIG_TEXT="a"
		+CONFIG_TEXT="b c"
		+CONFIG_Y=y
		-CONFIG_Z=m
	END
	cp out configs/resolved/one.diff
	compare one
	[ "$status" -eq 0 ]
	# Off is off, whether a line says so or not.
	cp config one
	sed -i '/CONFIG_A /d; /CONFIG_Y/d' config
	compare two
	[ "$(grep -v '^#' out)" = '-CONFIG_Y=y' ]
	cp out configs/resolved/two.diff
	compare two
	[ "$status" -eq 0 ]
	echo CONFIG_Z=m >>config
	compare two
	differs two.diff 'is not what the fragments come to now: CONFIG_Z n -> m; make config-update SKU=two'
	[ "$(grep -v '^#' out | xargs)" = '-CONFIG_Y=y +CONFIG_Z=m' ]
	cp one config
	compare two
	differs two.diff 'is not what the fragments come to now: CONFIG_Y n -> y; make config-update SKU=two'
	run ! grep -v '^#' out
	cp out configs/resolved/two.diff
	echo '+CONFIG_B=m' >>configs/resolved/two.diff
	compare two
	differs two.diff 'is not what the fragments come to now: a line that changes nothing, or another order; make config-update SKU=two'
}

@test "a base that is not there or is none, and a configuration that is none, are not a no" {
	compare two
	[ "$status" -eq 1 ]
	said 'is not there, and this SKU is a difference to it; make config-update: configs/resolved/one.diff'
	echo CONFIG_A=y >configs/resolved/one.diff
	compare two
	[ "$status" -eq 1 ]
	said 'configs/resolved/one.diff:1: neither "-CONFIG_X=value" nor "+" and a line of a configuration'
	echo '+A=y' >configs/resolved/one.diff
	compare two
	[ "$status" -eq 1 ]
	said 'configs/resolved/one.diff:1: neither a request nor a comment'
	rm config
	compare root
	[ "$status" -eq 1 ]
}

@test "no file of configs/resolved is that of no SKU" {
	local file name

	for file in "$ROOT"/configs/resolved/*; do
		[[ -e $file ]] || continue
		name=${file##*/}
		[[ -e $ROOT/configs/sku/${name%.*}.sku ]]
		if grep -q '^BASE=' "$ROOT/configs/sku/${name%.*}.sku"; then
			[[ $name == *.diff ]]
		else
			[[ $name == *.config ]]
		fi
	done
}
