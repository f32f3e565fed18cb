// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child.h"

/* A panicked kernel prints its trace and stays; after END the guest only has to switch off. */
#define AFTER_PANIC_S	3
#define POWER_OFF_S	60
#define AFTER_REFUSAL_S 3

/* What the kernel says when SysRq crashes it, as init does; any other panic is none that was asked for. */
#define CRASH "Kernel panic - not syncing: sysrq triggered crash"

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double elapsed_s(const struct vm_session *session)
{
	return now_s() - session->start_s;
}

static int make_nonce(struct vm_session *session, struct ks_diag *diag)
{
	u8 raw[VM_NONCE_BYTES];
	size_t i;

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		return ks_fail_sys(diag, "cannot get random bytes", NULL);
	for (i = 0; i < sizeof(raw); i++)
		snprintf(session->nonce + 2 * i, 3, "%02x", raw[i]);
	return 0;
}

int vm_session_init(struct vm_session *session, const struct vm_opts *opts, struct ks_diag *diag)
{
	char path[4096];
	int rc;

	memset(session, 0, sizeof(*session));
	session->opts = opts;
	session->machine.results_fd = -1;
	session->times = (struct vm_times){ -1, -1, -1, -1 };
	session->console.fd = -1;
	session->results_log = -1;
	vm_judge_init(&session->judge, session->nonce);
	rc = make_nonce(session, diag);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/" VM_CONSOLE_FILE, opts->log_dir);
	rc = vm_console_open(&session->console, path);
	session->console.crash = opts->crash ? CRASH : NULL;
	if (rc)
		return ks_fail_sys(diag, "cannot write the log", path);
	snprintf(path, sizeof(path), "%s/" VM_RESULTS_FILE, opts->log_dir);
	session->results_log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return session->results_log < 0 ? ks_fail_sys(diag, "cannot write the log", path) : 0;
}

void vm_session_done(struct vm_session *session)
{
	vm_machine_stop(&session->machine);
	vm_console_done(&session->console);
	ks_close_fd(&session->results_log);
	vm_judge_done(&session->judge);
}

static const char *phase(const struct vm_session *session)
{
	if (session->judge.has_end)
		return "power-off";
	if (session->judge.current)
		return session->judge.current->name;
	if (session->answered)
		return "init";
	if (session->nr_kexecs)
		return session->console.has_crashed ? "crash" : "kexec";
	return session->console.nr_kernels ? "kernel" : "firmware";
}

static void show_progress(struct vm_session *session, bool last)
{
	double at_s = elapsed_s(session);

	if (!isatty(STDERR_FILENO))
		return;
	if (last)
		fputs("\r\033[K", stderr);
	else if (at_s - session->progress_s >= 0.5)
		fprintf(stderr, "\r\033[Kvm: %3.0f s: %s", at_s, phase(session));
	session->progress_s = at_s;
}

/* Kernels that only start the next one. The last of them may have to crash into it. */
static unsigned int nr_before(const struct vm_opts *opts)
{
	return opts->nr_kexecs + opts->crash;
}

/*
 * The answer to the guest's call. It is small enough for the socket's buffer. Only the kernel that
 * is to report gets the nonce: what another one says is not a frame.
 */
static void answer(struct vm_session *session)
{
	const struct vm_opts *opts = session->opts;
	size_t i;

	if (session->nr_kexecs < nr_before(opts)) {
		dprintf(session->machine.results_fd,
			session->nr_kexecs++ < opts->nr_kexecs ? "KEXEC\n" : "CRASH\n");
		return;
	}
	session->answered = true;
	session->times.ready_s = elapsed_s(session);
	dprintf(session->machine.results_fd, "NONCE %s\nSET mode %s\nSET tests %s\n",
		session->nonce, opts->mode, opts->tests);
	for (i = 0; i < opts->settings.nr_values; i++) {
		const char *text = opts->settings.value[i], *equals = strchr(text, '=');

		dprintf(session->machine.results_fd, "SET %.*s %s\n", (int)(equals - text), text,
			equals + 1);
	}
	dprintf(session->machine.results_fd, "GO\n");
}

/*
 * Before the guest calls, the port carries what the firmware prints on every port that it finds. A
 * guest repeats its call until it is answered; that of a kernel before the awaited one is late.
 */
static void take_line(struct vm_session *session)
{
	struct ks_span line = { session->line, session->line_bytes };
	char ready[32];

	session->line_bytes = 0;
	snprintf(ready, sizeof(ready), VM_READY " %u", session->nr_kexecs);
	if (session->answered)
		vm_judge_line(&session->judge, line);
	else if (ks_span_ends_with(line, ks_span_str(ready)))
		answer(session);
	if (session->judge.has_end && session->times.end_s < 0)
		session->times.end_s = elapsed_s(session);
}

static void take_bytes(struct vm_session *session, const u8 *bytes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (bytes[i] == '\n') {
			take_line(session);
			continue;
		}
		/* One byte over the limit makes vm_frame_parse() refuse it; more need not be kept.
		 */
		if (session->line_bytes < sizeof(session->line))
			session->line[session->line_bytes++] = bytes[i];
	}
}

/* Wait a little, then take in what both ports have. */
static void pump(struct vm_session *session, int wait_ms)
{
	struct pollfd p = { .fd = session->machine.results_fd, .events = POLLIN };

	if (session->port_closed)
		p.fd = -1;
	if (poll(&p, 1, wait_ms) > 0) {
		u8 block[8192];
		ssize_t n = recv(p.fd, block, sizeof(block), MSG_DONTWAIT);

		/* For people only: a log that cannot be written changes no verdict. */
		if (n > 0 && write(session->results_log, block, (size_t)n) < 0)
			ks_close_fd(&session->results_log);
		if (n > 0)
			take_bytes(session, block, (size_t)n);
		else if (!n || (errno != EAGAIN && errno != EINTR))
			session->port_closed = true;
	}
	vm_console_read(&session->console);
	if (session->console.nr_kernels && session->times.kernel_s < 0)
		session->times.kernel_s = elapsed_s(session);
	show_progress(session, false);
}

/* The machine is gone: take what it still left in the port and the file. */
static void drain(struct vm_session *session)
{
	while (!session->port_closed && !vm_interrupted())
		pump(session, 1000);
	vm_console_read(&session->console);
	show_progress(session, true);
}

static int start(struct vm_session *session, const char *accel, const char *nr_cpus,
		 struct ks_diag *diag)
{
	session->start_s = now_s();
	return vm_machine_start(&session->machine, session->opts, accel, nr_cpus, diag);
}

static void stop(struct vm_session *session)
{
	vm_kill(&session->machine.qemu);
	vm_console_read(&session->console);
	show_progress(session, true);
	session->times.total_s = elapsed_s(session);
}

/* What the console says about the boot, however well the tests went. */
static void judge_console(struct vm_session *session)
{
	struct vm_run *run = &session->judge.run;

	if (session->console.splat)
		vm_run_fail(run, "console: %s: %s", session->console.splat_kind,
			    session->console.splat);
	if (session->opts->crash && !session->console.has_crashed)
		vm_run_fail(run, "console: the kernel did not crash as it was told to");
	if (session->console.nr_kernels != nr_before(session->opts) + 1)
		vm_run_fail(run, "console: the kernel started %u times, %u were expected",
			    session->console.nr_kernels, nr_before(session->opts) + 1);
}

static void fail_early_end(struct vm_session *session)
{
	if (!session->judge.has_end && !session->judge.broken)
		vm_run_fail(&session->judge.run, "the machine went off in phase %s after %.1f s",
			    phase(session), elapsed_s(session));
}

int vm_session_run(struct vm_session *session, const char *accel, struct ks_diag *diag)
{
	double limit_s = session->opts->timeout_s, dead_s = -1;
	int rc = start(session, accel, "2", diag);
	bool went_off;

	while (!rc && !vm_has_ended(&session->machine.qemu)) {
		double at_s;

		pump(session, 100);
		at_s = elapsed_s(session);
		if (vm_interrupted())
			return ks_fail(diag, -EINTR, KS_NO_OFF,
				       "interrupted, the machine was stopped");
		if (session->console.is_dead && dead_s < 0)
			dead_s = at_s;
		if (session->times.end_s >= 0 && at_s > session->times.end_s + POWER_OFF_S)
			limit_s = 0;
		if (at_s > limit_s) {
			vm_run_fail(&session->judge.run, "hang in phase %s, stopped after %.0f s",
				    phase(session), at_s);
			break;
		}
		if (session->console.nr_bytes > VM_MAX_CONSOLE_BYTES) {
			vm_run_fail(&session->judge.run, "the console does not stop printing");
			break;
		}
		if (session->judge.broken || (dead_s >= 0 && at_s > dead_s + AFTER_PANIC_S))
			break;
	}
	if (rc)
		return rc;
	went_off = !session->machine.qemu;
	if (went_off)
		drain(session);
	stop(session);
	/* A panic is why it went off. */
	judge_console(session);
	if (went_off)
		fail_early_end(session);
	return 0;
}

int vm_session_run_refused(struct vm_session *session, const char *accel, bool *ret_refused,
			   struct ks_diag *diag)
{
	double limit_s = session->opts->timeout_s, refused_s = -1;
	int rc = start(session, accel, "1", diag);

	while (!rc && !vm_has_ended(&session->machine.qemu)) {
		pump(session, 100);
		if (vm_interrupted())
			return ks_fail(diag, -EINTR, KS_NO_OFF,
				       "interrupted, the machine was stopped");
		if (session->console.nr_kernels || elapsed_s(session) > limit_s)
			break;
		/* The firmware goes on to its next choice; that must not start a kernel either. */
		if (session->console.refusal && refused_s < 0)
			refused_s = elapsed_s(session);
		if (refused_s >= 0 && elapsed_s(session) > refused_s + AFTER_REFUSAL_S)
			break;
	}
	if (rc)
		return rc;
	stop(session);
	if (!session->console.nr_kernels && !session->console.refusal)
		return ks_fail(diag, -ETIME, KS_NO_OFF,
			       "the firmware neither refused the image nor started a kernel");
	*ret_refused = !session->console.nr_kernels;
	return 0;
}

/* The last word is the one to end with. */
static struct vm_words *listen_for(struct vm_session *session)
{
	const struct vm_opts *opts = session->opts;
	size_t nr = 0, i;

	for (i = 0; i < opts->says.nr_values; i++)
		session->words[nr++].text = opts->says.value[i];
	for (i = 0; i < opts->lacks.nr_values; i++)
		session->words[nr++].text = opts->lacks.value[i];
	session->words[nr].text = opts->ends;
	session->console.words = session->words;
	session->console.nr_words = nr + 1;
	return &session->words[nr];
}

static void judge_start(struct vm_session *session, const struct vm_words *end)
{
	const struct vm_console *console = &session->console;
	struct vm_run *run = &session->judge.run;
	size_t i;

	if (!console->nr_kernels)
		vm_run_fail(run, "the firmware did not start it%s%s",
			    console->refusal ? ": " : "", console->refusal ? console->refusal : "");
	else if (!end->line)
		vm_run_fail(run, "the kernel did not come to say \"%s\", stopped after %.0f s",
			    end->text, session->times.total_s);
	if (console->nr_kernels > 1)
		vm_run_fail(run, "console: the kernel started %u times", console->nr_kernels);
	if (console->splat && !strstr(console->splat, end->text))
		vm_run_fail(run, "console: %s: %s", console->splat_kind, console->splat);
	for (i = 0; console->nr_kernels && i < console->nr_words - 1; i++) {
		const struct vm_words *words = &console->words[i];

		if (i < session->opts->says.nr_values && !words->line)
			vm_run_fail(run, "the kernel did not say \"%s\"", words->text);
		if (i >= session->opts->says.nr_values && words->line)
			vm_run_fail(run, "the kernel must not say: %s", words->line);
	}
}

int vm_session_run_started(struct vm_session *session, const char *accel, struct ks_diag *diag)
{
	struct vm_words *end = listen_for(session);
	int rc = start(session, accel, "2", diag);

	while (!rc && !end->line && !vm_has_ended(&session->machine.qemu)) {
		pump(session, 100);
		if (vm_interrupted())
			return ks_fail(diag, -EINTR, KS_NO_OFF,
				       "interrupted, the machine was stopped");
		if (elapsed_s(session) > session->opts->timeout_s ||
		    session->console.nr_bytes > VM_MAX_CONSOLE_BYTES)
			break;
		/* The firmware looks for something else to start, without an end. */
		if (session->console.refusal && !session->console.nr_kernels)
			break;
	}
	if (rc)
		return rc;
	stop(session);
	judge_start(session, end);
	return 0;
}
