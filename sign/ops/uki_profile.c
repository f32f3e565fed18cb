// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "kernel/initrd.h"

static int append(struct ks_buf *one, u64 align, struct ks_buf *out, struct ks_diag *diag)
{
	if (!out->bytes) {
		ks_buf_done(out);
		ks_buf_move(out, one);
		return 0;
	}
	ks_put_align(out, align);
	ks_put(out, ks_buf_span(one));
	return ks_buf_ok(out, diag);
}

int ks_uki_append_file(const char *path, u64 max_bytes, u64 align, struct ks_buf *out,
		       struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf one = { 0 };
	int rc = ks_file_load(path, max_bytes, &one, diag);

	/* An empty file is a mistake: without it, its option would have been left out. */
	if (!rc && !one.bytes)
		rc = ks_fail(diag, -EBADMSG, 0, "file is empty");
	ks_diag_in(diag, path);
	return rc ? rc : append(&one, align, out, diag);
}

int ks_uki_append_initrd(const char *path, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf one = { 0 };
	int rc = ks_file_load(path, KS_MAX_IMAGE_BYTES, &one, diag);

	if (!rc)
		rc = ks_kernel_check_initrd(ks_buf_span(&one), diag);
	ks_diag_in(diag, path);
	return rc ? rc : append(&one, 4, out, diag);
}

int ks_uki_map_initrd(const char *path, struct ks_map *ret_map, struct ks_diag *diag)
{
	int rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, ret_map, diag);

	if (!rc)
		rc = ks_kernel_check_initrd(ks_map_span(ret_map), diag);
	ks_diag_in(diag, path);
	return rc;
}

/* Would nothing be left once the stub has cut off blanks and control characters? */
static bool is_blank(struct ks_span cmdline)
{
	size_t i;

	for (i = 0; i < cmdline.bytes; i++)
		if (cmdline.p[i] > 0x20 && cmdline.p[i] != 0x7f)
			return false;
	return true;
}

static int check_blank(struct ks_span cmdline, struct ks_diag *diag)
{
	if (!is_blank(cmdline))
		return 0;
	return ks_fail(diag, -EBADMSG, KS_NO_OFF,
		       "command line is empty, and without one the stub takes the boot loader's even "
		       "under Secure Boot, give one, or --no-cmdline to let it");
}

int ks_uki_load_cmdline(const char *arg, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc = 0;

	if (arg[0] == '@')
		rc = ks_file_load(arg + 1, KS_MAX_TEXT_BYTES, &text, diag);
	else
		ks_put_str(&text, arg);
	if (!rc)
		rc = ks_buf_ok(&text, diag);
	if (!rc)
		rc = check_blank(ks_buf_span(&text), diag);
	ks_diag_in(diag, arg[0] == '@' ? arg + 1 : "--cmdline");
	if (rc)
		return rc;
	ks_put(out, ks_span_trim(ks_buf_span(&text)));
	return ks_buf_ok(out, diag);
}

/* NAME=VALUE; the value is trimmed, its quotes stay. */
static bool split_line(struct ks_span line, struct ks_span *ret_name, struct ks_span *ret_value)
{
	const u8 *equals = line.bytes ? memchr(line.p, '=', line.bytes) : NULL;
	size_t name_bytes = equals ? (size_t)(equals - line.p) : 0;

	if (!name_bytes || !ks_span_sub(line, 0, name_bytes, ret_name) ||
	    !ks_span_sub(line, name_bytes + 1, line.bytes - name_bytes - 1, ret_value))
		return false;
	*ret_value = ks_span_trim(*ret_value);
	return true;
}

static struct ks_span unquote(struct ks_span value)
{
	if (value.bytes >= 2 && (value.p[0] == '"' || value.p[0] == '\'') &&
	    value.p[value.bytes - 1] == value.p[0] &&
	    ks_span_sub(value, 1, value.bytes - 2, &value))
		return value;
	return value;
}

/* The first line of that key, with its quotes. Return: is there one? */
static bool find_value(struct ks_span text, struct ks_span name, struct ks_span *ret_value)
{
	struct ks_span line, key;

	while (ks_span_line(&text, &line))
		if (split_line(ks_span_trim(line), &key, ret_value) && ks_span_eq(key, name))
			return true;
	return false;
}

struct ks_span ks_uki_profile_value(struct ks_span text, const char *name)
{
	struct ks_span value;

	return find_value(text, ks_span_str(name), &value) ? unquote(value) : (struct ks_span){ 0 };
}

static bool is_id(struct ks_span id)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t i;

	for (i = 0; i < id.bytes; i++)
		if (!id.p[i] || !strchr(allowed, id.p[i]))
			return false;
	return id.bytes > 0;
}

/* ID and TITLE as they are written: the stub and the boot menu read os-release's quoting. */
static void put_text(struct ks_buf *text, struct ks_span name, struct ks_span value)
{
	ks_put(text, name);
	ks_put_u8(text, '=');
	ks_put(text, value);
	ks_put_u8(text, '\n');
}

/* "dir/" of @path with @value behind it, or @value alone if it starts with a slash. */
static char *beside(const char *path, struct ks_span value)
{
	const char *slash = strrchr(path, '/');
	int dir_bytes = slash && value.p[0] != '/' ? (int)(slash - path) + 1 : 0;
	char *joined = NULL;

	if (asprintf(&joined, "%.*s%.*s", dir_bytes, path, (int)value.bytes, (const char *)value.p) < 0)
		return NULL;
	return joined;
}

static int load_cmdline(const char *path, struct ks_span value, struct ks_uki_profile_file *file,
			struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *joined = NULL;
	struct ks_span name;
	int rc;

	if (value.p[0] != '@') {
		ks_put(&file->part[KS_UKI_CMDLINE], value);
		return ks_buf_ok(&file->part[KS_UKI_CMDLINE], diag);
	}
	if (!ks_span_sub(value, 1, value.bytes - 1, &name) || !name.bytes)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "CMDLINE=@ names no file");
	joined = beside(path, name);
	if (!joined)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = ks_uki_append_file(joined, KS_MAX_TEXT_BYTES, 1, &file->part[KS_UKI_CMDLINE], diag);
	if (!rc)
		rc = check_blank(ks_buf_span(&file->part[KS_UKI_CMDLINE]), diag);
	ks_diag_in(diag, joined);
	return rc;
}

static int fail_unknown_key(struct ks_diag *diag)
{
	return ks_fail(diag, -EBADMSG, KS_NO_OFF,
		       "unknown key, use ID TITLE CMDLINE INITRD DTB MICROCODE SPLASH OS_RELEASE");
}

/* One of the keys that name a file. */
static int load_file(const char *path, struct ks_span name, struct ks_span value,
		     struct ks_uki_profile_file *file, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *joined = NULL;
	const struct ks_uki_row *row;
	enum ks_uki_id id = 0;

	while (id < KS_UKI_NR && (!ks_uki_table[id].profile_key ||
				  !ks_span_eq(name, ks_span_str(ks_uki_table[id].profile_key))))
		id++;
	if (id == KS_UKI_NR)
		return fail_unknown_key(diag);
	row = &ks_uki_table[id];
	if (id != KS_UKI_INITRD && file->part[id].bytes)
		return ks_fail_detail(diag, -EBADMSG, "key is there twice", row->profile_key);
	joined = beside(path, value);
	if (!joined)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (id == KS_UKI_INITRD)
		return ks_uki_append_initrd(joined, &file->part[id], diag);
	return ks_uki_append_file(joined, row->max_bytes, 1, &file->part[id], diag);
}

static int load_line(const char *path, struct ks_span line, struct ks_uki_profile_file *file,
		     struct ks_diag *diag)
{
	struct ks_span name, value, earlier;
	bool is_text;

	if (!split_line(line, &name, &value) || !value.bytes)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "line of a profile is not KEY=VALUE");
	is_text = ks_span_eq(name, ks_span_str("ID")) || ks_span_eq(name, ks_span_str("TITLE"));
	if (is_text && find_value(ks_buf_span(&file->part[KS_UKI_PROFILE]), name, &earlier))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "ID or TITLE is there twice");
	if (is_text) {
		put_text(&file->part[KS_UKI_PROFILE], name, value);
		return ks_buf_ok(&file->part[KS_UKI_PROFILE], diag);
	}
	if (!ks_span_eq(name, ks_span_str("CMDLINE")))
		return load_file(path, name, value, file, diag);
	if (file->part[KS_UKI_CMDLINE].bytes)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "CMDLINE is there twice");
	return load_cmdline(path, value, file, diag);
}

static int parse_text(const char *path, struct ks_span text, struct ks_uki_profile_file *file,
		 struct ks_diag *diag)
{
	struct ks_span line;
	int rc;

	if (text.bytes && memchr(text.p, 0, text.bytes))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "text has a NUL byte");
	while (ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (!line.bytes || line.p[0] == '#')
			continue;
		rc = load_line(path, line, file, diag);
		if (rc)
			return rc;
	}
	if (!is_id(ks_uki_profile_value(ks_buf_span(&file->part[KS_UKI_PROFILE]), "ID")))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "profile has no ID= of letters, digits, dots, dashes");
	return 0;
}

int ks_uki_profile_load(const char *path, struct ks_uki_profile_file *ret_file,
			struct ks_diag *diag)
{
	__cleanup(ks_uki_profile_done) struct ks_uki_profile_file file = { .path = path };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	if (!rc)
		rc = parse_text(path, ks_buf_span(&text), &file, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	*ret_file = file;
	file = (struct ks_uki_profile_file){ 0 };
	return 0;
}

struct ks_uki_profile ks_uki_profile_view(const struct ks_uki_profile_file *file)
{
	struct ks_uki_profile view = { .path = file->path };
	enum ks_uki_id id;

	for (id = 0; id < KS_UKI_NR; id++)
		view.part[id] = ks_buf_span(&file->part[id]);
	view.part[KS_UKI_CMDLINE] = ks_span_trim(view.part[KS_UKI_CMDLINE]);
	return view;
}

void ks_uki_profile_done(struct ks_uki_profile_file *file)
{
	enum ks_uki_id id;

	for (id = 0; id < KS_UKI_NR; id++)
		ks_buf_done(&file->part[id]);
}
