// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What COMMAND sees of the machine: all of it, read-only, and a /dev, /proc, /run and /tmp of its
 * own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

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

void confine_mount(const struct view *view)
{
	int trees[MAX_DIRS], tmp_tree = -1, all;
	size_t i;

	if (view->is_root)
		own_root();
	else if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("cannot make the mounts private");
	/* Before all is read-only, which does not reach a detached copy. */
	for (i = 0; i < view->nr_dirs; i++) {
		trees[i] = clone_tree(view->dirs[i].path);
		if (trees[i] < 0)
			die("%s", view->dirs[i].path);
		if (!view->dirs[i].is_writable)
			make_read_only(trees[i]);
	}
	if (view->tmp) {
		tmp_tree = clone_tree(view->tmp);
		if (tmp_tree < 0)
			die("%s", view->tmp);
	}
	all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_read_only(all);
	close(all);
	mount_proc(view->is_root);
	mount_dev();
	mount_run();
	mount_tmp(tmp_tree);
	for (i = 0; i < view->nr_dirs; i++) {
		make_dirs(view->dirs[i].path);
		attach(trees[i], view->dirs[i].path);
	}
}
