// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/release.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "tree/fill.h"
#include "tree/known.h"
#include "tree/pin.h"

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
static int find_number(struct kq_release *release, struct kq_fault *fault)
{
	struct kq_pins pins;
	size_t i;
	int rc = kq_pins_load(release->spec, &pins, fault);

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
	return release->listed ? 0 : kq_release_fetch(release, fault);
}

/* "git:REPO:REV"; a REPO may have a colon. */
static int find_git(struct kq_release *release, struct kq_fault *fault)
{
	char *rev;
	int rc;

	release->place = strdup(release->spec + strlen("git:"));
	if (!release->place)
		return kq_no_memory(fault);
	rev = strrchr(release->place, ':');
	if (!rev || rev == release->place || !rev[1])
		return kq_fail(fault, -ENOENT, "%s: want git:REPO:REV", release->spec);
	*rev++ = '\0';
	if (access(release->place, X_OK))
		return kq_fail(fault, -errno, "%s: %s: %s", release->spec, release->place,
			       strerror(errno));
	release->kind = KQ_RELEASE_GIT;
	rc = kq_gittree_find(release->place, rev, &release->git, fault);
	if (rc)
		return rc;
	set_key(release, "git-", &release->git.tree);
	release->listed = kq_cache_manifest(&release->cache, release->key, &release->manifest);
	return 0;
}

/* What is it, and where? Nothing large is read here. */
static int find(struct kq_release *release, struct kq_fault *fault)
{
	struct stat st;
	int rc = kq_cache_find(&release->cache, fault);

	if (rc)
		return rc;
	if (kq_version_is(release->spec))
		return find_number(release, fault);
	if (!strncmp(release->spec, "git:", 4))
		return find_git(release, fault);
	if (stat(release->spec, &st))
		return kq_fail(
			fault, -errno,
			"%s: %s; want a release (6.18.15), a tarball, a folder or git:REPO:REV",
			release->spec, strerror(errno));
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return kq_fail(fault, -EINVAL, "%s: is no file and no folder", release->spec);
	release->kind = S_ISDIR(st.st_mode) ? KQ_RELEASE_FOLDER : KQ_RELEASE_TARBALL;
	release->place = strdup(release->spec);
	return release->place ? 0 : kq_no_memory(fault);
}

/* The manifest, with a pass over everything if there is none. */
static int list(struct kq_release *release, const struct kq_want *want, struct kq_fault *fault)
{
	__cleanup(ks_close_fd) int fd = -1;
	int rc = 0;

	if (release->listed || release->kind == KQ_RELEASE_FOLDER)
		return 0;
	if (release->kind == KQ_RELEASE_TARBALL) {
		rc = kq_fill_open_tarball(release, &fd, fault);
		if (rc)
			return rc;
		set_key(release, "", &release->tarball);
		release->listed =
			kq_cache_manifest(&release->cache, release->key, &release->manifest);
	}
	if (!release->listed)
		rc = kq_fill_all(release, fd, want, fault);
	release->listed = !rc;
	return rc;
}

static int set_name(struct kq_release *release, struct kq_fault *fault)
{
	__cleanup(kq_blob_done) struct kq_blob makefile = { 0 };
	struct kq_version version = { 0 };
	struct kq_pins pins;
	int rc = kq_source_load(&release->source, "Makefile", &makefile, fault);

	if (rc)
		return rc;
	release->has_version = kq_version_read(ks_buf_span(&makefile.content), &version);
	if (!release->has_version)
		snprintf(version.text, sizeof(version.text), "%.*s", KQ_RELEASE_BYTES - 1,
			 release->spec);
	memcpy(release->name, version.text, sizeof(release->name));
	if (kq_version_is(release->spec) && strcmp(release->spec, release->name))
		return kq_fail(fault, KQ_REFUSED, "%s: its Makefile says that it is %s",
			       release->spec, release->name);
	rc = kq_pins_load(release->name, &pins, fault);
	release->pinned = !rc && release->tarball.text[0] && kq_pinned(&pins, &release->tarball);
	return rc;
}

static int read_all(struct kq_release *release, const struct kq_want *want, struct kq_fault *fault)
{
	int rc = list(release, want, fault);

	if (rc)
		return rc;
	if (release->kind == KQ_RELEASE_FOLDER)
		release->source = kq_source_folder(release->place);
	else
		release->source = kq_release_files(release);
	rc = set_name(release, fault);
	if (!rc)
		rc = kq_release_want(release, want, fault);
	if (!rc)
		kq_known_put(release);
	return rc;
}

static struct kq_release *new_release(const char *spec, struct kq_fault *fault)
{
	struct kq_release *release = calloc(1, sizeof(*release));

	if (release)
		release->spec = strdup(spec);
	if (release && release->spec)
		return release;
	kq_release_close(&release);
	kq_no_memory(fault);
	return NULL;
}

int kq_release_open(const char *spec, const struct kq_want *want, struct kq_release **ret_release,
		    struct kq_fault *fault)
{
	struct kq_release *release = new_release(spec, fault);
	int rc;

	if (!release)
		return fault->err;
	rc = find(release, fault);
	if (!rc)
		rc = read_all(release, want, fault);
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
	struct kq_fault fault;
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

	if (read_all(side->release, side->want, &side->fault) && !side->fault.err)
		side->fault.err = -EIO;
	return NULL;
}

int kq_release_open_both(const char *const spec[2], const struct kq_want *want,
			 struct kq_release *ret_release[2], struct kq_fault *fault)
{
	__cleanup(side_done) struct side side[2] = { 0 };
	size_t i;
	int rc = 0;

	/* One after the other: scripts/build/fetch may download, and says so. */
	for (i = 0; i < 2 && !rc; i++) {
		side[i].want = want;
		side[i].release = new_release(spec[i], fault);
		rc = side[i].release ? find(side[i].release, fault) : fault->err;
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
		if (side[i].fault.err && !rc)
			rc = kq_fail(fault, side[i].fault.err, "%s", side[i].fault.line);
	}
	if (rc)
		return rc;
	for (i = 0; i < 2; i++) {
		ret_release[i] = side[i].release;
		side[i].release = NULL;
	}
	return 0;
}
