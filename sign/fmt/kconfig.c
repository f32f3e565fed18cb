// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/kconfig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void ks_kconfig_done(struct ks_kconfig *config)
{
	free(config->entry);
	memset(config, 0, sizeof(*config));
}

/* Return: what is wrong with the line, or NULL; the symbol is empty for a comment. */
static const char *parse(struct ks_span line, struct ks_kconfig_entry *ret)
{
	struct ks_span value;

	ret->symbol = (struct ks_span){ 0 };
	if (ks_text_cut(&line, "# CONFIG_")) {
		ret->value = ks_span_str("n");
		if (!ks_text_symbol(&line, &ret->symbol) || !ks_span_eq(line, ks_span_str(" is not set")))
			ret->symbol = (struct ks_span){ 0 };
		return NULL;
	}
	if (!line.bytes || line.p[0] == '#')
		return NULL;
	if (!ks_text_cut(&line, "CONFIG_") || !ks_text_symbol(&line, &ret->symbol) || !ks_text_cut(&line, "="))
		return "line of the configuration is neither CONFIG_SYMBOL=VALUE nor a comment";
	value = line;
	if (ks_text_cut(&value, "\"") && (!value.bytes || value.p[value.bytes - 1] != '"' ||
					  !ks_span_sub(value, 0, value.bytes - 1, &value)))
		return "string of the configuration has no end";
	ret->value = value;
	return value.bytes || line.bytes ? NULL : "symbol of the configuration has no value";
}

static int by_symbol(const void *a, const void *b)
{
	const struct ks_kconfig_entry *x = a, *y = b;

	int diff = ks_span_cmp(x->symbol, y->symbol);

	/* Entries of one text: of two of a symbol the first is before. */
	return diff ? diff : (x->symbol.p > y->symbol.p) - (x->symbol.p < y->symbol.p);
}

int ks_kconfig_parse(struct ks_span text, struct ks_kconfig *ret_config, struct ks_diag *diag)
{
	const u8 *start = text.p;
	struct ks_span line;
	size_t i;

	ret_config->nr = 0;
	ret_config->entry = calloc(KS_MAX_KCONFIG_SYMBOLS, sizeof(*ret_config->entry));
	if (!ret_config->entry)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	while (ks_span_line(&text, &line)) {
		struct ks_kconfig_entry entry;
		const char *wrong = parse(line, &entry);

		if (wrong)
			return ks_fail(diag, -EBADMSG, (u64)(line.p - start), wrong);
		if (!entry.symbol.bytes)
			continue;
		if (ret_config->nr == KS_MAX_KCONFIG_SYMBOLS)
			return ks_fail(diag, -E2BIG, (u64)(line.p - start), "configuration has more than 65536 symbols");
		ret_config->entry[ret_config->nr++] = entry;
	}
	if (!ret_config->nr)
		return ks_fail(diag, -EBADMSG, 0, "no configuration, it has no line CONFIG_SYMBOL=VALUE");
	qsort(ret_config->entry, ret_config->nr, sizeof(*ret_config->entry), by_symbol);
	for (i = 1; i < ret_config->nr; i++)
		if (ks_span_eq(ret_config->entry[i - 1].symbol, ret_config->entry[i].symbol))
			return ks_fail(diag, -EBADMSG, (u64)(ret_config->entry[i].symbol.p - start),
				       "configuration names a symbol twice");
	return 0;
}

static int is_symbol_of(const void *symbol, const void *entry)
{
	return ks_span_cmp(*(const struct ks_span *)symbol, ((const struct ks_kconfig_entry *)entry)->symbol);
}

const struct ks_kconfig_entry *ks_kconfig_find(const struct ks_kconfig *config, struct ks_span symbol)
{
	return bsearch(&symbol, config->entry, config->nr, sizeof(*config->entry), is_symbol_of);
}
