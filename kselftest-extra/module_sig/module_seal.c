// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.modules_sealed: what was loaded before loads again, and nothing else does. There is no way
 * back, so this is one of the last tests, and its cases stand in the order in which they must run.
 *
 * The data directory has two modules that no other test loads, alike but for one byte in the padding
 * of the ELF header, each signed by the trusted key: early.ko loads before the seal, which is the
 * control for late.ko, that is tried after it.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/caps.h"
#include "modules.h"

#define SEALED "/proc/sys/kernel/modules_sealed"

static int seal(void)
{
	return write_text(SEALED, "1");
}

/* As load_module(), by init_module(), which takes the module's bytes and no file. */
static int load_from_memory(const char *path)
{
	unsigned char *content;
	const char *name;
	size_t bytes;
	int rc = 0;

	content = read_whole(path, &bytes);
	if (!content)
		return -errno;
	name = module_name(content, bytes);
	if (syscall(SYS_init_module, content, bytes, ""))
		rc = -errno;
	else if (!name || syscall(SYS_delete_module, name, O_NONBLOCK))
		rc = -EBUSY;
	free(content);
	return rc;
}

FIXTURE(module_seal)
{
	char sealed[16];
};

FIXTURE_SETUP(module_seal)
{
	ASSERT_LT(0, read_text(SEALED, self->sealed, sizeof(self->sealed)));
}

FIXTURE_TEARDOWN(module_seal)
{
}

TEST_F(module_seal, the_kernel_boots_unsealed_and_root_without_the_capability_cannot_seal_it)
{
	EXPECT_STREQ("0", self->sealed);
	EXPECT_EQ(-EPERM, act_as(0, NO_CAPS, seal));
	EXPECT_EQ(-EPERM, write_handed_as(0, NO_CAPS, SEALED, "1"));
	EXPECT_EQ(-EINVAL, write_text(SEALED, "2"));
}

TEST_F(module_seal, before_the_seal_a_module_that_is_new_loads)
{
	EXPECT_EQ(0, load_module(DATA_DIR "early.ko"));
}

TEST_F(module_seal, after_the_seal_the_known_one_loads_and_unloads_and_the_new_one_does_not)
{
	ASSERT_EQ(0, act_as(0, CAP_BIT(CAP_SYS_MODULE), seal));
	EXPECT_EQ(0, load_module(DATA_DIR "early.ko"));
	EXPECT_EQ(0, load_from_memory(DATA_DIR "early.ko"));
	EXPECT_EQ(-EPERM, load_module(DATA_DIR "late.ko"));
	EXPECT_EQ(-EPERM, load_from_memory(DATA_DIR "late.ko"));
	EXPECT_TRUE(kernel_log_has("was not loaded before the modules were sealed"));
}

TEST_F(module_seal, the_signature_of_a_known_module_is_still_checked)
{
	EXPECT_STREQ("1", self->sealed);
	EXPECT_EQ(-EKEYREJECTED, load_module(DATA_DIR "early-weak.ko"));
}

TEST_F(module_seal, the_seal_cannot_be_broken)
{
	EXPECT_EQ(-EINVAL, write_text(SEALED, "0"));
	EXPECT_EQ(-EPERM, load_module(DATA_DIR "late.ko"));
}

TEST_VM_MAIN(SEALED)
