// SPDX-License-Identifier: GPL-2.0-only
/*
 * A time namespace dies while somebody else still holds the memory map of its last member, and its
 * vDSO page with it. A kernel that frees the page anyway panics here, for PAGE_TABLE_CHECK finds it
 * mapped; one without that check fails, for the page table has no reference to show.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/caps.h"
#include "../kseal_lib/kconfig.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define OFFSETS	    "/proc/self/timens_offsets"
#define TIME_NS	    "/proc/self/ns/time"
#define OFFSET_S    "100000"
#define OFFSET_NS   100000000000000ULL
#define EXEC_MEMBER "--member"
#define NR_ROUNDS   64

#define PAGEMAP_PRESENT (1ULL << 63)
#define PAGEMAP_PFN(e)	((e) & ((1ULL << 55) - 1))

/*
 * What a reader copies for seconds, and holds the mm for as long: untouched memory of the member,
 * into a window in which one small file is mapped over and over.
 */
#define WINDOW_BYTES (512UL << 20)
#define FILE_BYTES   (2UL << 20)

/* What a member of the namespace says of itself. */
struct member {
	pid_t pid;
	char *memory;
	uint64_t vdso_ns[2], syscall_ns[2];
};

static const clockid_t clocks[2] = { CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME };

static uint64_t to_ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_nsec;
}

/* By way of the vDSO where it has the clock; it always has the coarse one. */
static uint64_t read_clock(clockid_t clock)
{
	struct timespec t = {};

	clock_gettime(clock, &t);
	return to_ns(&t);
}

static uint64_t ask_kernel(clockid_t clock)
{
	struct timespec t = {};

	syscall(SYS_clock_gettime, clock, &t);
	return to_ns(&t);
}

/* Tell the test who this is and what time it is here, and stay. */
static __attribute__((noreturn)) void be_member(int fd, bool reads_clock)
{
	struct member me = { .pid = getpid() };
	int i;

	me.memory = mmap(NULL, WINDOW_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; reads_clock && i < 2; i++) {
		me.vdso_ns[i] = read_clock(clocks[i]);
		me.syscall_ns[i] = ask_kernel(clocks[i]);
	}
	if (me.memory == MAP_FAILED || write(fd, &me, sizeof(me)) != sizeof(me))
		_exit(1);
	for (;;)
		pause();
}

/* The member that came by exec: the program as it starts over, before its main(). */
static __attribute__((constructor)) void start_over(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], EXEC_MEMBER))
		be_member(atoi(argv[2]), true);
}

static void enter_new_ns(void)
{
	if (unshare(CLONE_NEWTIME) ||
	    write_text(OFFSETS, "monotonic " OFFSET_S " 0\nboottime " OFFSET_S " 0\n"))
		_exit(1);
}

/* Ways into the namespace. Each runs in a child, and ends in a process that is its only member. */
static void by_fork(int fd)
{
	enter_new_ns();
	if (!fork())
		be_member(fd, true);
}

static void by_exec(int fd)
{
	char number[16], *argv[] = { "time_ns", EXEC_MEMBER, number, NULL };

	enter_new_ns();
	snprintf(number, sizeof(number), "%d", fd);
	execv("/proc/self/exe", argv);
}

static void by_setns(int fd)
{
	int ns;

	enter_new_ns();
	ns = open(TIME_NS "_for_children", O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWTIME))
		_exit(1);
	close(ns);
	be_member(fd, true);
}

/* The page comes with the page table of the parent: this member has never looked at a clock. */
static void by_inheritance(int fd)
{
	pid_t parent;

	enter_new_ns();
	if (fork())
		return;
	read_clock(CLOCK_MONOTONIC_COARSE);
	parent = getpid();
	if (fork())
		return;
	while (getppid() == parent)
		usleep(1000);
	be_member(fd, false);
}

/* The control: the namespace that all are in, and that never dies. */
static void not_at_all(int fd)
{
	be_member(fd, true);
}

/* Return: a member, with pid 0 when there is none. */
static struct member start_member(void (*enter)(int fd))
{
	struct member m = {};
	int fds[2];
	pid_t pid;

	/* Who started the member is gone by then; its exit status is ours to collect. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) || pipe(fds))
		return m;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		enter(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &m, sizeof(m)) != sizeof(m))
		m.pid = 0;
	close(fds[0]);
	if (m.pid != pid)
		waitpid(pid, NULL, 0);
	return m;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static ssize_t read_by_syscall(struct member *m, char *window)
{
	struct iovec local = { window, WINDOW_BYTES }, remote = { m->memory, WINDOW_BYTES };

	return process_vm_readv(m->pid, &local, 1, &remote, 1, 0);
}

static ssize_t read_by_proc(struct member *m, char *window)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", m->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : pread(fd, window, WINDOW_BYTES, (off_t)(uintptr_t)m->memory);
}

/* Return: WINDOW_BYTES of address space that cost FILE_BYTES, or NULL. */
static char *make_window(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *window = mmap(NULL, WINDOW_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t off;

	if (fd < 0 || window == MAP_FAILED || ftruncate(fd, FILE_BYTES))
		return NULL;
	for (off = 0; off < WINDOW_BYTES; off += FILE_BYTES)
		if (mmap(window + off, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, 0) == MAP_FAILED)
			return NULL;
	close(fd);
	return window;
}

static int open_pagemap(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Return: the address of the first page of [vvar], which is the namespace's own; 0 if not found. */
static unsigned long vvar_of(pid_t pid)
{
	unsigned long start = 0;
	char path[64], line[256];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			start = strtoul(line, NULL, 16);
	if (maps)
		fclose(maps);
	return start;
}

/* Return: is there still an mm to read the entry from? */
static bool page_at(int pagemap, unsigned long address, uint64_t *ret_entry)
{
	return pread(pagemap, ret_entry, sizeof(*ret_entry),
		     (off_t)(address / page_bytes() * sizeof(*ret_entry))) == sizeof(*ret_entry);
}

/* Return: how many page tables map it, or -1. */
static int64_t nr_mappings(uint64_t pfn)
{
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	uint64_t count;
	ssize_t n = fd < 0 ? -1 : pread(fd, &count, sizeof(count), (off_t)(pfn * sizeof(count)));

	close(fd);
	return n == sizeof(count) ? (int64_t)count : -1;
}

/* The first vDSO data page of an mm whose last task is dead. */
struct left_over {
	uint64_t entry;
	int64_t mappings;
};

/* Kill @m while its memory is being read. Return: did the mm outlive it, and with what? */
static bool kill_while_read(struct member *m, ssize_t (*reader)(struct member *, char *),
			    struct left_over *ret_left)
{
	unsigned long vvar = vvar_of(m->pid);
	int pagemap = open_pagemap(m->pid);
	volatile char *window = make_window();
	bool held = false;
	pid_t pid;

	if (pagemap < 0 || !vvar || !window)
		return false;
	*window = 1;
	pid = fork();
	if (!pid)
		_exit(reader(m, (char *)window) < 0);
	/* The first of many zeroes has arrived: the reader is at work. */
	while (*window && !waitpid(pid, NULL, WNOHANG))
		usleep(1000);
	if (!*window) {
		/* A process whose exit status can be had has left its namespaces. */
		end(m->pid);
		held = page_at(pagemap, vvar, &ret_left->entry);
		ret_left->mappings = nr_mappings(PAGEMAP_PFN(ret_left->entry));
		end(pid);
	}
	close(pagemap);
	munmap((char *)window, WINDOW_BYTES);
	return held;
}

FIXTURE(time_ns){};

FIXTURE_SETUP(time_ns)
{
	int rc = try_open(TIME_NS, O_RDONLY);

	SKIP_IF_ABSENT("CONFIG_TIME_NS", rc);
	ASSERT_EQ(0, rc);
}

FIXTURE_TEARDOWN(time_ns)
{
}

static void one_dies(struct __test_metadata *_metadata, void (*enter)(int fd),
		     ssize_t (*reader)(struct member *, char *))
{
	struct member m = start_member(enter);
	struct left_over left = {};

	ASSERT_NE(0, m.pid);
	ASSERT_TRUE(kill_while_read(&m, reader, &left));
	ASSERT_NE(0ULL, left.entry & PAGEMAP_PRESENT) TH_LOG("the mapping does not count as one");
	EXPECT_EQ(1, left.mappings);
}

TEST_F(time_ns, a_process_outside_of_one_dies_while_its_memory_is_read)
{
	struct member m = start_member(not_at_all);
	struct left_over left = {};

	ASSERT_NE(0, m.pid);
	EXPECT_TRUE(kill_while_read(&m, read_by_syscall, &left));
	m = start_member(not_at_all);
	ASSERT_NE(0, m.pid);
	EXPECT_TRUE(kill_while_read(&m, read_by_proc, &left));
}

TEST_F(time_ns, it_dies_while_process_vm_readv_holds_the_mm)
{
	one_dies(_metadata, by_fork, read_by_syscall);
}

TEST_F(time_ns, it_dies_while_proc_pid_mem_holds_the_mm)
{
	one_dies(_metadata, by_fork, read_by_proc);
}

TEST_F(time_ns, it_dies_with_a_process_that_came_by_exec)
{
	one_dies(_metadata, by_exec, read_by_syscall);
}

TEST_F(time_ns, it_dies_with_a_process_that_came_by_setns)
{
	one_dies(_metadata, by_setns, read_by_syscall);
}

TEST_F(time_ns, it_dies_with_a_process_that_inherited_the_page)
{
	one_dies(_metadata, by_inheritance, read_by_syscall);
}

TEST_F(time_ns, its_time_reads_right_however_it_was_entered)
{
	static void (*const ways[])(int) = { by_fork, by_exec, by_setns };
	size_t i, clock;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		uint64_t before[2], after[2];
		struct member m;

		for (clock = 0; clock < 2; clock++)
			before[clock] = ask_kernel(clocks[clock]);
		m = start_member(ways[i]);
		for (clock = 0; clock < 2; clock++)
			after[clock] = ask_kernel(clocks[clock]);
		ASSERT_NE(0, m.pid);
		for (clock = 0; clock < 2; clock++) {
			EXPECT_LE(before[clock] + OFFSET_NS, m.vdso_ns[clock]);
			EXPECT_LE(m.vdso_ns[clock], m.syscall_ns[clock]);
			EXPECT_LE(m.syscall_ns[clock], after[clock] + OFFSET_NS);
		}
		end(m.pid);
	}
}

/* What the coarse clock says to one that joins the namespace @fd now. Return: 0 or -1. */
static int join_and_read(int fd, uint64_t *ret_ns)
{
	uint64_t vdso_ns = 0;
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return -1;
	pid = fork();
	if (!pid) {
		if (setns(fd, CLONE_NEWTIME))
			_exit(1);
		vdso_ns = read_clock(CLOCK_MONOTONIC_COARSE);
		_exit(write(fds[1], &vdso_ns, sizeof(vdso_ns)) != sizeof(vdso_ns));
	}
	close(fds[1]);
	*ret_ns = read(fds[0], &vdso_ns, sizeof(vdso_ns)) == sizeof(vdso_ns) ? vdso_ns : 0;
	close(fds[0]);
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

TEST_F(time_ns, one_that_lives_on_sees_no_change)
{
	struct member m = start_member(by_fork);
	struct left_over left = {};
	uint64_t before_ns, joined_ns;
	char path[64];
	int fd;

	ASSERT_NE(0, m.pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/time", m.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(kill_while_read(&m, read_by_syscall, &left));
	ASSERT_NE(0ULL, left.entry & PAGEMAP_PRESENT);
	EXPECT_EQ(1, left.mappings);
	/* The mm is gone as well now, and with it the only mapping. */
	EXPECT_EQ(0, nr_mappings(PAGEMAP_PFN(left.entry)));
	before_ns = ask_kernel(CLOCK_MONOTONIC_COARSE);
	ASSERT_EQ(0, join_and_read(fd, &joined_ns));
	EXPECT_LE(before_ns + OFFSET_NS, joined_ns);
	EXPECT_LE(joined_ns, ask_kernel(CLOCK_MONOTONIC_COARSE) + OFFSET_NS);
	close(fd);
}

/* Who leaks the page of every namespace never sees one of them again. */
TEST_F(time_ns, its_page_is_used_again)
{
	uint64_t pfns[NR_ROUNDS], entry;
	int i, k, nr_again = 0;

	for (i = 0; i < NR_ROUNDS; i++) {
		struct member m = start_member(by_fork);
		int pagemap = open_pagemap(m.pid);

		ASSERT_NE(0, m.pid);
		ASSERT_LE(0, pagemap);
		ASSERT_TRUE(page_at(pagemap, vvar_of(m.pid), &entry));
		pfns[i] = PAGEMAP_PFN(entry);
		close(pagemap);
		end(m.pid);
		ASSERT_NE(0ULL, pfns[i]);
		for (k = 0; k < i && pfns[k] != pfns[i]; k++)
			;
		nr_again += k < i;
	}
	EXPECT_LE(1, nr_again);
}

TEST_VM_MAIN(TIME_NS)
