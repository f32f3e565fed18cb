// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The lines of efi/judge.c: "try NR", "image NR STATUS STATUS STATUS", "store NR STATUS STATUS", "end";
 * statuses are hexadecimal. They come byte by byte, and a machine may stop at each.
 */
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "results.h"

static struct vm_trial *case_of(struct vm_firmware *fw, const struct vm_boot *boot, u64 nr)
{
	u64 at = boot->first + nr - 1 - boot->again;

	if (!nr || nr > VM_MAX_TRIALS + 1 || (boot->again && nr == 1) || at >= fw->nr_cases)
		return NULL;
	return &fw->cases[at];
}

/* A word of digits, that of a status at most 64 bit, with something behind it. */
static bool take_number(struct ks_span *line, int base, u64 *ret)
{
	struct ks_span word;
	char text[17];

	if (!ks_span_word(line, &word) || !line->bytes || word.bytes >= sizeof(text))
		return false;
	memcpy(text, word.p, word.bytes);
	text[word.bytes] = '\0';
	*ret = strtoull(text, NULL, base);
	return strspn(text, base == 16 ? "0123456789abcdef" : "0123456789") == word.bytes;
}

static void take_answer(struct vm_firmware *fw, struct vm_boot *boot, struct ks_span line)
{
	struct vm_trial *c;
	struct ks_span word;
	u64 nr;

	if (!ks_span_word(&line, &word) || !take_number(&line, 10, &nr))
		return;
	c = case_of(fw, boot, nr);
	if (!c || (c->answer != VM_NO_ANSWER && c->answer != VM_ANSWERED))
		return;
	if (vm_span_is(word, "try")) {
		boot->reached = (size_t)(c - fw->cases);
		return;
	}
	if (!vm_span_is(word, c->image ? "image" : "store"))
		return;
	c->answer = VM_NO_ANSWER;
	c->has_first = take_number(&line, 16, &c->first);
	if (c->has_first && take_number(&line, 16, &c->second) &&
	    (!c->image || take_number(&line, 16, &c->control)) && !ks_span_trim(line).bytes)
		c->answer = VM_ANSWERED;
}

void vm_answers_read(struct vm_firmware *fw, struct vm_boot *boot, struct ks_span text)
{
	while (text.bytes) {
		const u8 *end = memchr(text.p, '\n', text.bytes);
		size_t bytes = end ? (size_t)(end - text.p) + 1 : text.bytes;
		struct ks_span line;

		if (!ks_span_sub(text, 0, bytes, &line) ||
		    !ks_span_sub(text, bytes, text.bytes - bytes, &text))
			return;
		if (vm_span_is(line, "end\n"))
			boot->is_end = true;
		take_answer(fw, boot, line);
	}
}
