/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of a kernel as init/initramfs.c and lib/decompress.c ask for: a root file system that takes
 * everything, and decompressors that find nothing wrong and an archive that is complete.
 */
#ifndef INITRD_KERNEL_H
#define INITRD_KERNEL_H

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef uint32_t u32;
typedef mode_t umode_t;
typedef int64_t time64_t;
typedef int (*decompress_fn)(unsigned char *in, long bytes, long (*fill)(void *, unsigned long),
			     long (*flush)(void *, unsigned long), unsigned char *out, long *pos,
			     void (*error)(char *));

struct path {
	int nothing;
};

struct file {
	struct path f_path;
};

struct kstat {
	umode_t mode;
};

#define __init
#define noinline
#define unlikely(x) (x)
#define likely(x) (x)
#define KSTRTOX_OVERFLOW (1U << 31)
#undef _tolower
#define _tolower(c) ((c) | 0x20)
#define div_u64(a, b) ((a) / (b))
#define __initdata
#define __initconst
#define GFP_KERNEL 0
#define CPIO_HDRLEN 110
#define EXPORT_SYMBOL(name)
#define pr_err(...) do { } while (0)
#define pr_debug(...) do { } while (0)
#define show_mem() do { } while (0)
#define panic(...) abort()
#define kmalloc(bytes, flags) malloc(bytes)
#define kfree free
#define strscpy(to, from) snprintf(to, sizeof(to), "%s", from)
#define IS_ERR(p) (!(p))
#define MKDEV(major, minor) ((unsigned int)((major) << 20 | (minor)))
#define new_encode_dev(dev) (dev)
#define kernel_write(file, p, bytes, pos) ((ssize_t)(bytes))
#define filp_open(name, flags, mode) (&written)
#define fput(file) ((void)(file))
#define vfs_fchown(file, uid, gid) ((void)0)
#define vfs_fchmod(file, mode) ((void)0)
#define vfs_truncate(path, bytes) ((void)0)
#define init_stat(name, st, flags) ((st)->mode = 0, -ENOENT)
#define init_rmdir(name) ((void)0)
#define init_unlink(name) ((void)0)
#define init_link(old, name) 0
#define init_mkdir(name, mode) ((void)0)
#define init_mknod(name, mode, dev) ((void)0)
#define init_symlink(target, name) ((void)0)
#define init_chown(name, uid, gid, flags) ((void)0)
#define init_chmod(name, mode) ((void)0)

static struct file written;

#endif
