/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `kseal inspect` asks of a file before it knows more: its kind, and a module's own words.
 */
#ifndef KS_OPS_INSPECT_H
#define KS_OPS_INSPECT_H

#include "crypto/cert_traits.h"
#include "fmt/compress.h"
#include "fmt/sbat.h"
#include "kernel/elf.h"
#include "kernel/keyring.h"
#include "ops/kind.h"
#include "ops/module.h"

/**
 * struct ks_inspected - a file
 * @file: as it is on disk, borrowed
 * @content: the same, unpacked if a module or a kernel is in there; borrows @file or @unpacked
 * @kind: of @content; KS_KIND_COMPRESSED if it is neither
 * @compression: of the file
 * @sha256: of @file
 */
struct ks_inspected {
	struct ks_span file;
	struct ks_span content;
	enum ks_kind kind;
	enum ks_compression compression;
	struct ks_digest sha256;
	struct ks_buf unpacked;
};

/**
 * ks_inspect_open() - tell what it is
 * @ret_file: ks_inspect_close(), also after a failure
 * Return: 0, also for KS_KIND_UNKNOWN; what unpacking it said.
 */
int __must_check ks_inspect_open(struct ks_span file, struct ks_inspected *ret_file,
				 struct ks_diag *diag);
void ks_inspect_close(struct ks_inspected *file);

/** ks_compression_name() - "zstd"; NULL for none */
const char *ks_compression_name(enum ks_compression kind);

/**
 * struct ks_module_facts - what a module says of itself, borrowing it
 * @name, @vermagic, @version, @license, @depends: of .modinfo; NULL for what is not there
 * @no: why no kernel 6.18 takes its form; its err is 0 if one does
 * @view: cut at its signature
 * @info: who signed; all zero if nobody did, or if @fault says why it cannot be read
 */
struct ks_module_facts {
	const char *name;
	const char *vermagic;
	const char *version;
	const char *license;
	const char *depends;
	struct ks_elf_no no;
	struct ks_modsig_view view;
	struct ks_cms_info info;
	struct ks_diag fault;
};

/** ks_module_facts_of() - read them; @content: the module with its signature, not compressed */
void ks_module_facts_of(struct ks_span content, struct ks_module_facts *ret_facts);

#endif
