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
#include "firmware.h"
#include "report.h"
#include "session.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NO = 3 };

/* A plan of a thousand cases has some 100 KiB. */
#define MAX_PLAN_BYTES (1ULL << 20)

static int fail(const struct ks_diag *diag)
{
	char line[1024];

	ks_diag_format(diag, line, sizeof(line));
	fprintf(stderr, "vm: %s\n", line);
	return EXIT_FAILED;
}

static bool has_all(const struct vm_opts *opts, bool is_run)
{
	const char *missing = !opts->uki && !opts->cases ? "--uki"
			      : !opts->vars	       ? "--vars"
			      : !opts->log_dir	       ? "--log-dir"
			      : is_run && !opts->mode  ? "--mode"
			      : is_run && !opts->tests ? "--tests"
						       : NULL;

	if (missing)
		fprintf(stderr, "vm: %s is missing, see vm --help\n", missing);
	return !missing;
}

static int make_log_dir(const struct vm_opts *opts, struct ks_diag *diag)
{
	if (mkdir(opts->log_dir, 0755) && errno != EEXIST)
		return ks_fail_sys(diag, "cannot make the log folder", opts->log_dir);
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
		    struct ks_span skips, struct ks_diag *diag)
{
	const struct vm_opts *opts = session->opts;
	const struct vm_run *run = &session->judge.run;
	bool passed = vm_judge_finish(&session->judge, opts->tests, plan, skips);
	size_t i;

	vm_report_ktap(run);
	if (opts->json && vm_report_json(session, accel, passed, diag))
		return fail(diag);
	for (i = 0; i < run->nr_failures; i++)
		fprintf(stderr, "vm: %s: %s\n", opts->log_dir, run->failures[i]);
	if (!passed)
		show_last_words(session);
	fprintf(stderr, "vm: %s: %s boot, %s (%s), %.0f s: %s\n", opts->log_dir, opts->mode,
		accel->name, accel->why, session->times.total_s, passed ? "passed" : "FAILED");
	return passed ? EXIT_OK : EXIT_NO;
}

static int cmd_run(const struct vm_opts *opts)
{
	static struct vm_session session;
	__cleanup(ks_buf_done) struct ks_buf plan = { 0 };
	__cleanup(ks_buf_done) struct ks_buf skips = { 0 };
	struct vm_accel accel = { 0 };
	struct ks_diag diag = { 0 };
	int rc, code;

	if (!has_all(opts, true))
		return EXIT_USAGE;
	if (opts->plan && ks_file_load(opts->plan, MAX_PLAN_BYTES, &plan, &diag))
		return fail(&diag);
	if (opts->skips && ks_file_load(opts->skips, MAX_PLAN_BYTES, &skips, &diag))
		return fail(&diag);
	if (prepare(opts, &accel, &diag))
		return fail(&diag);
	rc = vm_session_init(&session, opts, &diag);
	rc = rc ? rc : vm_session_run(&session, accel.name, &diag);
	code = rc ? fail(&diag) : conclude(&session, &accel, ks_buf_span(&plan),
					       ks_buf_span(&skips), &diag);
	vm_session_done(&session);
	return code;
}

static int cmd_expect_refusal(const struct vm_opts *opts)
{
	static struct vm_session session;
	struct vm_accel accel = { 0 };
	struct ks_diag diag = { 0 };
	int rc, code = EXIT_FAILED;
	bool refused = false;

	if (!has_all(opts, false))
		return EXIT_USAGE;
	if (prepare(opts, &accel, &diag))
		return fail(&diag);
	rc = vm_session_init(&session, opts, &diag);
	rc = rc ? rc : vm_session_run_refused(&session, accel.name, &refused, &diag);
	if (rc) {
		ks_diag_in(&diag, opts->uki);
		fail(&diag);
		show_last_words(&session);
	} else if (refused) {
		printf("refused: %s\n", session.console.refusal);
		code = EXIT_OK;
	} else {
		fprintf(stderr, "vm: %s: the firmware started it, a refusal was expected\n",
			opts->uki);
		code = EXIT_NO;
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

static int cmd_expect_start(const struct vm_opts *opts)
{
	static struct vm_session session;
	struct vm_accel accel = { 0 };
	struct ks_diag diag = { 0 };
	int rc, code;
	size_t i;

	if (!has_all(opts, false))
		return EXIT_USAGE;
	if (!opts->ends || !*opts->ends || !(opts->nr_says + opts->nr_lacks)) {
		fprintf(stderr, "vm: --ends, or --says and --lacks, are missing, see vm --help\n");
		return EXIT_USAGE;
	}
	if (prepare(opts, &accel, &diag))
		return fail(&diag);
	rc = vm_session_init(&session, opts, &diag);
	rc = rc ? rc : vm_session_run_started(&session, accel.name, &diag);
	if (rc) {
		code = fail(&diag);
	} else if (session.judge.run.nr_failures) {
		show_last_words(&session);
		for (i = 0; i < session.judge.run.nr_failures; i++)
			fprintf(stderr, "vm: %s: %s\n", opts->uki, session.judge.run.failures[i]);
		code = EXIT_NO;
	} else {
		show_words(&session);
		code = EXIT_OK;
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

static int cmd_judge(const struct vm_opts *opts)
{
	static struct vm_firmware fw;
	struct vm_accel accel = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc;

	if (!has_all(opts, false))
		return EXIT_USAGE;
	rc = vm_firmware_init(&fw, opts, &diag);
	rc = rc ? rc : prepare(opts, &accel, &diag);
	rc = rc ? rc : vm_firmware_run(&fw, accel.name, &diag);
	for (i = 0; !rc && i < fw.nr_cases; i++)
		show_case(&fw.cases[i]);
	vm_firmware_done(&fw);
	return rc ? fail(&diag) : EXIT_OK;
}

static int cmd_probe(const struct vm_opts *opts)
{
	struct vm_accel accel = { 0 };
	struct ks_diag diag = { 0 };

	if (!opts->log_dir) {
		fprintf(stderr, "vm: --log-dir is missing, see vm --help\n");
		return EXIT_USAGE;
	}
	if (make_log_dir(opts, &diag) || vm_accel_choose(opts, &accel, &diag))
		return fail(&diag);
	printf("%s: %s\n", accel.name, accel.why);
	return EXIT_OK;
}

static const struct {
	const char *name;
	int (*run)(const struct vm_opts *opts);
	const char *usage;
} verbs[] = {
	{ "run", cmd_run,
	  "boot a UKI, run its tests, judge them\n"
	  "      --uki F --vars F --mode enforced|control --tests \"names\" --log-dir DIR\n"
	  "      [--plan F] [--skips F] [--json F] [--tpm] [--set name=value]... [--timeout S]\n"
	  "      [--kexecs N]: N kexecs come first, only the kernel after the last one reports" },
	{ "expect-refusal", cmd_expect_refusal,
	  "boot a UKI that the firmware must refuse\n"
	  "      --uki F --vars F --log-dir DIR [--tpm] [--timeout S]" },
	{ "expect-start", cmd_expect_start,
	  "boot a UKI until its kernel says TEXT; what it must and must not have said by then\n"
	  "      --uki F --vars F --log-dir DIR --ends TEXT [--says TEXT]... [--lacks TEXT]...\n"
	  "      [--tpm] [--timeout S]" },
	{ "judge", cmd_judge,
	  "ask the firmware about many images, in many stores: what it says to each\n"
	  "      --cases DIR --vars F --log-dir DIR [--timeout S]" },
	{ "probe", cmd_probe,
	  "say whether KVM or TCG will be used, and why\n"
	  "      --log-dir DIR [--kernel BZIMAGE] [--probe-seconds S]" },
};

static int usage(FILE *to, int code)
{
	size_t i;

	fputs("usage: vm VERB [OPTION]...\n", to);
	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++)
		fprintf(to, "  %s: %s\n", verbs[i].name, verbs[i].usage);
	fputs("  every verb: [--accel auto|kvm|tcg] [--kernel BZIMAGE] [--code OVMF_CODE]\n"
	      "      [--qemu PROGRAM] [--swtpm PROGRAM]\n"
	      "exit: 0 passed, 1 could not tell, 2 usage, 3 a clear no\n",
	      to);
	return code;
}

int main(int argc, char **argv)
{
	struct vm_opts opts;
	size_t i;

	if (argc < 2)
		return usage(stderr, EXIT_USAGE);
	if (!strcmp(argv[1], "--help"))
		return usage(stdout, EXIT_OK);
	vm_catch_signals();
	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		if (!vm_opts_parse(argc - 1, argv + 1, &opts))
			return EXIT_USAGE;
		return verbs[i].run(&opts);
	}
	fprintf(stderr, "vm: %s: no such verb, see vm --help\n", argv[1]);
	return EXIT_USAGE;
}
