// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/initrd_list.h"

#include <errno.h>

#include "base/limits.h"
#include "fmt/compress.h"
#include "kernel/initrd.h"
#include "ops/module.h"

void ks_initrd_list_done(struct ks_initrd_list *list)
{
	ks_buf_done(&list->names);
}

/* "./init" and "/init" are "init" to the kernel. */
static struct ks_span plain_name(struct ks_span name)
{
	while (name.bytes > 1) {
		size_t cut = name.p[0] == '/' ? 1 : name.p[0] == '.' && name.p[1] == '/' ? 2 : 0;

		if (!cut || !ks_span_sub(name, cut, name.bytes - cut, &name))
			break;
	}
	return name;
}

static void note_entry(struct ks_initrd_list *list, const struct ks_initrd_part *part, bool is_plain)
{
	static const char *const microcode[] = { "kernel/x86/microcode/GenuineIntel.bin",
						 "kernel/x86/microcode/AuthenticAMD.bin" };
	struct ks_span name = plain_name(part->name);
	size_t i;

	if (ks_span_eq(name, ks_span_str("TRAILER!!!")))
		return;
	list->nr_entries++;
	list->nr_modules += ks_is_module_name(name);
	list->has_init |= ks_span_eq(name, ks_span_str("init"));
	for (i = 0; i < KS_ARRAY_SIZE(microcode); i++)
		list->microcode[i] |= is_plain && ks_span_eq(name, ks_span_str(microcode[i]));
	if (list->nr_names == KS_INITRD_MAX_NAMES)
		return;
	ks_put(&list->names, name);
	ks_put_u8(&list->names, 0);
	list->nr_names++;
}

static int list_unpacked(struct ks_initrd_list *list, struct ks_span archive)
{
	struct ks_initrd_iter iter = { .initrd = archive };
	struct ks_initrd_part part;
	int rc;

	while ((rc = ks_initrd_next(&iter, &part, &list->stopped)) == KS_INITRD_ENTRY)
		note_entry(list, &part, false);
	if (rc == KS_INITRD_COMPRESSED)
		rc = ks_fail(&list->stopped, -EBADMSG, KS_NO_OFF,
			     "initrd is compressed twice, the kernel unpacks once");
	return rc;
}

/* @iter stands at the stream, and behind it afterwards. */
static int list_compressed(struct ks_initrd_list *list, struct ks_initrd_iter *iter,
			   const struct ks_initrd_part *part)
{
	__cleanup(ks_buf_done) struct ks_buf unpacked = { 0 };
	enum ks_compression kind = ks_compression_of(part->content);
	u64 used = 0;
	int rc;

	list->compression = part->compression;
	if (kind == KS_COMPRESS_NONE)
		return ks_fail_detail(&list->stopped, -EOPNOTSUPP, "initrd has a compression that is not unpacked here",
				      part->compression);
	rc = ks_decompress_prefix(kind, part->content, KS_MAX_INITRD_BYTES - list->unpacked_bytes, &unpacked,
				  &used, &list->stopped);
	if (rc)
		return rc;
	list->unpacked_bytes += unpacked.bytes;
	iter->off += used;
	iter->has_entry = false;
	return list_unpacked(list, ks_buf_span(&unpacked));
}

int ks_initrd_list_of(struct ks_span initrd, struct ks_initrd_list *ret_list, struct ks_diag *diag)
{
	struct ks_initrd_iter iter = { .initrd = initrd };
	struct ks_initrd_list list = { 0 };
	struct ks_initrd_part part;
	int rc;

	do {
		rc = ks_initrd_next(&iter, &part, &list.stopped);
		if (rc == KS_INITRD_ENTRY)
			note_entry(&list, &part, true);
		else if (rc == KS_INITRD_COMPRESSED)
			rc = list_compressed(&list, &iter, &part) ?: KS_INITRD_COMPRESSED;
	} while (rc > 0);
	rc = rc == -ENOMEM ? rc : ks_buf_ok(&list.names, NULL);
	if (rc) {
		ks_initrd_list_done(&list);
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	}
	*ret_list = list;
	return 0;
}
