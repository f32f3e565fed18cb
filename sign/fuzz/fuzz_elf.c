// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand a .ko to `kseal module sign`; libelf reads them.
 *
 * Valid input: a relocatable 64-bit little-endian ELF of x86-64 or arm64 with a .modinfo section.
 *
 * Laws: a file that is taken starts with the header of a 64-bit little-endian ELF and holds the name
 * .modinfo; its first 63 bytes alone, which are less than a header, are refused.
 */
#include <errno.h>
#include <string.h>

#include "fmt/elf.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	int rc = ks_elf_check_module((struct ks_span){ data, size }, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -EOPNOTSUPP);
	if (rc)
		return 0;
	KS_LAW(size > 64 && !memcmp(data, "\177ELF\2\1", 6));
	KS_LAW(memmem(data, size, ".modinfo", 9));
	KS_LAW(ks_elf_check_module((struct ks_span){ data, 63 }, NULL) != 0);
	return 0;
}
