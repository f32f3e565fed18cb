# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the tests that ask the kernel's own sources. Of the release that the queue is based on, from
# linux/<release> or out of the tarball in the cache; nothing of them is kept here.

# kernel_sources FILE...: $SOURCES is a directory that has them; skips where there is neither
kernel_sources()
{
	local release tarball

	release=$(sed -n 's/^release[ =:]*//p' "$ROOT/patches/6.18/base.lock" | head -n 1)
	SOURCES=$ROOT/linux/$release
	[[ -e $SOURCES/$1 ]] && return
	tarball=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/linux_$release.orig.tar.xz
	[[ -e $tarball ]] || skip "no sources of Linux $release here, scripts/build/fetch $release gets them"
	SOURCES=$BATS_FILE_TMPDIR/linux
	mkdir -p "$SOURCES"
	tar -C "$SOURCES" -xf "$tarball" --strip-components=1 --occurrence=1 "${@/#/linux-$release/}"
}

# link_oracle NAME LIBRARY: NAME.o with the library that is asked, and the sanitizers if that has them
link_oracle()
{
	local sanitize=()

	! nm "$2" 2>/dev/null | grep -q __asan_init || sanitize=("-fsanitize=address,undefined")
	# shellcheck disable=SC2046 # options
	gcc "${sanitize[@]}" -o "$1" "$1.o" "$2" \
		$(make -s -C "$ROOT" -f scripts/build/tools.mk list-libs)
}

# cut_out FILE NAME...: definitions out of a source
cut_out()
{
	awk -v want="${*:2}" -f "$ROOT/tests/sign/module-oracle.awk" "$SOURCES/$1"
}
