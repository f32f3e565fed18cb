// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever sends a change of the queue's own files (series, base.lock,
 * resolutions), and whoever sends a mailbox for kq import. The same bytes go to each reader.
 *
 * Laws: a series that parses names plain files, none twice, and its entries written out again parse
 * to the same entries; a base.lock that loads and is written out loads to the same; a resolution
 * that is found is the one that is written; the regions of a marked file lie in it in order, and
 * a file with markers does not count as resolved; the mails of a mailbox are all of its bytes, in order, but
 * for empty lines between two; a diff that was written anew is written the same again, and is a patch;
 * of a thread each mail is in the series once, or left out with a reason.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "mail/diff.h"
#include "mail/mailbox.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/thread.h"
#include "queue/lock.h"
#include "queue/patch.h"
#include "queue/series.h"
#include "stack/regions.h"
#include "stack/resolution.h"
#include "text/text.h"

#define MAX_LETTERS 16U

static const struct kq_question question = {
	.path = { (const u8 *)"a.c", 3 },
	.side = {
		{ true, { (const u8 *)"new\n", 4 } },
		{ true, { (const u8 *)"old\n", 4 } },
		{ true, { (const u8 *)"ours", 4 } },
	},
};

static void put_condition(struct ks_buf *out, const char *key, struct ks_span list)
{
	if (!list.bytes)
		return;
	ks_put_str(out, key);
	ks_put(out, list);
}

static void check_series(struct ks_span text)
{
	__cleanup(kq_series_done) struct kq_series series = { 0 }, again = { 0 };
	__cleanup(ks_buf_done) struct ks_buf copy = { 0 }, rows = { 0 };
	struct kq_error error = { 0 };
	size_t i, k;

	ks_put(&copy, text);
	if (kq_series_parse(&copy, "series", &series, &error))
		return;
	for (i = 0; i < series.nr; i++) {
		const struct kq_entry *entry = &series.entry[i];

		KS_LAW(entry->name[0] && entry->name[0] != '.' && !strchr(entry->name, '/'));
		for (k = 0; k < i; k++)
			KS_LAW(strcmp(entry->name, series.entry[k].name));
		ks_put_str(&rows, entry->name);
		put_condition(&rows, " arch=", entry->arch);
		put_condition(&rows, "\tsku=", entry->sku);
		ks_put_str(&rows, "\n");
	}
	KS_LAW(!kq_series_parse(&rows, "rows", &again, &error) && again.nr == series.nr);
	for (i = 0; i < series.nr; i++)
		KS_LAW(!strcmp(again.entry[i].name, series.entry[i].name) &&
		       ks_span_eq(again.entry[i].sku, series.entry[i].sku) &&
		       ks_span_eq(again.entry[i].arch, series.entry[i].arch));
}

static char dir[] = "/tmp/kq-fuzz-queue.XXXXXX";
static char lock_path[64];
static char resolution_path[128];

static void remove_dir(void)
{
	unlink(lock_path);
	unlink(resolution_path);
	rmdir(dir);
}

/* Two of the readers want files, which take time: only for what gets past their first look. */
static void make_dir(void)
{
	struct kq_error error = { 0 };
	struct kq_hex id;

	if (lock_path[0])
		return;
	KS_LAW(mkdtemp(dir));
	snprintf(lock_path, sizeof(lock_path), "%s/" KQ_LOCK_NAME, dir);
	KS_LAW(!kq_question_id(&question, &id, &error));
	snprintf(resolution_path, sizeof(resolution_path), "%s/%s", dir, id.text);
	KS_LAW(!atexit(remove_dir));
}

static void put_file(const char *path, struct ks_span text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	KS_LAW(fd >= 0 && write(fd, text.p, text.bytes) == (ssize_t)text.bytes && !close(fd));
}

static void check_lock(struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf rows = { 0 };
	struct kq_lock lock = { 0 }, again = { 0 };
	struct kq_error error = { 0 };
	bool found = false;

	if (!text.bytes || !memmem(text.p, text.bytes, "release", 7))
		return;
	put_file(lock_path, text);
	if (kq_lock_load(dir, &lock, &found, &error)) {
		KS_LAW(error.err == -EBADMSG || error.err == -E2BIG);
		return;
	}
	KS_LAW(found && lock.release[0] && !strchr(lock.release, '/'));
	kq_lock_format(&rows, &lock);
	put_file(lock_path, ks_buf_span(&rows));
	KS_LAW(!kq_lock_load(dir, &again, &found, &error) && !memcmp(&lock, &again, sizeof(lock)));
}

static void check_resolution(struct ks_span text)
{
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 }, again = { 0 };
	struct kq_error error = { 0 };
	struct kq_side side;
	bool found = false;

	if (!kq_starts(text, "kq-resolution "))
		return;
	put_file(resolution_path, text);
	if (kq_resolution_find(dir, &question, &answer, &found, &error)) {
		KS_LAW(error.err == -EBADMSG || error.err == -E2BIG);
		return;
	}
	side = (struct kq_side){ answer.exists, ks_buf_span(&answer.content) };
	KS_LAW(found && (side.exists || !side.content.bytes));
	KS_LAW(!kq_resolution_write(dir, &question, &side, "Patch: a\n", &error));
	KS_LAW(!kq_resolution_find(dir, &question, &again, &found, &error) && found);
	KS_LAW(again.exists == side.exists &&
	       ks_span_eq(ks_buf_span(&again.content), side.content));
}

static void check_regions(struct ks_span text)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct ks_span result[16] = { 0 };
	struct kq_error error = { 0 };
	u64 end = 0;
	size_t i;

	if (kq_regions_parse(text, &regions, &error) || !regions.nr)
		return;
	for (i = 0; i < regions.nr; i++) {
		const struct kq_region *region = &regions.region[i];
		const struct ks_span part[] = { region->before, region->ours, region->base,
						region->theirs };
		size_t k;

		for (k = 0; k < KS_ARRAY_SIZE(part); k++) {
			KS_LAW(ks_fuzz_inside(text, part[k]));
			if (!part[k].bytes)
				continue;
			KS_LAW(ks_fuzz_off(text, part[k]) >= end);
			end = ks_fuzz_off(text, part[k]) + part[k].bytes;
		}
	}
	KS_LAW(ks_fuzz_inside(text, regions.after));
	KS_LAW(kq_markers_left(text, NULL, 0));
	if (regions.nr <= KS_ARRAY_SIZE(result) && kq_regions_results(&regions, text, result))
		for (i = 0; i < regions.nr; i++)
			KS_LAW(ks_fuzz_inside(text, result[i]));
}

/* What was written once is written the same again: all that people do to diffs is gone from it. */
static void check_diff(struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 }, diff = { 0 }, again = { 0 };
	__cleanup(ks_buf_done) struct ks_buf no_notes = { 0 }, patch_text = { 0 };
	__cleanup(kq_message_done) struct kq_message message = { 0 };
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	struct kq_error error = { 0 };
	bool ended;

	if (kq_put_diff(text, "diff", &notes, &diff, &ended, &error) || !diff.bytes ||
	    kq_message_split(text, &message, &error) ||
	    kq_message_patch(&message, "diff", &patch_text, &error))
		return;
	KS_LAW(!kq_patch_parse(ks_buf_span(&patch_text), "patch", &patch, &error));
	KS_LAW(!kq_put_diff(ks_buf_span(&diff), "diff", &no_notes, &again, &ended, &error));
	KS_LAW(!no_notes.bytes && ks_span_eq(ks_buf_span(&diff), ks_buf_span(&again)));
}

/* As many as there are, each at most once. */
static void check_thread(struct kq_letter *letter, size_t nr)
{
	size_t order[MAX_LETTERS], nr_order = 0, i;
	bool seen[MAX_LETTERS] = { false };
	struct kq_error error = { 0 };

	if (kq_thread_sort(letter, nr, order, &nr_order, &error)) {
		KS_LAW(error.err == KQ_REFUSED || error.err == -E2BIG);
		return;
	}
	for (i = 0; i < nr_order; i++) {
		KS_LAW(order[i] < nr && !seen[order[i]] && !letter[order[i]].skip[0]);
		seen[order[i]] = true;
	}
	for (i = 0; i < nr; i++)
		KS_LAW(seen[i] || letter[i].skip[0]);
}

/* Return: false for a mail that is refused. */
static bool check_mail(struct ks_span mail, struct kq_mime *mime, struct kq_letter *letter)
{
	struct kq_error error = { 0 };

	if (kq_mime_read(mail, "mail", mime, &error)) {
		KS_LAW(error.err == -EOPNOTSUPP || error.err == -E2BIG || error.err == -EBADMSG);
		return false;
	}
	KS_LAW(memmem(mime->plain.p, mime->plain.bytes, "\n\n", 2));
	check_diff(ks_buf_span(&mime->plain));
	*letter = (struct kq_letter){
		.label = "mail", .subject = ks_buf_span(&mime->subject),
		.id = ks_buf_span(&mime->id), .references = ks_buf_span(&mime->references),
		.has_diff = mime->has_diff,
	};
	return true;
}

static void check_mailbox(struct ks_span text)
{
	struct kq_letter letter[MAX_LETTERS] = { 0 };
	struct kq_mime mime[MAX_LETTERS] = { 0 };
	struct ks_span rest = text, mail;
	u64 end = 0;
	size_t nr = 0, i;

	while (kq_mailbox_next(&rest, &mail)) {
		u64 off = ks_fuzz_off(text, mail);

		KS_LAW(mail.bytes && ks_fuzz_inside(text, mail));
		KS_LAW(off == end || (off == end + 1 && text.p[end] == '\n'));
		end = off + mail.bytes;
		if (nr < MAX_LETTERS && check_mail(mail, &mime[nr], &letter[nr]))
			nr++;
	}
	KS_LAW(end == text.bytes);
	if (nr)
		check_thread(letter, nr);
	for (i = 0; i < nr; i++)
		kq_mime_done(&mime[i]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_span text = { data, size };

	make_dir();
	check_series(text);
	check_lock(text);
	check_resolution(text);
	check_regions(text);
	check_mailbox(text);
	return 0;
}
