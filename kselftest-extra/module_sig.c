// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which modules load? One small module of the kernel build comes in five forms:
 *	signed.ko	by the trusted key
 *	unsigned.ko	without a signature
 *	tampered.ko	signed, then one byte flipped inside
 *	foreign.ko	by a key that the kernel does not know
 *	weak.ko		by the trusted key, with a digest below the kernel's minimum
 */
#include "kselftest_harness.h"
#include "modules.h"

/*
 * sig_enforce answers before lockdown is asked, with another errno. Under it the control boot
 * would refuse as well, and a refusal that nothing can lift proves nothing about lockdown.
 */
#define EXPECT_REFUSED_WHEN_ENFORCED(path)                                                 \
	do {                                                                               \
		ASSERT_MODE_IS_KNOWN();                                                    \
		if (!enforced() && sig_enforce())                                          \
			SKIP(return, "no control: sig_enforce is on without Secure Boot"); \
		EXPECT_EQ(!enforced()	  ? 0                                              \
			  : sig_enforce() ? -EKEYREJECTED                                  \
					  : -EPERM,                                        \
			  load_module(path));                                              \
	} while (0)

TEST(a_module_signed_by_the_trusted_key_loads)
{
	EXPECT_EQ(0, load_module(DATA_DIR "signed.ko"));
}

TEST(an_unsigned_module_does_not_load)
{
	EXPECT_REFUSED_WHEN_ENFORCED(DATA_DIR "unsigned.ko");
}

TEST(a_module_signed_by_a_foreign_key_does_not_load)
{
	EXPECT_REFUSED_WHEN_ENFORCED(DATA_DIR "foreign.ko");
}

/* A signature that does not fit is refused in every boot; its control is the untouched module. */
TEST(a_module_with_one_flipped_byte_never_loads)
{
	EXPECT_EQ(-EKEYREJECTED, load_module(DATA_DIR "tampered.ko"));
	EXPECT_EQ(0, load_module(DATA_DIR "signed.ko"));
}

/* As above: the policy on digests holds in every boot, the same key with SHA-512 is the control. */
TEST(a_signature_over_a_weak_digest_never_loads)
{
	EXPECT_EQ(-EKEYREJECTED, load_module(DATA_DIR "weak.ko"));
	EXPECT_TRUE(kernel_said("is weaker than the"));
	EXPECT_EQ(0, load_module(DATA_DIR "signed.ko"));
}

TEST_HARNESS_MAIN
