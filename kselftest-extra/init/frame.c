// SPDX-License-Identifier: GPL-2.0-only
#include "frame.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

int frame_open(struct frame_port *port, const char *path)
{
	struct termios tio;

	port->fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port->fd < 0)
		return -1;
	if (tcgetattr(port->fd, &tio))
		return -1;
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL | CREAD;
	return tcsetattr(port->fd, TCSANOW, &tio);
}

static int write_all(int fd, const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, text, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		bytes -= (size_t)n;
	}
	return 0;
}

int frame_send(struct frame_port *port, const char *format, ...)
{
	char payload[FRAME_MAX_PAYLOAD + 1], body[FRAME_MAX_LINE], line[FRAME_MAX_LINE + 32];
	unsigned long crc;
	va_list args;
	char *c;
	int n;

	va_start(args, format);
	n = vsnprintf(payload, sizeof(payload), format, args);
	va_end(args);
	if (n < 0)
		return -1;
	if (n > FRAME_MAX_PAYLOAD)
		memcpy(payload + FRAME_MAX_PAYLOAD - 5, "[cut]", 5);
	for (c = payload; *c; c++)
		if (*c != '\t' && !isprint((unsigned char)*c))
			*c = '?';
	n = snprintf(body, sizeof(body), "%s %lu %s", port->nonce, port->seq, payload);
	crc = crc32(crc32(0L, Z_NULL, 0), (const Bytef *)body, (uInt)n);
	n = snprintf(line, sizeof(line), "KT1 %s %lu %08lx %s\n", port->nonce, port->seq, crc,
		     payload);
	port->seq++;
	return write_all(port->fd, line, (size_t)n);
}

int frame_save(const struct frame_port *port, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	char **word;

	if (!f)
		return -1;
	fprintf(f, "%s %lu\n", port->nonce, port->seq);
	for (word = environ; *word; word++)
		if (!strncmp(*word, "KSEAL_", 6))
			fprintf(f, "%s\n", *word);
	return fclose(f) ? -1 : 0;
}

int frame_load(struct frame_port *port, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[4096];
	int rc;

	if (!f)
		return -1;
	unlink(path);
	rc = fscanf(f, "%64[0-9a-f] %lu\n", port->nonce, &port->seq) == 2 ? 0 : -1;
	while (!rc && fgets(line, sizeof(line), f)) {
		char *equals = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (equals)
			*equals = '\0';
		rc = equals ? setenv(line, equals + 1, 1) : -1;
	}
	fclose(f);
	return rc;
}

void frame_drain(struct frame_port *port)
{
	tcdrain(port->fd);
}

/* One line of at most @bytes - 1 characters. Return: 1 line, 0 nothing for a second, -1 failed. */
static int read_line(int fd, char *line, size_t bytes)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	char c;

	for (;;) {
		if (poll(&p, 1, 1000) <= 0)
			return 0;
		if (read(fd, &c, 1) != 1)
			return -1;
		if (c == '\n')
			break;
		if (used + 1 >= bytes)
			return -1;
		line[used++] = c;
	}
	line[used] = '\0';
	return 1;
}

/* "SET name value" becomes KSEAL_NAME=value in the environment of every test. */
static int export_setting(char *words)
{
	char name[64] = "KSEAL_";
	size_t used = strlen(name);
	char *value = strchr(words, ' ');
	char *c;

	if (!value)
		return -1;
	*value++ = '\0';
	for (c = words; *c; c++) {
		if (used + 1 >= sizeof(name) || (!isalnum((unsigned char)*c) && *c != '_'))
			return -1;
		name[used++] = (char)toupper((unsigned char)*c);
	}
	name[used] = '\0';
	return setenv(name, value, 1);
}

static int store_nonce(struct frame_port *port, const char *nonce)
{
	size_t bytes = strlen(nonce);

	if (!bytes || bytes > FRAME_MAX_NONCE || strspn(nonce, "0123456789abcdef") != bytes)
		return -1;
	memcpy(port->nonce, nonce, bytes + 1);
	return 0;
}

int frame_handshake(struct frame_port *port, unsigned int nr_kexecs, int limit_s)
{
	char ready[32];
	time_t end = time(NULL) + limit_s;
	char line[4096];

	snprintf(ready, sizeof(ready), "KT1-READY %u\n", nr_kexecs);
	while (time(NULL) < end) {
		int rc;

		if (!port->nonce[0] && write_all(port->fd, ready, strlen(ready)))
			return -1;
		rc = read_line(port->fd, line, sizeof(line));
		if (rc < 0)
			return -1;
		if (!rc)
			continue;
		if (!strcmp(line, "GO"))
			return port->nonce[0] ? 0 : -1;
		if (!strcmp(line, "KEXEC"))
			return FRAME_KEXEC;
		if (!strcmp(line, "CRASH"))
			return FRAME_CRASH;
		if (!strncmp(line, "NONCE ", 6))
			rc = store_nonce(port, line + 6);
		else if (!strncmp(line, "SET ", 4))
			rc = export_setting(line + 4);
		else
			rc = -1;
		if (rc < 0)
			return -1;
	}
	errno = ETIMEDOUT;
	return -1;
}
