// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA's policy is written by root, and kexec_file_load() takes IMA's word for an image that it
 * cannot verify itself. Under lockdown root gets no unsigned policy in (patch 0014); without, rules
 * are taken, and do what they say (patch 0012). The policy stays until the machine goes off, so all
 * rules here have conditions which only this program's files meet, or nobody: none of them may pass
 * for a promise that IMA appraises kernels (patch 0013).
 */
#include "kselftest_harness.h"
#include "bpf_lockdown.h"
#include "../kseal_lib/kernels.h"
#include "ima.h"

#define POLICY_FILE "/tmp/ima-policy"

/* The owner of files that rules are about. Root reads them all the same. */
#define OWNER 4243
#define OURS  " fowner=4243"

#define KEXEC_SIGNED "appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig"

/* Rules that look as if IMA appraised kernels, and whose conditions no kernel of root's meets. */
static const char *const empty_promises[] = {
	KEXEC_SIGNED " uid=4242",
	KEXEC_SIGNED " uid>4242",
	KEXEC_SIGNED " euid=4242",
	KEXEC_SIGNED " gid=4242",
	KEXEC_SIGNED " egid=4242",
	KEXEC_SIGNED " fowner=4242",
	KEXEC_SIGNED " fgroup=4242",
	KEXEC_SIGNED " fsmagic=0x4242",
	KEXEC_SIGNED " fsname=none",
	KEXEC_SIGNED " fsuuid=00000000-0000-0000-0000-000000004242",
	KEXEC_SIGNED " mask=MAY_EXEC",
	KEXEC_SIGNED " appraise_algos=sha256 uid=4242",
	KEXEC_SIGNED " obj_type=nobody_t",
	KEXEC_SIGNED " subj_type=nobody_t",
	"appraise appraise_type=imasig uid=4242",
	NULL,
};

/* As root does it: open, one write for each rule, close. Return: 0, or -errno of the write. */
static int add_rule(const char *rule)
{
	return write_text(POLICY, rule);
}

static int add_rule_by_file(const char *rule)
{
	char line[256];
	int rc;

	snprintf(line, sizeof(line), "%s\n", rule);
	rc = write_whole(POLICY_FILE, (const unsigned char *)line, strlen(line));
	return rc ? rc : add_rule(POLICY_FILE);
}

/* A file of OWNER's with the bytes of an unsigned kernel, written as any program would. */
static int make_owned(const char *path)
{
	unsigned char *image;
	size_t bytes = 0;
	int rc = make_unsigned();

	if (rc)
		return rc;
	image = read_whole(UNSIGNED, &bytes);
	rc = write_whole(path, (const unsigned char *)"", 0);
	if (!rc && chown(path, OWNER, 0))
		rc = -errno;
	if (!rc)
		rc = write_whole(path, image, bytes);
	free(image);
	return rc;
}

/* Hand @path to the kernel as the initrd of a signed kernel. Return: 0, or -errno. */
static int load_as_initrd(const char *path)
{
	int kernel = open(SIGNED, O_RDONLY | O_CLOEXEC), initrd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = -ENOENT;

	if (kernel >= 0 && initrd >= 0) {
		rc = syscall(SYS_kexec_file_load, kernel, initrd, 1UL, "", 0UL) ? -errno : 0;
		syscall(SYS_kexec_file_load, -1, -1, 1UL, "", KEXEC_FILE_UNLOAD);
	}
	close(kernel);
	close(initrd);
	return rc;
}

TEST(rules_are_taken_only_while_the_kernel_is_not_locked_down)
{
	const char *const *rule;

	ASSERT_MODE_IS_KNOWN();
	for (rule = empty_promises; *rule; rule++) {
		TH_LOG("%s", *rule);
		EXPECT_EQ(locked() ? -EACCES : 0, add_rule(*rule));
	}
}

TEST(a_file_with_rules_and_no_signature_is_taken_only_then)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule_by_file(empty_promises[0]));
}

TEST(what_was_refused_once_is_refused_again)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule("dont_appraise func=POLICY_CHECK" OURS));
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule_by_file(empty_promises[0]));
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule(empty_promises[0]));
}

TEST(nonsense_is_refused_in_every_boot)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EACCES : -EINVAL, add_rule("appraise func=NONSENSE"));
}

/* The attack: the rules above matched nobody, but kexec was not gated any more. */
TEST(an_unsigned_kernel_is_loaded_only_without_lockdown)
{
	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
}

/*
 * In the control boot a rule about OWNER's files asks for an IMA signature, which this file has
 * not. No way of reading it may get around that.
 */
TEST(a_kernel_that_a_rule_wants_signed_is_refused_however_it_is_opened)
{
	static const char path[] = "/tmp/kernel-direct.efi";
	const int refused = enforced() ? UNSIGNED_REFUSED : -EACCES;

	ASSERT_MODE_IS_KNOWN();
	ASSERT_EQ(0, make_owned(path));
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_kernel(path));
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule(KEXEC_SIGNED OURS));
	EXPECT_EQ(refused, load_kernel(path));
	/* An exception for files that IMA cannot read, made by a rule for another hook. */
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule("measure func=FILE_CHECK permit_directio" OURS));
	EXPECT_EQ(refused, load_kernel_as(path, O_DIRECT));
	EXPECT_EQ(refused, load_kernel(path));
	unlink(path);
}

/* IMA wrote the hash itself, which satisfies the rule for initrds. The test above is the control.
 */
TEST(a_hash_that_satisfies_one_rule_is_no_signature_for_another)
{
	static const char path[] = "/tmp/kernel-hashed.efi";
	const int refused = enforced() ? UNSIGNED_REFUSED : -EACCES;

	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule("hash func=FILE_CHECK" OURS));
	EXPECT_EQ(locked() ? -EACCES : 0, add_rule("appraise func=KEXEC_INITRAMFS_CHECK" OURS));
	ASSERT_EQ(0, make_owned(path));
	EXPECT_EQ(0, load_as_initrd(path));
	EXPECT_EQ(refused, load_kernel(path));
	unlink(path);
}

/*
 * Where the lockdown LSM locks the kernel down, kexec enforces its own signatures and IMA's word does
 * not count. Any other LSM may refuse an unsigned kernel as well, and is not asked if IMA promises to
 * appraise it. So let BPF refuse it, in the boot where nothing else does.
 */
TEST(rules_that_match_nobody_do_not_silence_an_lsm_that_refuses_unsigned_kernels)
{
	struct bpf_refusal bpf = { .prog_fd = -1, .link_fd = -1 };

	ASSERT_MODE_IS_KNOWN();
	for (const char *const *rule = empty_promises; *rule; rule++) {
		TH_LOG("%s", *rule);
		EXPECT_EQ(locked() ? -EACCES : 0, add_rule(*rule));
	}
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
	ASSERT_EQ(0, bpf_refuse_lockdown(&bpf, "LOCKDOWN_KEXEC"));
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : -EPERM, load_unsigned());
	bpf_refuse_no_more(&bpf);
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());
}

TEST_VM_MAIN(POLICY)
