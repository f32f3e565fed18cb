// SPDX-License-Identifier: GPL-2.0-only
/*
 * May a file system of root's talk IMA into a rule's exception? A file on FUSE that claims to be new and
 * empty while IMA judges what was read from it must not pass for signed (patch 0012). Each of its
 * refusals has two controls: without the lie, and with another owner, about whom no rule says anything.
 * Under lockdown no rule is taken, and no unsigned policy, whatever its owner (patch 0014).
 */
#include "kselftest_harness.h"
#include "fuse_file.h"
#include "../kseal_lib/kernels.h"
#include "ima.h"

#define RULES "measure func=FILE_CHECK uid=4242\n"

/* The owner of files that rules are about. ima_policy has others. */
#define OWNER	 4244
#define NOBODYS	 4245
#define OURS	 " fowner=4244"
#define A_KERNEL "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig" OURS
#define A_POLICY "appraise func=POLICY_CHECK appraise_type=imasig" OURS

static int load_kernel_fd(int fd)
{
	if (syscall(SYS_kexec_file_load, fd, -1, 1UL, "", KEXEC_FILE_NO_INITRAMFS))
		return -errno;
	syscall(SYS_kexec_file_load, -1, -1, 1UL, "", KEXEC_FILE_UNLOAD);
	return 0;
}

/* The module stays for the other cases. */
static int have_fuse(void)
{
	int fd, rc = 0;

	if (!access("/dev/fuse", F_OK))
		return 0;
	fd = open(DATA_DIR "fuse.ko", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		rc = -errno;
	close(fd);
	return rc;
}

/* What does kexec_file_load() answer to a file on FUSE that is not a kernel, and whose owner is @owner? */
static int load_from_fuse(unsigned int owner, bool lie)
{
	struct fuse_file f;
	int fd = fuse_file_make(&f, (const unsigned char *)RULES, strlen(RULES), owner), rc = fd;

	if (fd >= 0) {
		*f.lie = lie;
		rc = load_kernel_fd(fd);
		fuse_file_remove(&f, fd);
	}
	return rc;
}

/*
 * The answer to the same file as a policy. The kernel opens it by its name and creates nothing; that IMA has taken the
 * file for a new one is left from the attempt to load it as a kernel, which it is not.
 */
static int policy_from_fuse(unsigned int owner, bool lie, int *ret_as_kernel)
{
	struct fuse_file f;
	int fd = fuse_file_make(&f, (const unsigned char *)RULES, strlen(RULES), owner), rc = fd;

	if (fd >= 0) {
		*f.lie = lie;
		*ret_as_kernel = load_kernel_fd(fd);
		/* Until the server admits the size again. */
		sleep(1);
		rc = write_text(POLICY, FUSE_FILE);
		fuse_file_remove(&f, fd);
	}
	return rc;
}

/* What IMA lets through is found not to be a kernel. */
TEST(an_unsigned_image_that_claims_to_be_a_new_file_is_refused)
{
	const int refused = locked() ? NOT_A_KERNEL : -EACCES;

	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, have_fuse());
	EXPECT_EQ(NOT_A_KERNEL, load_from_fuse(OWNER, true));
	EXPECT_EQ(locked() ? -EACCES : 0, write_text(POLICY, A_KERNEL));
	EXPECT_EQ(refused, load_from_fuse(OWNER, false));
	EXPECT_EQ(refused, load_from_fuse(OWNER, true));
	EXPECT_EQ(NOT_A_KERNEL, load_from_fuse(NOBODYS, true));
}

/* From here on IMA takes no rules but those in files. */
TEST(an_unsigned_policy_that_claims_to_be_a_new_file_is_refused)
{
	const int no_kernel = locked() ? NOT_A_KERNEL : -EACCES;
	int as_kernel = 0;

	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, have_fuse());
	EXPECT_EQ(locked() ? -EACCES : 0, policy_from_fuse(OWNER, false, &as_kernel));
	EXPECT_EQ(no_kernel, as_kernel);
	EXPECT_EQ(locked() ? -EACCES : 0, write_text(POLICY, A_POLICY));
	EXPECT_EQ(-EACCES, policy_from_fuse(OWNER, false, &as_kernel));
	EXPECT_EQ(-EACCES, policy_from_fuse(OWNER, true, &as_kernel));
	EXPECT_EQ(no_kernel, as_kernel);
	EXPECT_EQ(locked() ? -EACCES : 0, policy_from_fuse(NOBODYS, true, &as_kernel));
}

TEST_VM_MAIN(POLICY)
