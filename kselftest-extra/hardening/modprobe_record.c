// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for modprobe: appends its arguments to a file, which a test reads. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open("/tmp/modprobe.record", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int i;

	if (fd < 0)
		return 1;
	for (i = 1; i < argc; i++)
		dprintf(fd, "%s\n", argv[i]);
	return 0;
}
