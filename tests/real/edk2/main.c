// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * edk2 VERSION SEED COUNT DIR: is what kseal says of updates what EDK2's own code does with them?
 *
 * DIR has PK, KEK and old (signature lists of the machine; old is the content of db) and updates
 * NAME-FLAGS-ANYTHING, NAME a variable, FLAGS "a" for an append or "r". Each is asked as it is, and then
 * COUNT times with some bytes changed, for a random variable, in user mode and in setup mode. Of VERSION
 * "old" the answers have to be the same; "new" may take what kseal refuses because old firmware does.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "edk2.h"
#include "ops/efi_update.h"

#define MAX_UPDATES 64U

static struct update {
	char name[8];
	bool append;
	char path[512];
	struct ks_buf file;
} updates[MAX_UPDATES];
static size_t nr_updates;

static struct ks_buf pk, kek, old;
static u8 old_time[KS_EFI_TIME_BYTES];
static u64 seed, nr_asked, nr_taken, nr_differ, nr_cannot_tell;
static bool is_new;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "edk2: %s\n", what);
	exit(2);
}

/* xorshift64* */
static u64 random_below(u64 n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 0x2545f4914f6cdd1dULL >> 11) % n;
}

static void load(const char *dir, const char *name, struct ks_buf *ret)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (ks_file_load(path, KS_MAX_TEXT_BYTES, ret, NULL))
		die(path);
}

static void load_updates(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		die(dir);
	while ((entry = readdir(d))) {
		struct update *u = &updates[nr_updates];
		char flag;

		if (sscanf(entry->d_name, "%7[a-zA-Z]-%c-", u->name, &flag) != 2)
			continue;
		u->append = flag == 'a';
		snprintf(u->path, sizeof(u->path), "%s", entry->d_name);
		load(dir, entry->d_name, &u->file);
		if (++nr_updates == MAX_UPDATES)
			die("too many updates");
	}
	closedir(d);
	if (!nr_updates)
		die("no updates");
}

static void start(bool setup)
{
	edk2_reset();
	if (!setup)
		edk2_set("PK", old_time, pk.p, pk.bytes);
	edk2_set("KEK", old_time, kek.p, kek.bytes);
	edk2_set("db", old_time, old.p, old.bytes);
	edk2_start();
}

/* After an append of what is not there yet the variable is what ks_esl_join() makes. */
static void check_joined(const char *name, struct ks_span file)
{
	__cleanup(ks_buf_done) struct ks_buf want = { 0 };
	struct ks_auth_view view;
	const void *data;
	size_t bytes = edk2_get(name, &data);

	if (!strcmp(name, "db"))
		ks_put(&want, ks_buf_span(&old));
	else if (!strcmp(name, "KEK"))
		ks_put(&want, ks_buf_span(&kek));
	else
		return;
	if (ks_auth_parse(file, &view, NULL) || ks_esl_join(&want, view.payload, NULL, NULL) ||
	    want.bytes != bytes || memcmp(want.p, data, bytes)) {
		nr_differ++;
		printf("# append to %s: EDK2 has %zu bytes, kseal %zu\n", name, bytes, want.bytes);
	}
}

static void ask(const struct update *from, struct ks_span file, const char *name, bool append, bool setup,
		bool changed)
{
	struct ks_efi_state state = { 0 };
	struct ks_efi_verdict verdict = { 0 };
	const struct ks_efi_key *key = NULL;
	struct ks_diag diag = { 0 };
	bool theirs, ours;
	int rc;

	if (ks_efi_key_named(name, &key, NULL))
		die(name);
	start(setup);
	theirs = edk2_update(name, append, file.p, file.bytes);
	if (theirs && append && !changed)
		check_joined(name, file);
	if (!setup)
		ks_put(&state.pk, ks_buf_span(&pk));
	ks_put(&state.kek, ks_buf_span(&kek));
	if (!strcmp(name, "db") || !strcmp(name, "KEK") || (!setup && !strcmp(name, "PK"))) {
		state.has_old = true;
		memcpy(state.old_time, old_time, sizeof(old_time));
		state.old_bytes = *name == 'd' ? old.bytes : *name == 'P' ? pk.bytes : kek.bytes;
	}
	rc = ks_efi_update_judge(file, key, append, &state, &verdict, &diag);
	ks_efi_state_done(&state);
	ours = !rc;
	nr_asked++;
	nr_taken += theirs;
	if (rc == -E2BIG) {
		nr_cannot_tell++;
		return;
	}
	if (ours == theirs || (is_new && theirs && diag.what && strstr(diag.what, "2022.11")))
		return;
	if (nr_differ++ < 20)
		printf("# %s as %s %s in %s mode: EDK2 %s, kseal %s: %s\n", from->path, name,
		       append ? "append" : "replace", setup ? "setup" : "user", theirs ? "takes it" : "refuses it",
		       ours ? "takes it" : "refuses it", ours ? "" : diag.what);
	if (changed && nr_differ == 1) {
		FILE *f = fopen("differs.auth", "wb");

		if (f) {
			fwrite(file.p, 1, file.bytes, f);
			fclose(f);
		}
	}
}

/* Bytes that mean something are at the start, around the signature's, and in the head of the lists. */
static void change(u8 *p, size_t bytes)
{
	static const u32 edges[] = { 0, 1, 16, 23, 24, 27, 28, 29, 40, 44, 48, 76, 0x7f, 0x80, 0x81, 0x82, 0x83, 0xff,
				     0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffe4, 0xffffffff };
	size_t nr = 1 + random_below(3), at;
	u32 value;

	while (nr--) {
		at = random_below(random_below(2) ? bytes : bytes < 80 ? bytes : 80);
		switch (random_below(4)) {
		case 0:
			p[at] ^= (u8)(1 << random_below(8));
			break;
		case 1:
			p[at] = (u8)random_below(256);
			break;
		case 2:
			value = edges[random_below(KS_ARRAY_SIZE(edges))];
			if (at + 4 <= bytes)
				memcpy(p + at, &value, 4);
			break;
		default:
			p[at] = (u8)edges[random_below(KS_ARRAY_SIZE(edges))];
		}
	}
}

static void ask_changed(void)
{
	const struct update *u = &updates[random_below(nr_updates)];
	size_t bytes = u->file.bytes + 64, n = u->file.bytes;
	u8 *copy = calloc(1, bytes);
	const char *name = random_below(4) ? u->name : ks_efi_keys[random_below(KS_EFI_NR_KEYS)].name;
	bool append = random_below(8) ? u->append : !u->append;

	if (!copy)
		die("out of memory");
	memcpy(copy, u->file.p, n);
	if (!random_below(16))
		n = random_below(n + 1);
	else if (!random_below(16))
		n += random_below(64);
	/* One that is not changed shows that the machine still takes something. */
	if (n && random_below(16))
		change(copy, n);
	ask(u, (struct ks_span){ copy, n }, name, append, random_below(3) == 0, true);
	free(copy);
}

int main(int argc, char **argv)
{
	u64 count, i;
	size_t k;

	if (argc != 5)
		die("usage: edk2 old|new SEED COUNT DIR");
	is_new = !strcmp(argv[1], "new");
	seed = strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15ULL + 1;
	count = strtoull(argv[3], NULL, 10);
	load(argv[4], "PK", &pk);
	load(argv[4], "KEK", &kek);
	load(argv[4], "old", &old);
	ks_efi_time_set(1700000000, old_time);
	load_updates(argv[4]);
	for (i = 0; i < nr_updates; i++)
		for (k = 0; k < 4 * KS_EFI_NR_KEYS; k++)
			ask(&updates[i], ks_buf_span(&updates[i].file), ks_efi_keys[k / 4].name, k & 1, k & 2, false);
	for (i = 0; i < count; i++)
		ask_changed();
	printf("%llu asked, %llu taken, %llu differ, %llu kseal cannot tell\n", (unsigned long long)nr_asked,
	       (unsigned long long)nr_taken, (unsigned long long)nr_differ, (unsigned long long)nr_cannot_tell);
	return nr_differ || !nr_taken;
}
