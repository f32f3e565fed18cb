// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/decompress.h"
#include "ops/module_work.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A free module with its buffers, so that a thread does not allocate for each file. */
struct slot {
	struct ks_module module;
	struct slot *next;
};

/* What the threads share; each writes to the result of its own file. */
struct run {
	const struct ks_module_work *work;
	struct ks_module_result *result;
	struct ks_diag *diags;
	struct ks_commits *commits;
	pthread_mutex_t *lock;
	struct slot **free_slots;
};

/* One file's way through. */
struct item {
	const struct run *run;
	const struct ks_module_work *work;
	struct ks_module *m;
	struct ks_module_result *result;
	const char *path;
};

static struct slot *take_slot(const struct run *run)
{
	struct slot *slot;

	pthread_mutex_lock(run->lock);
	slot = *run->free_slots;
	if (slot)
		*run->free_slots = slot->next;
	pthread_mutex_unlock(run->lock);
	return slot ? slot : calloc(1, sizeof(*slot));
}

static void give_slot(const struct run *run, struct slot *slot)
{
	ks_module_close(&slot->module);
	pthread_mutex_lock(run->lock);
	slot->next = *run->free_slots;
	*run->free_slots = slot;
	pthread_mutex_unlock(run->lock);
}

static int note_info(const struct item *it, struct ks_span cms, struct ks_diag *diag)
{
	struct ks_module_result *r = it->result;

	r->signed_bytes = it->m->view.content.bytes;
	r->cms_bytes = cms.bytes;
	if (!it->work->details || !cms.bytes)
		return 0;
	return ks_cms_module_info(cms, &r->info, diag);
}

/* The signature of the content, checked against the certificate before anybody sees it. */
static int make_cms(const struct ks_signer *signer, struct ks_span content, struct ks_buf *ret_cms,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
	struct ks_digest digest;
	int rc = ks_digest_spans(signer->md, &content, 1, &digest, diag);

	if (!rc)
		rc = ks_signer_sign(signer, ks_digest_span(&digest), &sig, diag);
	/* What comes from elsewhere ks_signer_sign() has checked. */
	if (!rc && !ks_key_is_remote(&signer->key))
		rc = ks_signer_check(signer, ks_digest_span(&digest), ks_buf_span(&sig), diag);
	return rc ? rc : ks_cms_module_build(signer, ks_buf_span(&sig), ret_cms, diag);
}

static int change_in_place(const struct item *it, struct ks_span tail, struct ks_diag *diag)
{
	struct ks_span file = ks_buf_span(&it->m->file), content = it->m->view.content, old_tail;
	struct ks_module_file *after = &it->result->after;
	int rc;

	if (!ks_span_sub(file, content.bytes, file.bytes - content.bytes, &old_tail))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "signature past the end");
	rc = ks_target_patch_tail(&it->m->target, content.bytes, tail, old_tail, diag);
	after->bytes = content.bytes + tail.bytes;
	if (!rc && it->work->details)
		rc = ks_sha256_spans((struct ks_span[]){ content, tail }, 2, &after->sha256, diag);
	return rc;
}

/* Put the content with @tail where it belongs. */
static int change(const struct item *it, struct ks_span tail, enum ks_compression kind,
		  struct ks_diag *diag)
{
	struct ks_aside aside = KS_ASIDE_NONE;
	int rc;

	if (it->work->in_place)
		return change_in_place(it, tail, diag);
	rc = ks_module_write(it->m, tail, kind, it->work->details, &it->result->after, &aside, diag);
	if (rc)
		return rc;
	if (aside.new_name) {
		it->result->new_name = strdup(aside.new_name);
		if (!it->result->new_name) {
			ks_aside_done(&aside);
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		}
	}
	ks_commits_add(it->run->commits, &aside, diag);
	return 0;
}

static enum ks_compression wanted_kind(const struct item *it)
{
	return it->work->compress == KS_COMPRESS_KEEP ? it->m->kind :
							(enum ks_compression)it->work->compress;
}

/*
 * The signature stays; only the compression may change. It does also where the kernel itself could
 * not unpack what is there.
 */
static int keep(const struct item *it, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf tail = { 0 };
	enum ks_compression kind = wanted_kind(it);
	int rc = note_info(it, it->m->view.cms, diag);

	if (rc)
		return rc;
	it->result->action = KS_MODULE_KEPT;
	it->result->after = it->result->before;
	if (kind == it->m->kind && !ks_kernel_unpacks(kind, ks_buf_span(&it->m->file), NULL))
		return 0;
	ks_modsig_build(it->m->view.cms, &tail);
	rc = ks_buf_ok(&tail, diag);
	return rc ? rc : change(it, ks_buf_span(&tail), kind, diag);
}

static int sign(const struct item *it, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 }, tail = { 0 };
	enum ks_compression kind = wanted_kind(it);
	bool was_signed = it->m->view.cms.bytes != 0;
	int rc;

	if (it->work->in_place && it->m->kind != KS_COMPRESS_NONE)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "a compressed module cannot be signed in place, leave --in-place out");
	rc = ks_module_signable(it->m, it->work->mode, diag);
	if (rc == KS_MODULE_KEEP)
		return keep(it, diag);
	if (!rc)
		rc = make_cms(it->work->signer, it->m->view.content, &cms, diag);
	if (!rc)
		rc = note_info(it, ks_buf_span(&cms), diag);
	if (rc)
		return rc;
	ks_modsig_build(ks_buf_span(&cms), &tail);
	it->result->action = was_signed ? KS_MODULE_REPLACED : KS_MODULE_SIGNED;
	rc = ks_buf_ok(&tail, diag);
	return rc ? rc : change(it, ks_buf_span(&tail), kind, diag);
}

/* All of them, should there be several. */
static int strip(const struct item *it, struct ks_diag *diag)
{
	struct ks_modsig_view *view = &it->m->view, inner;
	int rc;

	if (!view->cms.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "module is not signed");
	while (!(rc = ks_modsig_parse(view->content, &inner, NULL)))
		*view = inner;
	if (rc != -ENODATA)
		return ks_fail(diag, -EBADMSG, view->content.bytes,
			       "module has a broken signature under the last one, make it anew");
	it->result->action = KS_MODULE_STRIPPED;
	return change(it, (struct ks_span){ 0 }, it->m->kind, diag);
}

static int show(const struct item *it, struct ks_diag *diag)
{
	int rc;

	if (!it->m->view.cms.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "module is not signed");
	rc = note_info(it, it->m->view.cms, diag);
	it->result->action = KS_MODULE_SHOWN;
	it->result->after = it->result->before;
	return rc;
}

static int one_item(const struct item *it, struct ks_diag *diag)
{
	struct ks_module_file *before = &it->result->before;
	struct ks_span file;
	enum ks_target_use use = it->work->what == KS_MODULE_SHOWN ? KS_TARGET_READ :
				 it->work->in_place ? KS_TARGET_IN_PLACE : KS_TARGET_REPLACE;
	int rc = ks_module_open(it->m, it->path, use, diag);

	if (rc)
		return rc;
	file = ks_buf_span(&it->m->file);
	before->bytes = file.bytes;
	if (it->work->details)
		rc = ks_sha256(file, &before->sha256, diag);
	if (rc)
		return rc;
	switch (it->work->what) {
	case KS_MODULE_SIGNED:
		return sign(it, diag);
	case KS_MODULE_STRIPPED:
		return strip(it, diag);
	case KS_MODULE_SHOWN:
		return show(it, diag);
	default:
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such work");
	}
}

static int one_file(const void *context, const char *path, struct ks_diag *diag)
{
	const struct run *run = context;
	struct slot *slot = take_slot(run);
	/* Every file has a diag of its own, in the order of the files. */
	struct item it = { run, run->work, NULL, &run->result[diag - run->diags], path };
	int rc;

	if (!slot)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	it.m = &slot->module;
	rc = one_item(&it, diag);
	give_slot(run, slot);
	/* Once the file is handed over, @diag belongs to the thread that publishes it. */
	if (rc)
		ks_diag_in(diag, path);
	return rc;
}

void ks_module_results_done(struct ks_module_result *result, size_t nr_results)
{
	size_t i;

	for (i = 0; i < nr_results; i++) {
		free(result[i].new_name);
		result[i].new_name = NULL;
	}
}

static void free_slots(struct slot *slot)
{
	while (slot) {
		struct slot *next = slot->next;

		ks_module_done(&slot->module);
		free(slot);
		slot = next;
	}
}

int ks_module_work_run(const struct ks_module_work *work, struct ks_paths *paths,
		       unsigned int nr_jobs, void (*progress)(size_t nr_done, size_t nr_paths),
		       struct ks_module_result *ret_result, struct ks_diag *ret_diag,
		       struct ks_diag *diag)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct slot *slots = NULL;
	struct run run = { .work = work, .result = ret_result, .diags = ret_diag, .lock = &lock,
			   .free_slots = &slots };
	struct ks_batch batch = { .paths = paths, .nr_jobs = nr_jobs, .job = one_file,
				  .context = &run, .progress = progress, .ret_diag = ret_diag };
	size_t i;
	int rc = 0;

	if (work->in_place)
		ks_paths_unique_inodes(paths);
	if (!work->in_place && work->what != KS_MODULE_SHOWN)
		rc = ks_commits_open(nr_jobs, &run.commits, diag);
	if (rc)
		return rc;
	ks_batch_run(&batch);
	ks_commits_close(run.commits);
	free_slots(slots);
	for (i = 0; i < paths->nr_paths; i++)
		if (ret_diag[i].err)
			ret_result[i].action = KS_MODULE_NOTHING;
	return 0;
}
