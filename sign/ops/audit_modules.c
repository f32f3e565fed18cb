// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

const char *ks_module_state_name(enum ks_module_state state)
{
	static const char *const names[KS_NR_MODULE_STATES] = {
		[KS_MODULE_LOADS] = "loads", [KS_MODULE_UNSIGNED] = "unsigned", [KS_MODULE_FOREIGN] = "foreign",
		[KS_MODULE_STALE] = "stale", [KS_MODULE_REFUSED] = "refused",	[KS_MODULE_UNJUDGED] = "unjudged",
	};

	return names[state];
}

void ks_audit_modules_done(struct ks_audit_modules *modules)
{
	ks_paths_done(&modules->paths);
	free(modules->module);
	free(modules->missing);
	ks_buf_done(&modules->dep);
	ks_buf_done(&modules->order);
	ks_buf_done(&modules->builtin);
	memset(modules, 0, sizeof(*modules));
}

/* What the threads share; each writes to the module of its own file. */
struct job {
	const struct ks_kernel *kernel;
	struct ks_slurp_pool *pool;
	struct ks_audit_module *module;
	struct ks_diag *diags;
};

static enum ks_module_state state_of(const struct ks_kverdict *v)
{
	if (v->sig_err == -ENODATA)
		return KS_MODULE_UNSIGNED;
	if (v->sig_err == -ENOKEY)
		return KS_MODULE_FOREIGN;
	if (!v->load[KS_KMODE_SIG_ENFORCE].err)
		return KS_MODULE_LOADS;
	return !v->sig_err && strstr(v->load[KS_KMODE_SIG_ENFORCE].log.text, "version magic") ? KS_MODULE_STALE :
												 KS_MODULE_REFUSED;
}

static int judge(const void *context, const char *path, struct ks_diag *diag)
{
	const struct job *job = context;
	/* Every file has a diag of its own, in the order of the files. */
	struct ks_audit_module *m = &job->module[diag - job->diags];
	int rc = ks_module_verify(job->kernel, job->pool, path, &m->verdict, diag);

	m->state = rc ? KS_MODULE_UNJUDGED : state_of(&m->verdict);
	m->fault = *diag;
	return rc;
}

static int judge_all(const struct ks_kernel_image *image, unsigned int nr_jobs, void (*progress)(size_t, size_t),
		     struct ks_audit_modules *modules, struct ks_diag *diag)
{
	const struct ks_kernel_opts opts = { .unpacked = image };
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	struct ks_kernel kernel = { 0 };
	struct job job = { &kernel, &pool, modules->module, NULL };
	struct ks_batch batch = { .paths = &modules->paths, .nr_jobs = nr_jobs, .job = judge, .context = &job,
				  .progress = progress };
	int rc = ks_kernel_load(&opts, &kernel, &modules->fault);

	job.diags = rc ? NULL : calloc(modules->nr_modules + 1, sizeof(*job.diags));
	if (rc == -ENOMEM || (!rc && !job.diags))
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	else if (rc)
		rc = 0;
	else {
		batch.ret_diag = job.diags;
		ks_batch_run(&batch);
	}
	free(job.diags);
	ks_slurp_pool_done(&pool);
	ks_kernel_done(&kernel);
	return rc;
}

/* "kernel/a.ko" of "kernel/a.ko.zst": what kmod compresses later has the same name in modules.order. */
static struct ks_span stem_of(struct ks_span name)
{
	static const char *const endings[] = { ".gz", ".xz", ".zst" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(endings); i++) {
		struct ks_span ending = ks_span_str(endings[i]);

		if (ks_span_ends_with(name, ending))
			name.bytes -= ending.bytes;
	}
	return name;
}

static int by_stem(const void *a, const void *b)
{
	const struct ks_audit_module *x = a, *y = b;

	return ks_span_cmp(stem_of(x->name), stem_of(y->name));
}

/* Two files may have one stem. */
static int by_name(const void *a, const void *b)
{
	const struct ks_audit_module *x = a, *y = b;
	int order = by_stem(a, b);

	return order ? order : ks_span_cmp(x->name, y->name);
}

/* Its compression has to be the one that modules.dep says; the other lists do not say one. */
static struct ks_audit_module *find(struct ks_audit_modules *modules, struct ks_span name, bool exactly)
{
	const struct ks_audit_module want = { .name = name };

	if (!modules->nr_modules)
		return NULL;
	return bsearch(&want, modules->module, modules->nr_modules, sizeof(want), exactly ? by_name : by_stem);
}

static int add_missing(struct ks_audit_modules *modules, struct ks_span name, const char *by, struct ks_diag *diag)
{
	struct ks_missing_module *grown = modules->missing;

	/* Room for twice as many at each power of two. */
	if (!(modules->nr_missing & (modules->nr_missing - 1)))
		grown = reallocarray(grown, 2 * modules->nr_missing + 1, sizeof(*grown));
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	modules->missing = grown;
	grown[modules->nr_missing++] = (struct ks_missing_module){ name, by };
	return 0;
}

/* "kernel/a.ko: kernel/b.ko kernel/c.ko", kmod's index of what needs what. */
static int read_dep(struct ks_audit_modules *modules, struct ks_diag *diag)
{
	struct ks_span text = ks_buf_span(&modules->dep), line, word;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		bool is_first = true;

		while (!rc && ks_span_word(&line, &word)) {
			struct ks_audit_module *m;

			if (is_first && word.bytes && word.p[word.bytes - 1] == ':')
				word.bytes--;
			m = find(modules, word, true);
			if (!m)
				rc = add_missing(modules, word, "modules.dep", diag);
			else if (is_first)
				m->is_listed = true;
			is_first = false;
		}
	}
	return rc;
}

static int read_order(struct ks_audit_modules *modules, struct ks_diag *diag)
{
	struct ks_span text = ks_buf_span(&modules->order), line;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		line = ks_span_trim(line);
		if (line.bytes && !find(modules, line, false))
			rc = add_missing(modules, line, "modules.order", diag);
	}
	return rc;
}

static void read_builtin(struct ks_audit_modules *modules)
{
	struct ks_span text = ks_buf_span(&modules->builtin), line;
	struct ks_audit_module *m;

	while (ks_span_line(&text, &line)) {
		m = find(modules, ks_span_trim(line), false);
		if (m)
			m->is_builtin = true;
	}
}

static int by_who_and_name(const void *a, const void *b)
{
	const struct ks_missing_module *x = a, *y = b;
	int order = strcmp(x->by, y->by);

	return order ? order : ks_span_cmp(x->name, y->name);
}

/* What many modules need is missing once. */
static void sort_missing(struct ks_audit_modules *modules)
{
	struct ks_missing_module *m = modules->missing;
	size_t i, nr = 0;

	if (modules->nr_missing)
		qsort(m, modules->nr_missing, sizeof(*m), by_who_and_name);
	for (i = 0; i < modules->nr_missing; i++)
		if (!nr || by_who_and_name(&m[nr - 1], &m[i]) != 0)
			m[nr++] = m[i];
	modules->nr_missing = nr;
}

static int load_list(const char *dir, const char *name, struct ks_buf *ret_text, bool *ret_is_there, struct ks_diag *diag)
{
	char path[KS_MAX_PATH_BYTES + 32];
	struct ks_diag why = { 0 };
	int rc;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, ret_text, &why);
	*ret_is_there = rc != -ENOENT;
	if (rc && rc != -ENOENT)
		*diag = why;
	return rc == -ENOENT ? 0 : rc;
}

static int find_modules(struct ks_audit_modules *modules, struct ks_diag *diag)
{
	size_t i, dir_bytes = strlen(modules->dir) + 1;
	char *dir = modules->dir;
	int rc = ks_modules_find(&dir, 1, &modules->paths, diag);

	if (rc)
		return rc;
	modules->module = calloc(modules->paths.nr_paths + 1, sizeof(*modules->module));
	if (!modules->module)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	modules->nr_modules = modules->paths.nr_paths;
	for (i = 0; i < modules->nr_modules; i++) {
		struct ks_span path = ks_span_str(modules->paths.path[i]);

		modules->module[i].state = KS_MODULE_UNJUDGED;
		if (!ks_span_sub(path, dir_bytes, path.bytes - dir_bytes, &modules->module[i].name))
			modules->module[i].name = path;
	}
	return 0;
}

int ks_audit_modules_lists(struct ks_audit_modules *modules, struct ks_diag *diag)
{
	int rc;

	if (modules->nr_modules)
		qsort(modules->module, modules->nr_modules, sizeof(*modules->module), by_name);
	rc = read_dep(modules, diag);
	rc = rc ? rc : read_order(modules, diag);
	read_builtin(modules);
	sort_missing(modules);
	return rc;
}

int ks_audit_modules_run(const struct ks_kernel_image *image, unsigned int nr_jobs,
			 void (*progress)(size_t nr_done, size_t nr_paths), struct ks_audit_modules *ret_modules,
			 struct ks_diag *diag)
{
	bool is_there;
	size_t i;
	int rc = find_modules(ret_modules, diag);

	if (!rc && image)
		rc = judge_all(image, nr_jobs, progress, ret_modules, diag);
	rc = rc ? rc : load_list(ret_modules->dir, "modules.dep", &ret_modules->dep, &ret_modules->has_dep, diag);
	rc = rc ? rc : load_list(ret_modules->dir, "modules.order", &ret_modules->order, &is_there, diag);
	rc = rc ? rc : load_list(ret_modules->dir, "modules.builtin", &ret_modules->builtin, &is_there, diag);
	if (rc)
		return rc;
	rc = ks_audit_modules_lists(ret_modules, diag);
	for (i = 0; i < ret_modules->nr_modules; i++)
		ret_modules->nr_of[ret_modules->module[i].state]++;
	return rc;
}
