// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the initrd into a Debian root on dm-verity. The program "verity" (userland/verity.c) has opened
 * two devices with signed root hashes: "root", the distribution, and "kseal", which has this kernel's
 * modules and the checks. /etc gets an overlay, /var is empty; the rest stays as it was signed.
 */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char plain(char c)
{
	return c == '-' ? '_' : c;
}

/* Is @word NAME.PARAMETER... of the module in /modules/NUMBER-NAME.ko? Return: PARAMETER..., or NULL. */
static const char *parameter_of(const char *file, const char *word)
{
	const char *name = strchr(strrchr(file, '/'), '-');

	if (!name)
		return NULL;
	for (name++; *name != '.'; name++, word++)
		if (plain(*name) != plain(*word))
			return NULL;
	return *word == '.' ? word + 1 : NULL;
}

/* What modprobe would add: the module's words of the kernel's command line, here without quotes. */
static void get_parameters(const char *file, char *parameters, size_t bytes)
{
	FILE *cmdline = fopen("/proc/cmdline", "re");
	char word[256];
	size_t used = 0;

	*parameters = '\0';
	while (cmdline && fscanf(cmdline, "%255s", word) == 1) {
		const char *parameter = parameter_of(file, word);

		if (parameter && used + strlen(parameter) + 2 < bytes)
			used += (size_t)sprintf(parameters + used, "%s ", parameter);
	}
	if (cmdline)
		fclose(cmdline);
}

void load_modules(void)
{
	char parameters[1024];
	glob_t found;
	size_t i;

	if (glob("/modules/*.ko", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);

		get_parameters(found.gl_pathv[i], parameters, sizeof(parameters));
		if (fd < 0 || (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST))
			fprintf(stderr, "init: cannot load %s: %s\n", found.gl_pathv[i], strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	globfree(&found);
}

struct step {
	const char *from, *to, *type;
	unsigned long flags;
	const char *data;
};

int enter_root(void)
{
	static const struct step steps[] = {
		{ "/dev/kseal-root", "/root", "erofs", MS_RDONLY, NULL },
		{ "/dev/kseal-kseal", "/root/usr/lib/kseal", "erofs", MS_RDONLY, NULL },
		{ "/root/usr/lib/kseal/modules", "/root/usr/lib/modules", NULL, MS_BIND, NULL },
		{ "/root/usr/lib/kseal/kselftest", "/root/kselftest", NULL, MS_BIND, NULL },
		{ "overlay", "/root/etc", "overlay", 0,
		  "lowerdir=/root/etc,upperdir=/run/kseal/upper,workdir=/run/kseal/work" },
		{ "tmpfs", "/root/var", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755" },
		{ "/run", "/root/run", NULL, MS_MOVE, NULL },
		{ "/dev", "/root/dev", NULL, MS_MOVE, NULL },
		{ "/proc", "/root/proc", NULL, MS_MOVE, NULL },
		{ "/sys", "/root/sys", NULL, MS_MOVE, NULL },
	};
	char *const argv[] = { "/sbin/init", NULL };
	size_t i;

	mkdir("/root", 0755);
	mkdir("/run/kseal/upper", 0755);
	mkdir("/run/kseal/work", 0755);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];

		if (mount(s->from, s->to, s->type, s->flags, s->data)) {
			fprintf(stderr, "init: cannot mount %s on %s: %s\n", s->from, s->to, strerror(errno));
			return -1;
		}
	}
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/")) {
		fprintf(stderr, "init: cannot move to the root: %s\n", strerror(errno));
		return -1;
	}
	/* QEMU's TCG translates a program anew at each address that it appears at: four times the time of all this. */
	personality(ADDR_NO_RANDOMIZE);
	execv(argv[0], argv);
	fprintf(stderr, "init: cannot run %s: %s\n", argv[0], strerror(errno));
	return -1;
}
