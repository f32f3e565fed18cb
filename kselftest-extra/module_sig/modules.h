/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading one file of the data directory as a module, and how strict the kernel is about it.
 */
#ifndef KSEAL_MODULES_H
#define KSEAL_MODULES_H

#include "../kseal_lib/common.h"

#include <sys/syscall.h>

/* Modules with odd signatures, and what is predicted of them (data/make-rules) */
#define RULES_DIR DATA_DIR "rules/"

/* The module's name as the kernel will know it: "name=" in its .modinfo. */
static inline const char *module_name(const unsigned char *content, size_t bytes)
{
	const unsigned char *end = content + bytes;
	const unsigned char *tag = content;

	while ((tag = memmem(tag, (size_t)(end - tag), "name=", 5))) {
		if (tag > content && tag[-1] == '\0' && memchr(tag, '\0', (size_t)(end - tag)))
			return (const char *)tag + 5;
		tag += 5;
	}
	return NULL;
}

/* Load a file with parameters and unload it again. Return: 0, or -errno of loading. */
static inline int load_module_with(const char *path, const char *params)
{
	unsigned char *content;
	const char *name;
	int fd, rc = 0;
	size_t bytes;

	content = read_whole(path, &bytes);
	if (!content)
		return -errno;
	name = module_name(content, bytes);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		rc = -EBADF;
	else if (syscall(SYS_finit_module, fd, params, 0))
		rc = -errno;
	else if (!name || syscall(SYS_delete_module, name, O_NONBLOCK))
		rc = -EBUSY;
	if (fd >= 0)
		close(fd);
	free(content);
	return rc;
}

static inline int load_module(const char *path)
{
	return load_module_with(path, "");
}

static inline bool sig_enforce(void)
{
	char value[8] = "";

	return read_text("/sys/module/module/parameters/sig_enforce", value, sizeof(value)) > 0 &&
	       value[0] == 'Y';
}

#endif
