// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"

static const char *const when_words[] = { "auto", "always", "never" };
enum { AUTO, ALWAYS, NEVER };

static size_t color_when = AUTO;
static bool is_quiet;

/* no-color.org: set, and not empty. */
static bool wants_color(FILE *to)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color_when != AUTO)
		return color_when == ALWAYS;
	return isatty(fileno(to)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

const char *ks_painted(FILE *to, enum ks_paint paint, const char *text)
{
	static const char *const codes[] = {
		[KS_PAINT_BAD] = "31;1", [KS_PAINT_DOUBT] = "33", [KS_PAINT_GOOD] = "32", [KS_PAINT_HEAD] = "1"
	};
	static _Thread_local char ring[5][160];
	static _Thread_local size_t next;
	char *out;

	if (!wants_color(to))
		return text;
	out = ring[next++ % KS_ARRAY_SIZE(ring)];
	snprintf(out, sizeof(ring[0]), "\033[%sm%.128s\033[0m", codes[paint], text);
	return out;
}

bool ks_screen_is_quiet(void)
{
	return is_quiet;
}

bool ks_screen_can_redraw(void)
{
	return !is_quiet && isatty(STDERR_FILENO);
}

static int set_color(const struct ks_program *program, const char *word)
{
	size_t i;

	for (i = 0; word && i < KS_ARRAY_SIZE(when_words); i++)
		if (!strcmp(word, when_words[i])) {
			color_when = i;
			return 0;
		}
	fprintf(stderr, "%s: --color takes auto, always or never%s%s\n", program->name, word ? ": " : "",
		word ? ks_shown(word) : "");
	return -EINVAL;
}

int ks_screen_option(const struct ks_program *program, char **argv)
{
	if (!strcmp(argv[0], "--quiet") || !strcmp(argv[0], "-q")) {
		is_quiet = true;
		return 1;
	}
	if (!strncmp(argv[0], "--color=", 8))
		return set_color(program, argv[0] + 8) ?: 1;
	if (!strcmp(argv[0], "--color"))
		return set_color(program, argv[1]) ?: 2;
	return 0;
}
