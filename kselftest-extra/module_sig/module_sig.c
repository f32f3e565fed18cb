// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which modules load? One small module of the kernel build comes in four forms:
 *	signed.ko	by the trusted key, as it is shipped
 *	unsigned.ko	without a signature
 *	tampered.ko	signed, then one byte flipped inside
 *	foreign.ko	by a key that the kernel does not know
 */
#include "kselftest_harness.h"
#include "modules.h"

/*
 * sig_enforce answers before lockdown is asked, with another errno. Under it the control boot
 * would refuse as well, and a refusal that nothing can lift proves nothing about lockdown.
 */
#define EXPECT_REFUSED_WHEN_ENFORCED(path)                 \
	do {                                               \
		ASSERT_MODE_IS_KNOWN();                    \
		ASSERT_TRUE(enforced() || !sig_enforce()); \
		EXPECT_EQ(!enforced()	  ? 0              \
			  : sig_enforce() ? -EKEYREJECTED  \
					  : -EPERM,        \
			  load_module(path));              \
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

TEST_VM_MAIN("/proc/modules")
