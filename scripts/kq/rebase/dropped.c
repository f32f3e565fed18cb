// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/dropped.h"

#include <stdio.h>

#include "base/file.h"
#include "queue/dropped.h"

/* Hunks that the evidence names one by one. */
#define MAX_NAMED 8U

static void put_hunks(const struct kq_file_verdict *file, size_t *nr, struct ks_buf *out)
{
	char line[256];
	size_t i;

	for (i = 0; i < file->nr_hunks; i++, (*nr)++) {
		const struct kq_hunk_verdict *hunk = &file->hunk[i];

		if (*nr >= MAX_NAMED)
			continue;
		snprintf(line, sizeof(line), "%.*s:%zu %s", KQ_FMT(file->path), hunk->onto_idx + 1,
			 hunk->evidence ? hunk->evidence : "has it");
		if (out->bytes)
			ks_put_str(out, "; ");
		ks_put_str(out, line);
	}
}

static void put_given_up(const struct kq_file_verdict *file, struct ks_buf *out)
{
	ks_put(out, file->renamed ? ks_span_str(file->renamed) : file->path);
	ks_put_str(out, " stays as the new base has it, by a resolution");
	ks_put_str(out, file->reason.bytes ? ": " : "");
	ks_put(out, ks_buf_span(&file->reason));
}

void kq_evidence(const struct kq_step *step, struct ks_buf *out)
{
	const struct kq_verdict *verdict = &step->verdict;
	size_t i, nr = 0;
	char more[64];

	if (step->reason.bytes) {
		ks_put(out, ks_buf_span(&step->reason));
		return;
	}
	for (i = 0; i < verdict->nr_files; i++) {
		const struct kq_file_verdict *file = &verdict->file[i];

		if (file->outcome == KQ_GIVEN_UP) {
			ks_put_str(out, out->bytes ? "; " : "");
			put_given_up(file, out);
			continue;
		}
		put_hunks(file, &nr, out);
		if (file->nr_hunks || nr >= MAX_NAMED)
			continue;
		if (out->bytes)
			ks_put_str(out, "; ");
		ks_put(out, file->path);
		ks_put_str(out, file->change == KQ_DELETE ? " is gone" : " is the same");
	}
	if (nr > MAX_NAMED) {
		snprintf(more, sizeof(more), "; and %zu more", nr - MAX_NAMED);
		ks_put_str(out, more);
	}
}

static void put_row(const struct kq_plan *plan, const struct kq_step *step,
		    const struct kq_base base[2], struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf evidence = { 0 };
	struct kq_leaver leaver = {
		.name = step->entry->name, .sha256 = step->loaded->sha256.text,
		.patch = &step->loaded->patch, .base = { base[0].label, base[1].label },
		.upstream = step->fate != KQ_FATE_ACCEPTED, .time = plan->time,
	};

	kq_evidence(step, &evidence);
	leaver.evidence = ks_buf_span(&evidence);
	kq_dropped_put(&leaver, out);
}

int kq_dropped_write(const struct kq_plan *plan, const struct kq_run *run,
		     const struct kq_base base[2], const char *dir, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf log = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct ks_span all;
	size_t i;
	int rc = kq_path(&path, error, "%s/" KQ_DROPPED_NAME, dir);

	if (rc || (!run->nr_fates[KQ_FATE_UPSTREAM] && !run->nr_fates[KQ_FATE_ACCEPTED]))
		return rc;
	rc = kq_dropped_load(dir, &log, error);
	if (rc)
		return rc;
	for (i = 0; i < run->stack.series.nr; i++)
		if (run->step[i].fate == KQ_FATE_UPSTREAM || run->step[i].fate == KQ_FATE_ACCEPTED)
			put_row(plan, &run->step[i], base, &log);
	if (ks_buf_ok(&log, &diag))
		return kq_fail_diag(error, &diag);
	all = ks_buf_span(&log);
	return ks_file_publish(path.s, &all, 1, 0644, &diag) ? kq_fail_diag(error, &diag) : 0;
}
