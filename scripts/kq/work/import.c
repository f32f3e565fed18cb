// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/import.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "queue/subject.h"
#include "stack/bases.h"
#include "text/text.h"
#include "work/fit.h"
#include "work/incoming.h"

/* Four digits; common patches have the first thousand. */
#define FIRST_WITH_CONDITION 1001U
#define LAST_NUMBER 9999U

/*
 * struct place - where the new lines go
 * @first: number of the first new patch
 * @end: the first number that is taken; above LAST_NUMBER if none is
 * @line: after this line of the series; UINT32_MAX for the end
 */
struct place {
	u32 first;
	u32 end;
	u32 line;
};

static u32 number_of(const struct kq_entry *entry)
{
	struct ks_span name = ks_span_str(entry->name);
	u32 number;

	return kq_take_number(&name, &number) ? number : 0;
}

static struct place find_place(const struct kq_series *series, bool has_condition)
{
	struct place place = { 1, LAST_NUMBER + 1, has_condition ? UINT32_MAX : 0 };
	size_t i;

	if (!has_condition && !series->nr)
		place.line = UINT32_MAX;
	for (i = 0; i < series->nr; i++) {
		const struct kq_entry *entry = &series->entry[i];

		if (!has_condition && (entry->sku.bytes || entry->arch.bytes)) {
			place.end = number_of(entry);
			if (!i)
				place.line = entry->line - 1;
			return place;
		}
		place.first = number_of(entry) + 1;
		if (!has_condition)
			place.line = entry->line;
	}
	if (has_condition && place.first < FIRST_WITH_CONDITION)
		place.first = FIRST_WITH_CONDITION;
	return place;
}

static int name_mails(struct kq_incoming *incoming, const struct place *place,
		      struct kq_fault *fault)
{
	size_t i;

	if (incoming->nr > place->end || place->first > place->end - incoming->nr)
		return kq_fail(fault, KQ_REFUSED,
			       "no numbers are free for %zu patches from %04u on before %04u: give the later ones higher numbers first",
			       incoming->nr, place->first, place->end);
	for (i = 0; i < incoming->nr; i++) {
		__cleanup(ks_buf_done) struct ks_buf name = { 0 };

		kq_patch_name(ks_buf_span(&incoming->mail[i].subject), place->first + i,
			      KQ_NAME_CUT, &name);
		ks_put_u8(&name, 0);
		incoming->mail[i].name = name.err ? NULL : strdup((const char *)name.p);
		if (!incoming->mail[i].name)
			return kq_no_memory(fault);
	}
	return 0;
}

static void put_new_lines(const struct kq_import *import, const struct kq_incoming *incoming,
			  struct ks_buf *text)
{
	size_t i;

	for (i = 0; i < incoming->nr; i++) {
		ks_put_str(text, incoming->mail[i].name);
		if (import->sku) {
			ks_put_str(text, " sku=");
			ks_put_str(text, import->sku);
		}
		if (import->arch) {
			ks_put_str(text, " arch=");
			ks_put_str(text, import->arch);
		}
		ks_put_str(text, "\n");
	}
}

/* The old series with the new lines in their place; comments stay where they are. */
static void put_series(const struct kq_import *import, const struct kq_incoming *incoming,
		       struct ks_span old, u32 after, struct ks_buf *text)
{
	struct ks_span line;
	u32 nr = 0;

	if (!after)
		put_new_lines(import, incoming, text);
	while (ks_span_line(&old, &line)) {
		ks_put(text, line);
		ks_put_str(text, "\n");
		if (++nr == after)
			put_new_lines(import, incoming, text);
	}
	if (after == UINT32_MAX)
		put_new_lines(import, incoming, text);
}

/* The queue as it would be; the mails' texts stay with the mails. */
static int fill_stack(const struct kq_import *import, const struct kq_incoming *incoming,
		      struct kq_stack *stack, struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	stack->patch = calloc(stack->series.nr, sizeof(*stack->patch));
	if (!stack->patch)
		return kq_no_memory(fault);
	for (i = 0; i < stack->series.nr && !rc; i++) {
		const char *name = stack->series.entry[i].name;
		const struct kq_mail *mail = kq_incoming_named(incoming, name);
		struct ks_buf text = { 0 };

		if (!mail) {
			rc = kq_load_patch(import->queue, name, name, &stack->patch[i], fault);
			continue;
		}
		ks_put(&text, ks_buf_span(&mail->text));
		rc = kq_stack_set(stack, i, &text, mail->label, fault);
	}
	return rc;
}

static int queue_path(const struct kq_import *import, const char *name, char path[PATH_MAX],
		      struct kq_fault *fault)
{
	if (snprintf(path, PATH_MAX, "%s/%s", import->queue, name) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", name);
	return 0;
}

static int check_free(const struct kq_import *import, const struct kq_incoming *incoming,
		      struct kq_fault *fault)
{
	char path[PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; i < incoming->nr && !rc; i++) {
		rc = queue_path(import, incoming->mail[i].name, path, fault);
		if (!rc && !access(path, F_OK))
			rc = kq_fail(fault, KQ_REFUSED,
				     "%s: is there already, but not in the series: remove it, or was an import cut off?",
				     path);
	}
	return rc;
}

static int write_file(const struct kq_import *import, const char *name, struct ks_span content,
		      struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	char path[PATH_MAX];
	int rc = queue_path(import, name, path, fault);

	if (!rc && ks_file_publish(path, &content, 1, 0666, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

/* The series last: until then the queue is the old one. */
static int write_all(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct ks_span series, struct kq_fault *fault)
{
	char path[PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; i < incoming->nr && !rc; i++)
		rc = write_file(import, incoming->mail[i].name,
				ks_buf_span(&incoming->mail[i].text), fault);
	if (!rc)
		rc = write_file(import, "series", series, fault);
	if (!rc)
		return 0;
	while (i-- > 0)
		if (!queue_path(import, incoming->mail[i].name, path, fault))
			unlink(path);
	return rc;
}

static int load_series(const char *path, struct ks_buf *old, struct kq_series *ret_series,
		       struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf copy = { 0 };
	struct ks_diag diag = { 0 };

	if (ks_file_load(path, KS_MAX_TEXT_BYTES, old, &diag))
		return kq_fail_diag(fault, &diag);
	ks_put(&copy, ks_buf_span(old));
	if (ks_buf_ok(&copy, &diag))
		return kq_fail_diag(fault, &diag);
	return kq_series_parse(&copy, path, ret_series, fault);
}

/* Names, the new series and the queue that it would be. */
static int plan(const struct kq_import *import, struct kq_incoming *incoming,
		struct ks_buf *new_series, struct kq_stack *stack, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf old = { 0 }, copy = { 0 };
	__cleanup(kq_series_done) struct kq_series before = { 0 };
	struct ks_diag diag = { 0 };
	char path[PATH_MAX];
	struct place place;
	int rc = kq_series_is_there(import->queue, fault);

	if (!rc)
		rc = queue_path(import, "series", path, fault);
	if (!rc)
		rc = load_series(path, &old, &before, fault);
	if (rc)
		return rc;
	place = find_place(&before, import->sku || import->arch);
	rc = name_mails(incoming, &place, fault);
	if (rc)
		return rc;
	put_series(import, incoming, ks_buf_span(&old), place.line, new_series);
	ks_put(&copy, ks_buf_span(new_series));
	if (ks_buf_ok(new_series, &diag) || ks_buf_ok(&copy, &diag))
		return kq_fail_diag(fault, &diag);
	rc = kq_series_parse(&copy, path, &stack->series, fault);
	if (!rc)
		rc = check_free(import, incoming, fault);
	return rc ? rc : fill_stack(import, incoming, stack, fault);
}

int kq_import(const struct kq_import *import, struct ks_buf *ret_names, struct ks_buf *ret_notes,
	      struct kq_fault *fault)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	__cleanup(kq_bases_done) struct kq_bases base = { 0 };
	__cleanup(kq_stack_done) struct kq_stack stack = { 0 };
	__cleanup(ks_buf_done) struct ks_buf series = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_incoming_read(import, &incoming, ret_notes, fault);

	if (!rc)
		rc = plan(import, &incoming, &series, &stack, fault);
	if (!rc)
		rc = kq_bases_open(import->queue, import->base, NULL, &stack, &base, fault);
	if (!rc)
		rc = kq_fit(import, &incoming, &base.release[0]->source, &stack, ret_notes, fault);
	if (!rc)
		rc = kq_stack_check(&stack, &base.release[0]->source, fault);
	if (!rc)
		rc = write_all(import, &incoming, ks_buf_span(&series), fault);
	for (i = 0; i < incoming.nr && !rc; i++) {
		ks_put_str(ret_names, incoming.mail[i].name);
		ks_put_str(ret_names, "\n");
	}
	if (!rc && ks_buf_ok(ret_names, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}
