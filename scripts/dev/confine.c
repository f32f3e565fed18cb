// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * confine [--hostile] [--tmp DIR] [--read DIR]... [--write DIR]... [--seconds N] -- COMMAND...
 *
 * Runs a test so that it cannot change the machine, whatever it does by mistake. In mount, PID, IPC
 * and UTS name spaces of its own everything is read-only but
 *
 *   /tmp, /var/tmp   DIR of --tmp (it is $HOME and $TMPDIR as well); without it a small tmpfs
 *   /dev             a tmpfs with the few devices that tests open, each read-only as a node, which
 *                    does not hinder writing to the device; its own pts and shm
 *   /run             empty, so that no daemon of the machine is asked for anything
 *   --write DIR      what is there
 *
 * --read DIR stays visible where it would not, below /tmp. Standard input is /dev/null, opened in
 * there: a descriptor from outside would still be good for fchmod(). When COMMAND ends, or after N
 * seconds, what it left running is killed; with exit code 0 this is named and becomes exit code
 * 120.
 *
 * --hostile is for programs with a planted defect: also no network, limits (64 processes, 64 MiB a
 * file and in /tmp, N seconds of CPU time and 5 N of the clock), /tmp as the working directory, and
 * uids that own nothing outside (root in there may still chown what it made).
 *
 * It stops mistakes, not a program that wants to get out: root keeps what the tests of mounts need.
 * An ordinary user needs a kernel with user name spaces. Without any: root's COMMAND runs as
 * nobody, a user's as it is, and a line says so; --hostile is refused with exit code 125.
 *
 * Exit: the command's own status, 128 + signal, 120 as above, 124 out of time, 125 not run.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define MAX_DIRS      16

struct dir {
	const char *path;
	bool is_writable;
};

struct view {
	struct dir dirs[MAX_DIRS];
	size_t nr_dirs;
	/* What is /tmp, NULL for a tmpfs. */
	const char *tmp;
	/* Of the machine, not of a user name space. */
	bool is_root;
};

#define NOBODY 65534
#define LEFT_RUNNING 120
#define OUT_OF_TIME  124
#define NOT_RUN	     125
/* The first of 65536 ids that nobody has. */
#define HOSTILE_ID 1879048192u

static struct view view;
static bool is_hostile, is_confined;
static unsigned int seconds;
static pid_t child;
static volatile sig_atomic_t is_out_of_time;

/* LeakSanitizer's thread would be born in the new PID name space, where it cannot work. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}

/* With errno's text on stderr. */
static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fputs("confine: ", stderr);
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %s\n", strerror(error));
	va_end(args);
	exit(NOT_RUN);
}

/* --- what COMMAND may do --- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("%s", path);
	close(fd);
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit value = { most, most };

	if (setrlimit((__rlimit_resource_t)resource, &value))
		die("cannot set a limit");
}

/* Root of a user name space, in which nothing from outside belongs to anybody. */
static void become_foreign(void)
{
	int ready[2], mapped[2], status;
	char map[64], path[64], byte;
	pid_t self = getpid(), helper;

	if (pipe(ready) || pipe(mapped))
		die("pipe");
	helper = fork();
	if (helper < 0)
		die("fork");
	if (!helper) {
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		snprintf(map, sizeof(map), "0 %u 65536\n", HOSTILE_ID);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", self);
		write_text(path, map);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", self);
		write_text(path, map);
		_exit(0);
	}
	if (unshare(CLONE_NEWUSER))
		die("cannot make a user name space");
	if (write(ready[1], "", 1) != 1 || waitpid(helper, &status, 0) != helper || status)
		die("cannot map the ids");
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		die("cannot change the ids");
}

/* What root needs for a tmpfs or another owner stays, what reaches the machine goes. */
static void drop_capabilities(void)
{
	static const int caps[] = { CAP_SYS_MODULE,   CAP_SYS_RAWIO,	CAP_SYS_BOOT,
				    CAP_SYS_TIME,     CAP_SYSLOG,	CAP_NET_ADMIN,
				    CAP_MAC_ADMIN,    CAP_MAC_OVERRIDE, CAP_MKNOD,
				    CAP_SYS_RESOURCE, CAP_SYS_NICE,	CAP_SYS_TTY_CONFIG,
				    CAP_WAKE_ALARM,   CAP_PERFMON,	CAP_BPF };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		prctl(PR_CAPBSET_DROP, caps[i]);
}

/* --- what COMMAND sees: all of the machine, read-only, and a /dev, /proc, /run and /tmp of its own --- */

/* A detached copy of what is at @path: the file, or the directory with all that is mounted below.
 */
static int clone_tree(const char *path)
{
	return (int)syscall(SYS_open_tree, AT_FDCWD, path,
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static void make_read_only(int tree)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)))
		die("cannot make a mount read-only");
}

static void attach(int tree, const char *path)
{
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH))
		die("cannot mount on %s", path);
	close(tree);
}

static void mount_new(const char *type, const char *path, const char *options)
{
	if (mount(type, path, type, MS_NOSUID | (strcmp(type, "devpts") ? MS_NODEV : 0), options))
		die("cannot mount %s on %s", type, path);
}

static void make_dirs(const char *path)
{
	char part[4096], *slash = part;

	snprintf(part, sizeof(part), "%s", path);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(part, 0755);
		*slash = '/';
	}
	mkdir(part, 0755);
}

/*
 * In a chroot the mount that it lies on cannot be named, and may share what is mounted with the
 * machine; nor may a process in a chroot make a user name space. So the name space's own root is
 * made private, and the directory that was our root takes its place.
 */
static void own_root(void)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0), tree;

	if (root < 0 || self < 0 || setns(self, CLONE_NEWNS))
		die("cannot leave the chroot");
	close(self);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("cannot make the mounts private");
	if (fchdir(root))
		die("cannot go to the root");
	tree = clone_tree(".");
	if (tree < 0 || syscall(SYS_move_mount, tree, "", root, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		die("cannot mount the root");
	if (fchdir(tree) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) ||
	    chdir("/"))
		die("cannot change the root");
	close(tree);
	close(root);
}

static void mount_proc(bool is_root)
{
	static const char *const paths[] = { "/proc/sys", "/proc/sysrq-trigger", "/proc/irq" };
	size_t i;

	mount_new("proc", "/proc", NULL);
	/* A user may not write there anyway, and /proc in full lets a test mount one of its own. */
	for (i = 0; is_root && i < ARRAY_SIZE(paths); i++) {
		int tree = clone_tree(paths[i]);

		if (tree < 0)
			continue;
		make_read_only(tree);
		attach(tree, paths[i]);
	}
}

static void mount_dev(void)
{
	static const char *const names[] = { "null",	"zero", "full", "random",
					     "urandom", "tty",	"kvm" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },	      { "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
		{ "pts/ptmx", "/dev/ptmx" },
	};
	int trees[ARRAY_SIZE(names)], dev;
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/dev/%s", names[i]);
		trees[i] = clone_tree(path);
	}
	mount_new("tmpfs", "/dev", "mode=755,size=1m");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (trees[i] < 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", names[i]);
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		attach(trees[i], path);
	}
	for (i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i][0], links[i][1]))
			die("cannot make %s", links[i][1]);
	make_dirs("/dev/pts");
	make_dirs("/dev/shm");
	dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_read_only(dev);
	close(dev);
	mount_new("devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620");
	mount_new("tmpfs", "/dev/shm", "mode=1777,size=256m");
}

static void mount_tmp(int tree)
{
	if (tree < 0)
		mount_new("tmpfs", "/tmp", "mode=1777,size=64m,nr_inodes=10k");
	else
		attach(tree, "/tmp");
	if (!access("/var/tmp", F_OK))
		attach(clone_tree("/tmp"), "/var/tmp");
}

/* A resolver's files stay: what some tests compare us with is fetched by apt. */
static void mount_run(void)
{
	static const char *const names[] = { "/run/systemd/resolve", "/run/NetworkManager",
					     "/run/resolvconf" };
	int trees[ARRAY_SIZE(names)], run;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		trees[i] = clone_tree(names[i]);
	mount_new("tmpfs", "/run", "mode=755,size=1m");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (trees[i] < 0)
			continue;
		make_dirs(names[i]);
		attach(trees[i], names[i]);
	}
	run = open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_read_only(run);
	close(run);
}

/* In a mount and a PID name space of our own, by PID 1. */
static void confine_mount(void)
{
	int trees[MAX_DIRS], tmp_tree = -1, all;
	size_t i;

	if (view.is_root)
		own_root();
	else if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("cannot make the mounts private");
	/* Before all is read-only, which does not reach a detached copy. */
	for (i = 0; i < view.nr_dirs; i++) {
		trees[i] = clone_tree(view.dirs[i].path);
		if (trees[i] < 0)
			die("%s", view.dirs[i].path);
		if (!view.dirs[i].is_writable)
			make_read_only(trees[i]);
	}
	if (view.tmp) {
		tmp_tree = clone_tree(view.tmp);
		if (tmp_tree < 0)
			die("%s", view.tmp);
	}
	all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_read_only(all);
	close(all);
	mount_proc(view.is_root);
	mount_dev();
	mount_run();
	mount_tmp(tmp_tree);
	for (i = 0; i < view.nr_dirs; i++) {
		make_dirs(view.dirs[i].path);
		attach(trees[i], view.dirs[i].path);
	}
}

/* --- COMMAND and what it leaves behind --- */

/* Return: false if the kernel does not let us have name spaces of our own. */
static bool enter(void)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
		    (is_hostile ? CLONE_NEWNET : 0);
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (!uid && !unshare(flags)) {
		view.is_root = true;
		return true;
	}
	if (unshare(flags | CLONE_NEWUSER))
		return false;
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
	write_text("/proc/self/gid_map", map);
	return true;
}

static void set_environment(const char *home)
{
	static const char *const names[] = { "DBUS_SESSION_BUS_ADDRESS",
					     "DBUS_SYSTEM_BUS_ADDRESS",
					     "SSH_AUTH_SOCK",
					     "GNUPGHOME",
					     "XDG_RUNTIME_DIR",
					     "XDG_CONFIG_HOME",
					     "XDG_DATA_HOME",
					     "XDG_STATE_HOME",
					     "DISPLAY",
					     "WAYLAND_DISPLAY",
					     "CCACHE_DIR" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	setenv("HOME", home, 1);
	setenv("TMPDIR", home, 1);
}

static void close_all(void)
{
	if (syscall(SYS_close_range, 3, ~0U, 0))
		die("cannot close what is open");
}

/* What crashes leaves no core, unless a test asks for one. */
static void no_core(void)
{
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core))
		die("cannot ask for the limit of core dumps");
	core.rlim_cur = 0;
	if (setrlimit(RLIMIT_CORE, &core))
		die("cannot limit");
}

static void __attribute__((noreturn)) run(char **argv, const char *cwd)
{
	int in = open("/dev/null", O_RDONLY);

	if (in < 0 || dup2(in, STDIN_FILENO) < 0)
		die("/dev/null");
	close_all();
	setsid();
	set_environment(view.tmp && !is_confined ? view.tmp : "/tmp");
	no_core();
	if (is_hostile) {
		limit(RLIMIT_CORE, 0);
		if (view.is_root)
			become_foreign();
		limit(RLIMIT_FSIZE, 64 << 20);
		limit(RLIMIT_NPROC, 64);
		if (seconds)
			limit(RLIMIT_CPU, seconds);
		cwd = "/tmp";
	} else if (view.is_root) {
		drop_capabilities();
	}
	if (chdir(cwd))
		die("%s", cwd);
	execvp(argv[0], argv);
	die("%s", argv[0]);
}

/* Return: how many others are still there in this PID name space. */
static size_t nr_running(bool is_named)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t nr = 0;

	while (proc && (entry = readdir(proc))) {
		char path[300], name[64] = "?", state = 'Z';
		FILE *stat;

		if (!isdigit((unsigned char)entry->d_name[0]) || !strcmp(entry->d_name, "1"))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		stat = fopen(path, "re");
		if (stat && fscanf(stat, "%*d (%63[^)]) %c", name, &state) == 2 && state != 'Z' &&
		    state != 'X') {
			nr++;
			if (is_named)
				fprintf(stderr, "confine: left running: %s\n", name);
		}
		if (stat)
			fclose(stat);
	}
	if (proc)
		closedir(proc);
	return nr;
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* PID 1: when it ends, all others get SIGKILL. */
static int init(char **argv, const char *cwd)
{
	int status = 0, code, tries;
	pid_t command, pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	confine_mount();
	command = fork();
	if (command < 0)
		die("fork");
	if (!command)
		run(argv, cwd);
	while ((pid = wait(&status)) != command)
		if (pid < 0 && errno != EINTR)
			die("wait");
	code = code_of(status);
	/* What was told to end, or ends because its parent did, may take a moment. */
	for (tries = 0; tries < 100 && !is_hostile && !code && nr_running(false); tries++) {
		usleep(20000);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	return !is_hostile && !code && nr_running(true) ? LEFT_RUNNING : code;
}

/* Some kernels give a user name spaces in which he may mount nothing, or hide parts of /proc. */
static bool can_be_confined(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (!enter())
			_exit(NOT_RUN);
		pid = fork();
		if (!pid) {
			confine_mount();
			_exit(0);
		}
		_exit(waitpid(pid, &status, 0) == pid && !status ? 0 : NOT_RUN);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

/* Without name spaces the least that can be done. */
static void make_do(void)
{
	if (is_hostile) {
		fputs("confine: no name spaces here: nothing is run that may do anything; run it "
		      "as root with CAP_SYS_ADMIN, or where a user may make user name spaces\n",
		      stderr);
		exit(NOT_RUN);
	}
	if (geteuid()) {
		fputs("confine: no name spaces here: running with all that this user may do\n",
		      stderr);
		return;
	}
	fputs("confine: no name spaces here: running as nobody\n", stderr);
	if (view.tmp && chown(view.tmp, NOBODY, NOBODY))
		die("%s", view.tmp);
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		die("cannot become nobody");
}

static void on_signal(int signal_nr)
{
	is_out_of_time = signal_nr == SIGALRM;
	if (child > 0)
		kill(is_confined ? child : -child, SIGKILL);
}

static int wait_for_child(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	static const int signals[] = { SIGALRM, SIGINT, SIGTERM, SIGHUP };
	int status;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	/* On a busy machine a test needs longer; what burns CPU time meets its limit before. */
	alarm(is_hostile ? 5 * seconds : seconds);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	if (is_out_of_time)
		fprintf(stderr, "confine: not done in time, killed\n");
	return is_out_of_time ? OUT_OF_TIME : code_of(status);
}

static void __attribute__((noreturn)) usage(void)
{
	fputs("usage: confine [--hostile] [--tmp DIR] [--read DIR]... [--write DIR]... [--seconds "
	      "N] -- COMMAND...\n",
	      stderr);
	exit(NOT_RUN);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "hostile", no_argument, NULL, 'h' },
		{ "tmp", required_argument, NULL, 't' },
		{ "read", required_argument, NULL, 'r' },
		{ "write", required_argument, NULL, 'w' },
		{ "seconds", required_argument, NULL, 's' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			is_hostile = true;
			break;
		case 't':
			view.tmp = optarg;
			break;
		case 'r':
		case 'w':
			if (view.nr_dirs == MAX_DIRS || *optarg != '/')
				usage();
			view.dirs[view.nr_dirs++] =
				(struct dir){ .path = optarg, .is_writable = option == 'w' };
			break;
		case 's':
			seconds = (unsigned int)atoi(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind >= argc || (view.tmp && *view.tmp != '/'))
		usage();
}

int main(int argc, char **argv)
{
	static char cwd[4096];

	parse(argc, argv);
	if (!getcwd(cwd, sizeof(cwd)))
		die("cannot tell where I am");
	is_confined = (is_hostile || can_be_confined()) && enter();
	if (!is_confined)
		make_do();
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		if (is_confined)
			exit(init(argv + optind, cwd));
		run(argv + optind, cwd);
	}
	return wait_for_child();
}
