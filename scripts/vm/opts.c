// SPDX-License-Identifier: LGPL-2.1-or-later
#include "opts.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_UKI = 256, OPT_VARS, OPT_CODE, OPT_KERNEL, OPT_QEMU, OPT_SWTPM, OPT_MODE, OPT_TESTS,
	OPT_PLAN, OPT_SKIPS, OPT_LOG_DIR, OPT_JSON, OPT_ACCEL, OPT_TPM, OPT_TIMEOUT, OPT_PROBE, OPT_SET,
	OPT_SAYS, OPT_LACKS, OPT_ENDS, OPT_KEXECS, OPT_CASES,
};

static const struct option options[] = {
	{ "uki", required_argument, NULL, OPT_UKI },
	{ "vars", required_argument, NULL, OPT_VARS },
	{ "code", required_argument, NULL, OPT_CODE },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "swtpm", required_argument, NULL, OPT_SWTPM },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "tests", required_argument, NULL, OPT_TESTS },
	{ "plan", required_argument, NULL, OPT_PLAN },
	{ "skips", required_argument, NULL, OPT_SKIPS },
	{ "log-dir", required_argument, NULL, OPT_LOG_DIR },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "accel", required_argument, NULL, OPT_ACCEL },
	{ "tpm", no_argument, NULL, OPT_TPM },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "probe-seconds", required_argument, NULL, OPT_PROBE },
	{ "set", required_argument, NULL, OPT_SET },
	{ "says", required_argument, NULL, OPT_SAYS },
	{ "lacks", required_argument, NULL, OPT_LACKS },
	{ "ends", required_argument, NULL, OPT_ENDS },
	{ "kexecs", required_argument, NULL, OPT_KEXECS },
	{ "cases", required_argument, NULL, OPT_CASES },
	{ 0 },
};

static bool bad(const char *what, const char *value)
{
	fprintf(stderr, "vm: %s: %s\n", value, what);
	return false;
}

/* "name=value" for the guest, which makes KSEAL_NAME of it. The value travels on one line. */
static bool take_setting(struct vm_opts *opts, char *text)
{
	char *equals = strchr(text, '=');
	char *c;

	if (!equals || equals == text || equals - text > 32)
		return bad("--set needs name=value", text);
	for (c = text; c < equals; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return bad("a name has letters, digits and _ only", text);
	for (c = equals + 1; *c; c++)
		if (!isprint((unsigned char)*c))
			return bad("a value must be printable text", text);
	if (!equals[1] || (size_t)(c - text) > VM_MAX_SETTING_BYTES)
		return bad("a value must not be empty or longer than 3900 bytes", text);
	if (opts->nr_settings == VM_MAX_SETTINGS)
		return bad("too many --set options", text);
	*equals = '\0';
	opts->settings[opts->nr_settings++] = (struct vm_setting){ text, equals + 1 };
	return true;
}

static bool take_words(const char **list, size_t *nr, const char *text)
{
	if (!*text)
		return bad("no words to look for", "--says and --lacks");
	if (*nr == VM_MAX_WORDS)
		return bad("too many words to look for", text);
	list[(*nr)++] = text;
	return true;
}

static bool take_seconds(unsigned int *ret_s, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || !value || value > 86400)
		return bad("not a number of seconds (1 to 86400)", text);
	*ret_s = (unsigned int)value;
	return true;
}

static bool take_kexecs(unsigned int *ret_nr, const char *text)
{
	if (text[0] < '1' || text[0] > '9' || text[1])
		return bad("not a number of kexecs (1 to 9)", text);
	*ret_nr = (unsigned int)(text[0] - '0');
	return true;
}

/* The text options, in the order of enum and struct. */
static const char **text_option(struct vm_opts *opts, int opt)
{
	switch (opt) {
	case OPT_UKI: return &opts->uki;
	case OPT_VARS: return &opts->vars;
	case OPT_CODE: return &opts->code;
	case OPT_KERNEL: return &opts->kernel;
	case OPT_QEMU: return &opts->qemu;
	case OPT_SWTPM: return &opts->swtpm;
	case OPT_MODE: return &opts->mode;
	case OPT_TESTS: return &opts->tests;
	case OPT_PLAN: return &opts->plan;
	case OPT_SKIPS: return &opts->skips;
	case OPT_LOG_DIR: return &opts->log_dir;
	case OPT_JSON: return &opts->json;
	case OPT_ACCEL: return &opts->accel;
	case OPT_ENDS: return &opts->ends;
	case OPT_CASES: return &opts->cases;
	default: return NULL;
	}
}

static bool take_option(struct vm_opts *opts, int opt, char *value)
{
	const char **text = text_option(opts, opt);

	if (text) {
		if (*text)
			return bad("the same option twice", value);
		*text = value;
		return true;
	}
	switch (opt) {
	case OPT_TPM:
		opts->tpm = true;
		return true;
	case OPT_TIMEOUT:
		return take_seconds(&opts->timeout_s, value);
	case OPT_PROBE:
		return take_seconds(&opts->probe_s, value);
	case OPT_SET:
		return take_setting(opts, value);
	case OPT_SAYS:
		return take_words(opts->says, &opts->nr_says, value);
	case OPT_LACKS:
		return take_words(opts->lacks, &opts->nr_lacks, value);
	case OPT_KEXECS:
		return take_kexecs(&opts->nr_kexecs, value);
	default:
		return false;
	}
}

static bool one_of(const char *value, const char *a, const char *b, const char *c)
{
	return !strcmp(value, a) || !strcmp(value, b) || !strcmp(value, c);
}

bool vm_opts_parse(int argc, char **argv, struct vm_opts *ret_opts)
{
	struct vm_opts opts = { .timeout_s = 300, .probe_s = 8 };
	int opt;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(&opts, opt, optarg))
			return false;
	if (optind < argc)
		return bad("no such argument", argv[optind]);
	if (!opts.code)
		opts.code = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
	if (!opts.qemu)
		opts.qemu = "qemu-system-x86_64";
	if (!opts.swtpm)
		opts.swtpm = "swtpm";
	if (!opts.accel)
		opts.accel = "auto";
	if (!one_of(opts.accel, "auto", "kvm", "tcg"))
		return bad("--accel is auto, kvm or tcg", opts.accel);
	if (opts.mode && !one_of(opts.mode, "enforced", "control", "control"))
		return bad("--mode is enforced or control", opts.mode);
	*ret_opts = opts;
	return true;
}
