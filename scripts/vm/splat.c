// SPDX-License-Identifier: LGPL-2.1-or-later
#include "splat.h"

#include <string.h>

#include "results.h"

/* As the kernel prints them; each must begin a word, so that "DEBUG:" is not a "BUG:". */
static const char *const splats[] = {
	"Kernel panic",
	"Oops:",
	"BUG:",
	"WARNING:",
	"KASAN:",
	"KFENCE:",
	"KCSAN:",
	"UBSAN:",
	"general protection fault",
	"Unable to handle kernel",
	"kernel BUG at",
	"detected stall",
	"detected stalls",
	"rcu stall",
	"soft lockup",
	"hard LOCKUP",
	"blocked for more than",
	"Attempted to kill init",
	"end Kernel panic",
};

/* Reports about the processor and not about this kernel; they name themselves. */
static const char *const harmless[] = {
	"Spectre V2 : WARNING:",
	"MDS CPU bug present and SMT on",
	"TAA CPU bug present and SMT on",
};

static bool is_word_byte(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool contains(struct ks_span line, const char *text)
{
	return line.bytes && memmem(line.p, line.bytes, text, strlen(text));
}

static bool contains_word(struct ks_span line, const char *text)
{
	struct ks_span rest = line;
	size_t bytes = strlen(text);
	const u8 *hit;

	while (rest.bytes && (hit = memmem(rest.p, rest.bytes, text, bytes))) {
		size_t at = (size_t)(hit - rest.p);

		if ((!at && rest.p == line.p) || !is_word_byte(hit[-1]))
			return true;
		if (!ks_span_sub(rest, at + 1, rest.bytes - at - 1, &rest))
			break;
	}
	return false;
}

const char *vm_splat_find(struct ks_span line)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(harmless); i++)
		if (contains(line, harmless[i]))
			return NULL;
	for (i = 0; i < KS_ARRAY_SIZE(splats); i++)
		if (contains_word(line, splats[i]))
			return splats[i];
	return NULL;
}

bool vm_splat_is_end(struct ks_span line)
{
	return contains(line, "Kernel panic");
}

bool vm_is_kernel_start(struct ks_span line)
{
	return contains(line, "Linux version ");
}

bool vm_is_refusal(struct ks_span line)
{
	return contains(line, "Access Denied") || contains(line, "Security Violation");
}
