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
#include "common.h"

#include <sys/syscall.h>

/* The module's name as the kernel will know it: "name=" in its .modinfo. */
static const char *module_name(const unsigned char *content, size_t bytes)
{
	const unsigned char *end = content + bytes;
	const unsigned char *tag = content;

	while ((tag = memmem(tag, (size_t)(end - tag), "name=", 5))) {
		if (tag > content && tag[-1] == '\0' && memchr(tag, '\0', (size_t)(end - tag)))
			return (const char *)tag + 5;
		tag += 5;
	}
	return NULL;
}

/* Load a file of the data folder and unload it again. Return: 0, or -errno of loading. */
static int load_module(const char *path)
{
	unsigned char *content;
	const char *name;
	int fd, rc = 0;
	size_t bytes;

	content = read_whole(path, &bytes);
	if (!content)
		return -errno;
	name = module_name(content, bytes);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !name)
		rc = -EBADF;
	else if (syscall(SYS_finit_module, fd, "", 0))
		rc = -errno;
	else if (syscall(SYS_delete_module, name, O_NONBLOCK))
		rc = -EBUSY;
	if (fd >= 0)
		close(fd);
	free(content);
	return rc;
}

/*
 * sig_enforce answers before lockdown is asked, with another errno. Under it the control boot
 * would refuse as well, and a refusal that nothing can lift proves nothing about lockdown.
 */
static bool sig_enforce(void)
{
	char value[8] = "";

	return read_text("/sys/module/module/parameters/sig_enforce", value, sizeof(value)) > 0 &&
	       value[0] == 'Y';
}

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
