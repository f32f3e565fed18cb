/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSEAL_DISK_H
#define KSEAL_DISK_H

#include <dirent.h>

#include "common.h"

/* The disk that scripts/vm gave this serial number: its path. Return: 0, or -ENODEV. */
static inline int find_disk(const char *wanted, char *device, size_t device_bytes)
{
	DIR *blocks = opendir("/sys/block");
	int rc = -ENODEV;
	struct dirent *entry;

	while (blocks && rc && (entry = readdir(blocks))) {
		char path[512], serial[32];

		snprintf(path, sizeof(path), "/sys/block/%s/serial", entry->d_name);
		if (read_text(path, serial, sizeof(serial)) <= 0 || strcmp(serial, wanted))
			continue;
		if (snprintf(device, device_bytes, "/dev/%s", entry->d_name) < (int)device_bytes)
			rc = 0;
	}
	if (blocks)
		closedir(blocks);
	return rc;
}

#endif
