// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check/kbuild.h"
#include "text/child.h"
#include "text/dir.h"
#include "text/text.h"
#include "tree/commit.h"

/* What a make above us passes down must not reach this one. */
static const char *const no_make[] = {
	"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "KBUILD_OUTPUT", "O", "V", "LC_ALL=C",
};

#define NR_FIXED_ARGS 7U
/* Objects of one queue; a command line of that many names is far below ARG_MAX. */
#define MAX_OBJECTS 4096U

/* make -k ARCH=… TARGET… in the build directory; whatever it ends with. */
static int run_make(const struct kq_build *build, char *const *target, size_t nr,
		    struct kq_child_end *end, struct kq_error *error)
{
	const char *argv[NR_FIXED_ARGS + MAX_OBJECTS + 1] = { "make", "-s", "-k" };
	const char *env[KS_ARRAY_SIZE(no_make) + 2] = { NULL };
	const struct kq_child child = { .argv = argv, .env = env };
	struct kq_path source;
	char jobs[32], arch[sizeof(build->arch) + 8];
	size_t n = 3, i;
	int rc = kq_path(&source, error, "%s/src", build->scratch);

	if (rc)
		return rc;
	memcpy(env, no_make, sizeof(no_make));
	snprintf(arch, sizeof(arch), "ARCH=%s", build->arch);
	if (build->arch[0] && !getenv("ARCH"))
		env[KS_ARRAY_SIZE(no_make)] = arch;
	snprintf(jobs, sizeof(jobs), "-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	argv[n++] = jobs;
	argv[n++] = "-C";
	argv[n++] = source.s;
	argv[n++] = "O=../obj";
	for (i = 0; i < nr && n < KS_ARRAY_SIZE(argv) - 1; i++)
		argv[n++] = target[i];
	return kq_child_run(&child, end, error);
}

/* The line that says what is wrong: the compiler's, or else the first. */
static struct ks_span what_it_said(const struct kq_child_end *end)
{
	struct ks_span text = ks_buf_span(&end->err), line, first = { 0 };

	while (ks_span_line(&text, &line)) {
		if (line.bytes && memmem(line.p, line.bytes, "error:", 6))
			return line;
		if (!first.bytes)
			first = line;
	}
	return first;
}

static int make_config(const struct kq_build *build, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char name[] = "olddefconfig", *target[] = { name };
	struct ks_span said;
	int rc = run_make(build, target, 1, &end, error);

	if (rc || !end.status)
		return rc;
	said = what_it_said(&end);
	return kq_fail(error, -EIO, "%s: make olddefconfig failed: %.*s", build->tree,
		       KQ_FMT(said));
}

/* C and assembly of the kernel itself; its host programs have makefiles of their own. */
static bool is_source(struct ks_span path)
{
	static const char *const elsewhere[] = { "tools/", "scripts/", "Documentation/", "usr/" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(elsewhere); i++)
		if (kq_starts(path, elsewhere[i]))
			return false;
	return ks_span_ends_with(path, ks_span_str(".c")) ||
	       ks_span_ends_with(path, ks_span_str(".S"));
}

/* The object of a source file counts from now on, or not any more. */
static int touch_object(struct kq_build *build, const struct kq_node *node, struct kq_error *error)
{
	struct ks_span path = ks_span_str(node->path);
	struct kq_names *target = &build->target;
	char name[PATH_MAX];
	size_t i;

	if (!is_source(path))
		return 0;
	snprintf(name, sizeof(name), "%.*so", (int)path.bytes - 1, node->path);
	if (node->exists)
		return kq_names_have(target, ks_span_str(name))
			       ? 0
			       : kq_names_add(target, ks_span_str(name), MAX_OBJECTS, error);
	for (i = 0; i < target->nr; i++)
		if (!strcmp(target->name[i], name)) {
			free(target->name[i]);
			target->name[i] = target->name[--target->nr];
		}
	return 0;
}

/* Said once; asked every time, since a patch may turn it on. */
static int note_skipped(struct kq_build *build, const char *target, const char *file,
			struct kq_findings *findings, struct kq_error *error)
{
	struct ks_span name = ks_span_str(target);

	if (kq_names_have(&build->skipped, name))
		return 0;
	kq_note(findings, file, "%s: this .config does not build it, so it was not compiled",
		target);
	return kq_names_add(&build->skipped, name, MAX_OBJECTS, error);
}

/* Something of them all failed: which? */
static int compile_one(struct kq_build *build, char *target, const char *file,
		       struct kq_findings *findings, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	int rc = run_make(build, &target, 1, &end, error);

	if (rc || !end.status)
		return rc;
	kq_find(findings, file, 0, "%s does not compile after this patch: %.*s", target,
		KQ_FMT(what_it_said(&end)));
	build->broken = true;
	return 0;
}

static int choose_objects(struct kq_build *build, const char *file, struct kq_findings *findings,
			  char **want, size_t *ret_nr, struct kq_error *error)
{
	struct kq_path source, objects;
	const struct kq_kbuild kbuild = { source.s, objects.s, build->arch };
	size_t i;
	int rc = kq_path(&source, error, "%s/src", build->scratch);

	if (!rc)
		rc = kq_path(&objects, error, "%s/obj", build->scratch);
	for (i = 0; i < build->target.nr && !rc; i++) {
		bool off;

		rc = kq_kbuild_off(&kbuild, build->target.name[i], &off, error);
		if (!rc && off)
			rc = note_skipped(build, build->target.name[i], file, findings, error);
		else
			want[(*ret_nr)++] = build->target.name[i];
	}
	return rc;
}

/* All objects that count. One that this configuration leaves out is noted, once; see
 * check/kbuild.h. */
static int compile_objects(struct kq_build *build, const char *file, struct kq_findings *findings,
			   struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char *want[MAX_OBJECTS];
	size_t nr = 0, i;
	int rc = choose_objects(build, file, findings, want, &nr, error);

	if (rc || !nr)
		return rc;
	rc = run_make(build, want, nr, &end, error);
	if (rc || !end.status)
		return rc;
	for (i = 0; i < nr && !rc; i++)
		rc = compile_one(build, want[i], file, findings, error);
	return rc;
}

static int copy_tree(const struct kq_build *build, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end linked = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_path from, to;
	const char *argv[] = { "cp", "-al", from.s, to.s, NULL };
	const struct kq_child child = { .argv = argv };
	int rc = kq_path(&from, error, "%s/.", build->tree);

	if (!rc)
		rc = kq_path(&to, error, "%s/src", build->scratch);
	if (!rc)
		rc = kq_child_run(&child, &linked, error);
	if (rc || !linked.status)
		return rc;
	/* No hard links here: a copy then, over what there is of it. */
	argv[1] = "-a";
	rc = kq_child_run(&child, &end, error);
	return rc || !end.status ? rc : kq_child_fail(&child, &end, error);
}

/* "# Linux/x86 6.18.15 Kernel Configuration", the third line of a .config */
static void read_arch(struct kq_build *build, struct ks_span config)
{
	struct ks_span line, word;

	while (ks_span_line(&config, &line) && kq_starts(line, "#"))
		if (kq_take(&line, "# Linux/") && ks_span_word(&line, &word) && word.bytes < 32)
			snprintf(build->arch, sizeof(build->arch), "%.*s", KQ_FMT(word));
}

/* Always from the one that was given: an earlier patch's olddefconfig knows fewer symbols. */
static int set_config(struct kq_build *build, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf config = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span content;
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/obj/.config", build->scratch);

	if (rc)
		return rc;
	if (ks_file_load(build->config, KQ_MAX_FILE_BYTES, &config, &diag))
		return kq_fail_diag(error, &diag);
	content = ks_buf_span(&config);
	read_arch(build, content);
	if (ks_file_publish(path.s, &content, 1, 0666, &diag))
		return kq_fail_diag(error, &diag);
	return make_config(build, error);
}

int kq_build_open(struct kq_build *build, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_path(&path, error, "%s.kq-build.XXXXXX", build->tree);

	if (rc)
		return rc;
	if (!mkdtemp(path.s))
		return kq_fail(error, -errno, "%s: %s", path.s, strerror(errno));
	snprintf(build->scratch, sizeof(build->scratch), "%s", path.s);
	rc = kq_path(&path, error, "%s/obj", build->scratch);
	if (!rc)
		rc = kq_dir_make(path.s, error);
	if (!rc)
		rc = copy_tree(build, error);
	return rc ? rc : set_config(build, error);
}

void kq_build_done(struct kq_build *build)
{
	struct kq_error ignored = { 0 };

	kq_names_done(&build->target);
	kq_names_done(&build->skipped);
	/* A directory that stays says so by its name. */
	if (build->scratch[0] && kq_dir_remove(build->scratch, &ignored))
		return;
	*build = (struct kq_build){ 0 };
}

/* Kconfig and makefiles decide what is built. */
static bool is_build_file(struct ks_span path)
{
	struct ks_span name = kq_last_part(path);

	return kq_starts(name, "Kconfig") || kq_starts(name, "Makefile") || kq_is(name, "Kbuild");
}

int kq_build_step(struct kq_build *build, struct kq_overlay *overlay, const struct kq_patch *patch,
		  const char *file, struct kq_findings *findings, struct kq_error *error)
{
	bool reconfigure = false;
	struct kq_path source;
	size_t i;
	int rc = kq_path(&source, error, "%s/src", build->scratch);

	for (i = 0; i < patch->nr_files && !rc; i++) {
		struct kq_node *node;

		rc = kq_overlay_get(overlay, patch->file[i].path, &node, error);
		if (!rc)
			rc = kq_node_export(source.s, node, error);
		if (!rc)
			rc = touch_object(build, node, error);
		reconfigure = reconfigure || is_build_file(patch->file[i].path);
	}
	if (rc || build->broken)
		return rc;
	if (reconfigure)
		rc = set_config(build, error);
	return rc ? rc : compile_objects(build, file, findings, error);
}
