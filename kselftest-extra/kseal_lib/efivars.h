/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths of EFI variables: EFIVARS "Name" GUID_OF_ITS_OWNER.
 */
#ifndef KSEAL_EFIVARS_H
#define KSEAL_EFIVARS_H

#define EFIVARS	    "/sys/firmware/efi/efivars/"
#define GLOBAL_GUID "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SHIM_GUID   "-605dab50-e046-4300-abb6-3dd810dd8b23"
/* systemd's stub and boot loader. */
#define LOADER_GUID "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* Where shim tells the kernel of its owner's keys. */
#define SHIM_KEYS EFIVARS "MokListRT" SHIM_GUID

#endif
