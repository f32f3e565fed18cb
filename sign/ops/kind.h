/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a file is, by its content alone.
 */
#ifndef KS_OPS_KIND_H
#define KS_OPS_KIND_H

#include "base/diag.h"
#include "base/span.h"
#include "fmt/pe.h"

enum ks_kind {
	KS_KIND_UNKNOWN,
	KS_KIND_COMPRESSED, /* as a whole: a module, or the Image.gz of arm64 */
	KS_KIND_MODULE,	    /* any object file in ELF */
	KS_KIND_KERNEL,	    /* vmlinux, bzImage, Image or EFI_ZBOOT; most are PE images too */
	KS_KIND_UKI,
	KS_KIND_ADDON,
	KS_KIND_PE,
	KS_KIND_CERTS,
	KS_KIND_LISTS,
	KS_KIND_STORE,
	KS_KIND_UPDATE,
	KS_KIND_MANIFEST,
	KS_KIND_NR,
};

/**
 * ks_kind_of() - by its first bytes, and for what has no magic by whether it can be read as such
 *
 * That the rest is in order is said by who reads it.
 */
enum ks_kind ks_kind_of(struct ks_span file);

/** ks_kind_word() - "uki", for programs */
const char *ks_kind_word(enum ks_kind kind);

/** ks_kind_name() - "unified kernel image", for people */
const char *ks_kind_name(enum ks_kind kind);

/** ks_kind_is_pe() - is it a PE image, whatever else it is? */
bool ks_kind_is_pe(enum ks_kind kind, struct ks_span file);

/** ks_kind_check_unpacked() - Return: 0; -EOPNOTSUPP for a file that is compressed as a whole, and says with what. */
int __must_check ks_kind_check_unpacked(struct ks_span file, struct ks_diag *diag);

/**
 * ks_kind_parse_pe() - ks_pe_parse() of what somebody named
 * Return: as it; -EOPNOTSUPP for a file that is compressed as a whole, as an Image.gz.
 */
int __must_check ks_kind_parse_pe(struct ks_span file, struct ks_pe_view *ret_view, struct ks_diag *diag);

#endif
