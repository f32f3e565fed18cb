// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A front end of Kconfig, as conf and mconf are: linked with the objects of the tree's own scripts/kconfig and
 * run by its `make config config-prog=...`, in the environment that Kconfig files expect. It does what
 * olddefconfig does, and answers for single symbols in the same run, since each run calls the compiler for every
 * cc-option.
 *
 *   $KCONFIG_CONFIG         requests before, the resolved configuration afterwards
 *   $KCONFIG_CONFIG.asked   SYMBOL VALUE
 *   $KCONFIG_CONFIG.facts   SYMBOL VALUE TYPE PROMPT REASON with tabs between them, in the order of .asked
 *
 * TYPE is "none" for what no Kconfig file of this architecture defines. REASON says why the symbol has not that
 * value, down to the symbols that decide; it is empty when it has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <list.h>

#include "lkc.h"

/* Of a chain of dependencies; 6.18 has none that needs more to be understood. */
#define MAX_DEPTH  6
/* Symbols that one line talks about. */
#define MAX_SEEN   16
/* Selecting symbols that are named. */
#define MAX_NAMED  4
/* A longer expression is cut down to what does not hold in it. */
#define MAX_EXPR_BYTES	200
#define MAX_REASON_BYTES 1500

struct reason {
	struct gstr text;
	const struct symbol *seen[MAX_SEEN];
	int nr_seen;
};

static void explain_low(struct reason *to, struct symbol *sym, tristate want, int depth);
static void explain_high(struct reason *to, struct symbol *sym, tristate want, int depth);

static const char *value_of(struct symbol *sym)
{
	sym_calc_value(sym);
	return sym_get_string_value(sym);
}

static void put_word(void *to, struct symbol *sym, const char *word)
{
	str_append(to, word);
	/* A number is a symbol without a type, too. */
	if (sym && sym->name && !(sym->flags & SYMBOL_CONST) && (sym->type != S_UNKNOWN || *word > '9'))
		str_printf(to, "[=%s]", sym->type == S_UNKNOWN ? "none" : value_of(sym));
}

static void put_symbol(struct reason *to, struct symbol *sym)
{
	put_word(&to->text, sym, sym->name);
}

/* The parts of a conjunction that are below @want. */
static void put_unmet(struct gstr *to, struct expr *e, tristate want, const char **sep)
{
	if (expr_calc_value(e) >= want)
		return;
	if (e->type == E_AND) {
		put_unmet(to, e->left.expr, want, sep);
		put_unmet(to, e->right.expr, want, sep);
		return;
	}
	str_append(to, *sep);
	expr_print(e, put_word, to, E_AND);
	*sep = " && ";
}

static void put_depends(struct reason *to, struct expr *e, tristate want)
{
	struct gstr whole = str_new();
	const char *sep = "";

	expr_print(e, put_word, &whole, E_NONE);
	str_append(&to->text, "depends on ");
	if (whole.len > MAX_EXPR_BYTES) {
		put_unmet(&to->text, e, want, &sep);
		str_append(&to->text, " among others");
	} else {
		str_append(&to->text, str_get(&whole));
	}
	str_free(&whole);
}

/* Return: false when the line has told of @sym before, or would get too long. */
static int may_tell(struct reason *to, const struct symbol *sym, int depth)
{
	int i;

	for (i = 0; i < to->nr_seen; i++)
		if (to->seen[i] == sym)
			return 0;
	if (depth > MAX_DEPTH || i == MAX_SEEN || to->text.len > MAX_REASON_BYTES)
		return 0;
	to->seen[to->nr_seen++] = sym;
	return 1;
}

static void put_place(struct reason *to, const struct symbol *sym)
{
	struct menu *menu;

	list_for_each_entry(menu, &sym->menus, link) {
		str_printf(&to->text, " at %s:%d, ", menu->filename, menu->lineno);
		return;
	}
}

/* The leaves that keep @e below @want. */
static void explain_leaves(struct reason *to, struct expr *e, tristate want, int depth)
{
	if (!e || expr_calc_value(e) >= want)
		return;
	switch (e->type) {
	case E_AND:
	case E_OR:
		explain_leaves(to, e->left.expr, want, depth);
		explain_leaves(to, e->right.expr, want, depth);
		break;
	case E_NOT:
		if (e->left.expr->type == E_SYMBOL)
			explain_high(to, e->left.expr->left.sym, no, depth);
		break;
	case E_SYMBOL:
		explain_low(to, e->left.sym, want, depth);
		break;
	default:
		break;
	}
}

/* Those terms of "A || B && C || ..." that have a value, or all of them. */
static void put_selectors(struct gstr *to, struct expr *e, tristate above, int *nr)
{
	if (e->type == E_OR) {
		put_selectors(to, e->left.expr, above, nr);
		put_selectors(to, e->right.expr, above, nr);
		return;
	}
	if (above != no && expr_calc_value(e) < above)
		return;
	if ((*nr)++ < MAX_NAMED) {
		str_append(to, *nr > 1 ? ", " : "");
		expr_print(e, put_word, to, E_NONE);
	}
}

static void put_selected_by(struct reason *to, struct expr *e, tristate above)
{
	int nr = 0;

	str_append(&to->text, "selected by ");
	put_selectors(&to->text, e, above, &nr);
	if (nr > MAX_NAMED)
		str_printf(&to->text, " and %d more", nr - MAX_NAMED);
}

/* The prompt that is most visible, NULL without any. */
static struct property *best_prompt(struct symbol *sym)
{
	struct property *prop, *best = NULL;

	for_all_prompts(sym, prop)
		if (!best || expr_calc_value(prop->visible.expr) > expr_calc_value(best->visible.expr))
			best = prop;
	return best;
}

static void put_who_decides(struct reason *to, struct symbol *sym)
{
	struct menu *choice = sym_get_choice_menu(sym);
	struct symbol *chosen = choice ? sym_calc_choice(choice) : NULL;

	if (chosen && chosen != sym)
		str_printf(&to->text, "%s is chosen instead", chosen->name);
	else if (sym->flags & SYMBOL_DEF_USER)
		str_append(&to->text, "a fragment requests that");
	else
		str_append(&to->text, "that is its default, nothing requests another value");
}

/* Begins to tell of @sym. Return: false if there is nothing to tell, or no room left. */
static bool introduce(struct reason *to, struct symbol *sym, int depth)
{
	if ((sym->flags & SYMBOL_CONST) || !sym->name || !may_tell(to, sym, depth))
		return false;
	if (depth) {
		str_append(&to->text, "; ");
		put_symbol(to, sym);
	} else {
		str_append(&to->text, "defined");
	}
	return true;
}

/* Why is @sym below @want? @depth 0: its own line, which has named it and its value. */
static void explain_low(struct reason *to, struct symbol *sym, tristate want, int depth)
{
	struct property *prompt;

	if (!introduce(to, sym, depth))
		return;
	if (sym->type == S_UNKNOWN) {
		str_append(&to->text, " is defined nowhere for this architecture");
		return;
	}
	put_place(to, sym);
	sym_calc_value(sym);
	prompt = best_prompt(sym);
	if (!prompt && sym->rev_dep.expr) {
		str_append(&to->text, "has no prompt, can only be ");
		put_selected_by(to, sym->rev_dep.expr, no);
	} else if (sym->flags & SYMBOL_TRANS) {
		str_append(&to->text, "is only an old name of what another symbol sets now");
	} else if (!prompt) {
		struct property *prop;

		str_append(&to->text, "has no prompt, only a default sets it");
		for_all_defaults(sym, prop) {
			struct gstr text = str_new();

			/* Without a condition expr_print() says "y". */
			expr_print(prop->visible.expr, put_word, &text, E_NONE);
			if (strcmp(str_get(&text), "y") && strlen(str_get(&text)) < MAX_EXPR_BYTES)
				str_printf(&to->text, ", if %s", str_get(&text));
			str_free(&text);
			explain_leaves(to, prop->visible.expr, want, depth + 1);
			break;
		}
	} else if (expr_calc_value(prompt->visible.expr) < want) {
		put_depends(to, prompt->visible.expr, want);
		explain_leaves(to, prompt->visible.expr, want, depth + 1);
	} else {
		put_who_decides(to, sym);
	}
}

/* Why is @sym above @want? */
static void explain_high(struct reason *to, struct symbol *sym, tristate want, int depth)
{
	struct property *prompt;

	if (!introduce(to, sym, depth))
		return;
	put_place(to, sym);
	sym_calc_value(sym);
	prompt = best_prompt(sym);
	if (sym->rev_dep.expr && expr_calc_value(sym->rev_dep.expr) > want)
		put_selected_by(to, sym->rev_dep.expr, want + 1);
	else if (!prompt)
		str_append(&to->text, "has no prompt, its default holds");
	else if (expr_calc_value(prompt->visible.expr) == no) {
		str_append(&to->text, "has its default while its prompt is hidden, which ");
		put_depends(to, prompt->visible.expr, yes);
	} else {
		put_who_decides(to, sym);
	}
}

static void explain_text(struct reason *to, struct symbol *sym)
{
	struct property *prompt = best_prompt(sym), *range = sym_get_range_prop(sym);

	if (!prompt || expr_calc_value(prompt->visible.expr) == no) {
		explain_low(to, sym, yes, 0);
		return;
	}
	str_append(&to->text, "defined");
	put_place(to, sym);
	if (range) {
		str_append(&to->text, "takes ");
		put_word(&to->text, range->expr->left.sym, range->expr->left.sym->name);
		str_append(&to->text, " to ");
		put_word(&to->text, range->expr->right.sym, range->expr->right.sym->name);
		str_append(&to->text, ", ");
	}
	put_who_decides(to, sym);
}

static void explain(struct reason *to, struct symbol *sym, const char *want)
{
	const char *have = value_of(sym);
	tristate value = *want == 'y' ? yes : *want == 'm' ? mod : no;

	/* Strings are asked for with their quotes. */
	if (!strcmp(have, want) ||
	    (*want == '"' && strlen(want) == strlen(have) + 2 && !strncmp(want + 1, have, strlen(have))))
		return;
	if (sym->type != S_BOOLEAN && sym->type != S_TRISTATE)
		explain_text(to, sym);
	else if (sym_get_tristate_value(sym) < value)
		explain_low(to, sym, value, 0);
	else
		explain_high(to, sym, value, 0);
}

/* A tab ends a field and a newline ends the line. */
static void put_field(FILE *out, const char *text)
{
	fputc('\t', out);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

static void answer(FILE *out, const char *name, const char *want)
{
	struct reason reason = { .text = str_new() };
	struct symbol *sym = sym_find(name);
	struct property *prompt;
	int is_known = sym && sym->type != S_UNKNOWN && !list_empty(&sym->menus);

	fputs(name, out);
	put_field(out, want);
	put_field(out, is_known ? sym_type_name(sym->type) : "none");
	if (is_known)
		explain(&reason, sym, want);
	prompt = is_known ? best_prompt(sym) : NULL;
	put_field(out, prompt ? prompt->text : "");
	put_field(out, str_get(&reason.text));
	fputc('\n', out);
	str_free(&reason.text);
}

static FILE *open_beside(const char *suffix, const char *mode)
{
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", conf_get_configname(), suffix);
	file = fopen(name, mode);
	if (!file) {
		fprintf(stderr, "resolve: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return file;
}

static void answer_all(void)
{
	FILE *asked = open_beside(".asked", "r"), *facts = open_beside(".facts", "w");
	char *line = NULL, *want;
	size_t room = 0;

	while (getline(&line, &room, asked) > 0) {
		line[strcspn(line, "\n")] = '\0';
		want = strchr(line, ' ');
		if (!want) {
			fprintf(stderr, "resolve: \"%s\" asks for no value\n", line);
			exit(1);
		}
		*want++ = '\0';
		answer(facts, line, want);
	}
	free(line);
	if (ferror(asked) || ferror(facts) || fclose(facts)) {
		perror("resolve: cannot write the facts");
		exit(1);
	}
	fclose(asked);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: resolve [-s] KCONFIG\n");
		return 2;
	}
	conf_parse(argv[argc - 1]);
	conf_read(NULL);
	if (conf_errors() || sym_dep_errors())
		return 1;
	if (conf_write(NULL)) {
		fprintf(stderr, "resolve: cannot write %s\n", conf_get_configname());
		return 1;
	}
	answer_all();
	return 0;
}
