// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arch.h"

#include <string.h>
#include <sys/utsname.h>

static const char *const q35[] = {
	"-machine", "q35,smm=on",
	/* Only SMM code writes the variable store. */
	"-global", "driver=cfi.pflash01,property=secure,value=on",
	/* No suspend, so no boot script for the firmware to lock. */
	"-global", "ICH9-LPC.disable_s3=1",
	NULL,
};

/*
 * Neither SMM nor a secure world: the firmware's flash is the guest kernel's to write as well. What this
 * board proves of Secure Boot is what the firmware starts; that nobody changes its variables afterwards is
 * left to lockdown. Results have a port on PCI, the board has one of its own.
 */
static const char *const virt[] = { "-machine", "virt,gic-version=3", NULL };

static const struct vm_arch archs[] = {
	{ "x86_64", "x86_64", "qemu-system-x86_64", "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "cannot find the firmware, install ovmf",
	  "BOOTX64.EFI", "ttyS0", q35, NULL, "tpm-crb,tpmdev=tpm" },
	{ "arm64", "aarch64", "qemu-system-aarch64", "/usr/share/AAVMF/AAVMF_CODE.fd", "cannot find the firmware, install qemu-efi-aarch64",
	  "BOOTAA64.EFI", "ttyAMA0", virt, "pci-serial,chardev=results", "tpm-tis-device,tpmdev=tpm" },
};

const struct vm_arch *vm_arch_find(const char *name)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(archs); i++)
		if (!strcmp(name, archs[i].name))
			return &archs[i];
	return NULL;
}

bool vm_arch_is_hosts(const struct vm_arch *arch)
{
	struct utsname host;

	return !uname(&host) && !strcmp(host.machine, arch->machine);
}
