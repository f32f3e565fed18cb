/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One boot, from power-on to power-off: talks to the guest, follows its console, watches the clock.
 */
#ifndef VM_SESSION_H
#define VM_SESSION_H

#include "console.h"
#include "frame.h"
#include "judge.h"
#include "machine.h"

#define VM_NONCE_BYTES 16U

/* Seconds since power-on; below 0: did not happen. */
struct vm_times {
	double kernel_s;
	double ready_s;
	double end_s;
	double total_s;
};

struct vm_session {
	const struct vm_opts *opts;
	struct vm_machine machine;
	int results_log;
	struct vm_console console;
	struct vm_judge judge;
	struct vm_times times;
	char nonce[2 * VM_NONCE_BYTES + 1];
	double start_s;
	double progress_s;
	unsigned int nr_kexecs;
	bool answered;
	bool port_closed;
	struct vm_words words[2 * VM_MAX_WORDS + 1];
	u8 line[VM_MAX_LINE_BYTES + 1];
	size_t line_bytes;
};

/** vm_session_init() - Return: 0; -errno when the log directory or a nonce cannot be had. */
int __must_check vm_session_init(struct vm_session *session, const struct vm_opts *opts,
				 struct ks_diag *diag);
void vm_session_done(struct vm_session *session);

/**
 * vm_session_run() - let the guest run its tests until it powers off, dies or exceeds the limit
 *
 * What is wrong with the boot itself becomes a failure of session->judge.run.
 *
 * Return: 0; -EINTR after a signal; another -errno when the machine could not be started.
 */
int __must_check vm_session_run(struct vm_session *session, const char *accel,
				struct ks_diag *diag);

/**
 * vm_session_run_refused() - let the firmware decide about the image
 * @ret_refused: it said no, and no kernel spoke
 *
 * Return: 0; -ETIME when it said nothing in time; as above.
 */
int __must_check vm_session_run_refused(struct vm_session *session, const char *accel,
					bool *ret_refused, struct ks_diag *diag);

/**
 * vm_session_run_started() - let the kernel boot until it says opts->ends
 *
 * What it must have said before (opts->says) and did not, what it must not have said (opts->lacks),
 * and a splat in another line than the last one, become failures of session->judge.run.
 *
 * Return: as vm_session_run().
 */
int __must_check vm_session_run_started(struct vm_session *session, const char *accel,
					struct ks_diag *diag);

#endif
