// SPDX-License-Identifier: LGPL-2.1-or-later
#include "symbols/kconfig.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

/* struct block - where the reader is: a symbol's block, and inside of it maybe a help text */
struct block {
	struct kq_symbol *symbol;
	bool in_help;
	size_t help_indent;
};

void kq_symbols_done(struct kq_symbols *symbols)
{
	size_t i;

	for (i = 0; i < symbols->nr_files; i++) {
		free(symbols->file[i].path);
		ks_buf_done(&symbols->file[i].text);
	}
	free(symbols->file);
	free(symbols->symbol);
	*symbols = (struct kq_symbols){ 0 };
}

/* Columns before the first letter, tabs to the next multiple of eight, as Kconfig counts. */
static size_t indent_of(struct ks_span line)
{
	size_t i, columns = 0;

	for (i = 0; i < line.bytes; i++) {
		if (line.p[i] == '\t')
			columns = (columns | 7) + 1;
		else if (line.p[i] == ' ')
			columns++;
		else
			break;
	}
	return columns;
}

static bool is_name(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (!memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_",
			    s.p[i], 63))
			return false;
	return s.bytes > 0;
}

/* The first quoted text of a line, without its quotes; Kconfig has no prompts with both kinds. */
static struct ks_span quoted(struct ks_span s)
{
	const u8 *end;

	s = ks_span_trim(s);
	if (!kq_starts(s, "\"") && !kq_starts(s, "'"))
		return (struct ks_span){ 0 };
	end = s.bytes > 1 ? memchr(&s.p[1], s.p[0], s.bytes - 1) : NULL;
	return end ? kq_head(kq_tail(s, 1), (size_t)(end - &s.p[1])) : (struct ks_span){ 0 };
}

static void take_property(struct kq_symbol *symbol, struct ks_span word, struct ks_span rest)
{
	static const char *const types[] = { "bool", "tristate", "string", "int", "hex" };
	size_t i;

	if (kq_is(word, "prompt"))
		symbol->prompt = quoted(rest);
	if (kq_is(word, "depends") && !symbol->depends.bytes) {
		rest = ks_span_trim(rest);
		if (kq_take(&rest, "on"))
			symbol->depends = ks_span_trim(rest);
	}
	if (kq_is(word, "def_bool") || kq_is(word, "def_tristate"))
		symbol->type = kq_tail(word, strlen("def_"));
	for (i = 0; i < KS_ARRAY_SIZE(types); i++) {
		if (!kq_is(word, types[i]))
			continue;
		symbol->type = word;
		if (quoted(rest).bytes)
			symbol->prompt = quoted(rest);
	}
}

static int begin_symbol(struct kq_symbols *symbols, struct block *block, struct ks_span name,
			u32 line, struct kq_error *error)
{
	struct kq_symbol *moved = kq_grow(symbols->symbol, symbols->nr, &symbols->room,
					  sizeof(*moved), KQ_MAX_SYMBOLS, error);

	if (!moved)
		return error->err;
	symbols->symbol = moved;
	block->symbol = &moved[symbols->nr++];
	*block->symbol = (struct kq_symbol){
		.name = name, .line = line, .path = symbols->file[symbols->nr_files - 1].path,
	};
	return 0;
}

/* Return: the line belongs to the help text in hand. */
static bool take_help(struct block *block, struct ks_span whole, struct ks_span line)
{
	struct ks_span *help;

	if (!block->in_help)
		return false;
	help = &block->symbol->help;
	if (ks_span_trim(line).bytes) {
		if (!block->help_indent)
			block->help_indent = indent_of(line);
		if (!block->help_indent || indent_of(line) < block->help_indent) {
			block->in_help = false;
			return false;
		}
	} else if (!help->bytes) {
		return true;
	}
	*help = help->bytes ? (struct ks_span){ help->p, help->bytes + whole.bytes } : whole;
	return true;
}

static bool ends_block(struct ks_span word)
{
	static const char *const keywords[] = {
		"menu", "endmenu", "choice", "endchoice", "comment",
		"if",	"endif",   "source", "rsource",	  "mainmenu",
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(keywords); i++)
		if (kq_is(word, keywords[i]))
			return true;
	return false;
}

static int read_line(struct kq_symbols *symbols, struct block *block, struct ks_span line, u32 nr,
		     struct kq_error *error)
{
	struct ks_span word, name;

	if (!ks_span_word(&line, &word))
		return 0;
	if (kq_is(word, "config") || kq_is(word, "menuconfig")) {
		*block = (struct block){ 0 };
		name = ks_span_trim(line);
		return is_name(name) ? begin_symbol(symbols, block, name, nr, error) : 0;
	}
	if (ends_block(word))
		*block = (struct block){ 0 };
	if (!block->symbol)
		return 0;
	if (kq_is(word, "help") && !ks_span_trim(line).bytes) {
		block->in_help = true;
		block->help_indent = 0;
	} else {
		take_property(block->symbol, word, line);
	}
	return 0;
}

static int read_file(struct kq_symbols *symbols, struct ks_span text, struct kq_error *error)
{
	struct block block = { 0 };
	struct ks_span line;
	u32 nr = 0;
	int rc = 0;

	while (!rc && text.bytes) {
		struct ks_span before = text;

		if (!ks_span_line(&text, &line))
			break;
		nr++;
		if (!take_help(&block, kq_head(before, before.bytes - text.bytes), line))
			rc = read_line(symbols, &block, line, nr, error);
	}
	return rc;
}

int kq_symbols_add(struct kq_symbols *symbols, struct ks_span path, struct ks_buf *text,
		   struct kq_error *error)
{
	struct kq_kconfig *file = kq_grow(symbols->file, symbols->nr_files, &symbols->room_files,
					  sizeof(*file), KQ_MAX_KCONFIGS, error);

	if (!file) {
		ks_buf_done(text);
		return error->err;
	}
	symbols->file = file;
	file += symbols->nr_files++;
	*file = (struct kq_kconfig){ .path = strndup((const char *)path.p, path.bytes) };
	ks_buf_move(&file->text, text);
	return file->path ? read_file(symbols, ks_buf_span(&file->text), error)
			  : kq_no_memory(error);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct kq_symbol *one = a, *two = b;
	int order = ks_span_cmp(one->name, two->name);

	if (!order)
		order = strcmp(one->path, two->path);
	return order ? order : (one->line > two->line) - (one->line < two->line);
}

void kq_symbols_sort(struct kq_symbols *symbols)
{
	if (symbols->nr)
		qsort(symbols->symbol, symbols->nr, sizeof(*symbols->symbol), compare_symbols);
}

bool kq_is_kconfig(struct ks_span path)
{
	return kq_starts(kq_last_part(path), "Kconfig");
}

bool kq_symbol_is_for(const struct kq_symbol *symbol, const char *arch)
{
	struct ks_span path = ks_span_str(symbol->path);

	/* As the top Makefile names SRCARCH. */
	if (!strcmp(arch, "x86_64") || !strcmp(arch, "i386"))
		arch = "x86";
	if (!kq_take(&path, "arch/") || kq_starts(path, "Kconfig"))
		return true;
	return kq_take(&path, arch) && kq_starts(path, "/");
}

static bool name_is_before(const void *symbol, const void *name)
{
	return ks_span_cmp(((const struct kq_symbol *)symbol)->name,
			   *(const struct ks_span *)name) < 0;
}

const struct kq_symbol *kq_symbols_find(const struct kq_symbols *symbols, struct ks_span name,
					const char *arch)
{
	const struct kq_symbol *found = NULL;
	size_t i = kq_lower_bound(symbols->symbol, symbols->nr, sizeof(*symbols->symbol),
				  name_is_before, &name);

	for (; i < symbols->nr && ks_span_eq(symbols->symbol[i].name, name); i++) {
		const struct kq_symbol *symbol = &symbols->symbol[i];

		if (!kq_symbol_is_for(symbol, arch))
			continue;
		if (symbol->prompt.bytes)
			return symbol;
		if (!found)
			found = symbol;
	}
	return found;
}
