// SPDX-License-Identifier: GPL-2.0-only
/*
 * Was this kernel started by the UKI that was measured? The host predicts PCR 11 from the file and
 * passes it (SET pcr11 <hex>); the TPM holds what the stub really extended.
 */
#include "kselftest_harness.h"
#include "common.h"

#include <strings.h>

#define PCRS	 "/sys/class/tpm/tpm0/pcr-sha256/"
#define STUB_PCR "/sys/firmware/efi/efivars/StubPcrKernelImage-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ZEROS	 "0000000000000000000000000000000000000000000000000000000000000000"

TEST(pcr_11_is_what_the_host_predicted)
{
	const char *expected = getenv("KSEAL_PCR11");
	char pcr[128] = "";

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no pcr11");
	ASSERT_EQ(64, read_text(PCRS "11", pcr, sizeof(pcr)));
	EXPECT_EQ(0, strcasecmp(expected, pcr)) TH_LOG("predicted %s, measured %s", expected, pcr);
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

TEST_HARNESS_MAIN
