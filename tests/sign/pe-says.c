// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pe-says DIR: what `kseal pe verify` and `pe lint` say of DIR/cases, a line "STORE IMAGE" each, in one
 * process: started once per case, the verbs take longer than the firmware.
 *
 * A store is DIR/lists/STORE: its trust.pem is --trust, its dbx.esl is --dbx if it is not empty. Prints
 * "STORE IMAGE VERIFY LINT": yes (exit 0) or no; VERIFY is - where there is no trust.pem.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/slurp.h"
#include "ops/pe_lint.h"
#include "ops/pe_verify.h"

struct store {
	char name[128];
	struct ks_certs trust;
	struct ks_dbx dbx;
	bool has_dbx, bad_dbx;
};

static void die(const char *path, const struct ks_diag *diag)
{
	fprintf(stderr, "pe-says: %s: %s\n", path, diag->err ? diag->what : strerror(errno));
	exit(1);
}

static void close_store(struct store *s)
{
	ks_certs_done(&s->trust);
	ks_dbx_done(&s->dbx);
	*s = (struct store){ 0 };
}

static void open_store(struct store *s, const char *dir, const char *name)
{
	struct ks_diag diag = { 0 };
	char path[4096];
	struct stat st;

	close_store(s);
	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(path, sizeof(path), "%s/lists/%s/trust.pem", dir, name);
	if (!stat(path, &st) && ks_certs_append(&s->trust, path, &diag))
		die(path, &diag);
	snprintf(path, sizeof(path), "%s/lists/%s/dbx.esl", dir, name);
	s->has_dbx = !stat(path, &st) && st.st_size;
	/* The verb fails on a dbx that it cannot read, whatever the image is. */
	s->bad_dbx = s->has_dbx && ks_dbx_load(path, NULL, &s->dbx, NULL);
}

static const char *verify(const struct store *s, struct ks_span image)
{
	const struct ks_pe_db db = { .trust = &s->trust, .dbx = s->has_dbx ? &s->dbx : NULL };
	struct ks_pe_report report = { 0 };
	bool good;

	if (!s->trust.nr_certs)
		return "-";
	if (s->bad_dbx)
		return "no";
	good = !ks_pe_inspect(&db, image, &report, NULL) && !ks_pe_verdict(&report, NULL);
	ks_pe_report_done(&report);
	return good ? "yes" : "no";
}

static const char *lint(struct ks_span image)
{
	struct ks_findings findings = { 0 };
	bool good = !ks_pe_lint(image, &findings, NULL) && !findings.nr_fatal;

	ks_findings_done(&findings);
	return good ? "yes" : "no";
}

static void say(const char *dir, const struct store *s, const char *name)
{
	struct ks_slurp memory = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span image;
	char path[4096];

	snprintf(path, sizeof(path), "%s/images/%s", dir, name);
	if (ks_slurp_file(&memory, path, KS_MAX_IMAGE_BYTES, &image, &diag))
		die(path, &diag);
	printf("%s\t%.*s\t%s\t%s\n", s->name, (int)(strlen(name) - strlen(".efi")), name,
	       verify(s, image), lint(image));
	ks_slurp_done(&memory);
}

int main(int argc, char **argv)
{
	char path[4096], store[128], image[128];
	struct ks_diag diag = { 0 };
	struct store s = { 0 };
	FILE *cases;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/cases", argv[1]);
	cases = fopen(path, "r");
	if (!cases)
		die(path, &diag);
	while (fscanf(cases, "%127s %127s", store, image) == 2) {
		if (!strcmp(image, "-"))
			continue;
		if (strcmp(store, s.name))
			open_store(&s, argv[1], store);
		say(argv[1], &s, image);
	}
	close_store(&s);
	return fclose(cases);
}
