// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sources: UAPI group specification "Unified Kernel Image"; systemd's src/fundamental/uki.c and
 * src/boot/stub.c, 252 to 262.
 */
#include "ops/uki_table.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "fmt/bmp.h"
#include "fmt/cpio.h"
#include "fmt/fdt.h"
#include "kernel/initrd.h"
#include "ops/uki_efifw.h"
#include "ops/uki_hwids.h"

static int check_cmdline(struct ks_span cmdline, struct ks_diag *diag)
{
	if (ks_uki_text(cmdline).bytes <= KS_MAX_CMDLINE_BYTES)
		return 0;
	return ks_fail(diag, -E2BIG, KS_MAX_CMDLINE_BYTES,
		       "command line is over 2047 bytes, the kernel would cut it");
}

/* The loaders of Intel's and AMD's microcode look through one cpio archive, before anything is unpacked. */
static int check_ucode(struct ks_span ucode, struct ks_diag *diag)
{
	static const char dir[] = "kernel/x86/microcode/";

	if (ks_cpio_magic_of(ucode) != KS_CPIO_NEWC || !memmem(ucode.p, ucode.bytes, dir, sizeof(dir) - 1))
		return ks_fail(diag, -EBADMSG, 0,
			       "microcode is not an uncompressed cpio archive with kernel/x86/microcode/ in it");
	return ks_kernel_check_initrd(ucode, diag);
}

const struct ks_uki_row ks_uki_table[KS_UKI_NR] = {
	/*
	 * Last of what the whole image shares: a stub of 252 lets the kernel unpack in place, and it
	 * needs the room behind it (systemd#34578).
	 */
	[KS_UKI_LINUX] = { ".linux", 252, .is_code = true, .file_order = 14 },
	[KS_UKI_OSREL] = { ".osrel", 252, .text = "os-release", .file_order = 2,
			   .max_bytes = KS_MAX_TEXT_BYTES, .profile_key = "OS_RELEASE",
			   .show = { { 1, "os", "PRETTY_NAME", "NAME" } } },
	[KS_UKI_CMDLINE] = { ".cmdline", 252, .text = "command line", .file_order = 3,
			     .check = check_cmdline, .show = { { .order = 3, .key = "cmdline" } } },
	[KS_UKI_INITRD] = { ".initrd", 252, .file_order = 13, .max_bytes = KS_MAX_IMAGE_BYTES,
			    .profile_key = "INITRD", .check = ks_kernel_check_initrd },
	[KS_UKI_UCODE] = { ".ucode", 256, .file_order = 11, .max_bytes = KS_MAX_IMAGE_BYTES,
			   .profile_key = "MICROCODE", .check = check_ucode },
	[KS_UKI_SPLASH] = { ".splash", 252, .file_order = 9, .max_bytes = KS_MAX_IMAGE_BYTES,
			    .profile_key = "SPLASH", .check = ks_bmp_check },
	[KS_UKI_DTB] = { ".dtb", 252, .file_order = 6, .max_bytes = KS_MAX_TEXT_BYTES,
			 .profile_key = "DTB", .check = ks_fdt_check },
	[KS_UKI_UNAME] = { ".uname", 254, .text = "uname", .file_order = 4,
			   .show = { { .order = 2, .key = "uname" } } },
	[KS_UKI_SBAT] = { ".sbat", 254, KS_UKI_ONCE, .file_order = 5, .max_bytes = KS_MAX_TEXT_BYTES },
	[KS_UKI_PCRPKEY] = { ".pcrpkey", 252, .text = ".pcrpkey", .file_order = 10 },
	[KS_UKI_PROFILE] = { ".profile", 257, KS_UKI_STARTS_PROFILE, .text = ".profile", .file_order = 1,
			     .show = { { .order = 4, .key = "id", .field = "ID" },
				       { .order = 5, .key = "title", .field = "TITLE" } } },
	[KS_UKI_DTBAUTO] = { ".dtbauto", 257, KS_UKI_PICKED, .file_order = 7, .check = ks_fdt_check },
	[KS_UKI_HWIDS] = { ".hwids", 257, .file_order = 8, .check = ks_uki_hwids_check },
	[KS_UKI_EFIFW] = { ".efifw", 258, KS_UKI_PICKED, .file_order = 12, .check = ks_uki_efifw_check },
	/* Signs what is measured, so it is not. ks_uki_layout() gives it its place. */
	[KS_UKI_PCRSIG] = { .name = ".pcrsig" },
	[KS_UKI_SDMAGIC] = { ".sdmagic", .is_stubs = true },
};

const enum ks_uki_id ks_uki_picked[KS_UKI_NR_PICKED] = { KS_UKI_DTBAUTO, KS_UKI_EFIFW };

const struct ks_uki_row *ks_uki_row_of(const char *name)
{
	size_t i;

	for (i = 0; i < KS_UKI_NR; i++)
		if (!strcmp(name, ks_uki_table[i].name))
			return &ks_uki_table[i];
	return NULL;
}

enum ks_uki_id ks_uki_in_file_order(unsigned int order)
{
	enum ks_uki_id id = 0;

	while (id < KS_UKI_NR && ks_uki_table[id].file_order != order)
		id++;
	return id;
}

const struct ks_uki_text_line *ks_uki_text_line_at(unsigned int order, const char **ret_section)
{
	size_t i, k;

	for (i = 0; i < KS_UKI_NR; i++) {
		const struct ks_uki_row *row = &ks_uki_table[i];

		for (k = 0; k < KS_ARRAY_SIZE(row->show); k++)
			if (row->show[k].key && row->show[k].order == order) {
				*ret_section = row->name;
				return &row->show[k];
			}
	}
	return NULL;
}

struct ks_span ks_uki_text(struct ks_span section)
{
	while (section.bytes && !section.p[section.bytes - 1])
		section.bytes--;
	return section;
}

int ks_uki_check_content(enum ks_uki_id id, struct ks_span content, struct ks_diag *diag)
{
	const struct ks_uki_row *row = &ks_uki_table[id];
	int rc = content.bytes && row->check ? row->check(content, diag) : 0;

	if (!rc && row->text && content.bytes && memchr(content.p, 0, content.bytes))
		rc = ks_fail_detail(diag, -EBADMSG, "text has a NUL byte", row->text);
	return rc;
}

int ks_uki_addon_check_cmdline(struct ks_span cmdline, struct ks_diag *diag)
{
	struct ks_span trimmed = ks_span_trim(cmdline);
	size_t i;

	for (i = 0; i < cmdline.bytes; i++)
		if (cmdline.p[i] < 0x20 || cmdline.p[i] > 0x7e)
			return ks_fail(diag, -EBADMSG, i,
				       "command line has a byte that is not printable ASCII, the stub would change it");
	if (!cmdline.bytes || trimmed.bytes != cmdline.bytes)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "command line is empty or has blanks at its ends, the stub would cut them");
	return ks_uki_check_content(KS_UKI_CMDLINE, cmdline, diag);
}
