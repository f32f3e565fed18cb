/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programs that this one starts. None outlives it: the kernel kills them if it dies.
 */
#ifndef VM_CHILD_H
#define VM_CHILD_H

#include <sys/types.h>

#include "base/diag.h"

#define VM_MAX_ARGS 96U

/** struct vm_args - an argument vector under construction; NULL-terminated at all times */
struct vm_args {
	char *v[VM_MAX_ARGS + 1];
	size_t nr;
};

/** vm_arg() - append one formatted argument */
void vm_arg(struct vm_args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** vm_arg_list() - append arguments as they are, up to a NULL */
void vm_arg_list(struct vm_args *args, const char *const *list);

void vm_args_done(struct vm_args *args);

/**
 * struct vm_spawn - how to start a child
 * @directory: its working directory, so that file names given to QEMU need no quoting
 * @keep_fds: descriptors that it inherits beside 0, 1 and 2; -1 for none
 * @log: file in @directory that gets its stdout and stderr
 */
struct vm_spawn {
	const char *directory;
	int keep_fds[2];
	const char *log;
};

/** vm_spawn() - Return: 0 with the process in @ret_pid; -errno when it could not be started. */
int __must_check vm_spawn(const struct vm_args *args, const struct vm_spawn *how, pid_t *ret_pid,
			  struct ks_diag *diag);

/** vm_run_tool() - start a child and wait for it. Return: 0; -EIO when it failed. */
int __must_check vm_run_tool(const struct vm_args *args, const struct vm_spawn *how,
			     struct ks_diag *diag);

/** vm_kill() - end a child and reap it; a pid of 0 is not a child */
void vm_kill(pid_t *pid);

/** vm_has_ended() - reap a child that ended by itself; its pid becomes 0 */
bool vm_has_ended(pid_t *pid);

/** vm_catch_signals() - let SIGINT, SIGTERM and SIGHUP set what vm_interrupted() tells */
void vm_catch_signals(void);
bool vm_interrupted(void);

#endif
