// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/exceptions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

void ks_exceptions_done(struct ks_exceptions *exceptions)
{
	ks_buf_done(&exceptions->text);
	free(exceptions->exception);
	memset(exceptions, 0, sizeof(*exceptions));
}

bool ks_exception_is_for(const struct ks_exception *exception, struct ks_span sku)
{
	return ks_span_eq(exception->skus, ks_span_str("*")) || ks_text_list_has(exception->skus, sku);
}

/* What is wrong with a line, or NULL; an empty symbol is of a line without a record. */
static const char *parse(struct ks_span line, struct ks_exception *ret)
{
	static const char wrong[] = "no exception, write SYMBOL SKU[,SKU] until=YYYY-MM-DD owner=NAME REASON";
	struct ks_span symbol, word;

	if (line.bytes > KS_MAX_EXCEPTION_LINE_BYTES)
		return "line of more than 1000 bytes";
	if (!ks_text_is_clean(line))
		return "control byte in the line (CR?), write plain text";
	if (!ks_span_word(&line, &word) || word.p[0] == '#')
		return NULL;
	if (ks_text_cut(&word, "CONFIG_"))
		return "symbols are written without CONFIG_";
	if (!ks_text_symbol(&word, &symbol) || word.bytes || !ks_span_word(&line, &ret->skus))
		return wrong;
	if (!ks_span_word(&line, &word) || !ks_text_cut(&word, "until=") || !ks_clock_day(word, &ret->until))
		return "no until=YYYY-MM-DD behind the SKUs: an exception has a last day";
	ret->until_text = word;
	if (!ks_span_word(&line, &word) || !ks_text_cut(&word, "owner=") || !word.bytes)
		return "no owner=NAME behind until=: who answers for it?";
	ret->owner = word;
	ret->why = ks_span_trim(line);
	if (!ret->why.bytes)
		return "exception without a reason";
	ret->symbol = symbol;
	return NULL;
}

/* Two of a symbol that may be for one kernel. */
static bool is_repeated(const struct ks_exceptions *all, const struct ks_exception *exception)
{
	struct ks_span rest, sku;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		if (!ks_span_eq(all->exception[i].symbol, exception->symbol))
			continue;
		if (ks_span_eq(exception->skus, ks_span_str("*")))
			return true;
		for (rest = exception->skus; ks_text_item(&rest, &sku);)
			if (ks_exception_is_for(&all->exception[i], sku))
				return true;
	}
	return false;
}

int ks_exceptions_parse(struct ks_exceptions *ret_exceptions, struct ks_diag *diag)
{
	struct ks_span rest = ks_buf_span(&ret_exceptions->text), line;
	u32 line_nr = 0;

	ret_exceptions->exception = calloc(KS_MAX_EXCEPTIONS, sizeof(*ret_exceptions->exception));
	if (!ret_exceptions->exception)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	while (ks_span_line(&rest, &line)) {
		struct ks_exception exception = { .line = ++line_nr };
		const char *wrong = parse(line, &exception);

		if (!wrong && exception.symbol.bytes && is_repeated(ret_exceptions, &exception))
			wrong = "an exception for the symbol and the SKU stands above";
		if (wrong)
			return ks_text_fail(diag, -EBADMSG, ret_exceptions->path, line_nr, wrong);
		if (!exception.symbol.bytes)
			continue;
		if (ret_exceptions->nr == KS_MAX_EXCEPTIONS)
			return ks_text_fail(diag, -E2BIG, ret_exceptions->path, line_nr, "more than 1024 exceptions");
		ret_exceptions->exception[ret_exceptions->nr++] = exception;
	}
	return 0;
}

int ks_exceptions_load(const char *path, struct ks_exceptions *ret_exceptions, struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &ret_exceptions->text, diag);

	ks_diag_in(diag, path);
	ret_exceptions->path = path;
	return rc ? rc : ks_exceptions_parse(ret_exceptions, diag);
}

struct ks_exception *ks_exceptions_find(const struct ks_exceptions *exceptions, struct ks_span symbol,
					struct ks_span sku)
{
	size_t i;

	for (i = 0; i < exceptions->nr; i++)
		if (ks_span_eq(exceptions->exception[i].symbol, symbol) &&
		    ks_exception_is_for(&exceptions->exception[i], sku))
			return &exceptions->exception[i];
	return NULL;
}
