/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the running kernel was built with, in its own words (/proc/config.gz), for acts that a
 * kernel may not have. An errno alone does not tell "not compiled in" from "gone wrong".
 */
#ifndef KSEAL_KCONFIG_H
#define KSEAL_KCONFIG_H

#include "common.h"

#include <zlib.h>

#define CONFIG_GZ "/proc/config.gz"

/* Return: 1 if @symbol (CONFIG_X) is y or m, 0 if it is not, -errno if the kernel does not say. */
static inline int kernel_has(const char *symbol)
{
	gzFile config = gzopen(CONFIG_GZ, "re");
	size_t symbol_bytes = strlen(symbol);
	bool readable = false;
	char line[4096];
	int rc = 0;

	if (!config)
		return errno ? -errno : -ENOMEM;
	while (gzgets(config, line, sizeof(line))) {
		/* The control of every "no": what is certainly there is found. */
		readable |= !strncmp(line, "CONFIG_IKCONFIG_PROC=y", 22);
		if (!strncmp(line, symbol, symbol_bytes) && line[symbol_bytes] == '=')
			rc = line[symbol_bytes + 1] == 'y' || line[symbol_bytes + 1] == 'm';
	}
	/* Not Z_OK: the stream does not end where gzip says it does. */
	if (gzclose(config) != Z_OK || !readable)
		return -EBADMSG;
	return rc;
}

/* Is this what a kernel without the feature answers? */
static inline bool not_built_in(int rc)
{
	return rc == -ENOENT || rc == -ENXIO || rc == -ENODEV || rc == -ENOSYS ||
	       rc == -EAFNOSUPPORT;
}

/*
 * Skip a case whose act, which returned @rc, this kernel does not have by its own configuration. If
 * it has it, any errno is an answer. The SKU's list of skips must have the case (configs/skips).
 */
#define SKIP_IF_ABSENT(symbol, rc)                                                       \
	do {                                                                             \
		int __has = kernel_has(symbol);                                          \
		ASSERT_LE(0, __has) TH_LOG(CONFIG_GZ " does not tell about " symbol);    \
		if (__has)                                                               \
			break;                                                           \
		ASSERT_TRUE(not_built_in(rc)) TH_LOG(symbol " is off, errno %d", -(rc)); \
		SKIP(return, "absent, proven by config: " symbol " is off");             \
	} while (0)

#endif
