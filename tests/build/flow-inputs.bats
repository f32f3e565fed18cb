#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
#
# The build knows what it read: each file, key, program and variable that goes into a product makes the
# stages run again which read it, and no other, and stands in the record. With the "Linux" of flow.bash,
# and stand-ins for the UKI and the virtual machine.

load flow

setup_file()
{
	new_repo
	cd repo || return 1
	stand_in
	# Programs that a test may change.
	rm out/bin
	cp -r "$KSEAL_BIN" out/bin
	mv ../keys keys
	make_it all
	mv ../repo ../made
}

make_it()
{
	XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache KERNEL_MIRROR=file://$BATS_FILE_TMPDIR KSEAL_TARBALL_MIB=1 \
		KSEAL_TREE_MIB=1 KEYS=keys SKU=tiny CCACHE_DISABLE=1 make "$@"
}

setup()
{
	# Where it was made, since records have paths.
	rm -rf "$BATS_FILE_TMPDIR/repo"
	cp -a "$BATS_FILE_TMPDIR/made" "$BATS_FILE_TMPDIR/repo"
	cd "$BATS_FILE_TMPDIR/repo" || return 1
	export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache KERNEL_MIRROR=file://$BATS_FILE_TMPDIR
	export KSEAL_TARBALL_MIB=1 KSEAL_TREE_MIB=1 KEYS=keys SKU=tiny CCACHE_DISABLE=1
}

# runs WHAT STAGE...: `make` runs these stages, and says PROVED; a second one runs nothing.
runs()
{
	local what=$1 want
	shift

	want=$(printf '%s\n' "$@" | sort | xargs)
	flow all
	[[ $status -eq 0 && $ran == "$want" && $output == *PROVED* ]] || {
		printf '%s: ran "%s", wanted "%s"\n%s\n' "$what" "$ran" "$want" "$output"
		return 1
	}
}

again()
{
	case $1 in
	*.c) echo '/* and one line more */' ;;
	*) echo '# and one line more' ;;
	esac >>"$1"
	runs "$@"
}

@test "nothing changed: nothing runs, in about a second; times alone change nothing" {
	runs nothing ''
	find . -name .git -prune -o -path ./linux -prune -o -type f -exec touch {} +
	runs times ''
}

@test "a file of the checkout" {
	again linux/PIN fetch queue
	again scripts/build/fetch fetch queue
	again scripts/build/tree queue
	again scripts/build/steps queue config keyring kernel modules sign
	again scripts/build/keys.bash sign uki test
	again scripts/build/shipped.bash sign uki
	again scripts/build/arch/x86_64 config kernel modules uki test
	again scripts/build/toolchain.bash config kernel modules uki test
	again configs/fragments/base.config config
	again scripts/kconfig/kernel/resolve.c config
	again keyring/microsoft.keyring keyring sign test
	again keyring/certs/README keyring sign test
	again scripts/build/uki uki
	again kselftest-extra/data/make-rules uki
	again scripts/build/flip uki test
	again kselftest-extra/t/none.c uki
	again kselftest-extra/t/config config uki
	again scripts/build/prove test
	again scripts/build/oracles test
	again scripts/build/images test
	again scripts/build/vmcore test
	mkdir -p configs/skips
	again configs/skips/tiny.skips config test
	again configs/boot-params config kernel
	again scripts/bootparams/boot-params config kernel
	again scripts/bootparams/boot-params.awk config kernel
	again stub uki test
	again OVMF_CODE test
	again OVMF_VARS test
	runs nothing ''
}

@test "another tarball than the cached one has to be a pinned one" {
	echo other >mine.tar.xz
	LINUX_TARBALL=mine.tar.xz flow all
	[ "$status" -ne 0 ]
	[ "$ran" = fetch ]
	said 'mine.tar.xz: SHA-256 is'
	cp "$BATS_FILE_TMPDIR/linux-9.9.1.tar.xz" mine.tar.xz
	LINUX_TARBALL=mine.tar.xz runs pinned fetch queue
}

@test "a fragment that asks for more, a patch" {
	echo 'CONFIG_BETA=y' >>configs/fragments/base.config
	runs request config kernel
	patch_of drivers/a.c '-two' '+TWO, again' >patches/9.9/0001-two.patch
	runs patch queue config kernel uki
}

@test "what the SKU says reaches the stages that are told, and no other" {
	sed -i 's/^CMDLINE=.*/CMDLINE=loud/' configs/sku/tiny.sku
	runs CMDLINE config uki test
	sed -i 's/^TESTS=.*/TESTS=some/' configs/sku/tiny.sku
	runs TESTS config uki test
	echo 'LOCKDOWN=integrity' >>configs/sku/tiny.sku
	runs LOCKDOWN config test
	# The record says from which files the SKU came, whatever changed there.
	sed -i 's/^DESCRIPTION=.*/DESCRIPTION=other/' configs/sku/tiny.sku
	runs DESCRIPTION config
	SOURCE_DATE_EPOCH=0 runs epoch kernel sign uki test
	runs epoch kernel sign uki test
	ALLOW_DEV_KEYS=1 runs ALLOW_DEV_KEYS keyring
	runs ALLOW_DEV_KEYS keyring
	echo initrd >initrd
	INITRD=initrd runs INITRD uki test
	echo other >initrd
	INITRD=initrd runs initrd uki test
}

@test "a SKU with a base: what either file says reaches the stages, by its own or by inheritance" {
	sed 's/^DESCRIPTION=.*/DESCRIPTION=a base/' configs/sku/tiny.sku >configs/sku/root.sku
	echo 'CONFIG_BETA=y' >configs/fragments/more.config
	printf '%s\n' 'DESCRIPTION=a few files' BASE=root >configs/sku/tiny.sku
	runs base config
	sed -i 's/^CMDLINE=.*/CMDLINE=loud/' configs/sku/root.sku
	runs CMDLINE config uki test
	echo ADD=more >>configs/sku/tiny.sku
	runs ADD config kernel
	again configs/fragments/more.config config
	grep -q '^READ=file [0-9a-f]* configs/sku/root.sku' out/tiny/stages/config
	echo FRAGMENTS=base >>configs/sku/tiny.sku
	flow all
	[ "$status" -ne 0 ]
	[ -z "$ran" ]
	said 'configs/sku/tiny.sku:4: FRAGMENTS in a SKU that has a BASE'
}

# row REGEX: the table has a line like this
row() { grep -q -E "^$1\$" <<<"$output" || { printf 'no row "%s" in:\n%s\n' "$1" "$output"; return 1; }; }

@test "all SKUs: one that fails stops no other, what is done is not done again, and a table says all" {
	sed 's/^DESCRIPTION=.*/DESCRIPTION=bad/; s/^FRAGMENTS=.*/FRAGMENTS=base lost/' configs/sku/tiny.sku >configs/sku/bad.sku
	echo 'CONFIG_LOST=y' >configs/fragments/lost.config
	printf '%s\n' DESCRIPTION=worse BASE=none >configs/sku/worse.sku
	flow all-skus
	[ "$status" -ne 0 ]
	[ -z "$ran" ]
	said 'configs/fragments/lost.config:1: CONFIG_LOST: requested y, got n'
	said 'configs/sku/worse.sku:2: BASE names a SKU that is not there: none'
	row 'bad +9[.]9[.]1 +FAILED +0 +1 +0'
	row 'tiny +9[.]9[.]1 +PROVED +10 +0 +0'
	row 'worse +- +FAILED +- +- +-'
	rm configs/sku/worse.sku
	: >configs/fragments/lost.config
	flow all-skus GOAL=config
	is_done
	row 'bad +- +done +- +- +-'
	flow all-skus
	is_done
	[ -z "$ran" ]
	row 'bad +9[.]9[.]1 +PROVED +10 +0 +0'
}

@test "each key and certificate" {
	new_cert keys/PK
	runs PK keyring sign test
	new_cert keys/KEK
	runs KEK keyring sign test
	new_cert keys/uki
	runs uki keyring sign uki test
	new_cert keys/pcr
	runs pcr keyring uki test
	new_cert keys/pcr
	runs pcr keyring uki test
	new_cert keys/module
	runs module keyring kernel sign uki test
	new_cert out/tiny/test-keys/uki
	runs test-keys/uki uki test
	# The stand-in signs with no other.
	for name in module pcr; do
		new_cert out/tiny/test-keys/$name
		runs "test-keys/$name" uki
	done
}

@test "another private key with the same certificate signs nothing; the same key in another form is the same" {
	cp keys/module.key kept.key
	openssl genrsa -out keys/module.key 2048 2>/dev/null
	flow all
	[ "$status" -ne 0 ]
	[ "$ran" = sign ]
	said 'FAILED'
	openssl rsa -in kept.key -traditional -out keys/module.key 2>/dev/null
	run ! cmp kept.key keys/module.key
	flow all
	is_done
	[ "$ran" = sign ]
	# By the public half: no record has a hash of the secret one.
	grep -q "READ=key [0-9a-f]* $PWD/keys/module.key" out/tiny/stages/sign
	for key in kept.key keys/*.key; do
		run ! grep -r "$(sha256sum <"$key" | cut -d ' ' -f 1)" out/tiny/stages out/tiny/stamps out/tiny/report.json
	done
}

# other PROGRAM: one of that name that does the same
other()
{
	fake "$1" <<-END
		#!/bin/sh
		exec $(type -P "$1") "\$@"
	END
}

@test "each program: compilers and linkers start the build anew" {
	other gcc
	touch out/tiny/build/stale.o
	runs gcc config keyring kernel uki
	[ ! -e out/tiny/build/stale.o ]
	other ld
	runs ld config keyring kernel uki
	other pahole
	touch out/tiny/build/stale.o
	runs pahole config keyring kernel
	[ ! -e out/tiny/build/stale.o ]
	other openssl
	runs openssl config keyring kernel uki test
	other strip
	runs strip config keyring kernel modules
	other tar
	runs tar queue
	for program in qemu-system-x86_64 swtpm sbverify mcopy; do
		other $program
		runs $program test
	done
	runs nothing ''
}

@test "a program that is a link: another target is another program" {
	for target in one two; do
		printf '#!/bin/sh\n# %s\nexec %s "$@"\n' $target "$(type -P mcopy)" >$target
		chmod +x $target
	done
	mkdir links
	PATH=$PWD/links:$PATH
	ln -s "$PWD/one" links/mcopy
	runs one test
	ln -sf "$PWD/two" links/mcopy
	runs two test
	runs nothing ''
}

@test "an object of another assembler does not come out of the compiler cache" {
	export CCACHE_DIR=$BATS_TEST_TMPDIR/ccache
	unset CCACHE_DISABLE
	misses() { ccache --print-stats | sed -n 's/^cache_miss[[:blank:]]*//p'; }
	rm -r out/tiny/build
	make kernel
	before=$(misses)
	[ "$before" -ge 1 ]
	# The same again is a hit.
	rm -r out/tiny/build
	make kernel
	[ "$(misses)" -eq "$before" ]
	other as
	make kernel
	[ "$(misses)" -gt "$before" ]
}

@test "each host program of ours" {
	printf x >>out/bin/kq
	runs kq queue
	printf x >>out/bin/kconfig-check
	runs kconfig-check config
	printf x >>out/bin/boot-guard
	runs boot-guard config kernel
	printf x >>out/bin/vm
	runs vm test
	printf x >>out/bin/odd-cms
	runs odd-cms uki
	printf x >>out/bin/kseal
	runs kseal keyring kernel sign uki test
}

@test "a product that is gone, or is not what its stage made, is made again" {
	echo CONFIG_BETA=y >>out/tiny/build/.config
	runs .config config
	run ! grep BETA out/tiny/build/.config
	rm out/tiny/linux.efi
	runs linux.efi uki
	echo more >>out/tiny/linux.efi
	runs linux.efi uki
	echo more >>out/tiny/modules/lib/modules/9.9.1/a.ko
	runs modules sign
	rm -r out/tiny/tests
	runs tests test
}

@test "the record and the report name every kind of input; the report is of what is here" {
	grep -q -x "READ=file $(sha256sum <stub | cut -d ' ' -f 1) $PWD/stub" out/tiny/stages/uki
	grep -q -E "^READ=program [0-9a-f]{64} gcc: gcc .*[0-9]" out/tiny/stages/kernel
	grep -q -x 'READ=value - SKU=tiny' out/tiny/stages/uki
	grep -q -x "MADE=file $(sha256sum <out/tiny/linux.efi | cut -d ' ' -f 1) out/tiny/linux.efi" out/tiny/stages/uki
	run make report
	is_done
	said PROVED
	said "$PWD/stub"
	[ "$(jq -r '.stages[] | select(.name == "uki").inputs[] | select(.name == "'"$PWD"'/stub").sha256' out/tiny/report.json)" = \
		"$(sha256sum <stub | cut -d ' ' -f 1)" ]
	new_cert keys/PK
	flow report
	[ "$status" -ne 0 ]
	[ -z "$ran" ]
	said 'keyring   out of date'
	said 'UNPROVED (keyring: out of date), 0 passed, 0 failed, 0 skipped'
	# A part of the way makes an older proof no newer.
	flow keyring
	is_done
	[ ! -e out/tiny/report.txt ]
	run make report
	said 'UNPROVED (sign: out of date)'
	runs PK sign test
}

@test "an input that changes while its stage runs: the stage fails, and says which" {
	sed -i '/^step_config/,/^}/ s/^{/{\n\techo "# late" >>configs\/boot-params/' scripts/build/steps
	flow config
	[ "$status" -ne 0 ]
	said 'config: configs/boot-params: changed while the stage ran; make again'
}

@test "another program that judges: nothing runs, and the verdict is its own" {
	cp out/bin/report other
	cat >report <<-END
		#!/bin/sh
		$PWD/other "\$@" || exit
		echo "judged by another" >>out/tiny/report.txt
	END
	chmod +x report
	mv report out/bin/report
	runs "another program" ''
	[[ $output == *"judged by another"* ]]
	mv other out/bin/report
	echo "kseal: tiny 9.9.1: PROVED by hand" >>out/tiny/report.txt
	runs "the first one" ''
	[[ $output != *"by hand"* && $output != *"by another"* ]]
}

@test "a path with a character that make would read as another one is refused, by name" {
	local name bad

	echo initrd >"an initrd"
	for bad in "an initrd" "a'b" "a\$b" 'a#b' 'a%b' 'a*b' $'a\tb'; do
		for name in INITRD KEYS O LINUX_TARBALL; do
			run env "$name=$bad" STAGES= scripts/build/flow config
			[[ $status -eq 2 && ${#lines[@]} -eq 1 && $output == "kseal: $name="*"make a link"* ]] || {
				echo "$name=$bad: $status: $output"
				return 1
			}
		done
	done
	mkdir odd+,@=:~-.d
	mv "an initrd" odd+,@=:~-.d/initrd
	flow uki INITRD=odd+,@=:~-.d/initrd
	is_done
	grep -q -x "READ=file $(sha256sum <odd+,@=:~-.d/initrd | cut -d ' ' -f 1) $PWD/odd+,@=:~-.d/initrd" out/tiny/stages/uki
	echo more >>odd+,@=:~-.d/initrd
	flow uki INITRD=odd+,@=:~-.d/initrd
	[[ $status -eq 0 && $ran == uki ]]
}

@test "nothing of the caller's environment reaches what compiles" {
	local name leak=()

	for name in CFLAGS LDFLAGS CPATH C_INCLUDE_PATH LIBRARY_PATH KAFLAGS HOSTCFLAGS KCFLAGS LLVM CROSS_COMPILE CC O V ARCH PYTHONPATH LD_LIBRARY_PATH; do
		leak+=("$name=leak")
	done
	run env "${leak[@]}" CCACHE_DIR=/cache scripts/build/clean-env "SAID=a b" sh -c export
	[ "$status" -eq 0 ]
	[[ $output != *leak* && $output == *"SAID='a b'"* && $output == *PATH=* && $output == *"CCACHE_DIR='/cache'"* ]]
	# Each make that compiles for the kernel or the self-test is called through it.
	grep -h -E ' make .*(-C|--no-print-directory) ' "$ROOT/scripts/build/steps" "$ROOT/scripts/build/uki" >calls
	[ "$(grep -c . calls)" -eq 2 ]
	run ! grep -v -F clean-env calls
}
