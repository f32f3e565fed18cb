// SPDX-License-Identifier: GPL-2.0-only
/*
 * Patches 0003 and 0006: how strong must the digest be that was signed, how long the RSA key that
 * signed it? data/make-rules made the modules; "leaf" is a certificate that the trusted key
 * issued and the signature carries.
 */
#include "kselftest_harness.h"
#include "modules.h"

TEST(a_signature_over_a_weak_digest_never_loads)
{
	EXPECT_EQ(-EKEYREJECTED, load_module(RULES_DIR "digest-sha256.ko"));
	EXPECT_TRUE(kernel_log_has("is weaker than the"));
	EXPECT_EQ(0, load_module(RULES_DIR "good.ko"));
}

TEST(a_leaf_of_the_trusted_key_with_1024_bits_signs_no_module)
{
	EXPECT_EQ(-EKEYREJECTED, load_module(RULES_DIR "rsa-1024.ko"));
	EXPECT_TRUE(kernel_log_has("Sig 1: RSA key of 1024 bits is shorter than the 2048 bits"));
	EXPECT_EQ(0, load_module(RULES_DIR "leaf-inside.ko"));
}

TEST(a_longer_key_does_not_bring_its_short_issuer_along)
{
	EXPECT_EQ(-EKEYREJECTED, load_module(RULES_DIR "below-rsa-1024.ko"));
	EXPECT_TRUE(kernel_log_has("Signer of cert 1: RSA key of 1024 bits is shorter"));
	EXPECT_EQ(0, load_module(RULES_DIR "leaf-and-issuer-inside.ko"));
}

/* Who is unknown is refused softly, unless the key is short; without Secure Boot that shows. */
TEST(a_short_key_is_refused_before_anybody_asks_whose_it_is)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_TRUE(enforced() || !sig_enforce());
	EXPECT_EQ(-EKEYREJECTED, load_module(RULES_DIR "foreign-rsa-1024.ko"));
	EXPECT_EQ(!enforced()	  ? 0
		  : sig_enforce() ? -EKEYREJECTED
				  : -EPERM,
		  load_module(RULES_DIR "foreign.ko"));
}

TEST_VM_MAIN("/proc/modules")
