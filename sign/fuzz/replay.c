// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * replay FILE-OR-DIRECTORY...: run a fuzz target over files, once each. In place of libFuzzer where
 * there is none, and in make check, where gcc's ASan and UBSan look at every seed.
 *
 * Exit: 0 all ran; 1 a file could not be read, or there was none. A find aborts.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "fuzz/fuzz.h"

static unsigned int nr_runs;

static int replay_file(const char *path)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_diag diag = { 0 };
	char line[512];
	u8 *exact;

	if (ks_file_load(path, KS_MAX_MODULE_BYTES, &content, &diag)) {
		ks_diag_format(&diag, line, sizeof(line));
		fprintf(stderr, "replay: %s\n", line);
		return 1;
	}
	/* Of exactly its size, so that ASan sees the first byte read beyond. */
	exact = malloc(content.bytes ? content.bytes : 1);
	if (!exact)
		return 1;
	if (content.bytes)
		memcpy(exact, content.p, content.bytes);
	/* In case this is the one that aborts. */
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, content.bytes);
	free(exact);
	nr_runs++;
	return 0;
}

static int replay_directory(const char *path, DIR *dir)
{
	struct dirent *entry;
	char file[PATH_MAX];
	int failed = 0;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		failed |= replay_file(file);
	}
	return failed;
}

int main(int argc, char **argv)
{
	int i, failed = 0;

	for (i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);

		failed |= dir ? replay_directory(argv[i], dir) : replay_file(argv[i]);
		if (dir)
			closedir(dir);
	}
	printf("%u inputs\n", nr_runs);
	return failed || !nr_runs;
}
