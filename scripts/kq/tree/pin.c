// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/pin.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "text/text.h"

#define PIN_FILE "linux/PIN"

/* "RELEASE SOURCE SHA-256 PATH" */
static bool read_pin(struct ks_span line, const char *release, struct ks_span *ret_hash)
{
	struct ks_span word;

	return ks_span_word(&line, &word) && kq_is(word, release) && ks_span_word(&line, &word) &&
	       ks_span_word(&line, ret_hash) && kq_is_hex(*ret_hash, 64) &&
	       ks_span_word(&line, &word);
}

int kq_pins_load(const char *release, struct kq_pins *ret_pins, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_pins pins = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span rest, line, hash;
	int rc = ks_file_load(PIN_FILE, KS_MAX_TEXT_BYTES, &text, &diag);

	if (rc && rc != -ENOENT)
		return kq_fail_diag(error, &diag);
	rest = ks_buf_span(&text);
	while (ks_span_line(&rest, &line)) {
		if (!read_pin(line, release, &hash))
			continue;
		if (pins.nr == KQ_MAX_PINS)
			return kq_fail(error, -E2BIG, PIN_FILE ": more than %u tarballs of %s",
				       KQ_MAX_PINS, release);
		memcpy(pins.tarball[pins.nr++].text, hash.p, hash.bytes);
	}
	*ret_pins = pins;
	return 0;
}

bool kq_pinned(const struct kq_pins *pins, const struct kq_hex *tarball)
{
	size_t i;

	for (i = 0; i < pins->nr; i++)
		if (!strcmp(pins->tarball[i].text, tarball->text))
			return true;
	return false;
}
