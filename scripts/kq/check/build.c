// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check/objects.h"
#include "text/folder.h"
#include "text/text.h"
#include "tree/commit.h"

static int copy_tree(const struct kq_build *build, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end linked = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_path from, to;
	const char *argv[] = { "cp", "-al", from.s, to.s, NULL };
	const struct kq_child child = { .argv = argv };
	int rc = kq_path(&from, fault, "%s/.", build->tree);

	if (!rc)
		rc = kq_path(&to, fault, "%s/src", build->scratch);
	if (!rc)
		rc = kq_child_run(&child, &linked, fault);
	if (rc || !linked.status)
		return rc;
	/* No hard links here: a copy then, over what there is of it. */
	argv[1] = "-a";
	rc = kq_child_run(&child, &end, fault);
	return rc || !end.status ? rc : kq_child_fail(&child, &end, fault);
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
static int set_config(struct kq_build *build, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf config = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span content;
	struct kq_path path;
	int rc = kq_path(&path, fault, "%s/obj/.config", build->scratch);

	if (rc)
		return rc;
	if (ks_file_load(build->config, KQ_MAX_FILE_BYTES, &config, &diag))
		return kq_fail_diag(fault, &diag);
	content = ks_buf_span(&config);
	read_arch(build, content);
	if (ks_file_publish(path.s, &content, 1, 0666, &diag))
		return kq_fail_diag(fault, &diag);
	return kq_objects_config(build, fault);
}

int kq_build_open(struct kq_build *build, struct kq_fault *fault)
{
	struct kq_path path;
	int rc = kq_path(&path, fault, "%s.kq-build.XXXXXX", build->tree);

	if (rc)
		return rc;
	if (!mkdtemp(path.s))
		return kq_fail(fault, -errno, "%s: %s", path.s, strerror(errno));
	snprintf(build->scratch, sizeof(build->scratch), "%s", path.s);
	rc = kq_path(&path, fault, "%s/obj", build->scratch);
	if (!rc)
		rc = kq_folder_make(path.s, fault);
	if (!rc)
		rc = copy_tree(build, fault);
	return rc ? rc : set_config(build, fault);
}

static void free_all(char **names, size_t nr)
{
	while (nr-- > 0)
		free(names[nr]);
	free(names);
}

void kq_build_done(struct kq_build *build)
{
	struct kq_fault ignored = { 0 };

	free_all(build->target, build->nr_targets);
	free_all(build->skipped, build->nr_skipped);
	/* A folder that stays says so by its name. */
	if (build->scratch[0] && kq_folder_remove(build->scratch, &ignored))
		return;
	*build = (struct kq_build){ 0 };
}

/* Kconfig and makefiles decide what is built. */
static bool is_build_file(struct ks_span path)
{
	const u8 *slash = path.bytes ? memrchr(path.p, '/', path.bytes) : NULL;
	struct ks_span name = slash ? kq_tail(path, (size_t)(slash - path.p) + 1) : path;

	return kq_starts(name, "Kconfig") || kq_starts(name, "Makefile") || kq_is(name, "Kbuild");
}

int kq_build_step(struct kq_build *build, struct kq_overlay *overlay,
		  const struct kq_patch *patch, const char *file, struct kq_findings *findings,
		  struct kq_fault *fault)
{
	bool reconfigure = false;
	struct kq_path source;
	size_t i;
	int rc = kq_path(&source, fault, "%s/src", build->scratch);

	for (i = 0; i < patch->nr_files && !rc; i++) {
		struct kq_node *node;

		rc = kq_overlay_get(overlay, patch->file[i].path, &node, fault);
		if (!rc)
			rc = kq_node_export(source.s, node, fault);
		if (!rc)
			rc = kq_objects_touch(build, node, fault);
		reconfigure = reconfigure || is_build_file(patch->file[i].path);
	}
	if (rc || build->broken)
		return rc;
	if (reconfigure)
		rc = set_config(build, fault);
	return rc ? rc : kq_objects_compile(build, file, findings, fault);
}
