// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * initrd-oracle ROUNDS SEED FILE...: of ROUNDS changed initrds, made of these, what the kernel's
 * unpack_to_rootfs() says and what uki lint says. Compiled with the kernel's functions (initramfs.inc) by
 * tests/sign/initrd-kernel.bats.
 *
 * What the kernel stops at must be refused. Where the kernel goes on, kseal may refuse for one of the
 * reasons of is_stricter(): the kernel then leaves something out without a word.
 *
 * Exit: 0 as it should be; 1 a difference, or one of the answers was seen too seldom.
 */
#include "initrd-kernel.h"

#include <setjmp.h>
#include <signal.h>

#include "kernel/initrd.h"

#define F8 "00000000"

static bool has_stub_run;

/* Each finds a complete archive, and takes all that is left. */
static int unpack(unsigned char *in, long bytes, long (*fill)(void *, unsigned long),
		  long (*flush)(void *, unsigned long), unsigned char *out, long *pos, void (*error)(char *))
{
	/* Of a name of 11 bytes, and with the last NUL it ends at a multiple of 4. */
	char archive[] = "070701" F8 F8 F8 F8 F8 F8 F8 F8 F8 F8 F8 "0000000B" F8 "TRAILER!!!\0\0\0";

	(void)in;
	(void)fill;
	(void)out;
	(void)error;
	has_stub_run = true;
	*pos = bytes;
	flush(archive, sizeof(archive));
	return 0;
}

#define gunzip unpack
#define bunzip2 unpack
#define unlzma unpack
#define unxz unpack
#define unlzo unpack
#define unlz4 unpack
#define unzstd unpack
#define CONFIG_DECOMPRESS_GZIP
#define CONFIG_DECOMPRESS_BZIP2
#define CONFIG_DECOMPRESS_LZMA
#define CONFIG_DECOMPRESS_XZ
#define CONFIG_DECOMPRESS_LZO
#define CONFIG_DECOMPRESS_LZ4
#define CONFIG_DECOMPRESS_ZSTD

#include <initramfs.inc>

#define MAX_BYTES (1 << 20)
#define MAX_FILES 32

static struct {
	unsigned char p[MAX_BYTES];
	size_t bytes;
} file[MAX_FILES], made;
static int nr_files;
static uint64_t random_state;

static size_t below(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? random_state % n : 0;
}

static void append(const void *p, size_t bytes)
{
	if (bytes > MAX_BYTES - made.bytes)
		bytes = MAX_BYTES - made.bytes;
	memcpy(made.p + made.bytes, p, bytes);
	made.bytes += bytes;
}

static void move_tail(size_t from, size_t to)
{
	if (made.bytes - from + to > MAX_BYTES)
		return;
	memmove(made.p + to, made.p + from, made.bytes - from);
	made.bytes = made.bytes - from + to;
}

/* Where the next header begins, so that changes hit it and not only what files hold. */
static size_t some_header(void)
{
	size_t at = below(made.bytes), end = at + 4096;

	for (; at + 6 < made.bytes && at < end; at++)
		if (!memcmp(made.p + at, "07070", 5))
			return at;
	return 0;
}

static void change(void)
{
	static const char digits[] = "0123456789abcdefABCDEFxg \t-";
	size_t at = below(2) ? below(made.bytes) : some_header() + below(114), few = 1 + below(8);

	if (at >= made.bytes)
		return;
	switch (below(6)) {
	case 0:
		made.p[at] = digits[below(sizeof(digits) - 1)];
		break;
	case 1:
		made.p[at] ^= (unsigned char)(1U << below(8));
		break;
	case 2:
		if (at + few < made.bytes)
			move_tail(at + few, at);
		break;
	case 3:
		move_tail(at, at + few);
		memset(made.p + at, below(2) ? 0 : 'x', few <= made.bytes - at ? few : made.bytes - at);
		break;
	case 4:
		made.bytes = at;
		break;
	default:
		at = some_header();
		move_tail(at, 0);
	}
}

static void make(void)
{
	static const unsigned char zeros[600];
	size_t n = 1 + below(3);

	made.bytes = 0;
	if (!below(4))
		append(zeros, below(sizeof(zeros)));
	for (; n; n--) {
		size_t idx = below((size_t)nr_files);

		append(file[idx].p, file[idx].bytes);
		if (!below(3))
			append(zeros, below(8));
	}
	for (n = below(4); n; n--)
		change();
}

static bool is_stricter(const char *what)
{
	static const char *const reason[] = {
		"initrd is empty",
		"initrd holds nothing but zeros",
		"initrd is cut off inside of an entry",
		"initrd is neither a cpio archive nor compressed, or is cut off",
		"initrd has an entry whose header is broken",
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(reason); i++)
		if (!strcmp(what, reason[i]))
			return true;
	/* The kernel looks at two bytes of a magic, and leaves the rest to the decompressor. */
	return has_stub_run;
}

static sigjmp_buf crashed;

static void on_crash(int sig)
{
	siglongjmp(crashed, sig);
}

/* What stops the kernel, NULL if nothing does; it may run out of the archive. */
static const char *ask_kernel(void)
{
	static char copy[MAX_BYTES];

	memcpy(copy, made.p, made.bytes);
	has_stub_run = false;
	/* What the built-in archive leaves, which is unpacked before. */
	next_state = Reset;
	if (sigsetjmp(crashed, 1))
		return "crash";
	return unpack_to_rootfs(copy, made.bytes);
}

int main(int argc, char **argv)
{
	size_t rounds, i, nr_good = 0, nr_refused = 0, nr_stricter = 0, nr_different = 0;

	if (argc < 4 || argc - 3 > MAX_FILES)
		return 2;
	rounds = strtoul(argv[1], NULL, 10);
	random_state = strtoul(argv[2], NULL, 10) * 0x9e3779b97f4a7c15U + 1;
	for (nr_files = 0; nr_files < argc - 3; nr_files++) {
		FILE *f = fopen(argv[nr_files + 3], "r");

		if (!f)
			return 2;
		file[nr_files].bytes = fread(file[nr_files].p, 1, MAX_BYTES, f);
		fclose(f);
	}
	signal(SIGSEGV, on_crash);
	signal(SIGBUS, on_crash);
	for (i = 0; i < rounds; i++) {
		struct ks_diag diag = { 0 };
		const char *kernel;
		int rc;

		make();
		kernel = ask_kernel();
		rc = ks_kernel_check_initrd((struct ks_span){ made.p, made.bytes }, &diag);
		if (kernel && rc) {
			nr_refused++;
		} else if (!kernel && !rc) {
			nr_good++;
		} else if (rc && is_stricter(diag.what)) {
			nr_stricter++;
		} else if (nr_different++ < 10) {
			printf("round %zu, %zu bytes: the kernel: %s, kseal: %s\n", i, made.bytes,
			       kernel ? kernel : "unpacked", rc ? diag.what : "good");
			if (getenv("KEEP")) {
				FILE *f = fopen(getenv("KEEP"), "w");

				fwrite(made.p, 1, made.bytes, f);
				fclose(f);
			}
		}
	}
	printf("%zu good, %zu refused, %zu where kseal is stricter, %zu differ\n", nr_good, nr_refused,
	       nr_stricter, nr_different);
	return nr_different || nr_good < rounds / 10 || nr_refused < rounds / 10;
}
