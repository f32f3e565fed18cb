// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that share a perf event map and unmap its ring buffer at the same time. A kernel that
 * loses count of the mappings frees the buffer of one that it has just handed out: it panics here.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/kconfig.h"

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define NR_WORKERS 4
#define RACE_S	   6

/* One that tells of the buffer, and a power of two. */
#define NR_PAGES 9

static int open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_period = 1,
		.exclude_kernel = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Map, read every page, unmap. Return: 0, -errno, or 1 when the buffer is not one of perf. */
static int map_once(int event)
{
	size_t page = page_bytes(), bytes = NR_PAGES * page, off;
	volatile char *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
	int rc;

	if (buffer == MAP_FAILED)
		return -errno;
	for (off = page; off < bytes; off += page)
		(void)buffer[off];
	rc = ((volatile struct perf_event_mmap_page *)buffer)->data_size != bytes - page;
	munmap((void *)buffer, bytes);
	return rc;
}

static time_t now_s(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Return: in how many of @nr_workers processes every mapping was what it should be. */
static int race(int event, int nr_workers, int seconds)
{
	time_t end = now_s() + seconds;
	int i, status, nr_good = 0;

	for (i = 0; i < nr_workers; i++) {
		pid_t pid = fork();
		int rc = 0;

		if (pid)
			continue;
		while (!rc && now_s() < end)
			rc = map_once(event);
		_exit(rc != 0);
	}
	while (wait(&status) > 0)
		nr_good += WIFEXITED(status) && !WEXITSTATUS(status);
	return nr_good;
}

FIXTURE(perf_mmap)
{
	int event;
};

FIXTURE_SETUP(perf_mmap)
{
	self->event = open_event();
	SKIP_IF_ABSENT("CONFIG_PERF_EVENTS", self->event < 0 ? -errno : 0);
	ASSERT_LE(0, self->event);
}

FIXTURE_TEARDOWN(perf_mmap)
{
	close(self->event);
}

TEST_F(perf_mmap, one_process_maps_and_unmaps_the_buffer)
{
	EXPECT_EQ(1, race(self->event, 1, 1));
}

TEST_F(perf_mmap, several_do_so_at_the_same_time)
{
	EXPECT_EQ(NR_WORKERS, race(self->event, NR_WORKERS, RACE_S));
	EXPECT_EQ(0, map_once(self->event));
}

TEST_VM_MAIN("/proc/sys/kernel/perf_event_paranoid")
