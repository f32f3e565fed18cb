#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where kq takes a release from: tarballs, git, numbers; the cache; base.lock. git is the oracle.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load source

@test "a tarball in any compression, and git, have the tree id that git write-tree prints" {
	id=$(tree_id linux-6.18.5)
	for how in --no-auto-compress -J -z -j --zstd; do
		rm -rf cache
		tar "$how" -cf t.tar linux-6.18.5
		identified t.tar "$id"
		grep -q "^tarball $(sha256sum < t.tar | cut -d' ' -f1)$" queue/base.lock
		grep -q '^release 6.18.5$' queue/base.lock
	done
	rm -rf cache
	git -C repo archive --prefix=linux-6.18.5/ HEAD > t.tar
	identified t.tar "$id"
	identified git:repo:HEAD "$id"
	grep -q '^tarball -$' queue/base.lock
	identified git:repo:"$id" "$id"
}

@test "long names, names in UTF-8 and other bytes are the same as in git" {
	long=linux-6.18.5/$(printf 'd%.0s' {1..120})/$(printf 'f%.0s' {1..150})
	mkdir -p "${long%/*}"
	echo long > "$long"
	ln -s "$(printf 'f%.0s' {1..150})" "${long%/*}/l"
	for format in gnu pax; do
		id=$(tree_id linux-6.18.5)
		tar --format=$format -cf t.tar linux-6.18.5
		identified t.tar "$id"
	done
	printf 'x' > "$(printf 'linux-6.18.5/latin\344')"
	id=$(tree_id linux-6.18.5)
	tar --format=gnu -cf t.tar linux-6.18.5
	identified t.tar "$id"
}

@test "names that leave the tree, two tops, equal names, links out of the tree are refused" {
	while IFS='|' read -r lines said; do
		printf '%b\n' "$lines" | crafted
		no_base 3 "$said" t.tar
	done <<-'END'
		top/../x file|t.tar: top/../x: leaves the tree or is not a plain path, refused
		../x file|leaves the tree
		/top/x file|leaves the tree
		./top/x file|leaves the tree
		top//x file|leaves the tree
		top/.git/config file|leaves the tree
		top/a\\x0ab file|leaves the tree
		other/x file|other/x: is not in the same top directory as the entries before, refused
		topx file|not in the same top directory
		top file|top: is not in a top directory, refused
		top/x file\ntop/x file|t.tar: x is there twice
		top/x file\ntop/x link Makefile|t.tar: x is there twice
		top/x file\ntop/x/y file|t.tar: x is a file and a directory
		top/x link ..\ntop/x/y file|t.tar: x: a link out of the tree, refused
		top/x dir\ntop/x/l link ../..|x/l: a link out of the tree
		top/l link /etc/passwd|l: a link out of the tree
		top/l link a/../../b|l: a link out of the tree
		top/l link d\ntop/l/x file|t.tar: l is a file and a directory
		top/h hard top/Makefile|top/h: a hard link, refused
		top/p fifo|top/p: is not a file, directory or symbolic link
		top/c dev|is not a file, directory or symbolic link
	END
	printf '%s\n' 'top/d/l link ../Makefile' 'top/d dir' 'top/d/ dir' 'top/d/x file' | crafted # control
	tar -xOf t.tar top/Makefile > /dev/null
	no_base 1 "t.tar: has no Makefile of a kernel" t.tar
}

@test "a header that claims a huge file is refused without reading or allocating it" {
	python3 -c '
import tarfile
info = tarfile.TarInfo("top/big")
info.size = 1 << 40
open("t.tar", "wb").write(info.tobuf(format=tarfile.GNU_FORMAT) + b"\0" * 4096)'
	no_base 1 "t.tar: top/big: claims 1099511627776 bytes" t.tar
	mkdir top
	truncate -s 65M top/big
	tar -cJf t.tar top
	no_base 1 "t.tar: top/big: claims 68157440 bytes, the limit is 67108864" t.tar
	tar -S -cf t.tar top
	no_base 1 "the limit is 67108864" t.tar
	truncate -s 64M top/big
	tar -cJf t.tar top # control
	no_base 1 "t.tar: has no Makefile of a kernel" t.tar
}

@test "a tarball that ends anywhere before its end is damaged, whatever its compression" {
	seq 1 20000 > linux-6.18.5/numbers
	for how in --no-auto-compress -J -z -j --zstd; do
		tar "$how" -cf whole linux-6.18.5
		bytes=$(stat -c %s whole)
		for cut in 0 1 511 512 1536 4096 $((bytes / 2)) $((bytes - 10240)) $((bytes - 1)); do
			((cut >= 0 && cut < bytes)) || continue
			# Zeros that fill tar's last record are no part of it.
			[[ $how == --no* ]] && ((cut == bytes - 1)) && continue
			head -c "$cut" whole > t.tar
			no_base 1 "t.tar: damaged, or not a tarball" t.tar
		done
	done
	rm linux-6.18.5/numbers
	identified whole "$(tar -xf whole && tree_id linux-6.18.5)" # control
}

@test "what is not a tarball, and what is nothing, is said" {
	no_base 1 "none: No such file or directory; want a release (6.18.15), a tarball" none
	echo text > t.tar
	no_base 1 "t.tar: damaged, or not a tarball" t.tar
	: > t.tar
	no_base 1 "t.tar: damaged, or not a tarball" t.tar
	mkfifo pipe
	no_base 1 "pipe: is neither a file nor a directory" pipe
	no_base 1 "linux-6.18.5: a directory has no tree id" linux-6.18.5
	no_base 1 "git:repo: want git:REPO:REV" git:repo
	no_base 1 "git:none:HEAD: none: No such file or directory" git:none:HEAD
	tree_id linux-6.18.5
	no_base 1 "git:repo: no revision 'v9' there" git:repo:v9
	no_base 1 "git:repo: no revision '--all' there" git:repo:--all
	no_base 1 "git:repo:HEAD:Makefile: repo:HEAD: No such file" git:repo:HEAD:Makefile
	git init -q --object-format=sha256 repo256
	git -C repo256 -c user.name=a -c user.email=a@b commit -q --allow-empty -m a
	no_base 1 "its ids are SHA-256" git:repo256:HEAD
}
