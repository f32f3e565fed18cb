// SPDX-License-Identifier: LGPL-2.1-or-later
#include "opts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct vm_opts vm_opts;
struct vm_opts_text vm_opts_text;

static int refuse(struct ks_diag *diag, const char *what, const char *value)
{
	ks_fail(diag, -EINVAL, KS_NO_OFF, what);
	ks_diag_in(diag, value);
	return KS_EXIT_USAGE;
}

/* The guest's init makes KSEAL_NAME of the name. The value travels on one line. */
static int check_setting(const char *text, struct ks_diag *diag)
{
	const char *equals = strchr(text, '=');
	const char *c;

	if (!equals || equals == text || equals - text > 32)
		return refuse(diag, "--set needs name=value", text);
	for (c = text; c < equals; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return refuse(diag, "a name has letters, digits and _ only", text);
	for (c = equals + 1; *c; c++)
		if (!isprint((unsigned char)*c))
			return refuse(diag, "a value must be printable text", text);
	if (!equals[1] || (size_t)(c - text) > VM_MAX_SETTING_BYTES)
		return refuse(diag, "a value must not be empty or longer than 3900 bytes", text);
	return 0;
}

static int get_number(const char *text, unsigned long max, unsigned int missing, unsigned int *ret_nr,
		      const char *what, struct ks_diag *diag)
{
	unsigned long value = missing;
	char *end;

	if (text) {
		value = strtoul(text, &end, 10);
		if (!isdigit((unsigned char)*text) || *end || !value || value > max)
			return refuse(diag, what, text);
	}
	*ret_nr = (unsigned int)value;
	return 0;
}

static int get_numbers(struct ks_diag *diag)
{
	static const char seconds[] = "not a number of seconds (1 to 86400)";
	int rc;

	rc = get_number(vm_opts_text.timeout, 86400, 300, &vm_opts.timeout_s, seconds, diag);
	if (!rc)
		rc = get_number(vm_opts_text.probe, 86400, 8, &vm_opts.probe_s, seconds, diag);
	if (!rc)
		rc = get_number(vm_opts_text.kexecs, 9, 0, &vm_opts.nr_kexecs,
				"not a number of kexecs (1 to 9)", diag);
	if (!rc)
		rc = get_number(vm_opts_text.memory, 65536, 1024, &vm_opts.memory_mib,
				"not a number of MiB (1 to 65536)", diag);
	return rc;
}

/* The guest finds a disk by its serial number. */
static int check_disk(const char *text, struct ks_diag *diag)
{
	const char *equals = strchr(text, '=');
	const char *c;

	if (!equals || equals == text || equals - text > 20 || !equals[1])
		return refuse(diag, "--disk needs name=file", text);
	for (c = text; c < equals; c++)
		if (!isalnum((unsigned char)*c))
			return refuse(diag, "the name of a disk has letters and digits only", text);
	return 0;
}

static bool is_one_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return true;
	return false;
}

int vm_opts_finish(struct ks_diag *diag)
{
	static const char *const accels[] = { "auto", "kvm", "tcg", NULL };
	static const char *const modes[] = { "enforced", "control", NULL };
	struct vm_opts *opts = &vm_opts;
	size_t i;
	int rc;

	opts->arch = vm_arch_find(vm_opts_text.arch ? vm_opts_text.arch : "x86_64");
	if (!opts->arch)
		return refuse(diag, "--arch is x86_64 or arm64", vm_opts_text.arch);
	if (!opts->code)
		opts->code = opts->arch->code;
	if (!opts->qemu)
		opts->qemu = opts->arch->qemu;
	if (!opts->swtpm)
		opts->swtpm = "swtpm";
	if (!opts->accel)
		opts->accel = "auto";
	if (!is_one_of(opts->accel, accels))
		return refuse(diag, "--accel is auto, kvm or tcg", opts->accel);
	if (opts->mode && !is_one_of(opts->mode, modes))
		return refuse(diag, "--mode is enforced or control", opts->mode);
	if (opts->says.nr_values > VM_MAX_WORDS || opts->lacks.nr_values > VM_MAX_WORDS)
		return refuse(diag, "more than 8 texts to look for", "--says and --lacks");
	rc = get_numbers(diag);
	if (opts->disks.nr_values > VM_MAX_DISKS)
		return refuse(diag, "more than 4 disks", "--disk");
	for (i = 0; !rc && i < opts->disks.nr_values; i++)
		rc = check_disk(opts->disks.value[i], diag);
	for (i = 0; !rc && i < opts->settings.nr_values; i++)
		rc = check_setting(opts->settings.value[i], diag);
	return rc;
}
