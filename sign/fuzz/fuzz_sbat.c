// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the .sbat section of an image for `kseal pe lint|sign` and of a stub for
 * `kseal uki build`, and the files of its --sbat.
 *
 * Valid input: lines of six fields, the first one "sbat,1,...", zeros at the end.
 *
 * Laws: of a text that is taken every line has five commas and a number behind the first; nothing in
 * it is a control byte or NUL; each of its lines is taken alone, too. What is read of a line is its
 * component and number; a text that is a level as well asks of a component for the highest of its numbers.
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

/* Of a text that was taken. */
static void check_entries(struct ks_span text)
{
	struct ks_span rest = text;
	struct ks_sbat_entry entry;
	size_t nr_lines = 0;
	int more;

	while ((more = ks_sbat_next(&rest, &entry, NULL)) > 0) {
		KS_LAW(entry.component.bytes && !memchr(entry.component.p, ',', entry.component.bytes));
		KS_LAW(entry.generation <= KS_SBAT_MAX_GENERATION);
		KS_LAW(++nr_lines <= KS_MAX_SBAT_BYTES / 8);
	}
	KS_LAW(more == -EBADMSG || (!more && nr_lines));
}

static void check_level(struct ks_span level)
{
	struct ks_span rest = level;
	struct ks_sbat_entry entry;
	u32 least = 0;
	int rc;

	while (ks_sbat_next(&rest, &entry, NULL) > 0) {
		rc = ks_sbat_least(level, entry.component, &least, NULL);
		KS_LAW(rc == -EBADMSG || (rc == 1 && least >= entry.generation));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span text = { data, size }, line;
	int rc = ks_sbat_check(text, 0, NULL);

	if (!ks_sbat_check_level(text, NULL))
		check_level(text);
	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	if (rc)
		return 0;
	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	KS_LAW(text.bytes && text.bytes <= KS_MAX_SBAT_BYTES);
	KS_LAW(memmem(data, size, "sbat,1,", 7));
	check_entries(text);
	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (line.bytes)
			check_line(line);
	}
	return 0;
}
