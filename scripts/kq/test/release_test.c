// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One small tree as a directory, as a tarball and in git: all three are the same source. Then the
 * cache: what is in it needs no tarball, and what is damaged in it is made again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "text/child.h"
#include "text/text.h"
#include "tree/release.h"

static const char make_tree[] =
	"mkdir -p cache t/d/e scripts/build linux && cd t &&"
	"printf 'VERSION = 6\\nPATCHLEVEL = 18\\nSUBLEVEL = 5\\nEXTRAVERSION =\\n' >Makefile &&"
	"seq 1 2000 >d/e/f && : >empty &&"
	"printf '#!/bin/sh\\n' >d/run && chmod +x d/run && ln -s d/run link && ln -s d to &&"
	"printf 'a\\nb' >d/e.f && cd .. &&"
	"tar --transform 's,^t,linux-6.18.5,' -cJf t.tar.xz t &&"
	"git init -q repo && cp -a t/. repo && git -C repo add -A &&"
	"git -C repo -c user.name=a -c user.email=a@b commit -q -m a &&"
	"cp t.tar.xz pinned && printf '#!/bin/sh\\necho pinned\\n' >scripts/build/fetch && chmod +x "
	"scripts/build/fetch &&"
	"echo \"6.18.5 debian $(sha256sum <pinned | cut -d' ' -f1) x\" >linux/PIN";

static const char *const specs[] = { "t", "t.tar.xz", "git:repo:HEAD", "6.18.5" };

static char directory[] = "/tmp/kq-release.XXXXXX";

static void shell(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct kq_error error = { 0 };

	assert_int_equal(0, kq_child_run(&(struct kq_child){ .argv = argv }, &end, &error));
	if (end.status)
		print_message("# %s: %.*s\n", script, KQ_FMT(ks_buf_span(&end.err)));
	assert_int_equal(0, end.status);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(0, chdir(directory));
	assert_int_equal(0, setenv("XDG_CACHE_HOME", "cache", 1));
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	shell(make_tree);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	shell("rm -rf \"$PWD\"");
	return 0;
}

static struct kq_release *opened(const char *spec, const struct kq_want *want)
{
	struct kq_release *release = NULL;
	struct kq_error error = { 0 };

	if (kq_release_open(spec, want, &release, &error))
		print_message("# %s\n", error.line);
	assert_non_null(release);
	return release;
}

static void shows(struct kq_release *release, const char *path, mode_t mode, const char *file)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_error error = { 0 };
	struct ks_diag diag = { 0 };

	assert_int_equal(0, kq_source_load(&release->source, path, &blob, &error));
	assert_int_equal(!!file, blob.exists);
	if (!file)
		return;
	assert_int_equal(mode, blob.mode & 0755);
	assert_int_equal(0, ks_file_load(file, KQ_MAX_FILE_BYTES, &content, &diag));
	assert_true(ks_span_eq(ks_buf_span(&content), ks_buf_span(&blob.content)));
}

static void refuses(struct kq_release *release, const char *path, const char *said)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	struct kq_error error = { 0 };

	assert_int_equal(KQ_REFUSED, kq_source_load(&release->source, path, &blob, &error));
	assert_string_equal(said, error.line);
}

static void all_kinds_are_the_same_source(void **state)
{
	static const char *const paths[] = { "d/e/f", "empty", "none", "link", "d", "d/e/f" };
	const struct kq_want want = { paths, KS_ARRAY_SIZE(paths) };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(specs); i++) {
		__cleanup(kq_release_close) struct kq_release *release = opened(specs[i], &want);

		assert_string_equal("6.18.5", release->name);
		assert_true(release->has_version);
		assert_int_equal(i > 0, release->listed);
		assert_int_equal(i == 1 || i == 3, release->pinned);
		shows(release, "d/e/f", 0644, "t/d/e/f");
		shows(release, "d/run", 0755, "t/d/run");
		shows(release, "empty", 0644, "t/empty");
		shows(release, "d/e.f", 0644, "t/d/e.f");
		shows(release, "none", 0, NULL);
		shows(release, "d/none/x", 0, NULL);
		refuses(release, "link", "link is a symbolic link, refused");
		refuses(release, "to/run", "to is a symbolic link, refused");
		refuses(release, "d", "d is not a plain file");
		refuses(release, "empty/x", "empty is not a directory");
	}
}

static void what_is_cached_needs_no_tarball(void **state)
{
	static const char *const paths[] = { "d/e/f" };
	const struct kq_want want = { paths, 1 }, nothing = { 0 };
	struct kq_release *release;
	struct kq_error error = { 0 };
	struct kq_blob blob = { 0 };

	(void)state;
	shell("rm -rf cache");
	release = opened("6.18.5", &want);
	kq_release_close(&release);
	shell("mv pinned away");
	release = opened("6.18.5", &want);
	shows(release, "d/e/f", 0644, "t/d/e/f");
	shows(release, "Makefile", 0644, "t/Makefile");
	assert_int_equal(-ENOENT, kq_source_load(&release->source, "d/run", &blob, &error));
	assert_string_equal("pinned: No such file or directory", error.line);
	kq_release_close(&release);
	shell("echo other >pinned");
	release = opened("6.18.5", &nothing);
	error = (struct kq_error){ 0 };
	assert_int_equal(KQ_REFUSED, kq_source_load(&release->source, "d/run", &blob, &error));
	assert_true(
		kq_starts(ks_span_str(error.line), "pinned: is another tarball than the one read"));
	kq_release_close(&release);
	shell("mv away pinned");
	release = opened("6.18.5", &nothing);
	shows(release, "d/run", 0755, "t/d/run");
	kq_release_close(&release);
}

static void what_is_damaged_is_made_again(void **state)
{
	static const char *const damage[] = {
		"for f in cache/kseal/kq/blobs/*; do echo x >>$f; done",
		"for f in cache/kseal/kq/blobs/*; do : >$f; done",
		"rm -r cache/kseal/kq/blobs",
		"for f in cache/kseal/kq/manifests/*; do echo x >>$f; done",
		"for f in cache/kseal/kq/manifests/*; do sed -i s/d.run/d.ran/ $f; done",
		"for f in cache/kseal/kq/manifests/*; do : >$f; done",
		"rm -r cache",
	};
	static const char *const paths[] = { "d/e/f", "d/run" };
	const struct kq_want want = { paths, 2 };
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(damage); i++)
		for (k = 1; k < KS_ARRAY_SIZE(specs); k++) {
			struct kq_release *release = opened(specs[k], &want);

			kq_release_close(&release);
			shell(damage[i]);
			release = opened(specs[k], &want);
			shows(release, "d/e/f", 0644, "t/d/e/f");
			shows(release, "d/run", 0755, "t/d/run");
			kq_release_close(&release);
		}
}

static void two_at_once_are_the_same_as_one_by_one(void **state)
{
	static const char *const both[] = { "t.tar.xz", "git:repo:HEAD" };
	static const char *const bad[] = { "t.tar.xz", "bad.tar" };
	static const char *const paths[] = { "d/e/f" };
	const struct kq_want want = { paths, 1 };
	struct kq_release *release[2] = { NULL, NULL };
	struct kq_error error = { 0 };

	(void)state;
	shell("rm -rf cache; echo no tarball >bad.tar");
	assert_int_equal(0, kq_release_open_both(both, &want, release, &error));
	shows(release[0], "d/e/f", 0644, "t/d/e/f");
	shows(release[1], "d/e/f", 0644, "t/d/e/f");
	assert_string_equal(release[0]->manifest.tree.text, release[1]->manifest.tree.text);
	kq_release_close(&release[0]);
	kq_release_close(&release[1]);
	assert_int_equal(-EBADMSG, kq_release_open_both(bad, &want, release, &error));
	assert_true(kq_starts(ks_span_str(error.line), "bad.tar: damaged, or not a tarball"));
	assert_null(release[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_are_the_same_source),
		cmocka_unit_test(what_is_cached_needs_no_tarball),
		cmocka_unit_test(what_is_damaged_is_made_again),
		cmocka_unit_test(two_at_once_are_the_same_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
