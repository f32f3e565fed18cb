/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every size and count that an input file may ask for has its cap here, with the reason.
 * A number above its cap is refused with -E2BIG; nothing is truncated in silence.
 */
#ifndef KS_BASE_LIMITS_H
#define KS_BASE_LIMITS_H

/* PE offsets are 32-bit; a UKI with a large initrd is a few hundred MiB. */
#define KS_MAX_IMAGE_BYTES (2048ULL << 20)

/* The largest module of a distribution kernel (with debug info stripped) is below 64 MiB. */
#define KS_MAX_MODULE_BYTES (512ULL << 20)

/* xz and zstd dictionaries: the kernel's own xz_wrap.sh and `zstd -22 --ultra` use 128 MiB. */
#define KS_MAX_DICT_BYTES (128ULL << 20)

/* A kernel with all drivers built in, unpacked and without debug information, is some 100 MiB. */
#define KS_MAX_KERNEL_BYTES (1024ULL << 20)

/* All that an initrd unpacks to; a distribution's with all drivers and firmware is some 400 MiB. */
#define KS_MAX_INITRD_BYTES (1024ULL << 20)

/* A PEM or DER certificate, a key, a manifest, an os-release: text that people write. */
#define KS_MAX_TEXT_BYTES (4ULL << 20)

/* A raw signature: RSA-16384, four times what the kernel verifies, has 2048 bytes. */
#define KS_MAX_RAW_SIG_BYTES 2048U

/* A passphrase or PIN; OpenSSL's own limit (PEM_BUFSIZE) is the same. */
#define KS_MAX_SECRET_BYTES 1024U

/* The kernel's Authenticode reader takes DER lengths of up to two bytes (verify_pefile.c). */
#define KS_MAX_CMS_BYTES (64ULL << 10)

/*
 * 96 was the limit of Windows XP; EDK2, the stub and the kernel take what SizeOfHeaders holds. A UKI
 * with a device tree for each of many machines (.dtbauto) has some hundred.
 */
#define KS_MAX_PE_SECTIONS 512U

/* UEFI images have 16 data directories; a larger table has no known meaning. */
#define KS_MAX_PE_DIRS 16U

/*
 * WIN_CERTIFICATE entries of one image: two for the 2011/2023 change, some for cross-signing. Firmware
 * has no limit, but each costs a public-key operation for every certificate of db and dbx.
 */
#define KS_MAX_PE_CERTS 64U

/* A db of a real machine has about 10 lists, a dbx one list of some 500 hashes. */
#define KS_MAX_ESL_LISTS 256U

/* Signatures in all lists of one variable: OVMF's has room for some 700 digests, Microsoft's dbx has 430. */
#define KS_MAX_ESL_SIGS 65536U

/* A store of OVMF or AAVMF holds 256 KiB; the file of AAVMF is as large as QEMU's flash, 64 MiB. */
#define KS_MAX_VARSTORE_BYTES (64ULL << 20)

/* Records in a store, live or not; a machine after years of updates has a few hundred. */
#define KS_MAX_VARSTORE_RECORDS 4096U

/* Of these, interrupted updates: a power cut leaves one, and the firmware completes it when it starts. */
#define KS_MAX_VARSTORE_INTERRUPTED 64U

/* The kernel parses .builtin_trusted_keys at boot; a list of more than this is a mistake. */
#define KS_MAX_CERTS 64U

/* A signer's chain: leaf, issuers, root, and each of them again where two CAs certify one another. */
#define KS_MAX_CHAIN 16U

/* Lines of a manifest; far above any keyring a person reviews. */
#define KS_MAX_MANIFEST_ENTRIES 256U

/*
 * Certificates in one list of a kernel without symbols, where each place may be the start of one: those
 * of a distribution are below ten, and a manifest may have as many.
 */
#define KS_MAX_LIST_CERTS KS_MAX_MANIFEST_ENTRIES

/* CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE: 4096 by default; this is KS_MAX_LIST_CERTS of that. */
#define KS_MAX_RESERVE_BYTES (1ULL << 20)

/* CONFIG_SYSTEM_BLACKLIST_HASH_LIST: all of the dbx that UEFI publishes is some 500. */
#define KS_MAX_KERNEL_HASHES 65536U

/* A kernel command line: COMMAND_LINE_SIZE is 2048 on x86 and arm64. */
#define KS_MAX_CMDLINE_BYTES 2047U

/* Descriptions of machines in one .hwids, and hardware IDs in all of them: systemd 262 has 60 with 11 each. */
#define KS_MAX_HWID_DEVICES 1024U
#define KS_MAX_HWIDS 32768U

/* shim and systemd read .sbat in one go; more than this is not SBAT metadata. */
#define KS_MAX_SBAT_BYTES 4096U

/* Modules in one tree: a full distribution kernel has some 7,000. */
#define KS_MAX_MODULES 65536U

/* Entries of an offline manifest: every module of a tree has one, images a few. */
#define KS_MAX_OFFLINE_ENTRIES KS_MAX_MODULES

/* Such a manifest: an entry of a module has some 600 bytes, and a path of up to PATH_MAX. */
#define KS_MAX_OFFLINE_BYTES (64ULL << 20)

/*
 * How long a signer waits for another one that has the same file. That one holds it for a signature
 * (a token or the network: a second) and for its share of a batch (256 files, a slow disk: ten).
 */
#define KS_LOCK_SECONDS 30U

/* Linux' PATH_MAX: longer names can neither be opened nor be written in a manifest. */
#define KS_MAX_PATH_BYTES 4096U

#endif
