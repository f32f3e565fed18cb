// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What does a kernel take for the things that programs ask of it? As PID 1 of a virtual machine, for
 * scripts/dev/bench-hardening: lines "cost NAME NANOSECONDS" for one of each, the median of ROUNDS,
 * then it powers off. As any other process it prints the same and exits.
 *
 * QEMU counts instructions and calls each a nanosecond (-icount shift=0), so that the numbers are the same in
 * every run. They do not know caches, and so not what a cold line or a flushed TLB costs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS	  7
#define PAGE	  4096ul
#define MAP_PAGES 2048ul
#define FILE_SIZE 65536

static const char *self;

static void die(const char *what)
{
	printf("cost: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	exit(1);
}

static void check(int failed, const char *what)
{
	if (failed)
		die(what);
}

static unsigned long now_ns(void)
{
	struct timespec t;

	check(clock_gettime(CLOCK_MONOTONIC, &t), "clock_gettime");
	return (unsigned long)t.tv_sec * 1000000000ul + (unsigned long)t.tv_nsec;
}

/* Each does its work nr times; the set-up is small against that. */

static void do_system_calls(unsigned long nr)
{
	while (nr--)
		syscall(SYS_getppid);
}

static void do_page_faults(unsigned long nr)
{
	unsigned long done, page;

	for (done = 0; done < nr; done += MAP_PAGES) {
		/* cppcheck-suppress invalidFunctionArg ; -1 is what anonymous memory wants */
		char *map = mmap(NULL, MAP_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		check(map == MAP_FAILED, "mmap");
		for (page = 0; page < MAP_PAGES; page++)
			((volatile char *)map)[page * PAGE] = 1;
		check(munmap(map, MAP_PAGES * PAGE), "munmap");
	}
}

static void wait_for(pid_t child)
{
	int status;

	check(child < 0 || waitpid(child, &status, 0) != child || status, "a child");
}

static void do_forks(unsigned long nr)
{
	while (nr--) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		wait_for(child);
	}
}

static void do_execs(unsigned long nr)
{
	while (nr--) {
		pid_t child = fork();

		if (!child) {
			execl(self, self, "exit", NULL);
			_exit(1);
		}
		wait_for(child);
	}
}

static void move_byte(int out, int in)
{
	char byte = 1;

	check(write(out, &byte, 1) != 1 || read(in, &byte, 1) != 1, "one byte");
}

static void do_pipe(unsigned long nr)
{
	int ends[2];

	check(pipe(ends), "pipe");
	while (nr--)
		move_byte(ends[1], ends[0]);
	close(ends[0]);
	close(ends[1]);
}

/* Two processes, one byte between them: to and from in turn is two switches. */
static void ping_pong(unsigned long nr, int to_child[2], int to_parent[2])
{
	char byte = 0;
	pid_t child = fork();

	if (!child) {
		for (nr /= 2; nr; nr--)
			if (read(to_child[0], &byte, 1) != 1 || write(to_parent[1], &byte, 1) != 1)
				_exit(1);
		_exit(0);
	}
	for (nr /= 2; nr; nr--)
		move_byte(to_child[1], to_parent[0]);
	wait_for(child);
}

static void do_switches(unsigned long nr)
{
	int to_child[2], to_parent[2];

	check(pipe(to_child) || pipe(to_parent), "pipe");
	ping_pong(nr, to_child, to_parent);
	close(to_child[0]);
	close(to_child[1]);
	close(to_parent[0]);
	close(to_parent[1]);
}

static void do_files(unsigned long nr)
{
	static const char path[] = "/tmp/cost.data";
	static char data[FILE_SIZE];

	while (nr--) {
		int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		check(fd < 0 || write(fd, data, sizeof(data)) != sizeof(data) || lseek(fd, 0, SEEK_SET), "write a file");
		check(read(fd, data, sizeof(data)) != sizeof(data) || close(fd) || unlink(path), "read a file");
	}
}

static void do_unix_socket(unsigned long nr)
{
	int ends[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	while (nr--)
		move_byte(ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void do_tcp(unsigned long nr)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, ends[2];

	check(listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	check(ends[0] < 0 || connect(ends[0], (struct sockaddr *)&address, length), "connect");
	ends[1] = accept(listener, NULL, NULL);
	check(ends[1] < 0 || setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), "accept");
	while (nr--)
		move_byte(ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
	close(listener);
}

static const struct {
	const char *name;
	void (*work)(unsigned long nr);
	unsigned long nr;
} costs[] = {
	{ "system_call", do_system_calls, 100000 },
	{ "page_fault", do_page_faults, 8 * MAP_PAGES },
	{ "fork_exit", do_forks, 300 },
	{ "fork_exec_exit", do_execs, 150 },
	{ "pipe", do_pipe, 20000 },
	{ "context_switch", do_switches, 10000 },
	{ "file_64k", do_files, 1000 },
	{ "unix_socket", do_unix_socket, 20000 },
	{ "tcp_loopback", do_tcp, 10000 },
};

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

/* What an init has to do here: the devices, a place for files, and the loopback network. */
static void set_up_machine(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	mkdir("/dev", 0755);
	mkdir("/tmp", 0755);
	mkdir("/proc", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	check(mount("proc", "/proc", "proc", 0, NULL), "mount proc");
	check(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "mount tmpfs");
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	check(fd >= 0 && (dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0), "console");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	check(fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned long ns[ROUNDS], start;
	size_t i, round;

	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	self = argv[0];
	if (getpid() == 1)
		set_up_machine();
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		costs[i].work(costs[i].nr / 10);
		for (round = 0; round < ROUNDS; round++) {
			start = now_ns();
			costs[i].work(costs[i].nr);
			ns[round] = now_ns() - start;
		}
		qsort(ns, ROUNDS, sizeof(ns[0]), compare);
		printf("cost %s %.1f\n", costs[i].name, (double)ns[ROUNDS / 2] / (double)costs[i].nr);
		fflush(stdout);
	}
	printf("cost end 0\n");
	fflush(stdout);
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	return 0;
}
