// SPDX-License-Identifier: LGPL-2.1-or-later
#include "accel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "child.h"
#include "console.h"
#include "machine.h"
#include "results.h"

#define PROBE_CONSOLE "probe.log"
#define PROBE_LOG "probe-qemu.log"
#define ANSWER_FILE "accel"

static const char *in_directory(const struct vm_opts *opts, const char *name, char *path, size_t bytes)
{
	snprintf(path, bytes, "%s/%s", opts->log_dir, name);
	return path;
}

static int start_probe(const struct vm_opts *opts, pid_t *ret_pid, struct ks_diag *diag)
{
	__cleanup(vm_args_done) struct vm_args args = { 0 };
	const struct vm_spawn how = {
		.directory = opts->log_dir, .keep_fds = { -1, -1 }, .log = PROBE_LOG,
	};
	static const char *const fixed[] = {
		"-no-user-config", "-nodefaults", "-display", "none", "-no-reboot", "-nic", "none",
		"-accel", "kvm", "-cpu", "host", "-m", "512",
		"-chardev", "file,id=console,path=" PROBE_CONSOLE, "-serial", "chardev:console",
		"-kernel", NULL,
	};
	char *kernel = realpath(opts->kernel, NULL);

	if (!kernel)
		return ks_fail_sys(diag, "cannot find the kernel to probe with", opts->kernel);
	vm_arg(&args, "%s", opts->qemu);
	vm_arg_list(&args, opts->arch->devices);
	vm_arg(&args, "-append");
	vm_arg(&args, "console=%s earlyprintk=ttyS0 panic=-1", opts->arch->console);
	vm_arg_list(&args, fixed);
	vm_arg(&args, "%s", kernel);
	free(kernel);
	return vm_spawn(&args, &how, ret_pid, diag);
}

static void say_qemu_ended(const struct vm_opts *opts, char *why, size_t bytes)
{
	char *line = vm_log_first_line(opts, PROBE_LOG);

	snprintf(why, bytes, "QEMU ended by itself under KVM: %s",
		 *line ? line : "it gave no reason");
	free(line);
}

/* Return: true when the kernel spoke; otherwise @why says how it ended. */
static bool watch_probe(const struct vm_opts *opts, struct vm_console *console, pid_t *pid,
			char *why, size_t bytes)
{
	unsigned int i;

	for (i = 0; i < opts->probe_s * 10 && !vm_interrupted(); i++) {
		bool ended = vm_has_ended(pid);

		poll(NULL, 0, ended ? 0 : 100);
		vm_console_read(console);
		if (console->nr_kernels) {
			snprintf(why, bytes, "a kernel printed its first line under KVM after %.1f s",
				 i / 10.0);
			return true;
		}
		if (ended) {
			say_qemu_ended(opts, why, bytes);
			return false;
		}
	}
	snprintf(why, bytes, "no kernel line under KVM within %u s (%llu bytes from the firmware)",
		 opts->probe_s, (unsigned long long)console->nr_bytes);
	return false;
}

static bool probe(const struct vm_opts *opts, char *why, size_t bytes)
{
	struct vm_console console = { .fd = -1 };
	struct ks_diag diag = { 0 };
	bool works = false;
	char path[4096];
	pid_t pid = 0;
	int fd;

	if (!vm_arch_is_hosts(opts->arch)) {
		snprintf(why, bytes, "this machine is not %s", opts->arch->name);
		return false;
	}
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		snprintf(why, bytes, "/dev/kvm does not open: %s", strerror(errno));
		return false;
	}
	close(fd);
	if (!opts->kernel) {
		snprintf(why, bytes, "no --kernel to prove KVM with");
		return false;
	}
	unlink(in_directory(opts, PROBE_LOG, path, sizeof(path)));
	if (vm_console_open(&console, in_directory(opts, PROBE_CONSOLE, path, sizeof(path)))) {
		snprintf(why, bytes, "no log for the KVM probe");
		return false;
	}
	if (start_probe(opts, &pid, &diag))
		ks_diag_format(&diag, why, bytes);
	else
		works = watch_probe(opts, &console, &pid, why, bytes);
	vm_kill(&pid);
	vm_console_done(&console);
	return works;
}

/* "kvm <why>" or "tcg <why>", as an earlier run of the same build found. */
static bool load_answer(const struct vm_opts *opts, struct vm_accel *accel)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_span text, name;
	char path[4096];
	char *why;

	if (ks_file_load(in_directory(opts, ANSWER_FILE, path, sizeof(path)), 4096, &content, NULL))
		return false;
	text = ks_buf_span(&content);
	if (!ks_span_word(&text, &name))
		return false;
	if (!vm_span_is(name, "kvm") && !vm_span_is(name, "tcg"))
		return false;
	accel->name = vm_span_is(name, "kvm") ? "kvm" : "tcg";
	why = vm_text_dup(ks_span_trim(text));
	snprintf(accel->why, sizeof(accel->why), "%s", why);
	free(why);
	return true;
}

/* An answer that cannot be kept costs the next run a probe, nothing else. */
static void keep_answer(const struct vm_opts *opts, const struct vm_accel *accel)
{
	const struct ks_span parts[] = {
		ks_span_str(accel->name), ks_span_str(" "), ks_span_str(accel->why),
		ks_span_str("\n"),
	};
	struct ks_diag diag = { 0 };
	char path[4096];

	if (ks_file_publish(in_directory(opts, ANSWER_FILE, path, sizeof(path)), parts,
			    KS_ARRAY_SIZE(parts), 0644, &diag))
		fprintf(stderr, "vm: %s: cannot keep the answer of the KVM probe\n", path);
}

int vm_accel_choose(const struct vm_opts *opts, struct vm_accel *ret_accel, struct ks_diag *diag)
{
	bool is_auto = !strcmp(opts->accel, "auto");
	struct vm_accel accel = { .name = "tcg", .why = "asked for" };

	if (is_auto && load_answer(opts, &accel)) {
		*ret_accel = accel;
		return 0;
	}
	if (strcmp(opts->accel, "tcg"))
		accel.name = probe(opts, accel.why, sizeof(accel.why)) ? "kvm" : "tcg";
	if (vm_interrupted())
		return ks_fail(diag, -EINTR, KS_NO_OFF, "interrupted");
	if (!strcmp(opts->accel, "kvm") && strcmp(accel.name, "kvm"))
		return ks_fail_detail(diag, -EOPNOTSUPP, "KVM was asked for and does not work",
				      accel.why);
	if (is_auto)
		keep_answer(opts, &accel);
	*ret_accel = accel;
	return 0;
}
