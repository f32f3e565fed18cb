// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stands in for QEMU in tests/vm/vm.bats: reads the options that scripts/vm gives, writes the console
 * file and plays the guest's part on the results port. FAKE_SCENE names what goes wrong.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static struct {
	int port_fd;
	int console_fd;
	char nonce[128];
	char settings[4096];
	unsigned long seq;
	unsigned int nr_kexecs;
	const char *scene;
} fake = { .port_fd = -1, .console_fd = -1 };

static bool is_scene(const char *name)
{
	return !strcmp(fake.scene, name);
}

__attribute__((format(printf, 1, 2))) static void console(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(fake.console_fd, format, args);
	va_end(args);
}

/* One frame; @spoil is added to the CRC. */
static void frame_with(unsigned long spoil, const char *nonce, const char *payload)
{
	char body[2048];
	unsigned long crc;
	int n;

	n = snprintf(body, sizeof(body), "%s %lu %s", nonce, fake.seq, payload);
	crc = (crc32(0L, (const Bytef *)body, (uInt)n) + spoil) & 0xffffffffUL;
	dprintf(fake.port_fd, "KT1 %s %lu %08lx %s\n", nonce, fake.seq, crc, payload);
	fake.seq++;
}

static void frame(const char *payload)
{
	frame_with(0, fake.nonce, payload);
}

static void end(unsigned int nr_tests)
{
	char text[64];

	snprintf(text, sizeof(text), "END %u %lu", nr_tests, fake.seq);
	frame(text);
}

/* A test program with two cases, the second as the scene wants it. */
static void play_test(const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), "T %s", name);
	frame(text);
	frame("L TAP version 13");
	frame(is_scene("wrong-plan") ? "L 1..3" : "L 1..2");
	frame("L ok 1 global.first");
	if (is_scene("nested-not-ok"))
		frame("L # not ok 1 hidden");
	if (is_scene("indented-not-ok"))
		frame("L     not ok 1 hidden");
	if (is_scene("failed-case")) {
		frame("L # a.c:7:second:Expected 0 (0) == rc (1)");
		frame("L not ok 2 global.second");
	} else if (is_scene("duplicate-case")) {
		frame("L ok 2 global.first");
	} else if (is_scene("skipped-case")) {
		frame("L ok 2 global.second # SKIP not compiled in");
	} else if (is_scene("control-bytes")) {
		frame("L # a.c:7:second:Expected \033[2J\a\xff");
		frame("L not ok 2 global.second");
	} else if (is_scene("misnumbered")) {
		frame("L ok 3 global.second");
	} else {
		frame("L ok 2 global.second");
	}
	snprintf(text, sizeof(text), "D %s 0 %u", name, is_scene("tainted") ? 512U : 0U);
	frame(text);
	snprintf(text, sizeof(text), "X %s %s", name,
		 is_scene("signal")		    ? "signal 11"
		 : is_scene("exit-without-failure") ? "exit 1"
		 : is_scene("test-timeout")	    ? "timeout 120"
		 : is_scene("failed-case")	    ? "exit 1"
						    : "exit 0");
	frame(text);
}

static void play_good_run(void)
{
	play_test("alpha");
	if (is_scene("bad-nonce"))
		frame_with(0, "00112233", "T beta");
	if (is_scene("bad-crc"))
		frame_with(1, fake.nonce, "T beta");
	if (is_scene("gap"))
		fake.seq++;
	if (is_scene("repeat"))
		fake.seq--;
	if (is_scene("noise"))
		dprintf(fake.port_fd, "[    3.1] random text\n");
	if (is_scene("long-line"))
		dprintf(fake.port_fd, "KT1 %s %lu 00000000 L %05000d\n", fake.nonce, fake.seq, 0);
	if (is_scene("missing-program")) {
		end(1);
		return;
	}
	play_test(is_scene("other-program") ? "gamma" : is_scene("twice") ? "alpha" : "beta");
	if (is_scene("no-end"))
		return;
	end(is_scene("wrong-count") ? 3 : 2);
	if (is_scene("after-end"))
		frame("T late");
}

/* One line of the host. Return: false at the end of the port. */
static bool read_line(char *line, size_t bytes)
{
	size_t used = 0;
	char c;

	while (used + 1 < bytes && read(fake.port_fd, &c, 1) == 1) {
		if (c == '\n') {
			line[used] = '\0';
			return true;
		}
		line[used++] = c;
	}
	return false;
}

/* The next kernel comes up and calls, as the scene has it. Return: false when none does. */
static bool play_kexec(bool by_crash)
{
	if (is_scene("no-kexec"))
		return false;
	if (by_crash && !is_scene("only-says-crash"))
		console("[    9.9] Kernel panic - not syncing: %s\r\n",
			is_scene("other-crash") ? "Oops" : "sysrq triggered crash");
	if (by_crash && is_scene("crashes-twice"))
		console("[    9.9] Kernel panic - not syncing: sysrq triggered crash\r\n");
	fake.nr_kexecs++;
	if (!is_scene("only-says-kexec"))
		console("[    0.000000] Linux version 6.18.15 (fake)\r\n");
	/* A call of the kernel before it may still be under way. */
	dprintf(fake.port_fd, "KT1-READY %u\nKT1-READY %u\n", fake.nr_kexecs - 1, fake.nr_kexecs);
	return true;
}

static bool shake_hands(void)
{
	char line[4096];

	/* The firmware prints on every serial port that it finds, and its last line has no end. */
	dprintf(fake.port_fd, "BdsDxe: starting Boot0001\r\nno newline hereKT1-READY 0\n");
	dprintf(fake.port_fd, "KT1-READY 0\n");
	while (read_line(line, sizeof(line)) && strcmp(line, "GO")) {
		if (!strcmp(line, "KEXEC") || !strcmp(line, "CRASH")) {
			if (!play_kexec(line[0] == 'C'))
				return false;
		} else if (!strncmp(line, "NONCE ", 6)) {
			snprintf(fake.nonce, sizeof(fake.nonce), "%.100s", line + 6);
		} else {
			snprintf(fake.settings + strlen(fake.settings),
				 sizeof(fake.settings) - strlen(fake.settings), "%s\n", line);
		}
	}
	console("settings: %s", fake.settings);
	return true;
}

static void read_options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		char *at = strstr(argv[i], "id=results,fd=");

		if (at)
			fake.port_fd = atoi(at + strlen("id=results,fd="));
		at = strstr(argv[i], "id=console,path=");
		if (at)
			fake.console_fd = open(at + strlen("id=console,path="),
					       O_WRONLY | O_CREAT | O_APPEND, 0644);
	}
}

static void hang(void)
{
	for (;;)
		pause();
}

/* Scenes that end before a guest could speak. */
static bool play_early_end(void)
{
	if (is_scene("refusal") || is_scene("refused-then-started"))
		console("BdsDxe: failed to load Boot0001 \"UEFI Misc Device\" from X: Access "
			"Denied\r\n");
	if (is_scene("refusal"))
		hang();
	if (is_scene("silent"))
		hang();
	if (is_scene("bad-option"))
		fprintf(stderr, "fake-qemu: no such option\n");
	if (is_scene("bad-option"))
		return true;
	/* Sparse, so that the disk is spared what the reader must not be. */
	if (is_scene("flood")) {
		if (ftruncate(fake.console_fd, 65 << 20))
			return true;
		hang();
	}
	if (is_scene("off-at-once"))
		return true;
	console("[    0.000000] Linux version 6.18.15 (fake)\r\n");
	if (is_scene("no-root") || is_scene("oops-and-no-root")) {
		console("[    0.0] Kernel is locked down from EFI Secure Boot\r\n");
		if (is_scene("oops-and-no-root"))
			console("[    0.1] WARNING: CPU: 0 PID: 1 at kernel/x.c:1\r\n");
		console("[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n");
		return true;
	}
	if (is_scene("panic")) {
		console("[    1.2] Kernel panic - not syncing: No working init found.\r\n");
		return true;
	}
	if (is_scene("hang-in-kernel") || is_scene("refused-then-started"))
		hang();
	return false;
}

int main(int argc, char **argv)
{
	fake.scene = getenv("FAKE_SCENE") ? getenv("FAKE_SCENE") : "good";
	read_options(argc, argv);
	if (fake.console_fd < 0)
		return 1;
	if (play_early_end() || fake.port_fd < 0)
		return 0;
	if (!shake_hands())
		return 0;
	if (is_scene("oops"))
		console("[    2.0] BUG: kernel NULL pointer dereference, address: 0000\r\n");
	if (is_scene("sysrq-crash"))
		console("[    2.0] Kernel panic - not syncing: sysrq triggered crash\r\n");
	if (is_scene("reboot"))
		console("[    0.000000] Linux version 6.18.15 (fake)\r\n");
	if (is_scene("hang-in-test")) {
		frame("T alpha");
		hang();
	}
	play_good_run();
	if (is_scene("no-power-off"))
		hang();
	if (is_scene("panic-after-end"))
		console("[    9.9] Kernel panic - not syncing: late\r\n");
	return 0;
}
