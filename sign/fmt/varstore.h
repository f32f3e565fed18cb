/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The variable store of OVMF/EDK2 with authenticated variables (OVMF_VARS*.fd):
 *
 *   +---------------------------+ 0
 *   | firmware volume header    | "_FVH" at 0x28, u16 HeaderLength at 0x30
 *   +---------------------------+ HeaderLength
 *   | variable store header, 28 | GUID, u32 Size (with this header), 0x5a, 0xfe
 *   +---------------------------+
 *   | record, aligned to 4      | 60 bytes, name in UTF-16 with NUL, data
 *   | ...                       |
 *   | 0xff ...                  | free
 *   +---------------------------+ HeaderLength + Size
 *   | fault-tolerant write area | copied as it is
 *   +---------------------------+
 *
 * Flash bits only go from 1 to 0, so a record's state loses bits over its life; a record that was
 * replaced stays until the firmware reclaims its room. A rebuilt store holds live records only.
 */
#ifndef KS_FMT_VARSTORE_H
#define KS_FMT_VARSTORE_H

#include "base/efi_time.h"
#include "base/guid.h"
#include "base/limits.h"

/* Variable attributes (UEFI 2.10, 8.2.1). */
enum {
	KS_VAR_NON_VOLATILE = 0x01,
	KS_VAR_BOOT_SERVICE = 0x02,
	KS_VAR_RUNTIME = 0x04,
	KS_VAR_TIME_AUTH = 0x20,
	KS_VAR_APPEND = 0x40,
};

/**
 * struct ks_var - one variable
 * @attributes: KS_VAR_*
 * @time: EFI_TIME of an authenticated variable, zeros otherwise
 * @vendor: namespace of the name
 * @name: UTF-16LE with its NUL, borrowed
 * @data: borrowed
 */
struct ks_var {
	u32 attributes;
	u8 time[KS_EFI_TIME_BYTES];
	struct ks_guid vendor;
	struct ks_span name;
	struct ks_span data;
};

/**
 * struct ks_varstore_view - a store whose headers and records were checked, borrowed
 * @image: the whole file
 * @store_off: offset of the first record
 * @store_end_off: end of the room for records
 * @free_off: where the free room begins
 * @nr_vars: live variables
 */
struct ks_varstore_view {
	struct ks_span image;
	u64 store_off;
	u64 store_end_off;
	u64 free_off;
	size_t nr_vars;
};

/** struct ks_varstore_iter - position in a store, zero-initialised at its start */
struct ks_varstore_iter {
	u64 off;
};

/** ks_varstore_probe() - starts as a firmware volume of variables */
bool ks_varstore_probe(struct ks_span image);

/**
 * ks_varstore_parse() - check the headers and every record of a store
 * @image: the whole file
 * @ret_view: borrows @image
 *
 * Return: 0; -EBADMSG if it is not such a store or is damaged; -E2BIG over limits.h; -EOPNOTSUPP for
 * a store of the older kind without authenticated variables.
 */
int __must_check ks_varstore_parse(struct ks_span image, struct ks_varstore_view *ret_view,
				   struct ks_diag *diag);

/**
 * ks_varstore_next() - the next live variable of a checked store
 * @ret_var: borrows the store's image
 * @ret_data_off: offset of the variable's data in the file
 *
 * Return: false after the last one.
 */
bool ks_varstore_next(const struct ks_varstore_view *view, struct ks_varstore_iter *iter,
		      struct ks_var *ret_var, u64 *ret_data_off);

/**
 * ks_varstore_find() - look a variable up
 * Return: false when the store does not have it.
 */
bool ks_varstore_find(const struct ks_varstore_view *view, const struct ks_guid *vendor,
		      struct ks_span name, struct ks_var *ret_var);

/** ks_varstore_erase() - the same store as if it had no variables */
void ks_varstore_erase(struct ks_varstore_view *view);

/**
 * ks_varstore_build() - a copy of the store in which @vars replace or join the variables there are
 * @view: the store to start from
 * @vars: no name and vendor twice
 * @ret_image: as long as the input, owned by the caller
 *
 * Return: 0; -E2BIG if the variables do not fit; -EINVAL for a bad name; -ENOMEM.
 */
int __must_check ks_varstore_build(const struct ks_varstore_view *view, const struct ks_var *vars,
				   size_t nr_vars, struct ks_buf *ret_image, struct ks_diag *diag);

/** ks_put_utf16() - an ASCII text as UTF-16LE with its NUL, as records hold names */
void ks_put_utf16(struct ks_buf *b, const char *text);

/** ks_utf16_format() - a name as ASCII, other characters as '?', cut at the room there is */
void ks_utf16_format(struct ks_span name, char *text, size_t text_bytes);

#endif
