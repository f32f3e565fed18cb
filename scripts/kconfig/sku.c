// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sku.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "fmt/need.h"
#include "text.h"

enum {
	OWN = 1,      /* of this SKU only, never its base's */
	ROOT = 2,     /* only in a SKU without BASE */
	DERIVED = 4,  /* only in one with it */
	REQUIRED = 8, /* a build cannot do without */
	PROSE = 16,   /* no recipe has it */
};

static const struct {
	const char *name;
	unsigned int flags;
	const char *words;    /* what it may be; NULL: anything */
	const char *fallback; /* NULL: none */
} keys[] = {
	{ "DESCRIPTION", OWN | REQUIRED | PROSE, NULL, NULL },
	{ "BASE", OWN, NULL, NULL },
	{ "ADD", OWN | DERIVED, NULL, NULL },
	{ "DROP", OWN | DERIVED, NULL, NULL },
	{ "ARCH", REQUIRED, KS_ARCHES, NULL },
	{ "COMPILER", 0, "gcc clang", "gcc" },
	{ "FRAGMENTS", ROOT | REQUIRED, NULL, NULL },
	{ "NEEDS", 0, NULL, NULL },
	{ "POLICY", 0, NULL, NULL },
	{ "QUEUE", REQUIRED, NULL, NULL },
	{ "KEYRING", REQUIRED, NULL, NULL },
	{ "SHIP", 0, "no", NULL },
	{ "LOCKDOWN", 0, NULL, NULL },
	{ "CMDLINE", 0, NULL, NULL },
	{ "TEST_CMDLINE", 0, NULL, NULL },
	{ "MODULES", 0, "y n", NULL },
	{ "OBJECTS", 0, NULL, NULL },
	{ "TESTS", 0, NULL, NULL },
	{ "KEXEC_TESTS", 0, NULL, NULL },
	{ "CRASHKERNEL", 0, NULL, NULL },
	{ "USERLAND", 0, NULL, NULL },
	{ "USERLAND_SUITE", 0, NULL, NULL },
};

#define NR_KEYS KS_ARRAY_SIZE(keys)
_Static_assert(NR_KEYS <= KC_MAX_SKU_KEYS, "each file has room for all keys");

void kc_sku_done(struct kc_sku *sku)
{
	size_t i;

	for (i = 0; i < KC_MAX_SKU_DEPTH; i++) {
		free(sku->file[i].name);
		free(sku->file[i].path);
		ks_buf_done(&sku->file[i].text);
	}
	ks_buf_done(&sku->fragments);
	ks_buf_done(&sku->files);
	memset(sku, 0, sizeof(*sku));
}

/* @text: static or of @keys; the word that is wrong follows it. */
static int fail_word(struct ks_diag *diag, const char *path, u32 line, const char *text, struct ks_span word)
{
	char copy[128];

	snprintf(copy, sizeof(copy), "%.*s", KS_FMT(word));
	return ks_text_fail_word(diag, -EBADMSG, path, line, text, copy);
}

static int fail_value(struct ks_diag *diag, const char *path, u32 line, struct ks_span text,
		      const char *words)
{
	char copy[128];

	/* What is wanted must fit behind it, however long it is. */
	snprintf(copy, sizeof(copy), "%.*s, wanted one of: %s",
		 (int)(text.bytes < 64 ? text.bytes : 64), (const char *)text.p, words);
	return ks_text_fail_word(diag, -EBADMSG, path, line, "value is not one of those that the key takes", copy);
}

/* Return: index of the key, NR_KEYS if there is none. */
static size_t find_key(struct ks_span name)
{
	size_t i = 0;

	while (i < NR_KEYS && !ks_span_eq(name, ks_span_str(keys[i].name)))
		i++;
	return i;
}

/* A name of ours, which becomes a path. */
static bool is_name(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(i && (s.p[i] == '-' || s.p[i] == '_')))
			return false;
	return s.bytes > 0 && s.bytes <= 64;
}

/* make expands a dollar and cuts at a number sign; a quote ends the word that a recipe quotes. */
static bool is_plain(struct ks_span s, bool is_prose)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f || strchr("$#\\", s.p[i]) ||
		    (s.p[i] == '\'' && !is_prose))
			return false;
	return true;
}

static int parse_line(struct kc_sku_file *file, struct ks_span line, u32 line_nr, struct ks_diag *diag)
{
	const u8 *sign = line.bytes ? memchr(line.p, '=', line.bytes) : NULL;
	struct ks_span name = { 0 }, value = { 0 };
	size_t n = sign ? (size_t)(sign - line.p) : 0, key;

	if (!line.bytes || line.p[0] == '#')
		return 0;
	if (sign)
		(void)(!ks_span_sub(line, 0, n, &name) ||
		       !ks_span_sub(line, n + 1, line.bytes - n - 1, &value));
	key = find_key(name);
	if (!is_plain(line, key < NR_KEYS && (keys[key].flags & PROSE)))
		return ks_text_fail(diag, -EBADMSG, file->path, line_nr,
				    "has a control byte or one of $ # ' \\, which make would not take as it is; write plain text");
	if (!sign)
		return ks_text_fail(diag, -EBADMSG, file->path, line_nr,
				    "neither KEY=VALUE nor a comment");
	if (key == NR_KEYS)
		return fail_word(diag, file->path, line_nr, "unknown key", name);
	if (file->line[key])
		return fail_word(diag, file->path, line_nr, "key is given twice", name);
	value = ks_span_trim(value);
	if (keys[key].words && !ks_text_has_word(keys[key].words, value))
		return fail_value(diag, file->path, line_nr, line, keys[key].words);
	file->value[key] = value;
	file->line[key] = line_nr;
	return 0;
}

/* What only a root or only a derived SKU has. */
static int check_kind(const struct kc_sku_file *file, struct ks_diag *diag)
{
	bool is_derived = file->line[find_key(ks_span_str("BASE"))];
	size_t i;

	for (i = 0; i < NR_KEYS; i++) {
		if (!file->line[i])
			continue;
		if (is_derived && (keys[i].flags & ROOT))
			return ks_text_fail(diag, -EBADMSG, file->path, file->line[i],
					    "FRAGMENTS in a SKU that has a BASE, say with ADD and DROP what differs");
		if (!is_derived && (keys[i].flags & DERIVED))
			return fail_word(diag, file->path, file->line[i],
					 "changes the fragments of a BASE, and there is none", ks_span_str(keys[i].name));
	}
	return 0;
}

static int load_file(const char *dir, struct ks_span name, struct kc_sku_file *file, struct ks_diag *diag)
{
	struct ks_span text, line;
	u32 line_nr = 0;
	int rc;

	file->name = strndup((const char *)name.p, name.bytes);
	if (!file->name || asprintf(&file->path, "%s/%s.sku", dir, file->name) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
	rc = ks_file_load(file->path, KS_MAX_TEXT_BYTES, &file->text, diag);
	ks_diag_in(diag, file->path);
	text = ks_buf_span(&file->text);
	while (!rc && ks_span_line(&text, &line))
		rc = parse_line(file, line, ++line_nr, diag);
	return rc ? rc : check_kind(file, diag);
}

/* Before the base is read, so that the line which names it is to blame. */
static int check_base(const struct kc_sku *sku, const char *dir, struct ks_span base, u32 line,
		      struct ks_diag *diag)
{
	const struct kc_sku_file *file = &sku->file[sku->nr_files - 1];
	__cleanup(ks_free_str) char *path = NULL;
	size_t i;

	if (!is_name(base))
		return fail_word(diag, file->path, line, "BASE is not the name of a SKU", base);
	for (i = 0; i < sku->nr_files; i++)
		if (ks_span_eq(base, ks_span_str(sku->file[i].name)))
			return fail_word(diag, file->path, line, "BASE leads back to the SKU itself", base);
	if (sku->nr_files == KC_MAX_SKU_DEPTH)
		return ks_text_fail(diag, -E2BIG, file->path, line, "more than 8 SKUs in a chain of bases");
	if (asprintf(&path, "%s/%.*s.sku", dir, KS_FMT(base)) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for a file's name");
	if (access(path, F_OK))
		return fail_word(diag, file->path, line, "BASE names a SKU that is not there", base);
	return 0;
}

static int load_chain(const char *dir, const char *name, struct kc_sku *sku, struct ks_diag *diag)
{
	size_t key = find_key(ks_span_str("BASE"));
	struct ks_span next = ks_span_str(name);
	int rc;

	if (!is_name(next))
		return ks_fail_detail(diag, -EINVAL, "not the name of a SKU", name);
	for (;;) {
		struct kc_sku_file *file = &sku->file[sku->nr_files++];

		rc = load_file(dir, next, file, diag);
		if (rc || !file->line[key])
			return rc;
		next = file->value[key];
		rc = check_base(sku, dir, next, file->line[key], diag);
		if (rc)
			return rc;
	}
}

/* Return: its place in the list, @nr_fragments if it is not there. */
static size_t find_fragment(const struct kc_sku *sku, struct ks_span word)
{
	size_t i = 0;

	while (i < sku->nr_fragments && !ks_span_eq(sku->fragment[i].word, word))
		i++;
	return i;
}

static int add_fragments(struct kc_sku *sku, const struct kc_sku_file *file, const char *key,
			 struct ks_diag *diag)
{
	size_t k = find_key(ks_span_str(key));
	struct ks_span rest = file->value[k], word;

	while (ks_span_word(&rest, &word)) {
		if (!is_name(word))
			return fail_word(diag, file->path, file->line[k], "not the name of a fragment", word);
		if (find_fragment(sku, word) < sku->nr_fragments)
			return fail_word(diag, file->path, file->line[k],
					 "adds a fragment that is in the list already", word);
		if (sku->nr_fragments == KC_MAX_SKU_WORDS)
			return ks_text_fail(diag, -E2BIG, file->path, file->line[k], "more than 256 fragments");
		sku->fragment[sku->nr_fragments++] =
			(struct kc_sku_word){ word, file->path, file->line[k] };
	}
	return 0;
}

/* @nr_base: of the list, what the base has; what follows was added by this file */
static int drop_fragments(struct kc_sku *sku, const struct kc_sku_file *file, size_t nr_base,
			  struct ks_diag *diag)
{
	size_t k = find_key(ks_span_str("DROP")), i;
	struct ks_span rest = file->value[k], word;

	while (ks_span_word(&rest, &word)) {
		i = find_fragment(sku, word);
		if (i >= nr_base)
			return fail_word(diag, file->path, file->line[k],
					 "drops a fragment that the base has not", word);
		nr_base--;
		sku->nr_fragments--;
		memmove(&sku->fragment[i], &sku->fragment[i + 1],
			(sku->nr_fragments - i) * sizeof(sku->fragment[0]));
	}
	return 0;
}

static void put_word(struct ks_buf *out, struct ks_span word)
{
	ks_put_str(out, out->bytes ? " " : "");
	ks_put(out, word);
}

static int resolve(struct kc_sku *sku, struct ks_diag *diag)
{
	size_t i = sku->nr_files, nr_base;
	int rc = add_fragments(sku, &sku->file[i - 1], "FRAGMENTS", diag);

	/* ADD first: what the base has cannot be added, dropped or not. */
	while (!rc && --i) {
		nr_base = sku->nr_fragments;
		rc = add_fragments(sku, &sku->file[i - 1], "ADD", diag);
		if (!rc)
			rc = drop_fragments(sku, &sku->file[i - 1], nr_base, diag);
	}
	for (i = 0; i < sku->nr_fragments; i++)
		put_word(&sku->fragments, sku->fragment[i].word);
	for (i = 0; i < sku->nr_files; i++)
		put_word(&sku->files, ks_span_str(sku->file[i].path));
	if (!rc)
		rc = ks_buf_ok(&sku->fragments, diag);
	return rc ? rc : ks_buf_ok(&sku->files, diag);
}

int kc_sku_load(const char *dir, const char *name, struct kc_sku *ret_sku, struct ks_diag *diag)
{
	int rc = load_chain(dir, name, ret_sku, diag);

	return rc ? rc : resolve(ret_sku, diag);
}

/* Return: the file that has the say about a key, NULL if none has it. */
static const struct kc_sku_file *file_of(const struct kc_sku *sku, size_t key)
{
	size_t i, end = keys[key].flags & OWN ? 1 : sku->nr_files;

	for (i = 0; i < end; i++)
		if (sku->file[i].line[key])
			return &sku->file[i];
	return NULL;
}

static struct ks_span value_of(const struct kc_sku *sku, size_t key)
{
	const struct kc_sku_file *file = file_of(sku, key);

	if (keys[key].flags & ROOT)
		return ks_buf_span(&sku->fragments);
	if (file)
		return file->value[key];
	return ks_span_str(keys[key].fallback ? keys[key].fallback : "");
}

struct ks_span kc_sku_value(const struct kc_sku *sku, const char *key)
{
	size_t i = find_key(ks_span_str(key));

	if (!strcmp(key, "SKU_FILES"))
		return ks_buf_span(&sku->files);
	return i < NR_KEYS ? value_of(sku, i) : (struct ks_span){ 0 };
}

void kc_sku_print(const struct kc_sku *sku, struct ks_buf *out)
{
	struct ks_span value;
	size_t i;

	for (i = 0; i < NR_KEYS; i++) {
		value = value_of(sku, i);
		if (!value.bytes || (keys[i].flags & DERIVED))
			continue;
		ks_put_str(out, keys[i].name);
		ks_put_str(out, "=");
		ks_put(out, value);
		ks_put_str(out, "\n");
	}
	ks_put_str(out, "SKU_FILES=");
	ks_put(out, ks_buf_span(&sku->files));
	ks_put_str(out, "\n");
}

/* Return: DIR/NAME.SUFFIX below @configs is there; a path that cannot be had is not. */
static bool is_there(const char *configs, const char *dir, struct ks_span name, const char *suffix)
{
	__cleanup(ks_free_str) char *path = NULL;

	if (asprintf(&path, "%s/%s/%.*s.%s", configs, dir, KS_FMT(name), suffix) < 0) {
		path = NULL;
		return false;
	}
	return !access(path, F_OK);
}

/* Is each word of @key a file? @fault: of one that is not */
static int check_words(const struct kc_sku *sku, const char *configs, const char *key, const char *dir,
		       const char *suffix, const char *fault, struct ks_diag *diag)
{
	size_t k = find_key(ks_span_str(key));
	const struct kc_sku_file *file = file_of(sku, k);
	struct ks_span rest = value_of(sku, k), word;

	while (ks_span_word(&rest, &word))
		if (!is_name(word) || !is_there(configs, dir, word, suffix))
			return fail_word(diag, file->path, file->line[k], fault, word);
	return 0;
}

int kc_sku_check(const struct kc_sku *sku, const char *configs, struct ks_diag *diag)
{
	size_t i;
	int rc;

	for (i = 0; i < NR_KEYS; i++)
		if ((keys[i].flags & REQUIRED) && !value_of(sku, i).bytes)
			return fail_word(diag, sku->file[0].path, 1, "lacks the key", ks_span_str(keys[i].name));
	for (i = 0; i < sku->nr_fragments; i++)
		if (!is_there(configs, "fragments", sku->fragment[i].word, "config"))
			return fail_word(diag, sku->fragment[i].path, sku->fragment[i].line,
					 "names a fragment that is not in fragments/", sku->fragment[i].word);
	rc = check_words(sku, configs, "NEEDS", "needs", "need", "names a need that is not in needs/", diag);
	return rc ? rc : check_words(sku, configs, "POLICY", "policy", "policy", "names a policy that is not in policy/", diag);
}
