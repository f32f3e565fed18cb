/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One file on FUSE, served by root himself, who says to each question what suits him. It has no
 * security.ima, and can claim to be empty while IMA waits for the answer about that: IMA then takes it
 * for a new file that somebody is about to write, whatever it was read to have.
 */
#ifndef KSEAL_FUSE_FILE_H
#define KSEAL_FUSE_FILE_H

#include "../kseal_lib/common.h"

#include <linux/fuse.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define FUSE_DIR  "/tmp/fuse"
#define FUSE_FILE FUSE_DIR "/file"
#define FUSE_INO  2

/* How often the size is asked for, and answered, before IMA gets its answer. */
#define ANSWERS_FIRST 3

struct fuse_file {
	const unsigned char *content;
	size_t bytes;
	unsigned int owner;
	volatile bool *lie; /* shared with the server */
	pid_t server, asker;
	int dev;
};

/* Of the server alone. */
struct fuse_state {
	const struct fuse_file *f;
	bool created, empty;
	uint64_t waiting; /* the question about security.ima that is not answered yet, or 0 */
	int nr_answers, nr_more;
};

static inline void fuse_reply(const struct fuse_state *s, uint64_t unique, int err, const void *data, size_t bytes)
{
	struct fuse_out_header h = { .len = (uint32_t)(sizeof(h) + bytes), .error = err, .unique = unique };
	struct iovec v[] = { { &h, sizeof(h) }, { (void *)data, bytes } };

	if (writev(s->f->dev, v, bytes ? 2 : 1) < 0)
		_exit(1);
}

static inline struct fuse_attr fuse_attr_of(const struct fuse_state *s, uint64_t ino)
{
	if (ino != FUSE_INO)
		return (struct fuse_attr){ .ino = ino, .nlink = 2, .mode = S_IFDIR | 0755 };
	return (struct fuse_attr){ .ino = ino,
				   .nlink = 1,
				   .mode = S_IFREG | 0600,
				   .uid = s->f->owner,
				   .blksize = 4096,
				   .size = s->empty ? 0 : s->f->bytes };
}

/* The kernel has to have seen size 0 before IMA goes on, and to see it until IMA has decided. */
static inline void fuse_answer_getattr(struct fuse_state *s, const struct fuse_in_header *h)
{
	struct fuse_attr_out out = { .attr = fuse_attr_of(s, h->nodeid) };

	fuse_reply(s, h->unique, 0, &out, sizeof(out));
	if (s->waiting && h->nodeid == FUSE_INO && ++s->nr_answers >= ANSWERS_FIRST) {
		fuse_reply(s, s->waiting, -ENODATA, NULL, 0);
		s->waiting = 0;
		s->nr_answers = 0;
		s->nr_more = 60;
	} else if (s->nr_more && !--s->nr_more) {
		s->empty = false;
	}
}

static inline void fuse_answer_getxattr(struct fuse_state *s, const struct fuse_in_header *h)
{
	const char *name = (const char *)(h + 1) + sizeof(struct fuse_getxattr_in);

	if (!*s->f->lie || strcmp(name, "security.ima")) {
		fuse_reply(s, h->unique, -ENODATA, NULL, 0);
		return;
	}
	s->empty = true;
	s->waiting = h->unique;
	s->nr_answers = 0;
}

static inline void fuse_answer_read(const struct fuse_state *s, const struct fuse_in_header *h)
{
	const struct fuse_read_in *in = (const struct fuse_read_in *)(h + 1);
	size_t from = in->offset < s->f->bytes ? in->offset : s->f->bytes, n = s->f->bytes - from;

	fuse_reply(s, h->unique, 0, s->f->content + from, n < in->size ? n : in->size);
}

static inline void fuse_answer(struct fuse_state *s, const struct fuse_in_header *h)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 65536, .max_readahead = 65536
	};
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out open;
	} made = { .entry = { .nodeid = FUSE_INO, .generation = 1, .attr = fuse_attr_of(s, FUSE_INO) },
		   .open = { .fh = 1 } };

	switch (h->opcode) {
	case FUSE_INIT:
		fuse_reply(s, h->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		if (s->created)
			fuse_reply(s, h->unique, 0, &made.entry, sizeof(made.entry));
		else
			fuse_reply(s, h->unique, -ENOENT, NULL, 0);
		break;
	case FUSE_CREATE:
		s->created = true;
		fuse_reply(s, h->unique, 0, &made, sizeof(made));
		break;
	case FUSE_OPEN:
		s->empty = false;
		fuse_reply(s, h->unique, 0, &made.open, sizeof(made.open));
		break;
	case FUSE_GETATTR:
		fuse_answer_getattr(s, h);
		break;
	case FUSE_READ:
		fuse_answer_read(s, h);
		break;
	case FUSE_GETXATTR:
		fuse_answer_getxattr(s, h);
		break;
	case FUSE_RELEASE:
	case FUSE_FLUSH:
		fuse_reply(s, h->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		fuse_reply(s, h->unique, -ENOSYS, NULL, 0);
	}
}

static inline void fuse_serve(const struct fuse_file *f)
{
	static char request[1 << 20];
	struct fuse_state s = { .f = f };

	/* ENODEV: it was unmounted. */
	while (read(f->dev, request, sizeof(request)) > 0 || errno == EINTR)
		fuse_answer(&s, (const struct fuse_in_header *)request);
	_exit(0);
}

/* Mount @content as FUSE_FILE, which the first one to open it creates. Return: its fd, or -errno. */
static inline int fuse_file_make(struct fuse_file *f, const unsigned char *content, size_t bytes,
				 unsigned int owner)
{
	char options[128];
	int fd;

	*f = (struct fuse_file){ .content = content, .bytes = bytes, .owner = owner };
	f->lie = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	f->dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->dev < 0 || f->lie == MAP_FAILED)
		return -errno;
	mkdir(FUSE_DIR, 0755);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", f->dev);
	if (mount("fuse", FUSE_DIR, "fuse", MS_NOSUID | MS_NODEV, options))
		return -errno;
	f->server = fork();
	if (!f->server)
		fuse_serve(f);
	fd = open(FUSE_FILE, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* Somebody has to ask for the size. */
	f->asker = fork();
	if (!f->asker)
		for (struct stat st;; usleep(2000))
			fstat(fd, &st);
	return fd;
}

static inline void fuse_file_remove(struct fuse_file *f, int fd)
{
	close(fd);
	kill(f->asker, SIGKILL);
	waitpid(f->asker, NULL, 0);
	umount2(FUSE_DIR, MNT_DETACH);
	close(f->dev);
	kill(f->server, SIGKILL);
	waitpid(f->server, NULL, 0);
	munmap((void *)f->lie, page_bytes());
}

#endif
