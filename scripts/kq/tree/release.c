// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/release.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "tree/pin.h"
#include "tree/release_files.h"

void kq_release_close(struct kq_release **release)
{
	if (!*release)
		return;
	kq_manifest_done(&(*release)->manifest);
	free((*release)->spec);
	free((*release)->place);
	free(*release);
	*release = NULL;
}

static void set_key(struct kq_release *release, const char *prefix, const struct kq_hex *hex)
{
	snprintf(release->key, sizeof(release->key), "%s%s", prefix, hex->text);
}

/* A number: if one of its tarballs was read before, the tarball itself may not be needed. */
static int find_number(struct kq_release *release, struct kq_error *error)
{
	struct kq_pins pins;
	size_t i;
	int rc = kq_pins_load(release->spec, &pins, error);

	if (rc)
		return rc;
	release->kind = KQ_RELEASE_TARBALL;
	for (i = 0; i < pins.nr && !release->listed; i++) {
		release->listed = kq_cache_manifest(&release->cache, pins.tarball[i].text,
						    &release->manifest);
		if (release->listed) {
			release->tarball = pins.tarball[i];
			set_key(release, "", &release->tarball);
		}
	}
	return release->listed ? 0 : kq_release_fetch(release, error);
}

/* "git:REPO:REV"; a REPO may have a colon. */
static int find_git(struct kq_release *release, struct kq_error *error)
{
	char *rev;
	int rc;

	release->place = strdup(release->spec + strlen("git:"));
	if (!release->place)
		return kq_no_memory(error);
	rev = strrchr(release->place, ':');
	if (!rev || rev == release->place || !rev[1])
		return kq_fail(error, -ENOENT, "%s: want git:REPO:REV", release->spec);
	*rev++ = '\0';
	if (access(release->place, X_OK))
		return kq_fail(error, -errno, "%s: %s: %s", release->spec, release->place,
			       strerror(errno));
	release->kind = KQ_RELEASE_GIT;
	rc = kq_gittree_find(release->place, rev, &release->git, error);
	if (rc)
		return rc;
	set_key(release, "git-", &release->git.tree);
	release->listed = kq_cache_manifest(&release->cache, release->key, &release->manifest);
	return 0;
}

/* What is it, and where? Nothing large is read here. */
static int find_release(struct kq_release *release, struct kq_error *error)
{
	struct stat st;
	int rc = kq_cache_find(&release->cache, error);

	if (rc)
		return rc;
	if (kq_version_is(release->spec))
		return find_number(release, error);
	if (!strncmp(release->spec, "git:", 4))
		return find_git(release, error);
	if (stat(release->spec, &st))
		return kq_fail(
			error, -errno,
			"%s: %s; want a release (6.18.15), a tarball, a directory or git:REPO:REV",
			release->spec, strerror(errno));
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return kq_fail(error, -EINVAL, "%s: is neither a file nor a directory",
			       release->spec);
	release->kind = S_ISDIR(st.st_mode) ? KQ_RELEASE_DIR : KQ_RELEASE_TARBALL;
	release->place = strdup(release->spec);
	return release->place ? 0 : kq_no_memory(error);
}

static int set_name(struct kq_release *release, struct kq_error *error)
{
	__cleanup(kq_blob_done) struct kq_blob makefile = { 0 };
	struct kq_version version = { 0 };
	struct kq_pins pins;
	int rc = kq_source_load(&release->source, "Makefile", &makefile, error);

	if (rc)
		return rc;
	release->has_version = kq_version_read(ks_buf_span(&makefile.content), &version);
	if (!release->has_version)
		snprintf(version.text, sizeof(version.text), "%.*s", KQ_RELEASE_BYTES - 1,
			 release->spec);
	memcpy(release->name, version.text, sizeof(release->name));
	if (kq_version_is(release->spec) && strcmp(release->spec, release->name))
		return kq_fail(error, KQ_REFUSED, "%s: its Makefile says that it is %s",
			       release->spec, release->name);
	rc = kq_pins_load(release->name, &pins, error);
	release->pinned = !rc && release->tarball.text[0] && kq_pinned(&pins, &release->tarball);
	return rc;
}

/* So that nobody has to say it twice; a full disk is not a reason to fail. */
static void remember_place(const struct kq_release *release)
{
	bool is_git = release->kind == KQ_RELEASE_GIT;
	struct kq_error ignored = { 0 };
	char place[PATH_MAX];
	struct kq_path spec;

	if (release->kind == KQ_RELEASE_DIR || !release->place || !*release->key ||
	    !realpath(release->place, place))
		return;
	/* By the id of its tree: a branch moves. */
	if (!kq_path(&spec, &ignored, "%s%s%s%s", is_git ? "git:" : "", place, is_git ? ":" : "",
		     is_git ? release->git.tree.text : ""))
		(void)!kq_cache_put_place(&release->cache, release->key, spec.s, &ignored);
}

static int read_all(struct kq_release *release, const struct kq_want *want, struct kq_error *error)
{
	int rc = kq_release_list(release, want, error);

	if (rc)
		return rc;
	if (release->kind == KQ_RELEASE_DIR)
		release->source = kq_source_dir(release->place);
	else
		release->source = kq_release_files(release);
	rc = set_name(release, error);
	if (!rc)
		rc = kq_release_want(release, want, error);
	if (!rc)
		remember_place(release);
	return rc;
}

static struct kq_release *new_release(const char *spec, struct kq_error *error)
{
	struct kq_release *release = calloc(1, sizeof(*release));

	if (release)
		release->spec = strdup(spec);
	if (release && release->spec)
		return release;
	kq_release_close(&release);
	kq_no_memory(error);
	return NULL;
}

int kq_release_open(const char *spec, const struct kq_want *want, struct kq_release **ret_release,
		    struct kq_error *error)
{
	struct kq_release *release = new_release(spec, error);
	int rc;

	if (!release)
		return error->err;
	rc = find_release(release, error);
	if (!rc)
		rc = read_all(release, want, error);
	if (rc)
		kq_release_close(&release);
	else
		*ret_release = release;
	return rc;
}

/* struct side - one of two threads */
struct side {
	struct kq_release *release;
	const struct kq_want *want;
	struct kq_error error;
	pthread_t thread;
	bool started;
};

static void side_done(struct side (*side)[2])
{
	kq_release_close(&(*side)[0].release);
	kq_release_close(&(*side)[1].release);
}

static void *run_side(void *arg)
{
	struct side *side = arg;

	if (read_all(side->release, side->want, &side->error) && !side->error.err)
		side->error.err = -EIO;
	return NULL;
}

int kq_release_open_both(const char *const spec[2], const struct kq_want *want,
			 struct kq_release *ret_release[2], struct kq_error *error)
{
	__cleanup(side_done) struct side side[2] = { 0 };
	size_t i;
	int rc = 0;

	/* One after the other: scripts/build/fetch may download, and says so. */
	for (i = 0; i < 2 && !rc; i++) {
		side[i].want = want;
		side[i].release = new_release(spec[i], error);
		rc = side[i].release ? find_release(side[i].release, error) : error->err;
	}
	if (rc)
		return rc;
	for (i = 0; i < 2; i++)
		side[i].started = !pthread_create(&side[i].thread, NULL, run_side, &side[i]);
	for (i = 0; i < 2; i++) {
		if (side[i].started)
			pthread_join(side[i].thread, NULL);
		else
			run_side(&side[i]);
		if (side[i].error.err && !rc)
			rc = kq_fail(error, side[i].error.err, "%s", side[i].error.line);
	}
	if (rc)
		return rc;
	for (i = 0; i < 2; i++) {
		ret_release[i] = side[i].release;
		side[i].release = NULL;
	}
	return 0;
}
