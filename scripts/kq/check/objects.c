// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/kbuild.h"
#include "text/text.h"

/* What a make above us passes down must not reach this one. */
static const char *const no_make[] = {
	"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "KBUILD_OUTPUT", "O", "V", "LC_ALL=C",
};

#define NR_FIXED_ARGS 7U

/* make -k ARCH=… TARGET… in the build folder; whatever it ends with. */
static int run_make(const struct kq_build *build, char *const *target, size_t nr,
		    struct kq_child_end *end, struct kq_fault *fault)
{
	const char *argv[NR_FIXED_ARGS + KQ_MAX_OBJECTS + 1] = { "make", "-s", "-k" };
	const char *env[KS_ARRAY_SIZE(no_make) + 2] = { NULL };
	const struct kq_child child = { .argv = argv, .env = env };
	struct kq_path source;
	char jobs[32], arch[sizeof(build->arch) + 8];
	size_t n = 3, i;
	int rc = kq_path(&source, fault, "%s/src", build->scratch);

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
	return kq_child_run(&child, end, fault);
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

int kq_objects_config(const struct kq_build *build, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char name[] = "olddefconfig", *target[] = { name };
	struct ks_span said;
	int rc = run_make(build, target, 1, &end, fault);

	if (rc || !end.status)
		return rc;
	said = what_it_said(&end);
	return kq_fail(fault, -EIO, "%s: make olddefconfig failed: %.*s", build->tree,
		       KQ_FMT(said));
}

static size_t find_name(char *const *names, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr && strcmp(names[i], name); i++)
		;
	return i;
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

int kq_objects_touch(struct kq_build *build, const struct kq_node *node, struct kq_fault *fault)
{
	size_t n = strlen(node->path), i;
	char **moved, *name;

	if (!is_source(ks_span_str(node->path)))
		return 0;
	name = strdup(node->path);
	if (!name)
		return kq_no_memory(fault);
	name[n - 1] = 'o';
	i = find_name(build->target, build->nr_targets, name);
	if (i < build->nr_targets) {
		free(name);
		if (!node->exists) {
			free(build->target[i]);
			build->target[i] = build->target[--build->nr_targets];
		}
		return 0;
	}
	moved = node->exists ? kq_grow(build->target, build->nr_targets, &build->room_targets,
				       sizeof(*moved), KQ_MAX_OBJECTS, fault) :
			       NULL;
	if (!moved) {
		free(name);
		return node->exists ? fault->err : 0;
	}
	build->target = moved;
	build->target[build->nr_targets++] = name;
	return 0;
}

/* Said once; asked every time, since a patch may turn it on. */
static int note_skipped(struct kq_build *build, const char *target, const char *file,
			struct kq_findings *findings, struct kq_fault *fault)
{
	char **moved;

	if (find_name(build->skipped, build->nr_skipped, target) < build->nr_skipped)
		return 0;
	moved = kq_grow(build->skipped, build->nr_skipped, &build->room_skipped, sizeof(*moved),
			KQ_MAX_OBJECTS, fault);
	if (!moved)
		return fault->err;
	kq_note(findings, file, "%s: this .config does not build it, so it was not compiled",
		target);
	build->skipped = moved;
	build->skipped[build->nr_skipped] = strdup(target);
	return build->skipped[build->nr_skipped++] ? 0 : kq_no_memory(fault);
}

/* Something of them all failed: which? */
static int compile_one(struct kq_build *build, char *target, const char *file,
		       struct kq_findings *findings, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	int rc = run_make(build, &target, 1, &end, fault);

	if (rc || !end.status)
		return rc;
	kq_find(findings, file, 0, "%s does not compile after this patch: %.*s", target,
		KQ_FMT(what_it_said(&end)));
	build->broken = true;
	return 0;
}

static int choose(struct kq_build *build, const char *file, struct kq_findings *findings,
		  char **want, size_t *ret_nr, struct kq_fault *fault)
{
	struct kq_path source, objects;
	const struct kq_kbuild kbuild = { source.s, objects.s, build->arch };
	size_t i;
	int rc = kq_path(&source, fault, "%s/src", build->scratch);

	if (!rc)
		rc = kq_path(&objects, fault, "%s/obj", build->scratch);
	for (i = 0; i < build->nr_targets && !rc; i++) {
		bool off;

		rc = kq_kbuild_off(&kbuild, build->target[i], &off, fault);
		if (!rc && off)
			rc = note_skipped(build, build->target[i], file, findings, fault);
		else
			want[(*ret_nr)++] = build->target[i];
	}
	return rc;
}

int kq_objects_compile(struct kq_build *build, const char *file, struct kq_findings *findings,
		       struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char *want[KQ_MAX_OBJECTS];
	size_t nr = 0, i;
	int rc = choose(build, file, findings, want, &nr, fault);

	if (rc || !nr)
		return rc;
	rc = run_make(build, want, nr, &end, fault);
	if (rc || !end.status)
		return rc;
	for (i = 0; i < nr && !rc; i++)
		rc = compile_one(build, want[i], file, findings, fault);
	return rc;
}
