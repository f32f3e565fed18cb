// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the .sbat section of an image for `kseal pe lint|sign` and of a stub for
 * `kseal uki build`, and the files of its --sbat.
 *
 * Valid input: lines of six fields, the first one "sbat,1,...", zeros at the end.
 *
 * Laws: of a text that is taken every line has five commas and a number behind the first; nothing in
 * it is a control byte or NUL; each of its lines is taken alone, too.
 */
#include <errno.h>
#include <string.h>

#include "fmt/sbat.h"
#include "fuzz/fuzz.h"

static void check_line(struct ks_span line)
{
	size_t i, nr_commas = 0, nr_digits = 0;

	for (i = 0; i < line.bytes; i++) {
		KS_LAW(line.p[i] >= 0x20 && line.p[i] < 0x7f);
		nr_commas += line.p[i] == ',';
		nr_digits += nr_commas == 1 && line.p[i] >= '0' && line.p[i] <= '9';
	}
	KS_LAW(nr_commas == 5 && nr_digits && line.p[0] != ',');
	KS_LAW(!ks_sbat_check_line(line, 0, NULL));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span text = { data, size }, line;
	int rc = ks_sbat_check(text, 0, NULL);

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	if (rc)
		return 0;
	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	KS_LAW(text.bytes && text.bytes <= KS_MAX_SBAT_BYTES);
	KS_LAW(memmem(data, size, "sbat,1,", 7));
	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (line.bytes)
			check_line(line);
	}
	return 0;
}
