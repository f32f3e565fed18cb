# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `source`: which programs make a kernel, by its architecture (scripts/build/arch) and COMPILER of its SKU.

# gcc is the machine's; clang is one that has everything which the SKUs ask for (kCFI, RANDSTRUCT).
clang_version=19
this_machine=$(uname -m)
binutils=(ar nm objcopy objdump readelf strip)

# $1: file with lines of KEY=VALUE, $2: key. Starts no process, of which the flow would need dozens.
value_of()
{
	local line

	while IFS= read -r line || [[ -n $line ]]; do
		[[ $line != "$2="* ]] || echo "${line#*=}"
	done <"$1"
}

# $1: architecture, $2: key
of_arch()
{
	value_of "${BASH_SOURCE[0]%/*}/arch/$1" "$2"
}

is_foreign()
{
	[[ $(of_arch "$1" MACHINE) != "$this_machine" ]]
}

# $1: architecture. Prefix of gcc and binutils, nothing where the machine's own will do.
cross_of()
{
	! is_foreign "$1" || echo "$(of_arch "$1" TRIPLET)-"
}

# $1: architecture, $2: compiler. The programs, for a record of what made a kernel.
toolchain_of()
{
	if [[ $2 == clang ]]; then
		echo clang-$clang_version ld.lld-$clang_version "${binutils[@]/#/llvm-}" | sed "s/llvm-[a-z]*/&-$clang_version/g"
	else
		printf "$(cross_of "$1")%s " gcc as ld "${binutils[@]}"
	fi
}

# $1: architecture, $2: compiler, $3: apt or dnf. Packages beside those that every SKU needs.
packages_of()
{
	of_arch "$1" "${3^^}"
	! is_foreign "$1" || of_arch "$1" "${3^^}_CROSS"
	[[ $2 != clang ]] || case $3 in
	apt) echo clang-$clang_version lld-$clang_version llvm-$clang_version ;;
	dnf) echo clang lld llvm ;;
	esac
}

# $1: architecture. The root of what is unpacked for it, "/" where it is the machine's own; fetched if it is missing.
foreign_root()
{
	local dir

	is_foreign "$1" || {
		echo /
		return
	}
	dir=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/foreign/$1-$(of_arch "$1" FOREIGN_SUITE)
	# shellcheck disable=SC2046 # a list of words
	scripts/build/newer-deb --arch "$(of_arch "$1" DEB)" "$(of_arch "$1" FOREIGN_SUITE)" "$dir" \
		$(of_arch "$1" FOREIGN_APT) >&2 || return
	echo "$dir/root/"
}

# shellcheck disable=SC2034 # for the caller
# $1: architecture, $2: compiler. Sets $cc to the driver, and $toolchain to the words for kbuild.
set_toolchain()
{
	local cross

	if [[ $2 == clang ]]; then
		cc=clang-$clang_version toolchain=("LLVM=-$clang_version")
		return
	fi
	cross=$(cross_of "$1")
	cc=${cross}gcc toolchain=(${cross:+"CROSS_COMPILE=$cross"})
}

# $1: driver. The files that make an object: it, and for gcc two programs, for clang the libraries that all of it is
# in.
compiler_files()
{
	local part

	type -P "$1"
	if [[ $1 == clang* ]]; then
		ldd "$(type -P "$1")" | sed -n -E 's,^.*lib(LLVM|clang)[^ ]* => (/[^ ]+) .*,\2,p'
	else
		for part in cc1 as; do
			type -P "$("$1" -print-prog-name=$part)"
		done
	fi
}
