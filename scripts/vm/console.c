// SPDX-License-Identifier: LGPL-2.1-or-later
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results.h"
#include "splat.h"

int vm_console_open(struct vm_console *console, const char *path)
{
	*console = (struct vm_console){ .fd = -1 };
	/* Made here, so that there is something to follow before QEMU has come up. */
	console->fd = open(path, O_RDONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return console->fd < 0 ? -errno : 0;
}

void vm_console_done(struct vm_console *console)
{
	size_t i;

	if (console->fd >= 0)
		close(console->fd);
	for (i = 0; i < VM_CONSOLE_TAIL; i++)
		free(console->tail[i]);
	free(console->splat);
	free(console->refusal);
	for (i = 0; i < console->nr_words; i++)
		free(console->words[i].line);
	*console = (struct vm_console){ .fd = -1 };
}

static void take_line(struct vm_console *console)
{
	struct ks_span line = ks_span_trim((struct ks_span){ console->line, console->line_bytes });
	char **slot = &console->tail[console->nr_lines % VM_CONSOLE_TAIL];
	const char *kind = NULL;
	size_t i;

	console->line_bytes = 0;
	if (!line.bytes)
		return;
	free(*slot);
	*slot = vm_text_dup(line);
	console->nr_lines++;
	console->nr_kernels += vm_is_kernel_start(line);
	if (console->crash && !console->has_crashed && strstr(*slot, console->crash)) {
		console->has_crashed = true;
	} else {
		console->is_dead |= vm_splat_is_end(line);
		kind = vm_splat_find(line);
	}
	if (kind && !console->splat) {
		console->splat = strdup(*slot);
		console->splat_kind = kind;
	}
	if (vm_is_refusal(line) && !console->refusal)
		console->refusal = strdup(*slot);
	for (i = 0; i < console->nr_words; i++)
		if (!console->words[i].line && strstr(*slot, console->words[i].text))
			console->words[i].line = strdup(*slot);
}

void vm_console_feed(struct vm_console *console, struct ks_span bytes)
{
	size_t i;

	console->nr_bytes += bytes.bytes;
	for (i = 0; i < bytes.bytes; i++) {
		/* A longer line is judged in pieces: nothing of it is lost. */
		if (console->line_bytes == sizeof(console->line))
			take_line(console);
		if (bytes.p[i] == '\n')
			take_line(console);
		else
			console->line[console->line_bytes++] = bytes.p[i];
	}
}

void vm_console_read(struct vm_console *console)
{
	u8 block[8192];
	ssize_t n;

	while (console->nr_bytes <= VM_MAX_CONSOLE_BYTES &&
	       (n = read(console->fd, block, sizeof(block))) > 0)
		vm_console_feed(console, (struct ks_span){ block, (size_t)n });
}

void vm_console_show_tail(const struct vm_console *console)
{
	u64 n = console->nr_lines < VM_CONSOLE_TAIL ? console->nr_lines : VM_CONSOLE_TAIL;
	u64 i;

	fprintf(stderr, "vm: the last lines of the console:\n");
	for (i = console->nr_lines - n; i < console->nr_lines; i++)
		fprintf(stderr, "  | %s\n", console->tail[i % VM_CONSOLE_TAIL]);
	if (console->line_bytes) {
		char *rest = vm_text_dup((struct ks_span){ console->line, console->line_bytes });

		fprintf(stderr, "  | %s\n", rest);
		free(rest);
	}
}
