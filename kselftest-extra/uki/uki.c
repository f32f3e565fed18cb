// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was this kernel started by the UKI that was measured? The host predicts PCR 11 from the file, PCR 4 and
 * PCR 7 from the file and the variables of the firmware, and passes them (SET pcr11 <hex>); the TPM holds
 * what firmware and stub really extended.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"
#include "../kseal_lib/efivars.h"

#include <strings.h>

#define PCRS	 "/sys/class/tpm/tpm0/pcr-sha256/"
#define STUB_PCR EFIVARS "StubPcrKernelImage" LOADER_GUID
#define ZEROS	 "0000000000000000000000000000000000000000000000000000000000000000"

TEST(pcr_11_is_what_the_host_predicted)
{
	const char *expected = getenv("KSEAL_PCR11");
	char pcr[128] = "";

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no pcr11");
	ASSERT_EQ(64, read_text(PCRS "11", pcr, sizeof(pcr)));
	EXPECT_EQ(0, strcasecmp(expected, pcr)) TH_LOG("predicted %s, measured %s", expected, pcr);
}

#define BIOS_LOG "/sys/kernel/security/tpm0/binary_bios_measurements"

/* The firmware's log: numbers in little endian, read one after the other; beyond its end they are zeros. */
struct bios_log {
	unsigned char bytes[65536];
	size_t nr, at;
};

static unsigned int log_number(struct bios_log *log, unsigned int nr_bytes)
{
	unsigned int value = 0, i;

	for (i = 0; i < nr_bytes; i++)
		if (log->at + i < log->nr)
			value |= (unsigned int)log->bytes[log->at + i] << (8 * i);
	log->at += nr_bytes;
	return value;
}

static unsigned int digest_bytes(unsigned int alg)
{
	switch (alg) {
	case 0x04:
		return 20;
	case 0x0b:
		return 32;
	case 0x0c:
		return 48;
	case 0x0d:
		return 64;
	}
	return 0;
}

/* One TCG_PCR_EVENT2: its SHA-256 as hex. Return: false at the end of the log. */
static bool log_event(struct bios_log *log, unsigned int *pcr, unsigned int *type, char hex[65])
{
	unsigned int nr, alg, bytes, i;

	if (log->at + 12 > log->nr)
		return false;
	*pcr = log_number(log, 4);
	*type = log_number(log, 4);
	hex[0] = '\0';
	for (nr = log_number(log, 4); nr && log->at < log->nr; nr--) {
		alg = log_number(log, 2);
		bytes = digest_bytes(alg);
		if (!bytes)
			return false;
		for (i = 0; alg == 0x0b && i < bytes && log->at + i < log->nr; i++)
			sprintf(hex + 2 * i, "%02x", log->bytes[log->at + i]);
		log->at += bytes;
	}
	log->at += log_number(log, 4);
	return true;
}

/* What went into a PCR, for who has to find out which event was not predicted. */
static void show_log(struct __test_metadata *_metadata, unsigned int wanted)
{
	static struct bios_log log;
	unsigned int pcr, type;
	char hex[65];
	int fd = open(BIOS_LOG, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	log.nr = log.at = 0;
	while (fd >= 0 && log.nr < sizeof(log.bytes) &&
	       (n = read(fd, log.bytes + log.nr, sizeof(log.bytes) - log.nr)) > 0)
		log.nr += (size_t)n;
	if (fd < 0) {
		TH_LOG("no " BIOS_LOG ": %s", strerror(errno));
		return;
	}
	close(fd);
	/* The first event is of the old form, and says that the others are not. */
	log.at = 28;
	log.at += log_number(&log, 4);
	while (log_event(&log, &pcr, &type, hex))
		if (pcr == wanted)
			TH_LOG("PCR %u, event 0x%08x, %s", pcr, type, hex);
}

static void compare_pcr(struct __test_metadata *_metadata, unsigned int pcr, const char *expected)
{
	char path[64], value[128] = "";

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no pcr%u", pcr);
	snprintf(path, sizeof(path), PCRS "%u", pcr);
	ASSERT_EQ(64, read_text(path, value, sizeof(value)));
	EXPECT_EQ(0, strcasecmp(expected, value))
	{
		TH_LOG("predicted %s, measured %s", expected, value);
		show_log(_metadata, pcr);
	}
}

/* Firmware has started this image, and its stub loaded the addons: nothing else, and nothing before. */
TEST(pcr_4_is_what_the_host_predicted)
{
	compare_pcr(_metadata, 4, getenv("KSEAL_PCR4"));
}

/* Secure Boot is on in one of the two runs: its variables, and who let the image start, are in one and not in the other. */
TEST(pcr_7_is_what_the_host_predicted)
{
	compare_pcr(_metadata, 7, getenv("KSEAL_PCR7"));
}

TEST(pcr_11_was_extended)
{
	char pcr[128] = "";

	ASSERT_EQ(64, read_text(PCRS "11", pcr, sizeof(pcr)));
	EXPECT_STRNE(ZEROS, pcr);
}

/* The control: nobody extends PCR 16 (debug), so a reader that works sees zeros there. */
TEST(the_debug_pcr_is_still_zero)
{
	char pcr[128] = "";

	ASSERT_EQ(64, read_text(PCRS "16", pcr, sizeof(pcr)));
	EXPECT_STREQ(ZEROS, pcr);
}

/* UTF-16 "11" with its NUL, after four bytes of attributes. */
TEST(the_stub_says_that_it_measured_into_pcr_11)
{
	static const unsigned char eleven[] = { '1', 0, '1', 0, 0, 0 };
	unsigned char raw[32];
	int fd;

	fd = open(STUB_PCR, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(4 + (ssize_t)sizeof(eleven), read(fd, raw, sizeof(raw)));
	EXPECT_EQ(0, memcmp(raw + 4, eleven, sizeof(eleven)));
	close(fd);
}

#define EXTRA "/.extra/tpm2-pcr-"

/* What systemd-cryptsetup unlocks a disk with. Without the control any text would do. */
TEST(the_stub_hands_over_the_policy_of_the_initrd)
{
	const char *policy = getenv("KSEAL_PCR_POLICY"), *other = getenv("KSEAL_PCR_NO_POLICY");
	char text[16384] = "", key[64] = "";

	ASSERT_NE(NULL, policy) TH_LOG("the host sent no pcr_policy");
	ASSERT_NE(NULL, other) TH_LOG("the host sent no pcr_no_policy");
	ASSERT_LT(0, read_text(EXTRA "signature.json", text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, policy)) TH_LOG("no policy %s in %s", policy, text);
	EXPECT_EQ(NULL, strstr(text, other));
	ASSERT_LT(0, read_text(EXTRA "public-key.pem", key, sizeof(key)));
	EXPECT_EQ(0, strncmp(key, "-----BEGIN PUBLIC KEY-----", 26));
}

/* TPM2_PCR_Extend of PCR 11, SHA-256 bank, with an empty password. Return: 0 or -errno. */
static int extend_pcr_11(const unsigned char digest[32])
{
	unsigned char command[65] = {
		0x80, 0x02, 0, 0, 0, sizeof(command), 0, 0, 0x01, 0x82, /* with sessions */
		0, 0, 0, 11,						/* handle */
		0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 0, 0, 0,		/* TPM_RS_PW */
		0, 0, 0, 1, 0, 0x0b,					/* one digest, SHA-256 */
	};
	unsigned char answer[256];
	int fd = open("/dev/tpm0", O_RDWR | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	memcpy(command + 33, digest, 32);
	n = write(fd, command, sizeof(command));
	if (n == sizeof(command))
		n = read(fd, answer, sizeof(answer));
	close(fd);
	/* The response code, big-endian, behind tag and size. */
	return n >= 10 && !memcmp(answer + 6, "\0\0\0\0", 4) ? 0 : -EIO;
}

/* The last test of this file: it does what systemd-pcrphase does, and PCR 11 is another then. */
TEST(the_phase_enter_initrd_gives_the_value_that_the_policy_is_about)
{
	/* SHA-256 of "enter-initrd" */
	static const unsigned char phase[32] = {
		0x51, 0xe6, 0xb9, 0x2f, 0x40, 0x5d, 0x1f, 0x98, 0xd9, 0x6e, 0x3d,
		0xe3, 0x43, 0xd6, 0x1d, 0x42, 0x0a, 0xd6, 0x92, 0x3b, 0x25, 0xde,
		0x21, 0xd7, 0x66, 0xf9, 0x29, 0x81, 0x92, 0xf1, 0x4f, 0xed,
	};
	const char *expected = getenv("KSEAL_PCR11_INITRD");
	char pcr[128] = "";

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no pcr11_initrd");
	ASSERT_EQ(0, extend_pcr_11(phase));
	ASSERT_EQ(64, read_text(PCRS "11", pcr, sizeof(pcr)));
	EXPECT_EQ(0, strcasecmp(expected, pcr)) TH_LOG("predicted %s, measured %s", expected, pcr);
}

TEST_VM_MAIN(PCRS)
