/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test here shares: the mode of the run, values that the host passed, small files.
 *
 * Two boots of one kernel run the same programs. "enforced": the firmware has Secure Boot on and
 * the asserted act is denied. "control": Secure Boot is off and the same act succeeds, which shows
 * that the denial has the cause that it is said to have.
 */
#ifndef KSEAL_COMMON_H
#define KSEAL_COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest.h"

#define DATA_DIR "/kselftest/data/"
#define LOCKDOWN "/sys/kernel/security/lockdown"

/* What a test could not set up is not an answer of the kernel: no errno has this value. */
#define SETUP_FAILED 1000

/* Return: "enforced", "control", or "" when the host sent neither (the test then fails). */
static inline const char *run_mode(void)
{
	const char *mode = getenv("KSEAL_MODE");

	return mode && (!strcmp(mode, "enforced") || !strcmp(mode, "control")) ? mode : "";
}

static inline bool enforced(void)
{
	return !strcmp(run_mode(), "enforced");
}

/*
 * A SKU may be locked down by its configuration, Secure Boot or not (the host says "SET lockdown
 * confidentiality"). Its denials hold in both boots; the control is the SKU that is not.
 */
static inline bool always_locked(void)
{
	const char *level = getenv("KSEAL_LOCKDOWN");

	return level && !strcmp(level, "confidentiality");
}

static inline bool locked(void)
{
	return enforced() || always_locked();
}

/* Of this kernel: 4 KiB, or 64 on some of arm64. */
static inline size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* The first line of a test: no test passes because nobody said which boot this is. */
#define ASSERT_MODE_IS_KNOWN() \
	ASSERT_STRNE("", run_mode()) TH_LOG("KSEAL_MODE must be enforced or control")

/*
 * These tests write to the firmware, lock the kernel down, seal its modules: they run where somebody
 * says which boot this is, and are skipped as a whole anywhere else, and where the file @needed is not
 * there. "-l" lists the cases and needs nothing. In the VM a program that was skipped fails the run.
 */
static inline void skip_elsewhere(int argc, char **argv, const char *needed)
{
	if (argc == 2 && !strcmp(argv[1], "-l"))
		return;
	if (getenv("KSEAL_MODE") && (!needed || !access(needed, F_OK)))
		return;
	ksft_print_header();
	if (!getenv("KSEAL_MODE"))
		ksft_exit_skip("KSEAL_MODE is neither enforced nor control: not in the test VM\n");
	ksft_exit_skip("%s is not there\n", needed ? needed : "");
}

/* TEST_HARNESS_MAIN with skip_elsewhere(). @needed: a file of the kernel's that is tested, or NULL */
#define TEST_VM_MAIN(needed)                         \
	int main(int argc, char **argv)              \
	{                                            \
		skip_elsewhere(argc, argv, needed);  \
		return test_harness_run(argc, argv); \
	}

/* Read a small text file. Return: its length without trailing newlines, or -errno. */
static inline ssize_t read_text(const char *path, char *text, size_t text_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, text_bytes - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return n;
}

/* Does the command line, as all see it, have @word as one of its words? */
static inline bool cmdline_has(const char *word)
{
	char cmdline[4096] = " ";
	char spaced[64];
	ssize_t n = read_text("/proc/cmdline", cmdline + 1, sizeof(cmdline) - 2);

	if (n > 0)
		strcpy(cmdline + 1 + n, " ");
	snprintf(spaced, sizeof(spaced), " %s ", word);
	return strstr(cmdline, spaced);
}

/* Return: 0, or -errno of open() or write(). */
static inline int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* Return: 0 when the file could be opened, else -errno. */
static inline int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Read a whole file into memory that the caller frees. Return: NULL with errno on failure. */
static inline unsigned char *read_whole(const char *path, size_t *ret_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *content = NULL;
	size_t used = 0;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st))
		content = malloc((size_t)st.st_size + 1);
	while (content && used < (size_t)st.st_size) {
		ssize_t n = read(fd, content + used, (size_t)st.st_size - used);

		if (n <= 0) {
			free(content);
			content = NULL;
		} else {
			used += (size_t)n;
		}
	}
	close(fd);
	*ret_bytes = used;
	return content;
}

/*
 * The next record of /dev/kmsg, opened with O_NONBLOCK. One that another CPU has not finished hides those
 * behind it, so what is not there is waited for a little. Return: false if nothing more comes.
 */
static inline bool next_record(int fd, char *record, size_t record_bytes)
{
	struct pollfd more = { .fd = fd, .events = POLLIN };

	for (;;) {
		ssize_t n = read(fd, record, record_bytes - 1);

		if (n > 0) {
			record[n] = '\0';
			return true;
		}
		/* EPIPE: records were overwritten under the reader, which goes on with the oldest one left. */
		if (n == 0 || (errno != EPIPE && (errno != EAGAIN || poll(&more, 1, 200) <= 0)))
			return false;
	}
}

/* Does the kernel's log, since boot, have @text in one of its records? */
static inline bool kernel_log_has(const char *text)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8193];
	bool found = false;

	if (fd < 0)
		return false;
	while (!found && next_record(fd, record, sizeof(record)))
		found = strstr(record, text);
	close(fd);
	return found;
}

#endif
