#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq lint --tree: checkpatch.pl, and --build with a tree that is built as the kernel is.
# shellcheck disable=SC2016,SC2030,SC2031 # words of make; bats sets status and output anew

load kq

# The parts of kbuild that lint calls: O=, olddefconfig, single objects, also those that are off.
fake_kernel() {
	mkdir -p tree/dir
	sed 's/^    /\t/' > tree/Makefile <<-'EOF2'
		olddefconfig:
		    grep -q '^# Linux/x86_64 ' $(O)/.config && test "$(ARCH)" = x86_64 && echo $@ >> ../../log
		    mkdir -p $(O)/include/config && cp $(O)/.config $(O)/include/config/auto.conf
		%.o: %.c FORCE
		    mkdir -p $(dir $(O)/$@) && gcc -I. -c $< -o $(O)/$@
		FORCE:
	EOF2
	printf 'obj-y += a.o dir/\nobj-$(CONFIG_C) += c.o\n' > tree/Kbuild
	printf 'obj-$(CONFIG_M) += \\\n\tm.o\nm-y := b.o\n' > tree/dir/Makefile
	echo 'int v;' | tee tree/a.c tree/c.c > tree/dir/b.c
	echo '#define H 1' > tree/h.h
	printf '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 6.18.15 Kernel Configuration\n#\nCONFIG_M=m\n' > config
}

# change NAME FILE LINE: a patch of the queue that appends LINE to FILE of what the queue makes
change() {
	mkdir -p "$(dirname "a/$2")" "$(dirname "b/$2")"
	cp "state/$2" "a/$2" 2> /dev/null || :
	cp "state/$2" "b/$2" 2> /dev/null || :
	echo "$3" >> "b/$2"
	cp "b/$2" "state/$2"
	queue_patch "$1"
	rm -rf a b && mkdir a b
}

lint_build() {
	rm -f log
	run env -u ARCH "$KQ" lint --queue queue --tree tree --build config
	echo "$output"
	[ -z "$(find . -name '*.kq-build.*')" ]
}

@test "lint --build: a patch that applies but does not compile is named, what follows is not blamed" {
	fake_kernel
	cp -r tree state
	change 0001-a.patch a.c 'int a(void) { return v; }'
	change 0002-b.patch dir/b.c 'int b(void) { return missing; }'
	change 0003-b.patch dir/b.c 'int missing;'
	before=$(tree_hash tree)
	lint_build
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "queue/0002-b.patch: dir/b.o does not compile after this patch: dir/b.c:2:"*"'missing' undeclared"* ]]
	[ "$before" = "$(tree_hash tree)" ]
	run "$KQ" lint --queue queue --tree tree # control: it applies
	[ "$output" = "queue: clean" ]
	sed -i '/0002/d; s/0003/0002/' queue/series
	rm queue/*.patch && rm -r state && cp -r tree state
	change 0002-b.patch dir/b.c 'int missing;'
	sed -i '$d' queue/series
	change 0003-b.patch dir/b.c 'int b(void) { return missing; }'
	sed -i '/0001/d' queue/series
	lint_build
	[ "$output" = "queue: clean" ]
}

@test "lint --build: a header that breaks an earlier file, a new file, and one that is gone" {
	fake_kernel
	cp -r tree state
	change 0001-a.patch a.c '#include "h.h"'
	change 0002-a.patch a.c '_Static_assert(H == 1, "H");'
	sed -i 's/1/2/' state/h.h
	mkdir -p a b && cp tree/h.h a/ && cp state/h.h b/ && queue_patch 0003-h.patch
	lint_build
	[ "$status" -eq 3 ]
	[[ "$output" == "queue/0003-h.patch: a.o does not compile after this patch: a.c:3:"* ]]
	rm queue/0003-h.patch && sed -i '/0003/d' queue/series # control: the first two alone
	lint_build
	[ "$output" = "queue: clean" ]
}

@test "lint --build: a new file is compiled from its patch on, a deleted one no more" {
	fake_kernel
	cp -r tree state
	change 0001-new.patch new.c 'int new(void) { return missing; }'
	lint_build
	[[ "$output" == "queue/0001-new.patch: new.o does not compile after this patch: new.c:1:"* ]]
	rm queue/*.patch && : > queue/series && rm state/new.c
	change 0001-a.patch a.c 'int a;'
	cp state/a.c a/ && queue_patch 0002-a.patch # deletes it
	lint_build
	[ "$output" = "queue: clean" ]
}

@test "lint --build: what this .config leaves out is said once, until a patch turns it on" {
	fake_kernel
	cp -r tree state
	change 0001-c.patch c.c 'int c(void) { return missing; }'
	change 0002-a.patch a.c 'int a;'
	lint_build
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "queue/0001-c.patch: c.o: this .config does not build it, so it was not compiled" ]
	[ "${lines[1]}" = "queue: clean" ]
	[ "$(grep -c olddefconfig log)" -eq 1 ]
	change 0003-on.patch Kbuild 'obj-y += c.o'
	lint_build
	[ "$status" -eq 3 ]
	[[ "$output" == *"queue/0003-on.patch: c.o does not compile after this patch"* ]]
	[ "$(grep -c olddefconfig log)" -eq 2 ]
}

@test "lint --build: a part of a module, a directory and another architecture are left out with their switch" {
	fake_kernel
	mkdir -p tree/arch/arm64 tree/arch/x86
	echo 'int v;' | tee tree/arch/arm64/s.c > tree/arch/x86/s.c
	cp -r tree state
	change 0001-b.patch dir/b.c 'int b(void) { return missing; }'
	change 0002-s.patch arch/arm64/s.c 'int s(void) { return missing; }'
	change 0003-s.patch arch/x86/s.c 'int s(void) { return v; }'
	sed -i '/CONFIG_M/d' config
	lint_build
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "queue/0001-b.patch: dir/b.o: this .config does not build it, so it was not compiled" ]
	[ "${lines[1]}" = "queue/0002-s.patch: arch/arm64/s.o: this .config does not build it, so it was not compiled" ]
	[ "${lines[2]}" = "queue: clean" ]
	echo CONFIG_M=m >> config # control
	lint_build
	[[ "$output" == *"queue/0001-b.patch: dir/b.o does not compile after this patch"* ]]
	sed -i 's,dir/,,' tree/Kbuild && echo 'obj-$(CONFIG_D) += dir/' >> tree/Kbuild
	lint_build
	[ "$status" -eq 0 ]
}

@test "lint --build: a tree that is not ready, a missing .config and a missing --tree are no findings" {
	fake_kernel
	cp -r tree state
	change 0001-a.patch a.c 'int a;'
	sed -i '/^# Linux/d' config
	lint_build
	[ "$status" -eq 1 ]
	[[ "$output" == "kq: tree: make olddefconfig failed:"* ]]
	rm config
	lint_build
	[ "$status" -eq 1 ]
	[[ "$output" == *"config"* ]]
	run "$KQ" lint --queue queue --build config
	[ "$status" -eq 2 ]
	[ "$output" = "kq: --build needs --tree" ]
}

@test "lint --tree: checkpatch.pl's words are findings, for what is our own" {
	one_line_patch
	cp a/f tree/f
	mkdir tree/scripts
	cat > tree/scripts/checkpatch.pl <<-'EOF2'
		die "want --strict" unless grep { $_ eq "--strict" } @ARGV;
		die "HOME" if -e $ENV{HOME};
		print "-:1: WARNING: Unknown commit id\n" unless grep { /^--ignore=.*UNKNOWN_COMMIT_ID/ } @ARGV;
		while (<STDIN>) { print "-:$.: ERROR: not new enough\n" and $bad = 1 if /^\+new/ }
		exit($bad);
	EOF2
	run "$KQ" lint --queue queue --tree tree
	echo "$output"
	[ "$status" -eq 3 ]
	[ "$output" = "queue/0001-x.patch:23: checkpatch: ERROR: not new enough" ]
	cp queue/0001-x.patch good
	sed -i 's/never.*/backport 0123456789012345678901234567890123456789 (v6.19)/' queue/0001-x.patch
	run "$KQ" lint --queue queue --tree tree
	[ "$output" = "queue: clean" ]
	cp good queue/0001-x.patch
	echo 'die "no such thing";' > tree/scripts/checkpatch.pl
	run "$KQ" lint --queue queue --tree tree
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == "kq: perl scripts/checkpatch.pl: exit 255: no such thing"* ]]
}
