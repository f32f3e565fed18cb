// SPDX-License-Identifier: GPL-2.0-only
/* Which kernels does kexec_file_load() take? */
#include "kselftest_harness.h"
#include "../kseal_lib/kernels.h"

#define TAMPERED "/tmp/kernel-tampered.efi"

FIXTURE(kexec)
{
	unsigned char *image;
	size_t bytes;
	uint32_t cert_dir, cert_off;
};

FIXTURE_SETUP(kexec)
{
	ASSERT_MODE_IS_KNOWN();
	self->image = read_whole(SIGNED, &self->bytes);
	ASSERT_NE(NULL, self->image);
	ASSERT_TRUE(cert_table(self->image, self->bytes, &self->cert_dir, &self->cert_off));
}

FIXTURE_TEARDOWN(kexec)
{
	free(self->image);
	unlink(UNSIGNED);
	unlink(TAMPERED);
}

TEST_F(kexec, a_kernel_signed_by_a_trusted_key_is_loaded)
{
	EXPECT_EQ(0, load_kernel(SIGNED));
}

/* The firmware refuses this one, whatever the command line: scripts/build/prove asks it. */
TEST_F(kexec, the_kernel_that_ships_for_kexec_is_loaded)
{
	EXPECT_EQ(0, load_kernel(SHIPPED));
}

TEST_F(kexec, an_unsigned_kernel_is_refused)
{
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
}

TEST_F(kexec, a_kernel_signed_by_a_foreign_key_is_refused)
{
	EXPECT_EQ(enforced() ? FOREIGN_REFUSED : 0, load_foreign());
}

/* The byte before the certificate table is covered by the signature, and is padding or data. */
TEST_F(kexec, a_kernel_with_one_flipped_byte_is_refused)
{
	self->image[self->cert_off - 1] ^= 1;
	ASSERT_EQ(0, write_whole(TAMPERED, self->image, self->bytes));
	EXPECT_EQ(enforced() ? -EKEYREJECTED : 0, load_kernel(TAMPERED));
}

TEST_F(kexec, a_file_that_is_not_a_kernel_is_refused_in_every_boot)
{
	ASSERT_EQ(0, write_whole(UNSIGNED, (const unsigned char *)"no kernel", 9));
	EXPECT_EQ(NOT_A_KERNEL, load_kernel(UNSIGNED));
}

TEST_VM_MAIN(NULL)
