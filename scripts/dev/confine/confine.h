/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define MAX_DIRS      16

struct dir {
	const char *path;
	bool is_writable;
};

struct view {
	struct dir dirs[MAX_DIRS];
	size_t nr_dirs;
	/* What is /tmp, NULL for a tmpfs. */
	const char *tmp;
	/* Of the machine, not of a user name space. */
	bool is_root;
};

/* With errno's text on stderr; exit code 125. */
void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...);

/* In a mount and a PID name space of our own, by PID 1. */
void confine_mount(const struct view *view);

void write_text(const char *path, const char *text);
void limit(int resource, rlim_t most);

/* Root of a user name space, in which nothing from outside belongs to anybody. */
void become_foreign(void);

/* What root needs for a tmpfs or another owner stays, what reaches the machine goes. */
void drop_capabilities(void);

#endif
