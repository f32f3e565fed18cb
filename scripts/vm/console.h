/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guest's console: a file that QEMU writes and this program follows.
 *
 * A file and no pipe or pty, because a guest stalls when nobody reads those.
 */
#ifndef VM_CONSOLE_H
#define VM_CONSOLE_H

#include "base/span.h"

#define VM_CONSOLE_TAIL	      20U
#define VM_CONSOLE_LINE_BYTES 400U

/* A boot prints some 100 KiB. More than this would only fill the disk. */
#define VM_MAX_CONSOLE_BYTES (64ULL << 20)

/**
 * struct vm_words - what somebody wants to hear, or not to hear
 * @line: the first line that had @text, NULL before; owned
 */
struct vm_words {
	const char *text;
	char *line;
};

/**
 * struct vm_console - what was read so far
 * @crash: the one panic that has to come: no splat, and not the end; NULL if none has to
 */
struct vm_console {
	int fd;
	u8 line[VM_CONSOLE_LINE_BYTES];
	size_t line_bytes;
	char *tail[VM_CONSOLE_TAIL];
	u64 nr_lines;
	u64 nr_bytes;
	unsigned int nr_kernels;
	char *splat;
	const char *splat_kind;
	bool is_dead;
	const char *crash;
	bool has_crashed;
	char *refusal;
	struct vm_words *words;
	size_t nr_words;
};

/** vm_console_open() - follow @path, which QEMU makes. Return: 0 or -errno. */
int __must_check vm_console_open(struct vm_console *console, const char *path);
void vm_console_done(struct vm_console *console);

/** vm_console_read() - take in what was written since the last call */
void vm_console_read(struct vm_console *console);

/** vm_console_feed() - the same for bytes from elsewhere (tests) */
void vm_console_feed(struct vm_console *console, struct ks_span bytes);

/** vm_console_show_tail() - print the last lines to stderr, control bytes made visible */
void vm_console_show_tail(const struct vm_console *console);

#endif
