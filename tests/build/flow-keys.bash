# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For `load flow-keys`, behind flow: a repository whose flow makes the real images of what stands for a kernel, with an
# addon if this machine's cache has its stub, and with PCR policies.

# In setup_file.
keys_repo()
{
	# Stubs of the addon, out of this machine's cache.
	STUBS=$(cd "$ROOT" && scripts/build/stubs / linuxx64.efi.stub 2>/dev/null) || STUBS=
	export STUBS
	new_repo
	new_cert keys/pcr
	mkdir certs
	cp keys/*.pem certs
	cd repo || return 1
	real_images
	echo CONFIG_BETA=y >configs/fragments/kexec.config
	sed -i 's/^FRAGMENTS=.*/FRAGMENTS=base kexec/' configs/sku/tiny.sku
	[ -z "$STUBS" ] || {
		echo CRASHKERNEL=64M >>configs/sku/tiny.sku
		touch kselftest-extra/t/vmcore.c
	}
}

variables()
{
	: "${BATS_TEST_TMPDIR:=$BATS_FILE_TMPDIR}"
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache KERNEL_MIRROR=file://$BATS_FILE_TMPDIR
	export KSEAL_TARBALL_MIB=1 KSEAL_TREE_MIB=1 SKU=tiny CCACHE_DISABLE=1 SOURCE_DATE_EPOCH=1900000000
	# All that reaches the Makefile of the "Linux".
	knob "EFI_IMAGE=$IMAGE"
	# shellcheck disable=SC2034 # for the tests
	K=$BATS_FILE_TMPDIR/keys CERTS=$BATS_FILE_TMPDIR/certs
}
