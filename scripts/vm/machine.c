// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child.h"

/* QEMU takes a comma in a file name for the end of it, unless it is doubled. */
static void arg_with_file(struct vm_args *args, const char *before, const char *file)
{
	char quoted[8192];
	size_t used = 0;

	for (; *file && used + 2 < sizeof(quoted); file++) {
		if (*file == ',')
			quoted[used++] = ',';
		quoted[used++] = *file;
	}
	quoted[used] = '\0';
	vm_arg(args, "%s%s", before, quoted);
}

/* Connected pairs instead of socket files: no path to be too long, nothing left behind. */
static int make_pair(int fds[2], struct ks_diag *diag)
{
	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return 0;
	fds[0] = -1;
	fds[1] = -1;
	return ks_fail_sys(diag, "cannot make a socket", NULL);
}

static int start_swtpm(struct vm_machine *machine, const struct vm_opts *opts, int fd,
		       struct ks_diag *diag)
{
	__cleanup(vm_args_done) struct vm_args args = { 0 };
	const struct vm_spawn how = {
		.directory = opts->log_dir, .keep_fds = { fd, -1 }, .log = "swtpm.log",
	};

	vm_arg(&args, "%s", opts->swtpm);
	vm_arg_list(&args, (const char *const[]){ "socket", "--tpm2", "--tpmstate", "dir=tpm", "--flags",
						  "startup-none", "--ctrl", NULL });
	vm_arg(&args, "type=unixio,clientfd=%d", fd);
	return vm_spawn(&args, &how, &machine->swtpm, diag);
}

static void qemu_args(struct vm_args *args, const struct vm_opts *opts, const char *code,
		      const char *accel, const char *nr_cpus)
{
	static const char *const fixed[] = {
		"-no-user-config", "-nodefaults", "-display", "none", "-no-reboot", "-nic", "none",
		"-drive", "if=pflash,unit=1,format=raw,file=vars.fd",
		"-drive", "if=none,id=esp,format=raw,readonly=on,file=esp.img",
		"-device", "virtio-blk-pci,drive=esp,bootindex=0",
		"-chardev", "file,id=console,path=" VM_CONSOLE_FILE, "-serial", "chardev:console",
		NULL,
	};

	vm_arg(args, "%s", opts->qemu);
	vm_arg_list(args, opts->arch->devices);
	vm_arg_list(args, fixed);
	vm_arg(args, "-m");
	vm_arg(args, "%u", opts->memory_mib);
	vm_arg_list(args, (const char *const[]){ "-smp", nr_cpus, NULL });
	vm_arg(args, "-drive");
	arg_with_file(args, "if=pflash,unit=0,format=raw,readonly=on,file=", code);
	vm_arg(args, "-accel");
	/*
	 * All virtual processors in one thread. With one each, QEMU 7.2 executes code that another one has replaced
	 * already: an int3 of the kernel's text_poke() that nobody knows any more, and with it an oops.
	 */
	vm_arg(args, "%s", strcmp(accel, "kvm") ? "tcg,thread=single" : "kvm");
	vm_arg(args, "-cpu");
	vm_arg(args, "%s", strcmp(accel, "kvm") ? "max" : "host");
}

/* Return: 0, or the reason in @diag when a file is not there: QEMU works in the log directory. */
static int disk_args(struct vm_args *args, const struct vm_opts *opts, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < opts->disks.nr_values; i++) {
		const char *text = opts->disks.value[i], *equals = strchr(text, '=');
		char *file = realpath(equals + 1, NULL);
		char before[80];

		if (!file)
			return ks_fail_sys(diag, "cannot find the disk", equals + 1);
		snprintf(before, sizeof(before), "if=none,id=disk%zu,format=raw,readonly=on,file=", i);
		vm_arg(args, "-drive");
		arg_with_file(args, before, file);
		free(file);
		vm_arg(args, "-device");
		vm_arg(args, "virtio-blk-pci,drive=disk%zu,serial=%.*s", i, (int)(equals - text), text);
	}
	return 0;
}

static int start_qemu(struct vm_machine *machine, const struct vm_opts *opts, const char *accel,
		      const char *nr_cpus, const int fds[2], struct ks_diag *diag)
{
	__cleanup(vm_args_done) struct vm_args args = { 0 };
	const struct vm_spawn how = {
		.directory = opts->log_dir, .keep_fds = { fds[0], fds[1] }, .log = VM_QEMU_LOG,
	};
	char *code = realpath(opts->code, NULL);

	if (!code)
		return ks_fail_sys(diag, opts->arch->no_code, opts->code);
	qemu_args(&args, opts, code, accel, nr_cpus);
	free(code);
	if (disk_args(&args, opts, diag))
		return diag->err;
	/* The firmware writes to every serial port, and nobody would read this one. */
	if (opts->cases) {
		vm_arg_list(&args, (const char *const[]){
				     "-chardev", "file,id=answers,path=" VM_ANSWERS_FILE, "-device",
				     "isa-debugcon,iobase=0xe9,chardev=answers", NULL });
	} else {
		vm_arg(&args, "-chardev");
		vm_arg(&args, "socket,id=results,fd=%d", fds[0]);
		vm_arg(&args, opts->arch->results ? "-device" : "-serial");
		vm_arg(&args, "%s", opts->arch->results ? opts->arch->results : "chardev:results");
	}
	if (opts->crash)
		vm_arg_list(&args, (const char *const[]){
				     "-drive", "if=none,id=crash,format=raw,cache=unsafe,file=" VM_CRASH_DISK,
				     "-device", "virtio-blk-pci,drive=crash,serial=kseal-crash", NULL });
	if (opts->tpm) {
		vm_arg(&args, "-chardev");
		vm_arg(&args, "socket,id=tpmctrl,fd=%d", fds[1]);
		vm_arg_list(&args, (const char *const[]){ "-tpmdev", "emulator,id=tpm,chardev=tpmctrl",
							  "-device", opts->arch->tpm, NULL });
	}
	return vm_spawn(&args, &how, &machine->qemu, diag);
}

int vm_machine_start(struct vm_machine *machine, const struct vm_opts *opts, const char *accel,
		     const char *nr_cpus, struct ks_diag *diag)
{
	int results[2] = { -1, -1 }, tpm[2] = { -1, -1 };
	int rc;

	*machine = (struct vm_machine){ .results_fd = -1 };
	rc = make_pair(results, diag);
	if (!rc && opts->tpm) {
		rc = make_pair(tpm, diag);
		rc = rc ? rc : start_swtpm(machine, opts, tpm[0], diag);
	}
	if (!rc)
		rc = start_qemu(machine, opts, accel, nr_cpus, (int[]){ results[1], tpm[1] }, diag);
	/* The children's ends: while this program holds one, their end is never seen. */
	ks_close_fd(&results[1]);
	ks_close_fd(&tpm[0]);
	ks_close_fd(&tpm[1]);
	machine->results_fd = results[0];
	return rc;
}

void vm_machine_stop(struct vm_machine *machine)
{
	vm_kill(&machine->qemu);
	vm_kill(&machine->swtpm);
	ks_close_fd(&machine->results_fd);
}
