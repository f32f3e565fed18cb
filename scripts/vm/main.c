// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vm: boot a UKI under UEFI Secure Boot in QEMU and judge what its tests say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "accel.h"
#include "base/file.h"
#include "child.h"
#include "cli/main.h"
#include "firmware.h"
#include "report.h"
#include "session.h"

/* A plan of a thousand cases has some 100 KiB. */
#define MAX_PLAN_BYTES (1ULL << 20)

static int fail(const struct ks_diag *diag)
{
	ks_complain(diag);
	return KS_EXIT_FAILED;
}

static int make_log_dir(const struct vm_opts *opts, struct ks_diag *diag)
{
	if (mkdir(opts->log_dir, 0755) && errno != EEXIST)
		return ks_fail_sys(diag, "cannot make the log directory", opts->log_dir);
	return 0;
}

static int prepare(const struct vm_opts *opts, struct vm_accel *accel, struct ks_diag *diag)
{
	int rc = make_log_dir(opts, diag);

	rc = rc ? rc : vm_media_prepare(opts, diag);
	return rc ? rc : vm_accel_choose(opts, accel, diag);
}

/* Why a run failed: the guest's last words, or QEMU's when there was no guest. */
static void show_last_words(const struct vm_session *session)
{
	char *line = vm_log_first_line(session->opts, VM_QEMU_LOG);

	if (!session->console.nr_lines && *line)
		fprintf(stderr, "vm: %s/" VM_QEMU_LOG ": %s\n", session->opts->log_dir, line);
	vm_console_show_tail(&session->console);
	free(line);
}

/* After the boot: compare with what was asked for, tell everybody. */
static int conclude(struct vm_session *session, const struct vm_accel *accel, struct ks_span plan,
		    struct ks_span skips, struct ks_span fails, struct ks_diag *diag)
{
	const struct vm_opts *opts = session->opts;
	const struct vm_run *run = &session->judge.run;
	bool passed = vm_judge_finish(&session->judge, opts->tests, plan, skips, fails);
	size_t i;

	vm_report_ktap(run);
	if (opts->json && vm_report_json(session, accel, passed, diag))
		return fail(diag);
	if (!passed)
		show_last_words(session);
	for (i = 0; i < run->nr_failures; i++)
		fprintf(stderr, "vm: %s: %s\n", opts->log_dir, run->failures[i]);
	fprintf(stderr, "vm: %s: %s boot, %s (%s), %.0f s: %s%s\n", opts->log_dir, opts->mode,
		accel->name, accel->why, session->times.total_s, passed ? "passed" : "FAILED: ",
		run->nr_failures ? run->failures[0] : "");
	return passed ? KS_EXIT_YES : KS_EXIT_NO;
}

static int run_run(int nr_args, char **args, struct ks_diag *diag)
{
	const struct vm_opts *opts = &vm_opts;
	static struct vm_session session;
	__cleanup(ks_buf_done) struct ks_buf plan = { 0 };
	__cleanup(ks_buf_done) struct ks_buf skips = { 0 };
	__cleanup(ks_buf_done) struct ks_buf fails = { 0 };
	struct vm_accel accel = { 0 };
	int rc, code;

	(void)nr_args, (void)args;
	if (opts->plan && ks_file_load(opts->plan, MAX_PLAN_BYTES, &plan, diag))
		return diag->err;
	if (opts->skips && ks_file_load(opts->skips, MAX_PLAN_BYTES, &skips, diag))
		return diag->err;
	if (opts->fails && ks_file_load(opts->fails, MAX_PLAN_BYTES, &fails, diag))
		return diag->err;
	if (prepare(opts, &accel, diag))
		return diag->err;
	rc = vm_session_init(&session, opts, diag);
	rc = rc ? rc : vm_session_run(&session, accel.name, diag);
	code = rc ? fail(diag) : conclude(&session, &accel, ks_buf_span(&plan),
					       ks_buf_span(&skips), ks_buf_span(&fails), diag);
	vm_session_done(&session);
	return code;
}

static int run_expect_refusal(int nr_args, char **args, struct ks_diag *diag)
{
	const struct vm_opts *opts = &vm_opts;
	static struct vm_session session;
	struct vm_accel accel = { 0 };
	int rc, code = KS_EXIT_FAILED;
	bool refused = false;

	(void)nr_args, (void)args;
	if (prepare(opts, &accel, diag))
		return diag->err;
	rc = vm_session_init(&session, opts, diag);
	rc = rc ? rc : vm_session_run_refused(&session, accel.name, &refused, diag);
	if (rc) {
		ks_diag_in(diag, opts->uki);
		fail(diag);
		show_last_words(&session);
	} else if (refused) {
		printf("refused: %s\n", session.console.refusal);
		code = KS_EXIT_YES;
	} else {
		fprintf(stderr, "vm: %s: the firmware started it, a refusal was expected\n",
			opts->uki);
		code = KS_EXIT_NO;
	}
	vm_session_done(&session);
	return code;
}

/* Both lines that matter, for whoever reads the report: what was asked for, and how far it came. */
static void show_words(const struct vm_session *session)
{
	size_t i;

	for (i = 0; i < session->console.nr_words; i++)
		if (session->console.words[i].line)
			printf("said: %s\n", session->console.words[i].line);
}

static int run_expect_start(int nr_args, char **args, struct ks_diag *diag)
{
	const struct vm_opts *opts = &vm_opts;
	static struct vm_session session;
	struct vm_accel accel = { 0 };
	int rc, code;
	size_t i;

	(void)nr_args, (void)args;
	if (!(opts->says.nr_values + opts->lacks.nr_values)) {
		fprintf(stderr, "vm: --says and --lacks are missing; try 'vm help expect-start'\n");
		return KS_EXIT_USAGE;
	}
	if (prepare(opts, &accel, diag))
		return diag->err;
	rc = vm_session_init(&session, opts, diag);
	rc = rc ? rc : vm_session_run_started(&session, accel.name, diag);
	if (rc) {
		code = fail(diag);
	} else if (session.judge.run.nr_failures) {
		show_last_words(&session);
		for (i = 0; i < session.judge.run.nr_failures; i++)
			fprintf(stderr, "vm: %s: %s\n", opts->uki, session.judge.run.failures[i]);
		code = KS_EXIT_NO;
	} else {
		show_words(&session);
		code = KS_EXIT_YES;
	}
	vm_session_done(&session);
	return code;
}

static void show_case(const struct vm_trial *c)
{
	const char *none = c->answer == VM_HANG ? "HANG" : "RESET";
	char first[20], second[20], control[20];
	bool answered = c->answer == VM_ANSWERED;

	printf("%s %s %s %s", c->store, c->image ? c->image : "-",
	       c->has_first ? vm_status_name(c->first, first) : none,
	       answered ? vm_status_name(c->second, second) : none);
	if (answered && c->control)
		printf(" DAMAGED(%s)", vm_status_name(c->control, control));
	putchar('\n');
}

static int run_judge(int nr_args, char **args, struct ks_diag *diag)
{
	const struct vm_opts *opts = &vm_opts;
	static struct vm_firmware fw;
	struct vm_accel accel = { 0 };
	size_t i;
	int rc;

	(void)nr_args, (void)args;
	rc = vm_firmware_init(&fw, opts, diag);
	rc = rc ? rc : prepare(opts, &accel, diag);
	rc = rc ? rc : vm_firmware_run(&fw, accel.name, diag);
	for (i = 0; !rc && i < fw.nr_cases; i++)
		show_case(&fw.cases[i]);
	vm_firmware_done(&fw);
	return rc ? fail(diag) : KS_EXIT_YES;
}

static int run_probe(int nr_args, char **args, struct ks_diag *diag)
{
	const struct vm_opts *opts = &vm_opts;
	struct vm_accel accel = { 0 };

	(void)nr_args, (void)args;
	if (make_log_dir(opts, diag) || vm_accel_choose(opts, &accel, diag))
		return diag->err;
	printf("%s: %s\n", accel.name, accel.why);
	return KS_EXIT_YES;
}

/* What the verbs share: each has its own table, out of these rows. */
#define OPT_UKI	   { "--uki", "F", "the image to boot", true, .ret_value = &vm_opts.uki }
#define OPT_VARS   { "--vars", "F", "variable store of the firmware, copied before use", true, \
		     .ret_value = &vm_opts.vars }
#define OPT_LOG	   { "--log-dir", "DIR", "where console, results and logs of QEMU and swtpm go", true, \
		     .ret_value = &vm_opts.log_dir, .form = KS_OPT_NOT_EMPTY }
#define OPT_TPM	   { "--tpm", NULL, "with a TPM 2.0 (swtpm)", false, .ret_flag = &vm_opts.tpm }
#define OPT_ADDON  { "--addon", "F", "NAME.addon.efi, beside the image for its stub", false, \
		     .ret_values = &vm_opts.addons }
#define OPT_ARCH { "--arch", "x86_64|arm64", "the kernel's name of the architecture, x86_64 by default", false, \
		   .ret_value = &vm_opts_text.arch }
#define OPT_TIMEOUT { "--timeout", "S", "at most so many seconds, 300 by default", false, \
		      .ret_value = &vm_opts_text.timeout }
#define OPTS_QEMU \
	{ "--accel", "auto|kvm|tcg", "how QEMU runs the guest; auto asks KVM first", false, \
	  .ret_value = &vm_opts.accel }, \
	{ "--kernel", "BZIMAGE", "the kernel that auto asks KVM with", false, \
	  .ret_value = &vm_opts.kernel }, \
	{ "--qemu", "PROGRAM", "qemu-system-x86_64 or -aarch64 by default", false, .ret_value = &vm_opts.qemu }
#define OPTS_MACHINE \
	OPTS_QEMU, \
	{ "--code", "FD", "the firmware, Debian's OVMF or AAVMF with Secure Boot by default", false, \
	  .ret_value = &vm_opts.code }, \
	{ "--swtpm", "PROGRAM", "swtpm by default", false, .ret_value = &vm_opts.swtpm }

static const struct ks_verb verb_run = {
	.verb = "run",
	.help = "boot a UKI, run its tests, and say whether all went as expected",
	.opts = (const struct ks_opt[]){
		OPT_ARCH,
		OPT_UKI,
		OPT_VARS,
		{ "--mode", "enforced|control", "what the tests have to find", true,
		  .ret_value = &vm_opts.mode },
		{ "--tests", "WORDS", "names of the tests, with blanks between them", true,
		  .ret_value = &vm_opts.tests },
		OPT_LOG,
		{ "--plan", "F", "the cases that each test has to report", false,
		  .ret_value = &vm_opts.plan },
		{ "--skips", "F", "the cases that may be skipped", false,
		  .ret_value = &vm_opts.skips },
		{ "--fails", "F", "the cases that must fail, as is known", false,
		  .ret_value = &vm_opts.fails },
		{ "--json", "F", "write the results there", false, .ret_value = &vm_opts.json },
		OPT_TPM,
		{ "--set", "NAME=VALUE", "KSEAL_NAME in the environment of the tests", false,
		  .ret_values = &vm_opts.settings },
		OPT_TIMEOUT,
		{ "--kexecs", "N", "kexecs that come first: only the kernel after the last one reports",
		  false, .ret_value = &vm_opts_text.kexecs },
		{ "--disk", "NAME=F", "a read-only disk with this serial number", false,
		  .ret_values = &vm_opts.disks },
		{ "--memory", "MIB", "of the machine, 1024 by default", false,
		  .ret_value = &vm_opts_text.memory },
		{ "--crash", NULL, "then a crash comes, and its dump on a disk: only the crash kernel reports", false,
		  .ret_flag = &vm_opts.crash },
		OPT_ADDON,
		OPTS_MACHINE, { 0 } },
	.run = run_run,
};

static const struct ks_verb verb_expect_refusal = {
	.verb = "expect-refusal",
	.help = "boot a UKI that the firmware must refuse",
	.opts = (const struct ks_opt[]){ OPT_ARCH, OPT_UKI, OPT_VARS, OPT_LOG, OPT_TPM, OPT_TIMEOUT, OPTS_MACHINE, { 0 } },
	.run = run_expect_refusal,
};

static const struct ks_verb verb_expect_start = {
	.verb = "expect-start",
	.help = "boot a UKI until its kernel says TEXT; what it must and must not have said by then",
	.opts = (const struct ks_opt[]){
		OPT_ARCH,
		OPT_UKI,
		OPT_VARS,
		OPT_LOG,
		{ "--ends", "TEXT", "the boot is over when the console has it", true,
		  .ret_value = &vm_opts.ends, .form = KS_OPT_NOT_EMPTY },
		{ "--says", "TEXT", "must have been said by then", false,
		  .ret_values = &vm_opts.says, .form = KS_OPT_NOT_EMPTY },
		{ "--lacks", "TEXT", "must not have been said by then", false,
		  .ret_values = &vm_opts.lacks, .form = KS_OPT_NOT_EMPTY },
		OPT_ADDON,
		OPT_TPM,
		OPT_TIMEOUT,
		OPTS_MACHINE, { 0 } },
	.run = run_expect_start,
};

static const struct ks_verb verb_judge = {
	.verb = "judge",
	.help = "ask the firmware about many images, in many stores: what it says to each",
	.opts = (const struct ks_opt[]){
		{ "--cases", "DIR", "images, stores and the list of questions", true,
		  .ret_value = &vm_opts.cases },
		OPT_VARS,
		OPT_LOG,
		OPT_TIMEOUT,
		OPTS_MACHINE, { 0 } },
	.run = run_judge,
};

static const struct ks_verb verb_probe = {
	.verb = "probe",
	.help = "say whether KVM or TCG will be used, and why",
	.opts = (const struct ks_opt[]){
		OPT_ARCH,
		OPT_LOG,
		{ "--probe-seconds", "S", "how long a kernel may take to speak under KVM, 8 by default",
		  false, .ret_value = &vm_opts_text.probe },
		OPTS_QEMU,
		{ 0 } },
	.run = run_probe,
};

int main(int argc, char **argv)
{
	static const struct ks_verb *const verbs[] = {
		&verb_run, &verb_expect_refusal, &verb_expect_start, &verb_judge, &verb_probe,
	};
	static const struct ks_program vm = { "vm", verbs, KS_ARRAY_SIZE(verbs), vm_opts_finish };

	vm_catch_signals();
	return ks_cli_main(&vm, argc, argv);
}
