// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_release.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

const char *ks_release_state_name(enum ks_release_state state)
{
	static const char *const names[] = {
		[KS_RELEASE_FOUND] = "found",
		[KS_RELEASE_MISSING] = "missing",
		[KS_RELEASE_STRAY] = "stray",
		[KS_RELEASE_WORK] = "work",
	};

	return names[state];
}

void ks_release_done(struct ks_release *release)
{
	size_t i;

	for (i = 0; i < release->nr_files; i++)
		free(release->file[i].path);
	free(release->file);
	*release = (struct ks_release){ 0 };
}

/* The first row that fits. Without a role it is the build's; what no row knows is a stray file. */
static const struct {
	const char *pattern;
	const char *role;
} places[] = {
	{ "linux.efi", "image" },
	/* systemd-stub looks at no case: load_addons_from_dir(). */
	{ "linux.efi.extra.d/*.[aA][dD][dD][oO][nN].[eE][fF][iI]", "addon" },
	{ "linux.efi.extra.d/*", "" },
	{ "vmlinuz-kexec", "kexec" },
	{ "keyring/trusted.pem", "keyring" },
	{ "keyring/revoked.pem", "keyring" },
	{ "keyring/*.json", "keyring" },
	{ "keyring/*", "" },
	{ "enroll/*.esl", "enroll" },
	{ "enroll/*.auth", "enroll" },
	{ "enroll/*", "" },
	{ "resolved", "config" },
	{ "*/*", NULL },
	{ "modules", NULL },
	{ "modules.unsigned", NULL },
	{ "keyring", NULL },
	{ "enroll", NULL },
	{ "linux.efi.extra.d", NULL },
	{ "audit.*", NULL },
	{ "build", NULL },
	{ "certs", NULL },
	{ "stages", NULL },
	{ "stamps", NULL },
	{ "test-keys", NULL },
	{ "tests", NULL },
	{ "uki", NULL },
	{ "userland", NULL },
	{ "vm", NULL },
	{ "sku", NULL },
	{ "config.requested", NULL },
	{ "offline", NULL },
	{ "policy.rules", NULL },
	{ "*.log", NULL },
	{ "report.*", NULL },
	{ "*.unsigned.efi", NULL },
	{ "selftest.efi", NULL },
	{ "params.efi", NULL },
	{ ".*", NULL },
};

static int add(struct ks_release *release, const char *dir, const char *name, const char *role,
	       enum ks_release_state state, struct ks_diag *diag)
{
	struct ks_release_file *grown = reallocarray(release->file, release->nr_files + 1, sizeof(*grown)), *file;

	if (release->nr_files == KS_RELEASE_MAX_FILES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "release has more than 1024 files");
	if (!grown)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	release->file = grown;
	file = &grown[release->nr_files];
	*file = (struct ks_release_file){ .role = role, .state = state };
	if (asprintf(&file->path, "%s/%s%s%s", release->dir, dir, *dir ? "/" : "", name) < 0)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	file->name = file->path + strlen(release->dir) + 1;
	release->nr_files++;
	return 0;
}

static int add_known(struct ks_release *release, const char *dir, const char *name, struct ks_diag *diag)
{
	enum ks_release_state state = KS_RELEASE_STRAY;
	char whole[KS_MAX_PATH_BYTES];
	const char *role = NULL;
	size_t i;

	snprintf(whole, sizeof(whole), "%s%s%s", dir, *dir ? "/" : "", name);
	for (i = 0; i < KS_ARRAY_SIZE(places); i++) {
		if (fnmatch(places[i].pattern, whole, FNM_PATHNAME | FNM_PERIOD) != 0)
			continue;
		role = places[i].role;
		state = !role ? KS_RELEASE_WORK : *role ? KS_RELEASE_FOUND : KS_RELEASE_STRAY;
		break;
	}
	return add(release, dir, name, role && *role ? role : NULL, state, diag);
}

static int no_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* @each: 0, or a failure that ends it. A directory that is not there has no names. */
static int each_name(struct ks_release *release, const char *dir,
		     int (*each)(struct ks_release *release, const char *dir, const char *name, struct ks_diag *diag),
		     struct ks_diag *diag)
{
	char path[KS_MAX_PATH_BYTES];
	struct dirent **names = NULL;
	int i, nr, rc = 0;

	if (!ks_release_path(release, dir, path))
		return ks_fail(diag, -ENAMETOOLONG, KS_NO_OFF, "name is too long");
	nr = scandir(path, &names, no_dots, by_bytes);
	if (nr < 0 && *dir && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (nr < 0)
		return ks_fail_sys(diag, "cannot read directory", path);
	for (i = 0; i < nr; i++) {
		if (!rc)
			rc = each(release, dir, names[i]->d_name, diag);
		free(names[i]);
	}
	free(names);
	return rc;
}

int ks_release_find(const char *dir, struct ks_release *ret_release, struct ks_diag *diag)
{
	static const char *const dirs[] = { "", "linux.efi.extra.d", "keyring", "enroll" };
	size_t i;
	int rc = 0;

	ret_release->dir = dir;
	for (i = 0; !rc && i < KS_ARRAY_SIZE(dirs); i++)
		rc = each_name(ret_release, dirs[i], add_known, diag);
	if (!rc && !ks_release_has(ret_release, "linux.efi")) {
		rc = ks_fail(diag, -ENOENT, KS_NO_OFF, "is no release, it has no linux.efi");
		ks_diag_in(diag, dir);
	}
	if (!rc && !ks_release_has(ret_release, "keyring/trusted.pem"))
		rc = add(ret_release, "keyring", "trusted.pem", "keyring", KS_RELEASE_MISSING, diag);
	return rc;
}

static int add_stray(struct ks_release *release, const char *dir, const char *name, struct ks_diag *diag)
{
	return add(release, dir, name, NULL, KS_RELEASE_STRAY, diag);
}

int ks_release_find_modules(struct ks_release *release, struct ks_span kernel, bool wants, struct ks_diag *diag)
{
	char name[128];
	size_t i, before = release->nr_files;
	bool found = false;
	int rc = each_name(release, "modules/lib/modules", add_stray, diag);

	snprintf(name, sizeof(name), "modules/lib/modules/%.*s", KS_FMT(kernel));
	for (i = before; !rc && i < release->nr_files; i++) {
		if (strcmp(release->file[i].name, name) != 0 || !wants)
			continue;
		release->file[i].state = KS_RELEASE_FOUND;
		release->file[i].role = "modules";
		found = true;
	}
	if (!rc && wants && !found)
		rc = add(release, "", name, "modules", KS_RELEASE_MISSING, diag);
	return rc;
}

bool ks_release_has(const struct ks_release *release, const char *name)
{
	size_t i;

	for (i = 0; i < release->nr_files; i++)
		if (!strcmp(release->file[i].name, name) && release->file[i].state == KS_RELEASE_FOUND)
			return true;
	return false;
}

bool ks_release_path(const struct ks_release *release, const char *name, char path[KS_MAX_PATH_BYTES])
{
	return snprintf(path, KS_MAX_PATH_BYTES, "%s%s%s", release->dir, *name ? "/" : "", name) <
	       (int)KS_MAX_PATH_BYTES;
}
