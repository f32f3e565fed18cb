// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
 *   component,generation,vendor,package,version,url
 */
#include "fmt/sbat.h"

#include <errno.h>
#include <string.h>

int ks_sbat_check_line(struct ks_span line, u64 off, struct ks_diag *diag)
{
	size_t i, nr_commas = 0, generation_bytes = 0;

	for (i = 0; i < line.bytes; i++) {
		u8 c = line.p[i];

		if (c < 0x20 || c > 0x7e)
			return ks_fail(diag, -EBADMSG, off + i,
				       ".sbat line is not printable ASCII, rewrite it");
		if (c == ',')
			nr_commas++;
		else if (nr_commas == 1 && (c < '0' || c > '9'))
			return ks_fail(diag, -EBADMSG, off + i, ".sbat generation is not a number");
		else if (nr_commas == 1)
			generation_bytes++;
	}
	if (nr_commas != 5 || !generation_bytes || line.p[0] == ',')
		return ks_fail(diag, -EBADMSG, off,
			       ".sbat line is not component,generation,vendor,package,version,url");
	return 0;
}

int ks_sbat_check(struct ks_span text, u64 off, struct ks_diag *diag)
{
	struct ks_span rest, line, start = ks_span_str("sbat,1,");
	u64 line_off = off;
	size_t nr_lines = 0;
	int rc;

	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	if (text.bytes > KS_MAX_SBAT_BYTES)
		return ks_fail(diag, -E2BIG, off + KS_MAX_SBAT_BYTES, ".sbat is over 4096 bytes");
	rest = text;
	for (; ks_span_line(&rest, &line); line_off = off + text.bytes - rest.bytes) {
		line = ks_span_trim(line);
		if (!line.bytes)
			continue;
		rc = ks_sbat_check_line(line, line_off, diag);
		if (rc)
			return rc;
		if (!nr_lines++ &&
		    (line.bytes < start.bytes || memcmp(line.p, start.p, start.bytes)))
			return ks_fail(diag, -EBADMSG, line_off,
				       ".sbat does not start with sbat,1, which names its format");
	}
	return nr_lines ? 0 : ks_fail(diag, -EBADMSG, off, ".sbat is empty, shim refuses it");
}

/* component,generation, and a date behind the first one */
static int check_level_line(struct ks_span line, u64 off, bool first, struct ks_diag *diag)
{
	size_t i, nr_commas = 0, nr_digits = 0;

	for (i = 0; i < line.bytes; i++) {
		u8 c = line.p[i];

		if (c <= 0x20 || c > 0x7e)
			return ks_fail(diag, -EBADMSG, off + i,
				       "SBAT level is not printable ASCII without blanks, rewrite it");
		if (c == ',') {
			if (nr_commas++ && !nr_digits)
				break;
			nr_digits = 0;
		} else if (nr_commas && (c < '0' || c > '9')) {
			return ks_fail(diag, -EBADMSG, off + i, "SBAT level has a generation that is not a number");
		} else {
			nr_digits++;
		}
	}
	if (i < line.bytes || !nr_digits || line.p[0] == ',' || nr_commas != (first ? 2 : 1))
		return ks_fail(diag, -EBADMSG, off,
			       first ? "SBAT level does not start with sbat,1,DATE" :
				       "SBAT level has a line that is not component,generation");
	return 0;
}

int ks_sbat_check_level(struct ks_span text, struct ks_diag *diag)
{
	struct ks_span rest = text, line, start = ks_span_str("sbat,1,");
	u64 off = 0;
	size_t nr_lines = 0;
	int rc;

	if (text.bytes > KS_MAX_SBAT_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_SBAT_BYTES, "SBAT level is over 4096 bytes");
	for (; ks_span_line(&rest, &line); off = text.bytes - rest.bytes) {
		rc = check_level_line(line, off, !nr_lines, diag);
		if (rc)
			return rc;
		if (!nr_lines++ && (line.bytes < start.bytes || memcmp(line.p, start.p, start.bytes)))
			return ks_fail(diag, -EBADMSG, off, "SBAT level does not start with sbat,1,DATE");
	}
	return nr_lines ? 0 : ks_fail(diag, -EBADMSG, 0, "SBAT level is empty");
}

int ks_sbat_next(struct ks_span *text, struct ks_sbat_entry *ret_entry, struct ks_diag *diag)
{
	struct ks_sbat_entry entry = { 0 };
	struct ks_span line = { 0 };
	size_t i, at = 0;

	while (!line.bytes || !line.p[0]) {
		if (!ks_span_line(text, &line))
			return 0;
		line = ks_span_trim(line);
	}
	while (at < line.bytes && line.p[at] != ',')
		at++;
	if (!ks_span_sub(line, 0, at, &entry.component))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, ".sbat line is not text");
	for (i = at + 1; i < line.bytes && line.p[i] >= '0' && line.p[i] <= '9'; i++) {
		entry.generation = entry.generation * 10 + line.p[i] - '0';
		if (entry.generation > KS_SBAT_MAX_GENERATION)
			return ks_fail(diag, -EBADMSG, KS_NO_OFF,
				       "SBAT generation is over 65535, shim would read another one");
	}
	*ret_entry = entry;
	return 1;
}

int ks_sbat_least(struct ks_span level, struct ks_span component, u32 *ret_least, struct ks_diag *diag)
{
	struct ks_sbat_entry entry;
	bool found = false;
	u32 least = 0;
	int more;

	while ((more = ks_sbat_next(&level, &entry, diag)) > 0) {
		if (!ks_span_eq(entry.component, component))
			continue;
		found = true;
		if (entry.generation > least)
			least = entry.generation;
	}
	if (more < 0)
		return more;
	if (found)
		*ret_least = least;
	return found;
}
