// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever sends a change of a profile that `kseal uki build --profile` reads.
 * Its lines become a boot menu's entry and a command line.
 *
 * Valid input: lines of KEY=VALUE; the text is also the file "42", which it may name itself. A text
 * with a slash is left out, as it would have us open files of this machine.
 *
 * Laws: what is taken has one ID of the letters that are allowed and at most one TITLE; what becomes
 * .profile is a profile with the same .profile; a file that it names is there whole.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "ops/uki_profile.h"

/* The loader wants a file: the only one in a directory of its own. */
static char dir[] = "/tmp/kseal-fuzz-XXXXXX", path[sizeof(dir) + 3];

static void remove_file(void)
{
	unlink(path);
	rmdir(dir);
}

static int load(struct ks_span text, struct ks_uki_profile_file *ret_file)
{
	static int fd = -1;

	if (fd < 0) {
		KS_LAW(mkdtemp(dir));
		snprintf(path, sizeof(path), "%s/42", dir);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		KS_LAW(fd >= 0 && !atexit(remove_file));
	}
	KS_LAW(!ftruncate(fd, 0) && pwrite(fd, text.p, text.bytes, 0) == (ssize_t)text.bytes);
	return ks_uki_profile_load(path, ret_file, NULL);
}

static bool starts(struct ks_span line, const char *text)
{
	return line.bytes >= strlen(text) && !memcmp(line.p, text, strlen(text));
}

static void check_text(struct ks_span text)
{
	size_t nr_ids = 0, nr_titles = 0, i;
	struct ks_span line, id = ks_uki_profile_value(text, "ID");

	KS_LAW(id.bytes && !memchr(text.p, 0, text.bytes) && text.p[text.bytes - 1] == '\n');
	for (i = 0; i < id.bytes; i++)
		KS_LAW(id.p[i] > ' ' && id.p[i] < 0x7f && !strchr("/\"'=:@", id.p[i]));
	while (ks_span_line(&text, &line)) {
		KS_LAW(starts(line, "ID=") || starts(line, "TITLE="));
		nr_ids += starts(line, "ID=");
		nr_titles += starts(line, "TITLE=");
	}
	KS_LAW(nr_ids == 1 && nr_titles <= 1);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_uki_profile_done) struct ks_uki_profile_file file = { 0 }, again = { 0 };
	struct ks_span text = { data, size };
	struct ks_uki_profile view;

	if (size && memchr(data, '/', size))
		return 0;
	if (load(text, &file)) {
		KS_LAW(!file.part[KS_UKI_PROFILE].bytes && !file.part[KS_UKI_CMDLINE].bytes && !file.part[KS_UKI_INITRD].bytes);
		return 0;
	}
	view = ks_uki_profile_view(&file);
	check_text(view.part[KS_UKI_PROFILE]);
	KS_LAW(ks_span_eq(view.part[KS_UKI_CMDLINE], ks_span_trim(view.part[KS_UKI_CMDLINE])));
	KS_LAW(!view.part[KS_UKI_CMDLINE].bytes || !memchr(view.part[KS_UKI_CMDLINE].p, 0, view.part[KS_UKI_CMDLINE].bytes));
	/* There is no other file, and only an initrd may be had several times. */
	KS_LAW(!view.part[KS_UKI_DTB].bytes || ks_span_eq(view.part[KS_UKI_DTB], text));
	KS_LAW(!view.part[KS_UKI_INITRD].bytes || view.part[KS_UKI_INITRD].bytes % 4 == size % 4);
	KS_LAW(!load(view.part[KS_UKI_PROFILE], &again));
	KS_LAW(ks_span_eq(ks_buf_span(&again.part[KS_UKI_PROFILE]), view.part[KS_UKI_PROFILE]));
	KS_LAW(!again.part[KS_UKI_CMDLINE].bytes && !again.part[KS_UKI_INITRD].bytes && !again.part[KS_UKI_DTB].bytes);
	return 0;
}
