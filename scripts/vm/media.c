// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "child.h"
#include "machine.h"
#include "results.h"

/* Room for the file system itself; FAT16 wants some MiB to be one. */
#define ESP_EXTRA_BYTES (16ULL << 20)

/* Beside the machine's memory, for the headers of a dump. Sparse: zeros take no room. */
#define CRASH_EXTRA_MIB 256ULL

/* An addon is some KiB. */
#define MAX_ADDON_BYTES (1ULL << 20)

#define MAX_LOG_BYTES (1ULL << 20)

/* nftw() hands no context on. */
static u64 cases_bytes;

static void free_path(char **path)
{
	free(*path);
}

static char *in_directory(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* The path must be absolute: children work in the log directory. */
static char *absolute(const char *path, struct ks_diag *diag)
{
	char *full = realpath(path, NULL);

	if (!full)
		ks_fail_sys(diag, "cannot find", path);
	return full;
}

static int copy_vars(const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(free_path) char *to = in_directory(opts->log_dir, "vars.fd");
	__cleanup(ks_buf_done) struct ks_buf vars = { 0 };
	struct ks_span part;
	int rc;

	if (!to)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = ks_file_load(opts->vars, KS_MAX_VARSTORE_BYTES, &vars, diag);
	if (rc)
		return rc;
	part = ks_buf_span(&vars);
	/* The flash of arm64's board is 64 MiB, nearly all of it zeros: a hole for each boot. */
	while (part.bytes && !part.p[part.bytes - 1])
		part.bytes--;
	rc = ks_file_publish(to, &part, 1, 0644, diag);
	if (!rc && truncate(to, (off_t)vars.bytes))
		rc = ks_fail_sys(diag, "cannot write", to);
	return rc;
}

static int make_sized(const char *path, u64 bytes, struct ks_diag *diag)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc = 0;

	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		rc = ks_fail_sys(diag, "cannot make the disk image", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int mtool(const struct vm_opts *opts, struct ks_diag *diag, const char *const *words)
{
	__cleanup(vm_args_done) struct vm_args args = { 0 };
	const struct vm_spawn how = {
		.directory = opts->log_dir,
		.keep_fds = { -1, -1 },
		.log = "mtools.log",
	};

	vm_arg_list(&args, words);
	return vm_run_tool(&args, &how, diag);
}

/* The firmware starts EFI/BOOT/BOOT<machine>.EFI of a disk that no boot entry names. */
static int make_disk(const struct vm_opts *opts, const char *app, u64 bytes, struct ks_diag *diag)
{
	__cleanup(free_path) char *image = in_directory(opts->log_dir, "esp.img");
	const char *const format[] = { "mformat", "-i", "esp.img", "::", NULL };
	const char *const directories[] = { "mmd", "-i", "esp.img", "::/EFI", "::/EFI/BOOT", NULL };
	__cleanup(free_path) char *boot_file = in_directory("::/EFI/BOOT", opts->arch->boot_file);
	const char *const copy[] = { "mcopy", "-i", "esp.img", app, boot_file, NULL };
	int rc;

	if (!image || !boot_file)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = make_sized(image, ks_align_up(bytes + bytes / 64 + ESP_EXTRA_BYTES, 1U << 20), diag);
	rc = rc ? rc : mtool(opts, diag, format);
	rc = rc ? rc : mtool(opts, diag, directories);
	return rc ? rc : mtool(opts, diag, copy);
}

/* Where systemd-stub looks: a directory beside the image, named after it. */
static int add_addons(const struct vm_opts *opts, struct ks_diag *diag)
{
	char to[64];
	const char *const directory[] = { "mmd", "-i", "esp.img", to, NULL };
	size_t i;
	int rc;

	snprintf(to, sizeof(to), "::/EFI/BOOT/%s.extra.d", opts->arch->boot_file);
	rc = opts->addons.nr_values ? mtool(opts, diag, directory) : 0;

	for (i = 0; i < opts->addons.nr_values && !rc; i++) {
		__cleanup(free_path) char *addon = absolute(opts->addons.value[i], diag);
		const char *const copy[] = {
			"mcopy", "-i", "esp.img", addon, to, NULL,
		};
		struct stat st;

		if (!addon)
			return -ENOENT;
		if (stat(addon, &st) || !S_ISREG(st.st_mode) || (u64)st.st_size > MAX_ADDON_BYTES) {
			rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "not an addon, which is a file of at most 1 MiB");
			ks_diag_in(diag, addon);
			return rc;
		}
		rc = mtool(opts, diag, copy);
	}
	return rc;
}

static int make_uki_disk(const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(free_path) char *uki = absolute(opts->uki, diag);
	struct stat st;
	int rc;

	if (!uki)
		return -ENOENT;
	if (stat(uki, &st) || !S_ISREG(st.st_mode) || (u64)st.st_size > KS_MAX_IMAGE_BYTES) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "not a UKI of a size that can be started");
		ks_diag_in(diag, uki);
		return -EINVAL;
	}
	rc = make_disk(opts, uki, (u64)st.st_size, diag);
	return rc ? rc : add_addons(opts, diag);
}

/* What an earlier dump left there would be taken for this one's. */
static int make_crash_disk(const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(free_path) char *image = in_directory(opts->log_dir, VM_CRASH_DISK);

	if (!image)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return make_sized(image, (opts->memory_mib + CRASH_EXTRA_MIB) << 20, diag);
}

/* A file takes whole clusters, and more for a long name. */
static int add_file_bytes(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)at;
	cases_bytes += type == FTW_F ? (u64)st->st_size + (8U << 10) : 0;
	return cases_bytes > KS_MAX_IMAGE_BYTES;
}

static int make_cases_disk(const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(free_path) char *directory = absolute(opts->cases, diag);
	__cleanup(free_path) char *app = directory ? in_directory(directory, "judge.efi") : NULL;
	__cleanup(free_path) char *control = directory ? in_directory(directory, "control.efi") : NULL;
	__cleanup(free_path) char *images = directory ? in_directory(directory, "images") : NULL;
	__cleanup(free_path) char *stores = directory ? in_directory(directory, "stores") : NULL;
	const char *const copy[] = {
		"mcopy", "-s", "-i", "esp.img", control, images, stores, "::/", NULL,
	};
	int rc;

	if (!directory)
		return -ENOENT;
	if (!app || !control || !images || !stores)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	cases_bytes = 0;
	if (nftw(directory, add_file_bytes, 16, FTW_PHYS)) {
		ks_fail(diag, -E2BIG, KS_NO_OFF, "not a directory of images that fit on a disk");
		ks_diag_in(diag, opts->cases);
		return -E2BIG;
	}
	rc = make_disk(opts, app, cases_bytes, diag);
	return rc ? rc : mtool(opts, diag, copy);
}

int vm_media_add(const struct vm_opts *opts, const char *name, struct ks_diag *diag)
{
	const char *const copy[] = { "mcopy", "-o", "-i", "esp.img", name, "::/", NULL };

	return mtool(opts, diag, copy);
}

/* A TPM with a past would have other PCRs than a fresh one only by accident; keep none. */
static int make_tpm_directory(const struct vm_opts *opts, struct ks_diag *diag)
{
	__cleanup(free_path) char *directory = in_directory(opts->log_dir, "tpm");
	__cleanup(free_path) char *state = in_directory(opts->log_dir, "tpm/tpm2-00.permall");

	if (!directory || !state)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (mkdir(directory, 0700) && errno != EEXIST)
		return ks_fail_sys(diag, "cannot make the directory", directory);
	if (unlink(state) && errno != ENOENT)
		return ks_fail_sys(diag, "cannot remove", state);
	return 0;
}

char *vm_log_first_line(const struct vm_opts *opts, const char *name)
{
	__cleanup(free_path) char *path = in_directory(opts->log_dir, name);
	__cleanup(ks_buf_done) struct ks_buf log = { 0 };
	struct ks_span text = { 0 }, line = { 0 };

	if (path && !ks_file_load(path, MAX_LOG_BYTES, &log, NULL))
		text = ks_buf_span(&log);
	return vm_text_dup(ks_span_line(&text, &line) ? line : (struct ks_span){ 0 });
}

/* Children append to their logs; what an earlier run left would be taken for this one's. */
static int remove_logs(const struct vm_opts *opts, struct ks_diag *diag)
{
	static const char *const names[] = { VM_QEMU_LOG, VM_ANSWERS_FILE, "swtpm.log",
					     "mtools.log" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++) {
		__cleanup(free_path) char *path = in_directory(opts->log_dir, names[i]);

		if (!path)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		if (unlink(path) && errno != ENOENT)
			return ks_fail_sys(diag, "cannot remove", path);
	}
	return 0;
}

int vm_media_restart(const struct vm_opts *opts, struct ks_diag *diag)
{
	int rc = remove_logs(opts, diag);

	rc = rc ? rc : copy_vars(opts, diag);
	return rc || !opts->tpm ? rc : make_tpm_directory(opts, diag);
}

int vm_media_prepare(const struct vm_opts *opts, struct ks_diag *diag)
{
	int rc = vm_media_restart(opts, diag);

	if (!rc && opts->crash)
		rc = make_crash_disk(opts, diag);
	if (rc)
		return rc;
	return opts->cases ? make_cases_disk(opts, diag) : make_uki_disk(opts, diag);
}
