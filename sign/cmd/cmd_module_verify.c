// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/shown.h"
#include "cmd/certs.h"
#include "cmd/key_opts.h"
#include "cmd/modules.h"
#include "ops/module.h"

/* Options of this invocation: one process runs one verb. */
static const char *opt_jobs, *opt_kernel;
static struct ks_values opt_trust, opt_revoked;
static bool opt_json;

/* What the threads share; each writes to the verdict of its own file. */
struct verify_context {
	const struct ks_kernel *kernel;
	struct ks_slurp_pool *pool;
	struct ks_paths *paths;
	struct ks_diag *diags;
	struct ks_kverdict *verdicts;
};

/* By which rules. Nobody needs to be told of a kernel of this series that carries its configuration. */
static void print_rules(const struct ks_kernel *kernel)
{
	if (kernel->release[0] && !ks_kernel_is_of_series(kernel->release))
		printf("kernel is %s, judged by the rules of " KS_KERNEL_SERIES ": it may have others\n",
		       ks_shown(kernel->release));
	if (!kernel->has_config)
		printf("rules assumed, %s: mainline " KS_KERNEL_SERIES ", every algorithm\n",
		       kernel->has_image ? "no configuration in the kernel" : "no kernel was given");
}

static void print_sum(size_t nr_loading, size_t nr_paths)
{
	printf("%zu of %zu modules verified\n", nr_loading, nr_paths);
}

static const char *name_of(int err)
{
	const char *name = err ? ks_errno_name(err) : "0";

	return name ? name : "unknown";
}

/* Every line that the kernel logs on the way, in their order. */
static void add_log(struct json_object *to, const struct ks_kverdict *v, unsigned int mode)
{
	struct json_object *log = ks_json_array(to, "log");

	if (v->sig_log.text[0])
		ks_json_word(log, v->sig_log.text);
	if (v->load[mode].log.text[0])
		ks_json_word(log, v->load[mode].log.text);
}

static void add_verdict(struct json_object *row, const struct ks_kverdict *v)
{
	static const char *const modes[KS_KMODE_NR] = { "permissive", "lockdown", "sig_enforce" };
	struct json_object *loads, *one;
	unsigned int mode;

	ks_json_str(row, "signature", name_of(v->sig_err));
	loads = ks_json_object(row, "in");
	for (mode = 0; mode < KS_KMODE_NR; mode++) {
		one = ks_json_object(loads, modes[mode]);
		ks_json_bool(one, "loads", !v->load[mode].err);
		ks_json_str(one, "errno", name_of(v->load[mode].err));
		ks_json_int(one, "errno_value", (u64)-v->load[mode].err);
		add_log(one, v, mode);
	}
}

static void add_keys(struct json_object *to, const char *key, const struct ks_kring *ring)
{
	struct json_object *keys = ks_json_array(to, key);
	size_t i;

	for (i = 0; i < ring->nr_keys; i++)
		if (!ring->key[i].err)
			ks_json_word(keys, ring->key[i].text);
}

/* Certificates that the kernel does not load, with the errno that it logs at boot. */
static void add_not_loaded(struct json_object *to, const struct ks_kring *ring)
{
	struct json_object *one;
	size_t i;

	for (i = 0; i < ring->nr_keys; i++) {
		if (!ring->key[i].err)
			continue;
		one = ks_json_row(to);
		ks_json_str(one, "name", ring->key[i].cert.subject_text);
		ks_json_str(one, "errno", name_of(ring->key[i].err));
	}
}

/* null if it is not known which series it is of */
static void put_of_series(struct json_object *to, const struct ks_kernel *kernel)
{
	if (kernel->release[0])
		ks_json_bool(to, "of_this_version", ks_kernel_is_of_series(kernel->release));
	else
		ks_json_str(to, "of_this_version", NULL);
}

static void add_rules(struct json_object *to, const struct ks_kernel *kernel)
{
	struct json_object *rules = ks_json_object(to, "kernel"), *not_loaded;

	ks_json_str(rules, "version", KS_KERNEL_SERIES);
	ks_json_str(rules, "release", kernel->release[0] ? kernel->release : NULL);
	ks_json_bool(rules, "assumed", !kernel->has_config);
	put_of_series(rules, kernel);
	ks_json_bool(rules, "sig_force", kernel->sig_force);
	ks_json_int(rules, "min_digest_bits", kernel->min_digest_bits);
	ks_json_int(rules, "min_rsa_bits", kernel->min_rsa_bits);
	add_keys(rules, "trusted", &kernel->trusted);
	add_keys(rules, "revoked", &kernel->revoked);
	not_loaded = ks_json_array(rules, "not_loaded");
	add_not_loaded(not_loaded, &kernel->trusted);
	add_not_loaded(not_loaded, &kernel->revoked);
	ks_json_bool(rules, "list_cut_short", kernel->list_cut_short);
}

static void print_json(const struct ks_kernel *kernel, const struct ks_paths *paths,
		       const struct ks_kverdict *verdicts, const struct ks_diag *diags)
{
	__cleanup(ks_json_free) struct json_object *document = ks_json_new("kseal/module-verify/1");
	struct json_object *files, *row;
	size_t i;

	add_rules(document, kernel);
	files = ks_json_array(document, "files");
	for (i = 0; i < paths->nr_paths; i++) {
		row = ks_json_row(files);
		ks_json_name(row, "file", paths->path[i]);
		if (verdicts[i].sig_err <= 0)
			add_verdict(row, &verdicts[i]);
		ks_json_errors(row, &diags[i]);
	}
	ks_json_print(document);
}

/* A module that an enforcing kernel does not load is a failure of its job, with the reason. */
static int note_refusal(const struct ks_kverdict *v, const char *path, struct ks_diag *diag)
{
	const struct ks_kernel_log *log = v->sig_err ? &v->sig_log : &v->load[KS_KMODE_SIG_ENFORCE].log;
	int err = v->load[KS_KMODE_SIG_ENFORCE].err;

	if (!err)
		return 0;
	ks_fail_detail(diag, v->sig_err ? v->sig_err : err, ks_kverdict_why(v),
		       log->text[0] ? log->text : NULL);
	ks_diag_in(diag, path);
	return diag->err;
}

static int verify_one(const void *context, const char *path, struct ks_diag *diag)
{
	const struct verify_context *c = context;
	/* Every file has a diag of its own, in the order of the files. */
	struct ks_kverdict *v = &c->verdicts[diag - c->diags];
	int rc = ks_module_verify(c->kernel, c->pool, path, v, diag);

	/* What stands there is nothing that a kernel would say. */
	v->sig_err = rc ? 1 : v->sig_err;
	return rc ? rc : note_refusal(v, path, diag);
}

/* Return: 0 if all load; -EKEYREJECTED if some clearly do not; -EIO if one could not be told. */
static int sum_up(const struct verify_context *c, bool quiet)
{
	size_t i, nr_loading = 0;
	int verdict = 0;

	for (i = 0; i < c->paths->nr_paths; i++) {
		if (!c->diags[i].err) {
			nr_loading++;
			continue;
		}
		ks_complain(&c->diags[i]);
		if (c->verdicts[i].sig_err > 0)
			verdict = -EIO;
		else if (!verdict)
			verdict = -EKEYREJECTED;
	}
	if (!quiet)
		print_rules(c->kernel);
	if (!quiet)
		print_sum(nr_loading, c->paths->nr_paths);
	return verdict;
}

static int judge(struct verify_context *c, struct ks_diag *diag)
{
	struct ks_batch batch = { .paths = c->paths, .job = verify_one, .context = c };
	int rc = ks_parse_jobs(opt_jobs, &batch.nr_jobs, diag);

	if (rc)
		return rc;
	c->diags = calloc(c->paths->nr_paths, sizeof(*c->diags));
	c->verdicts = calloc(c->paths->nr_paths, sizeof(*c->verdicts));
	if (!c->diags || !c->verdicts)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	batch.ret_diag = c->diags;
	batch.progress = ks_progress("modules");
	ks_batch_run(&batch);
	if (opt_json)
		print_json(c->kernel, c->paths, c->verdicts, c->diags);
	return sum_up(c, opt_json);
}

/* What the options name: at most one kernel, and certificates. */
static int load_kernel(struct ks_kernel *kernel, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs trust = { 0 };
	__cleanup(ks_certs_done) struct ks_certs revoked = { 0 };
	struct ks_kernel_opts opts = { .version = opt_kernel, .trust = &trust, .revoked = &revoked };
	size_t i;
	int rc = ks_load_trust(&opt_revoked, KS_PURPOSE_REVOKED, &revoked, diag);

	for (i = 0; i < opt_trust.nr_values && !rc; i++) {
		const char *file = opt_trust.value[i];

		if (!ks_trust_is_kernel(file))
			rc = ks_trust_load(file, KS_PURPOSE_BUILTIN, ks_cmd_pass(), &trust, diag);
		else if (opts.image)
			rc = ks_fail_detail(diag, -EINVAL, "--trust takes one kernel", file);
		else
			opts.image = file;
	}
	return rc ? rc : ks_kernel_load(&opts, kernel, diag);
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	struct ks_kernel kernel = { 0 };
	struct ks_paths paths = { 0 };
	struct verify_context c = { .kernel = &kernel, .pool = &pool, .paths = &paths };
	int rc = load_kernel(&kernel, diag);

	if (!rc)
		rc = ks_modules_find(args, nr_args, &paths, diag);
	if (!rc && !paths.nr_paths)
		rc = ks_fail_detail(diag, -ENOENT, "no module there", args[0]);
	if (!rc)
		rc = judge(&c, diag);
	free(c.diags);
	free(c.verdicts);
	ks_paths_done(&paths);
	ks_slurp_pool_done(&pool);
	ks_kernel_done(&kernel);
	return rc;
}

const struct ks_verb ks_verb_module_verify = {
	"module", "verify", "PATH...", 0,
	"say whether a kernel loads modules, by its own rules",
	(const struct ks_opt[]){
		{ "--trust", "FILE", "a kernel, or any file that holds certificates", true,
		  .ret_values = &opt_trust },
		{ "--revoked", "FILE", "certificates that the kernel refuses",
		  .ret_values = &opt_revoked },
		{ "--kernel", "VERSION", "whose rules, 6.18 (default)", .ret_value = &opt_kernel },
		KS_PASS_OPTS,
		{ "--json", NULL, "all verdicts as JSON", .ret_flag = &opt_json },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_verify,
};
