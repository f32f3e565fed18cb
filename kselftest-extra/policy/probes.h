/* SPDX-License-Identifier: GPL-2.0-only */
/* What the running kernel shows: "KIND WORDS" of a rule, true or not, and what was seen. */
#ifndef KSEAL_POLICY_PROBES_H
#define KSEAL_POLICY_PROBES_H

#include <sys/syscall.h>

#include "effective.h"

#ifndef __NR_lsm_list_modules
#define __NR_lsm_list_modules 461
#endif

/* include/uapi/linux/lsm.h */
static const char *const lsm_names[] = {
	"capability", "selinux",  "smack",    "tomoyo", "apparmor", "yama", "loadpin",
	"safesetid",  "lockdown", "bpf",      "landlock", "ima",    "evm",  "ipe",
};
#define FIRST_LSM_ID 100

/* Return: 1 if it is active, 0 if not, -errno. */
static int has_lsm(const char *name)
{
	char list[512], path[512];
	uint32_t bytes = 64 * sizeof(uint64_t);
	uint64_t id[64] = {};
	long i, nr;

	if (*root_dir()) {
		path_below(path, sizeof(path), "%s", "/lsm_list_modules");
		nr = read_text(path, list, sizeof(list));
		return nr < 0 ? (int)nr : is_one_of(list, name);
	}
	nr = syscall(__NR_lsm_list_modules, id, &bytes, 0);
	if (nr < 0)
		return -errno;
	for (i = 0; i < nr; i++)
		if (id[i] >= FIRST_LSM_ID && id[i] - FIRST_LSM_ID < sizeof(lsm_names) / sizeof(lsm_names[0]) &&
		    !strcmp(lsm_names[id[i] - FIRST_LSM_ID], name))
			return 1;
	return 0;
}

/* What was seen, for the line that says why a case failed. */
struct seen {
	char text[1024];
};

__attribute__((format(printf, 2, 3))) static void see(struct seen *seen, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(seen->text, sizeof(seen->text), format, args);
	va_end(args);
}

static bool lsm_probe(const char *name, struct seen *seen)
{
	int rc;
	size_t i;

	for (i = 0; i < sizeof(lsm_names) / sizeof(lsm_names[0]) && strcmp(lsm_names[i], name); i++)
		;
	if (i == sizeof(lsm_names) / sizeof(lsm_names[0])) {
		see(seen, "%s is no LSM that has a number", name);
		return false;
	}
	rc = has_lsm(name);
	see(seen, "lsm_list_modules() %s", rc > 0 ? "has it" : rc ? strerror(-rc) : "has it not");
	return rc > 0;
}

static bool dmesg_probe(const char *text, struct seen *seen)
{
	size_t bytes = 0;
	char path[512];
	bool found;

	if (*root_dir()) {
		path_below(path, sizeof(path), "%s", "/dmesg");
		char *log = (char *)read_whole(path, &bytes);

		found = log && memmem(log, bytes, text, strlen(text));
		free(log);
	} else {
		found = kernel_log_has(text);
	}
	see(seen, "the kernel's log %s", found ? "says so" : "does not say so");
	return found;
}

static bool path_probe(const char *name, bool is_wanted, struct seen *seen)
{
	char path[1024];
	struct stat st;
	int err;

	path_below(path, sizeof(path), "%s", name);
	err = stat(path, &st) ? errno : 0;
	see(seen, "%s %s", name, err ? strerror(err) : "is there");
	/* What cannot be looked at is neither. */
	return is_wanted ? !err : err == ENOENT;
}

/* The first line of a file. Return: false with @seen if there is none to read. */
static bool read_line(const char *path, char *text, size_t text_bytes, struct seen *seen)
{
	ssize_t n = read_text(path, text, text_bytes);

	if (n < 0) {
		see(seen, "%s: %s", path + strlen(root_dir()), strerror((int)-n));
		return false;
	}
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static bool compare(const char *text, const char *op, const char *want)
{
	long long a, b;
	bool are_numbers = number_of(text, &a) && number_of(want, &b);

	if (!strcmp(op, ">="))
		return are_numbers && a >= b;
	if (!strcmp(op, "<="))
		return are_numbers && a <= b;
	if (!strcmp(op, "="))
		return are_numbers ? a == b : !strcmp(text, want);
	if (!strcmp(op, "!="))
		return are_numbers ? a != b : strcmp(text, want) != 0;
	if (!strcmp(op, "contains"))
		return strstr(text, want) != NULL;
	if (!strcmp(op, "lacks"))
		return !strstr(text, want);
	return !strcmp(op, "begins") && !strncmp(text, want, strlen(want));
}

/* Where the file of a comparison is. */
static void path_of(const char *kind, char *name, char *path, size_t path_bytes)
{
	char below[512], *c;

	if (!strcmp(kind, "sysctl")) {
		for (c = name; *c; c++)
			*c = *c == '.' ? '/' : *c;
		path_below(path, path_bytes, "/proc/sys/%s", name);
	} else if (!strcmp(kind, "param")) {
		c = strchr(name, '/');
		snprintf(below, sizeof(below), "%.*s/parameters%s", (int)(c - name), name, c);
		path_below(path, path_bytes, "/sys/module/%s", below);
	} else if (!strcmp(kind, "cpu")) {
		path_below(path, path_bytes, "/sys/devices/system/cpu/vulnerabilities/%s", name);
	} else {
		path_below(path, path_bytes, "%s", name);
	}
}

/* @words: NAME OP VALUE, taken apart */
static bool comparing_probe(const char *kind, char *words, struct seen *seen)
{
	char path[1024], text[4096], *op = cut_word(words), *want = op ? cut_word(op) : NULL;

	if (!want) {
		see(seen, "no NAME OP VALUE");
		return false;
	}
	path_of(kind, words, path, sizeof(path));
	if (!read_line(path, text, sizeof(text), seen))
		return false;
	see(seen, "%s is \"%.200s\"", path + strlen(root_dir()), text);
	return compare(text, op, want);
}

/* @probe: "KIND WORDS". Return: does it hold? */
static bool probe_holds(const char *probe, struct seen *seen)
{
	char copy[2048], *words;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", probe) >= sizeof(copy)) {
		see(seen, "the probe is too long");
		return false;
	}
	words = cut_word(copy);
	if (!words)
		return false;
	if (!strcmp(copy, "lsm"))
		return lsm_probe(words, seen);
	if (!strcmp(copy, "dmesg"))
		return dmesg_probe(words, seen);
	if (!strcmp(copy, "path") || !strcmp(copy, "nopath"))
		return path_probe(words, copy[0] == 'p', seen);
	return comparing_probe(copy, words, seen);
}

#endif
