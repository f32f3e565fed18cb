// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/verdicts.h"

#include <stdio.h>

#include "cmd/json.h"

void ks_verdicts_print_sum(size_t nr_loading, size_t nr_paths)
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

	if (v->sig_said.text[0])
		json_object_array_add(log, json_object_new_string(v->sig_said.text));
	if (v->load[mode].said.text[0])
		json_object_array_add(log, json_object_new_string(v->load[mode].said.text));
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

void ks_verdicts_print_json(const struct ks_kernel *kernel, const struct ks_paths *paths,
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
