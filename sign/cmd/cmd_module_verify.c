// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/json.h"
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

static void print_sum(size_t nr_loading, size_t nr_paths)
{
	printf("%zu of %zu modules verified\n", nr_loading, nr_paths);
}

static void add_str(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static const char *name_of(int err)
{
	const char *name = err ? ks_errno_name(err) : "0";

	return name ? name : "unknown";
}

/* Every line that the kernel logs on the way, in their order. */
static struct json_object *log_of(const struct ks_kverdict *v, unsigned int mode)
{
	struct json_object *log = json_object_new_array();

	if (v->sig_log.text[0])
		json_object_array_add(log, json_object_new_string(v->sig_log.text));
	if (v->load[mode].log.text[0])
		json_object_array_add(log, json_object_new_string(v->load[mode].log.text));
	return log;
}

static struct json_object *judged(const struct ks_kverdict *v)
{
	static const char *const modes[KS_KMODE_NR] = { "permissive", "lockdown", "sigEnforce" };
	struct json_object *row = json_object_new_object();
	struct json_object *loads = json_object_new_object();
	unsigned int mode;

	add_str(row, "signature", name_of(v->sig_err));
	for (mode = 0; mode < KS_KMODE_NR; mode++) {
		struct json_object *one = json_object_new_object();

		json_object_object_add(one, "loads",
				       json_object_new_boolean(!v->load[mode].err));
		add_str(one, "errno", name_of(v->load[mode].err));
		json_object_object_add(one, "errnoValue", json_object_new_int(-v->load[mode].err));
		json_object_object_add(one, "log", log_of(v, mode));
		json_object_object_add(loads, modes[mode], one);
	}
	json_object_object_add(row, "in", loads);
	if (v->load[KS_KMODE_SIG_ENFORCE].err)
		add_str(row, "because", ks_kverdict_why(v));
	return row;
}

static struct json_object *not_judged(const struct ks_diag *why)
{
	struct json_object *row = json_object_new_object();
	char line[1024];

	ks_diag_format(why, line, sizeof(line));
	add_str(row, "error", line);
	return row;
}

static struct json_object *keys_of(const struct ks_kring *ring)
{
	struct json_object *keys = json_object_new_array();
	size_t i;

	for (i = 0; i < ring->nr_keys; i++)
		if (!ring->key[i].err)
			json_object_array_add(keys, json_object_new_string(ring->key[i].text));
	return keys;
}

/* Certificates that the kernel does not load, with the errno that it logs at boot. */
static void add_not_loaded(struct json_object *to, const struct ks_kring *ring)
{
	size_t i;

	for (i = 0; i < ring->nr_keys; i++) {
		const struct ks_kring_key *key = &ring->key[i];
		struct json_object *one;

		if (!key->err)
			continue;
		one = json_object_new_object();
		add_str(one, "name", key->cert.subject_text);
		add_str(one, "errno", name_of(key->err));
		json_object_array_add(to, one);
	}
}

static struct json_object *rules_of(const struct ks_kernel *kernel)
{
	struct json_object *rules = json_object_new_object();
	struct json_object *not_loaded = json_object_new_array();

	add_str(rules, "version", "6.18");
	json_object_object_add(rules, "sigForce", json_object_new_boolean(kernel->sig_force));
	json_object_object_add(rules, "minDigestBits",
			       json_object_new_int((int)kernel->min_digest_bits));
	json_object_object_add(rules, "minRsaBits",
			       json_object_new_int((int)kernel->min_rsa_bits));
	json_object_object_add(rules, "trusted", keys_of(&kernel->trusted));
	json_object_object_add(rules, "revoked", keys_of(&kernel->revoked));
	add_not_loaded(not_loaded, &kernel->trusted);
	add_not_loaded(not_loaded, &kernel->revoked);
	json_object_object_add(rules, "notLoaded", not_loaded);
	json_object_object_add(rules, "listCutShort",
			       json_object_new_boolean(kernel->list_cut_short));
	return rules;
}

static void print_json(const struct ks_kernel *kernel, const struct ks_paths *paths,
			    const struct ks_kverdict *verdicts, const struct ks_diag *diags)
{
	__cleanup(ks_json_free) struct json_object *document = json_object_new_object();
	struct json_object *modules = json_object_new_array();
	size_t i;

	json_object_object_add(document, "kernel", rules_of(kernel));
	json_object_object_add(document, "modules", modules);
	for (i = 0; i < paths->nr_paths; i++) {
		struct json_object *row = verdicts[i].sig_err > 0 ? not_judged(&diags[i]) :
								    judged(&verdicts[i]);

		add_str(row, "path", paths->path[i]);
		json_object_array_add(modules, row);
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
	batch.progress = ks_progress();
	ks_batch_run(&batch);
	if (opt_json)
		print_json(c->kernel, c->paths, c->verdicts, c->diags);
	return sum_up(c, opt_json);
}

static int run_verify(int nr_args, char **args, struct ks_diag *diag)
{
	struct ks_kernel_opts opts = { opt_kernel, opt_trust.value, opt_trust.nr_values,
				       opt_revoked.value, opt_revoked.nr_values };
	struct ks_slurp_pool pool = KS_SLURP_POOL_INIT;
	struct ks_kernel kernel = { 0 };
	struct ks_paths paths = { 0 };
	struct verify_context c = { .kernel = &kernel, .pool = &pool, .paths = &paths };
	int rc = ks_kernel_load(&opts, &kernel, diag);

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
		{ "--trust", "FILE", "kernel (vmlinux, bzImage, vmlinuz.efi, UKI), or trusted certificates", true,
		  .ret_values = &opt_trust },
		{ "--revoked", "PEM", "certificates that the kernel refuses",
		  .ret_values = &opt_revoked },
		{ "--kernel", "VERSION", "whose rules, 6.18 (default)", .ret_value = &opt_kernel },
		{ "--json", NULL, "all verdicts as JSON", .ret_flag = &opt_json },
		KS_OPT_JOBS(opt_jobs),
		{ 0 } },
	run_verify,
};
