/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does kseal know the kernel's rules? data/make-rules made modules, good and bad ones, and
 * wrote down what `kseal module verify` says that this very kernel does with each of them:
 *
 *	<state> TAB <file> TAB <errno, 0 if it loads> [TAB <line of the kernel's log>]...
 *
 * for each state that a kernel can be in. Every prediction for the state of this boot must come
 * true. In the enforced boot the firmware revokes a certificate (dbx), so there are two files.
 */
#ifndef KSEAL_RULES_H
#define KSEAL_RULES_H

#include "kselftest_harness.h"
#include "modules.h"

#define MAX_LINES 8

/* pr_*_ratelimited(): ten lines of a place in five seconds, the others are lost. */
#define BURST 8
#define RATELIMIT_S 6

struct prediction {
	const char *state;
	const char *file;
	int err;
	const char *log[MAX_LINES];
	int nr_logs;
};

/* Cut one line at its tabs; the text stays the line's. */
static bool parse(char *line, struct prediction *p)
{
	char *number, *field;

	p->state = strsep(&line, "\t");
	p->file = strsep(&line, "\t");
	number = strsep(&line, "\t");
	p->nr_logs = 0;
	while ((field = strsep(&line, "\t")) && p->nr_logs < MAX_LINES)
		p->log[p->nr_logs++] = field;
	if (!p->file || !number)
		return false;
	p->err = atoi(number);
	return true;
}

/* What the kernel logs from now on. */
static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Which of the predicted lines did not come? Return: NULL if all did. */
static const char *missing_line(int fd, const struct prediction *p)
{
	bool seen[MAX_LINES] = { false };
	char record[8193];
	int first = 0, i;

	/* @first: the first one that did not come so far. */
	while (first < p->nr_logs && next_record(fd, record, sizeof(record))) {
		for (i = first; i < p->nr_logs; i++)
			seen[i] |= strstr(record, p->log[i]) != NULL;
		while (first < p->nr_logs && seen[first])
			first++;
	}
	return first < p->nr_logs ? p->log[first] : NULL;
}

/*
 * Load every module and compare. Each refusal has a control in the same boot: a module that loads,
 * made by the same tools.
 */
static void check_predictions(struct __test_metadata *_metadata, const char *state)
{
	/* Tests before this one may have used up what the kernel logs in a while. */
	int nr_loaded = 0, nr_refused = 0, nr_since_pause = BURST;
	char *text, *rest, *line, path[256];
	struct prediction p;
	size_t bytes;

	ASSERT_MODE_IS_KNOWN();
	text = (char *)read_whole(enforced() ? RULES_DIR "enforced" : RULES_DIR "control", &bytes);
	ASSERT_NE(NULL, text);
	text[bytes] = '\0';
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		const char *missing;
		int log, got;

		if (!*line)
			continue;
		ASSERT_TRUE(parse(line, &p));
		if (strcmp(p.state, state))
			continue;
		if (p.nr_logs && ++nr_since_pause > BURST) {
			sleep(RATELIMIT_S);
			nr_since_pause = 1;
		}
		snprintf(path, sizeof(path), RULES_DIR "%s", p.file);
		log = open_log();
		ASSERT_LE(0, log);
		got = load_module(path);
		missing = missing_line(log, &p);
		close(log);
		EXPECT_EQ(-p.err, got) TH_LOG("%s, %s", p.file, state);
		EXPECT_EQ(NULL, missing) TH_LOG("%s: the log lacks: %s", p.file, missing);
		nr_loaded += got == 0;
		nr_refused += got != 0;
	}
	free(text);
	TH_LOG("%s: %d loaded, %d refused", state, nr_loaded, nr_refused);
	EXPECT_LT(8, nr_loaded);
	EXPECT_LT(12, nr_refused);
}

#endif
