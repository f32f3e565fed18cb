// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/kbuild.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "text/text.h"

/* Composite objects in each other: a module has two or three levels, more is a loop. */
#define MAX_PARTS 8U

/* struct answer - what the makefile of one directory says of one name */
struct answer {
	bool on;
	bool off;
	char whole[NAME_MAX + 2];
};

static int load_optional(const char *directory, const char *name, struct ks_buf *text,
			 bool *ret_found, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", directory, name);

	if (rc)
		return rc;
	*ret_found = !access(path.s, R_OK);
	if (*ret_found && ks_file_load(path.s, KQ_MAX_FILE_BYTES, text, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}

/* kbuild reads Kbuild where there is one, else Makefile. */
static int load_makefile(const char *source, const char *directory, struct ks_buf *text,
			 struct kq_error *error)
{
	struct kq_path path;
	bool found;
	int rc = kq_path(&path, error, "%s/%s", source, directory);

	if (!rc)
		rc = load_optional(path.s, "Kbuild", text, &found, error);
	if (!rc && !found)
		rc = load_optional(path.s, "Makefile", text, &found, error);
	return rc;
}

static bool is_set(struct ks_span conf, struct ks_span symbol)
{
	struct ks_span line;

	while (ks_span_line(&conf, &line))
		if (line.bytes > symbol.bytes && line.p[symbol.bytes] == '=' &&
		    ks_span_eq(kq_head(line, symbol.bytes), symbol))
			return true;
	return false;
}

static bool has_word(struct ks_span words, const char *name)
{
	struct ks_span word;

	while (ks_span_word(&words, &word))
		if (kq_is(word, name))
			return true;
	return false;
}

/* "obj-$(CONFIG_X)", "foo-y", "foo-objs": is it on, and is it a list of its own or a part of foo.o? */
static void weigh(struct ks_span variable, struct ks_span conf, struct answer *answer)
{
	static const char symbol_mark[] = "$(CONFIG_";
	const u8 *dash = variable.bytes ? memrchr(variable.p, '-', variable.bytes) : NULL;
	const u8 *mark = variable.bytes ? memmem(variable.p, variable.bytes, symbol_mark,
						 strlen(symbol_mark)) :
					  NULL;
	struct ks_span stem;

	if (mark && mark > variable.p) {
		struct ks_span symbol = kq_tail(variable, (size_t)(mark - variable.p) + 2);
		const u8 *end = memchr(symbol.p, ')', symbol.bytes);

		if (!end || !is_set(conf, kq_head(symbol, (size_t)(end - symbol.p)))) {
			answer->off = true;
			return;
		}
		dash = mark - 1;
	}
	answer->on = true;
	stem = dash ? kq_head(variable, (size_t)(dash - variable.p)) : variable;
	if (stem.bytes && !kq_is(stem, "obj") && !kq_is(stem, "lib") && !kq_is(stem, "always"))
		snprintf(answer->whole, sizeof(answer->whole), "%.*s.o", KQ_FMT(stem));
}

static struct answer ask_makefile(struct ks_span makefile, struct ks_span conf, const char *name)
{
	struct answer answer = { 0 };
	struct ks_span line, variable = { 0 };
	bool goes_on = false;

	while (ks_span_line(&makefile, &line)) {
		const u8 *equals = line.bytes ? memchr(line.p, '=', line.bytes) : NULL;
		struct ks_span words = line;

		if (!goes_on) {
			variable = (struct ks_span){ 0 };
			if (equals) {
				ks_span_word(&line, &variable);
				words = kq_tail(words, (size_t)(equals - words.p) + 1);
			}
		}
		goes_on = ks_span_ends_with(words, ks_span_str("\\"));
		if (variable.bytes && !kq_starts(variable, "#") && has_word(words, name))
			weigh(variable, conf, &answer);
	}
	return answer;
}

/* One directory: @name is an object or a "directory/" in it. */
static int is_off_in(const struct kq_kbuild *kbuild, const char *directory, const char *name,
		     struct ks_span conf, bool *ret_off, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf makefile = { 0 };
	struct answer answer;
	char now[NAME_MAX + 2];
	unsigned int part;
	int rc = load_makefile(kbuild->source, directory, &makefile, error);

	snprintf(now, sizeof(now), "%s", name);
	for (part = 0; !rc && part < MAX_PARTS; part++) {
		answer = ask_makefile(ks_buf_span(&makefile), conf, now);
		*ret_off = answer.off && !answer.on;
		if (*ret_off || !answer.whole[0] || !strcmp(answer.whole, now))
			break;
		snprintf(now, sizeof(now), "%s", answer.whole);
	}
	return rc;
}

/* Some names of architectures share a directory below arch/, as in the kernel's own Makefile. */
static bool is_other_arch(const char *target, const char *arch)
{
	static const char *const shared[][2] = {
		{ "x86_64", "x86" }, { "i386", "x86" }, { "sparc64", "sparc" }, { "sparc32", "sparc" },
		{ "parisc64", "parisc" },
	};
	size_t i, n;

	for (i = 0; i < KS_ARRAY_SIZE(shared); i++)
		if (!strcmp(arch, shared[i][0]))
			arch = shared[i][1];
	n = strlen(arch);
	return n && !strncmp(target, "arch/", 5) &&
	       (strncmp(target + 5, arch, n) || target[5 + n] != '/');
}

int kq_kbuild_off(const struct kq_kbuild *kbuild, const char *target, bool *ret_off,
		  struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf conf = { 0 };
	struct kq_path path;
	bool found;
	int rc = kq_path(&path, error, "%s", target);

	*ret_off = is_other_arch(target, kbuild->arch);
	if (!rc)
		rc = load_optional(kbuild->objects, "include/config/auto.conf", &conf, &found,
				   error);
	while (!rc && !*ret_off) {
		char name[NAME_MAX + 2], *slash = strrchr(path.s, '/');
		bool is_dir = strcmp(path.s, target);

		snprintf(name, sizeof(name), "%.255s%s", slash ? slash + 1 : path.s,
			 is_dir ? "/" : "");
		if (slash)
			*slash = '\0';
		rc = is_off_in(kbuild, slash ? path.s : ".", name, ks_buf_span(&conf), ret_off,
			       error);
		if (!slash)
			break;
	}
	return rc;
}
