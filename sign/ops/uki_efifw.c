// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_efifw.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"

#define EFIFW_MAGIC 0xfeeddeadU
#define EFIFW_HEADER_BYTES 16U

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The one file of a directory, behind its name. */
static int find_only_file(const char *path, char **ret_path, struct ks_diag *diag)
{
	__cleanup(close_dir) DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t nr = 0;

	while (dir && nr < 2 && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		free(*ret_path);
		*ret_path = NULL;
		if (asprintf(ret_path, "%s/%s", path, entry->d_name) < 0) {
			*ret_path = NULL;
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		}
		nr++;
	}
	return nr == 1 ? 0 :
			 ks_fail(diag, -EBADMSG, KS_NO_OFF,
				 "not a directory with one firmware image in it, whose name is the image's ID");
}

/* "fw/dell-1/": "dell-1" */
static struct ks_span last_part(const char *path)
{
	struct ks_span s = ks_span_str(path), part = { 0 };
	size_t start;

	while (s.bytes > 1 && s.p[s.bytes - 1] == '/')
		s.bytes--;
	for (start = s.bytes; start && s.p[start - 1] != '/'; start--)
		;
	(void)!ks_span_sub(s, start, s.bytes - start, &part);
	return part;
}

int ks_uki_efifw_load(const char *path, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf image = { 0 };
	__cleanup(ks_free_str) char *file = NULL;
	struct ks_span id = last_part(path);
	int rc = find_only_file(path, &file, diag);

	ks_diag_in(diag, path);
	if (rc)
		return rc;
	rc = ks_file_load(file, KS_MAX_IMAGE_BYTES, &image, diag);
	if (!rc && !image.bytes)
		rc = ks_fail(diag, -EBADMSG, 0, "file is empty");
	ks_diag_in(diag, file);
	if (rc)
		return rc;
	ks_put_le32(out, EFIFW_MAGIC);
	ks_put_le32(out, EFIFW_HEADER_BYTES);
	ks_put_le32(out, (u32)id.bytes + 1);
	ks_put_le32(out, (u32)image.bytes);
	ks_put(out, id);
	ks_put_u8(out, 0);
	ks_put(out, ks_buf_span(&image));
	return ks_buf_ok(out, diag);
}

int ks_uki_efifw_check(struct ks_span efifw, struct ks_diag *diag)
{
	u32 magic, header_bytes, id_bytes, image_bytes;
	struct ks_cursor c;
	struct ks_span id;
	int rc;

	ks_cursor_init(&c, efifw, 0);
	magic = ks_get_le32(&c);
	header_bytes = ks_get_le32(&c);
	id_bytes = ks_get_le32(&c);
	image_bytes = ks_get_le32(&c);
	id = ks_get_bytes(&c, id_bytes);
	ks_cursor_skip(&c, image_bytes);
	rc = ks_cursor_end(&c, ".efifw is not as long as its header says", diag);
	if (rc)
		return rc;
	if (magic != EFIFW_MAGIC || header_bytes != EFIFW_HEADER_BYTES || !id.bytes || id.p[id.bytes - 1] ||
	    !image_bytes)
		return ks_fail(diag, -EBADMSG, 0, ".efifw does not start with its header and an ID");
	return 0;
}
