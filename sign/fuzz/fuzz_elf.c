// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand a .ko to `kseal module sign` or `verify`.
 *
 * Valid input: a module for x86-64 or arm64. What the kernel itself says of it is compared in
 * tests/sign/module-kernel.bats.
 *
 * Laws: a file that is taken starts with the header of a 64-bit little-endian ELF and holds the names
 * of the sections that modpost makes; its first 63 bytes alone, which are less than a header, are
 * refused. A refusal has an errno of load_module() and a reason.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "kernel/elf.h"

static bool loads(struct ks_span file)
{
	static const struct ks_elf_want any;
	struct ks_elf_no no = { 0 };
	struct ks_elf_module m;

	if (ks_elf_module_parse(file, &any, &m, &no) && ks_elf_module_place(&m, &no))
		return true;
	KS_LAW(no.err == -ENOEXEC || no.err == -EPERM || no.err == -EOPNOTSUPP);
	KS_LAW(no.why && (no.err != -EOPNOTSUPP || !no.log[0]));
	return false;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	bool loading = loads((struct ks_span){ data, size });
	int rc = ks_elf_check_module((struct ks_span){ data, size }, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -EOPNOTSUPP);
	if (rc)
		return 0;
	KS_LAW(size > 64 && !memcmp(data, "\177ELF\2\1", 6));
	KS_LAW(loading && memmem(data, size, ".modinfo", 9));
	KS_LAW(memmem(data, size, ".gnu.linkonce.this_module", 26));
	KS_LAW(ks_elf_check_module((struct ks_span){ data, 63 }, NULL) != 0);
	return 0;
}
