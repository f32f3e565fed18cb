// SPDX-License-Identifier: LGPL-2.1-or-later
#include "firmware.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "child.h"
#include "results.h"

#define MAX_PLAN_BYTES	  (1ULL << 20)
#define MAX_ANSWERS_BYTES (4ULL << 20)
#define MAX_NAME_BYTES	  100U

/*
 * An image takes some 20 ms, the boot before them some 3 s. What hangs is busy, so it is the machine's
 * own time that counts, however little of it there is; one that sleeps has the limit of --timeout.
 */
#define BOOT_BUSY_S 60
#define HANG_BUSY_S 8

static double seconds(clockid_t clock)
{
	struct timespec ts = { 0 };

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double now_s(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static double busy_s(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) ? 0 : seconds(clock);
}

const char *vm_status_name(u64 status, char room[20])
{
	static const char *const names[] = {
		"SUCCESS",	    "LOAD_ERROR",      "INVALID_PARAMETER", "UNSUPPORTED",
		"BAD_BUFFER_SIZE",  "BUFFER_TOO_SMALL", "NOT_READY",	    "DEVICE_ERROR",
		"WRITE_PROTECTED",  "OUT_OF_RESOURCES", "VOLUME_CORRUPTED", "VOLUME_FULL",
		"NO_MEDIA",	    "MEDIA_CHANGED",    "NOT_FOUND",	    "ACCESS_DENIED",
		[26] = "SECURITY_VIOLATION",
	};
	u64 nr = status & ~(1ULL << 63);

	if ((!nr == !status) && nr < KS_ARRAY_SIZE(names) && names[nr])
		return names[nr];
	snprintf(room, 20, "%llx", (unsigned long long)status);
	return room;
}

/* A name is a file name of the FAT disk and a word of the plan. */
static bool is_name(struct ks_span word)
{
	size_t i;

	for (i = 0; i < word.bytes; i++)
		if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			    word.p[i], 64 + 1))
			return false;
	return word.bytes && word.bytes <= MAX_NAME_BYTES && word.p[0] != '.';
}

static int add_case(struct vm_firmware *fw, const char *store, struct ks_span image,
		    struct ks_diag *diag)
{
	struct vm_trial *c = &fw->cases[fw->nr_cases];

	if (fw->nr_cases == VM_MAX_TRIALS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 4096 cases and stores");
	*c = (struct vm_trial){ .store = strdup(store) };
	if (image.bytes)
		c->image = strndup((const char *)image.p, image.bytes);
	fw->nr_cases++;
	return c->store && (c->image || !image.bytes) ?
		       0 :
		       ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

/*
 * "STORE IMAGE": a store is installed where its name differs from the line before. "STORE -" is one
 * without an image.
 */
static int take_case(struct vm_firmware *fw, struct ks_span line, char store[MAX_NAME_BYTES + 1],
		     struct ks_diag *diag)
{
	struct ks_span name, image;
	int rc = 0;

	if (!ks_span_word(&line, &name))
		return 0;
	if (!ks_span_word(&line, &image) || ks_span_trim(line).bytes || !is_name(name) ||
	    !is_name(image))
		return ks_fail_detail(diag, -EINVAL, "a case is a store and an image", store);
	if (!vm_span_is(name, store)) {
		memcpy(store, name.p, name.bytes);
		store[name.bytes] = '\0';
		rc = add_case(fw, store, (struct ks_span){ 0 }, diag);
	}
	return rc || vm_span_is(image, "-") ? rc : add_case(fw, store, image, diag);
}

int vm_firmware_init(struct vm_firmware *fw, const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	char path[4096], store[MAX_NAME_BYTES + 1] = "";
	struct ks_span rest, line;
	int rc;

	*fw = (struct vm_firmware){ .opts = opts, .machine = { .results_fd = -1 } };
	fw->cases = calloc(VM_MAX_TRIALS, sizeof(*fw->cases));
	if (!fw->cases)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	snprintf(path, sizeof(path), "%s/cases", opts->cases);
	rc = ks_file_load(path, MAX_PLAN_BYTES, &text, diag);
	rest = ks_buf_span(&text);
	while (!rc && ks_span_line(&rest, &line))
		rc = take_case(fw, line, store, diag);
	if (!rc && !fw->nr_cases)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "no case in it");
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

void vm_firmware_done(struct vm_firmware *fw)
{
	size_t i;

	vm_machine_stop(&fw->machine);
	for (i = 0; i < fw->nr_cases; i++) {
		free(fw->cases[i].store);
		free(fw->cases[i].image);
	}
	free(fw->cases);
	*fw = (struct vm_firmware){ .machine = { .results_fd = -1 } };
}

static int write_plan(struct vm_firmware *fw, const struct vm_boot *boot, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf plan = { 0 };
	char path[4096];
	struct ks_span part;
	size_t i;
	int rc;

	if (boot->again) {
		ks_put_str(&plan, "store ");
		ks_put_str(&plan, fw->cases[boot->first].store);
		ks_put_str(&plan, "\n");
	}
	for (i = boot->first; i < fw->nr_cases; i++) {
		const struct vm_trial *c = &fw->cases[i];

		ks_put_str(&plan, c->image ? "image " : "store ");
		ks_put_str(&plan, c->image ? c->image : c->store);
		ks_put_str(&plan, "\n");
	}
	rc = ks_buf_ok(&plan, diag);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/plan", fw->opts->log_dir);
	part = ks_buf_span(&plan);
	rc = ks_file_publish(path, &part, 1, 0644, diag);
	return rc ? rc : vm_media_add(fw->opts, "plan", diag);
}

/* Return: how many bytes the application has written so far. */
static size_t read_answers(struct vm_firmware *fw, struct vm_boot *boot)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/" VM_ANSWERS_FILE, fw->opts->log_dir);
	if (ks_file_load(path, MAX_ANSWERS_BYTES, &text, NULL))
		return 0;
	vm_answers_read(fw, boot, ks_buf_span(&text));
	return text.bytes;
}

/* Return: the answer for an image that did not get one. */
static enum vm_answer follow(struct vm_firmware *fw, struct vm_boot *boot)
{
	double word_s = now_s(), word_busy_s = 0;
	enum vm_answer why = VM_RESET;
	size_t bytes = 0;

	while (!vm_has_ended(&fw->machine.qemu) && !vm_interrupted()) {
		size_t now = read_answers(fw, boot);
		double silent_s = now_s() - word_s;
		double silent_busy_s = busy_s(fw->machine.qemu) - word_busy_s;

		if (now != bytes) {
			word_s += silent_s;
			word_busy_s += silent_busy_s;
		} else if (silent_busy_s > (now ? HANG_BUSY_S : BOOT_BUSY_S) ||
			   silent_s > fw->opts->timeout_s) {
			why = VM_HANG;
			break;
		}
		bytes = now;
		poll(NULL, 0, 20);
	}
	vm_machine_stop(&fw->machine);
	read_answers(fw, boot);
	return why;
}

/* The first image of this boot behind which nothing counts any more; nr_cases: there is none. */
static size_t find_culprit(struct vm_firmware *fw, const struct vm_boot *boot, enum vm_answer why)
{
	size_t i, j;

	for (i = boot->first; i < fw->nr_cases; i++) {
		struct vm_trial *c = &fw->cases[i];

		if (c->answer == VM_ANSWERED && !c->control)
			continue;
		if (c->answer == VM_NO_ANSWER)
			c->answer = why;
		for (j = i + 1; j < fw->nr_cases; j++) {
			fw->cases[j].answer = VM_NO_ANSWER;
			fw->cases[j].has_first = false;
		}
		break;
	}
	return i;
}

static int one_boot(struct vm_firmware *fw, struct vm_boot *boot, const char *accel,
		    struct ks_diag *diag)
{
	size_t culprit, none = fw->nr_cases;
	enum vm_answer why;
	int rc;

	boot->reached = none;
	boot->is_end = false;
	rc = vm_media_restart(fw->opts, diag);
	rc = rc ? rc : write_plan(fw, boot, diag);
	rc = rc ? rc : vm_machine_start(&fw->machine, fw->opts, accel, "1", diag);
	if (rc)
		return rc;
	fw->nr_boots++;
	why = follow(fw, boot);
	if (vm_interrupted())
		return ks_fail(diag, -EINTR, KS_NO_OFF, "interrupted, the machine was stopped");
	if (boot->reached == none && !boot->is_end)
		return ks_fail(diag, -ETIME, KS_NO_OFF,
			       "the firmware did not start the application, see " VM_CONSOLE_FILE);
	culprit = find_culprit(fw, boot, why);
	if (culprit < none && !fw->cases[culprit].image)
		return ks_fail_detail(diag, -EIO, "the firmware gave no answer to the store",
				      fw->cases[culprit].store);
	if (culprit == boot->first && boot->again && fw->cases[culprit].control)
		return ks_fail(diag, -EACCES, KS_NO_OFF, "the store does not allow control.efi");
	boot->first = culprit + 1;
	boot->again = boot->first < none && fw->cases[boot->first].image;
	return 0;
}

int vm_firmware_run(struct vm_firmware *fw, const char *accel, struct ks_diag *diag)
{
	struct vm_boot boot = { 0 };
	int rc = 0;

	while (!rc && boot.first < fw->nr_cases)
		rc = one_boot(fw, &boot, accel, diag);
	return rc;
}
