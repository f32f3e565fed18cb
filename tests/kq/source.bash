# shellcheck shell=bash disable=SC2034,SC2154 # for the tests that load it; bats sets status and lines
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of kq's sources share: a small kernel tree, its git tree id, tarballs of any shape.

# shellcheck disable=SC2154 # bats sets status, output and lines

load kq

setup() {
	KQ=$KSEAL_BIN/kq
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C
	export GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR
	unset GIT_DIR GIT_WORK_TREE
	export REAL_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}
	cd "$BATS_TEST_TMPDIR" || return 1
	export XDG_CACHE_HOME=$PWD/cache
	mkdir -p queue linux
	: > queue/series
	make_release 6.18.5
}

# makefile_of RELEASE: the first lines of a kernel's Makefile
makefile_of() {
	local part

	IFS=. read -r -a part <<< "$1"
	# REUSE-IgnoreStart
	printf '# SPDX-License-Identifier: GPL-2.0\nVERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\nEXTRAVERSION =\n' \
		"${part[0]}" "${part[1]}" "${part[2]:-0}"
	# REUSE-IgnoreEnd
}

# make_release RELEASE: a tree in linux-RELEASE, with what sorts differently as name and as directory
make_release() {
	mkdir -p "linux-$1/a/d" "linux-$1/a-b"
	makefile_of "$1" > "linux-$1/Makefile"
	echo "config A" > "linux-$1/a/Kconfig"
	echo 1 > "linux-$1/a.c"
	echo 2 > "linux-$1/a-b/x"
	: > "linux-$1/a0"
	printf '#!/bin/sh\n' > "linux-$1/a/d/run"
	chmod +x "linux-$1/a/d/run"
	ln -s ../a.c "linux-$1/a/l"
	printf 'x' > "linux-$1/a/d/über"
}

# tree_id DIR: as git has it
tree_id() {
	rm -rf repo
	git init -q repo
	cp -a "$1/." repo
	git -C repo add -A
	git -C repo -c user.name=a -c user.email=a@b commit -q -m a
	git -C repo rev-parse 'HEAD^{tree}'
}

# identified SOURCE TREE: kq lock --write reads it, and its tree id is TREE
identified() {
	run "$KQ" lock --queue queue --write "$1"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"tree $2"* ]]
}

# no_base STATUS TEXT SOURCE: ends so, says so in one line, and base.lock is as before
no_base() {
	run "$KQ" lock --queue queue --write "$3"
	echo "$output"
	[ "$status" -eq "$1" ]
	[[ "$output" == "kq: "*"$2"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e queue/base.lock ]
}

# crafted: a tarball t.tar out of "NAME TYPE [TARGET|SIZE]" lines, after a good Makefile
crafted() {
	python3 -c '
import io, sys, tarfile
tar = tarfile.open("t.tar", "w", format=tarfile.PAX_FORMAT)
def add(name, kind, extra=""):
    info = tarfile.TarInfo(name.encode().decode("unicode_escape"))
    info.type = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE,
                 "hard": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE, "dev": tarfile.CHRTYPE}[kind]
    info.linkname = extra
    data = b"x\n" if kind == "file" else b""
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
add("top/Makefile", "file")
for line in sys.stdin:
    add(*line.split())
tar.close()
'
}
