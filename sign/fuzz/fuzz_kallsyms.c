// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever hands a kernel without symbols to `kseal keyring embed` or `show`, or to
 * `kseal module verify --trust`. What is found decides which bytes of it are the list of certificates.
 *
 * Valid input: the tables of scripts/kallsyms.c somewhere in it, at a multiple of 8.
 *
 * Laws: where the tables stand makes no difference; what was not found keeps the address 0.
 */
#include <errno.h>

#include "base/buf.h"
#include "fmt/kallsyms.h"
#include "fuzz/fuzz.h"

#define NR_NAMES 4U

static int find(struct ks_span image, struct ks_kallsyms_symbol *symbols)
{
	static const char *const names[NR_NAMES] = { "system_extra_cert", "_text", "a b", "a" };
	size_t i;
	int rc;

	for (i = 0; i < NR_NAMES; i++)
		symbols[i] = (struct ks_kallsyms_symbol){ .name = names[i] };
	rc = ks_kallsyms_find(image, symbols, NR_NAMES, NULL);
	KS_LAW(rc == 0 || rc == -ENODATA || rc == -EBADMSG);
	return rc;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_kallsyms_symbol here[NR_NAMES], later[NR_NAMES];
	static struct ks_buf moved;
	size_t i;

	if (find((struct ks_span){ data, size }, here))
		return 0;
	ks_buf_clear(&moved);
	ks_put_fill(&moved, 0xff, 64);
	ks_put(&moved, (struct ks_span){ data, size });
	KS_LAW(!ks_buf_ok(&moved, NULL) && !find(ks_buf_span(&moved), later));
	for (i = 0; i < NR_NAMES; i++) {
		KS_LAW(here[i].found == later[i].found && here[i].addr == later[i].addr);
		KS_LAW(here[i].found || !here[i].addr);
	}
	return 0;
}
