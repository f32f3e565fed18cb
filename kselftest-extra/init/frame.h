/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire from the guest to scripts/vm, one line per frame on the second serial port:
 *
 *	KT1 <nonce> <seq> <crc32> <payload>
 *
 * nonce: the host's own hex digits, so that nothing left over from another run can answer
 * seq:   decimal, from 0, without a gap
 * crc32: 8 hex digits, zlib's crc32() over "<nonce> <seq> <payload>"
 *
 * Payloads:
 *	T <program>				a test program starts
 *	L <text>				one line of its output
 *	D <program> <before> <after>		/proc/sys/kernel/tainted
 *	X <program> exit|signal|timeout <n>	it ended
 *	END <nr_tests> <nr_frames>		all was run; nr_frames counts the frames before this one
 */
#ifndef KSEAL_FRAME_H
#define KSEAL_FRAME_H

#define FRAME_MAX_PAYLOAD 1000
#define FRAME_MAX_NONCE	  64
#define FRAME_MAX_LINE	  (FRAME_MAX_PAYLOAD + FRAME_MAX_NONCE + 64)

struct frame_port {
	int fd;
	char nonce[FRAME_MAX_NONCE + 1];
	unsigned long seq;
};

/* Open the port raw. Return: 0, or -1 with errno. */
int frame_open(struct frame_port *port, const char *path);

#define FRAME_KEXEC 1
#define FRAME_CRASH 2

/*
 * Say "KT1-READY <nr_kexecs>" until the host answers: NONCE, SET... and GO, or KEXEC or CRASH when another
 * kernel is to report, which gets the nonce. Return: 0, FRAME_KEXEC, FRAME_CRASH, or -1 without a host.
 */
int frame_handshake(struct frame_port *port, unsigned int nr_kexecs, int limit_s);

/* Send one payload; control bytes become '?', a payload that is too long is cut and marked. */
int frame_send(struct frame_port *port, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Hand the port on to another program, through a file that only root reads: nonce and number of
 * frames, then the KSEAL_ words of the environment. Return: 0, or -1.
 */
int frame_save(const struct frame_port *port, const char *path);

/* The port is open already. The file is removed, the words become the environment. Return: 0, or -1. */
int frame_load(struct frame_port *port, const char *path);

/* Wait until the port has sent all of it. */
void frame_drain(struct frame_port *port);

#endif
