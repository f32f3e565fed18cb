// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the initrd, before there is a userland: which root hash of dm-verity does the kernel take, with
 * dm_verity.require_signatures on its command line? The last two cases leave the devices open, which
 * init then mounts (init/root.c).
 */
#include <linux/dm-ioctl.h>
#include <linux/keyctl.h>
#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "kselftest_harness.h"

#include "../kseal_lib/disk.h"

#define SIGNATURE_KEY "kseal:verity"

struct command {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char parameters[1024];
};

static int control_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	return fd;
}

/* Return: 0, or -errno. */
static int dm(unsigned long request, struct command *c, const char *name)
{
	c->head.version[0] = DM_VERSION_MAJOR;
	c->head.data_size = sizeof(*c);
	c->head.data_start = offsetof(struct command, target);
	snprintf(c->head.name, sizeof(c->head.name), "kseal-%s", name);
	return ioctl(control_fd(), request, c) ? -errno : 0;
}

/* The kernel takes the signature out of a key of this process. Return: 0, or -SETUP_FAILED. */
static int add_signature(const char *file)
{
	char path[128];
	unsigned char *signature;
	size_t bytes;
	long key;

	snprintf(path, sizeof(path), DATA_DIR "%s", file);
	signature = read_whole(path, &bytes);
	if (!signature)
		return -SETUP_FAILED;
	key = syscall(SYS_add_key, "user", SIGNATURE_KEY, signature, bytes, KEY_SPEC_THREAD_KEYRING);
	free(signature);
	return key < 0 ? -SETUP_FAILED : 0;
}

/* Make the table of @name: DATA_DIR NAME.table has "BLOCKS ROOTHASH SALT". Return: 0 or -SETUP_FAILED. */
static int make_table(const char *name, bool spoil, const char *signature, struct command *c)
{
	char path[128], text[512], device[64], hash[129], salt[129];
	unsigned long blocks;

	snprintf(path, sizeof(path), DATA_DIR "%s.table", name);
	if (read_text(path, text, sizeof(text)) <= 0 || find_disk(name, device, sizeof(device)) ||
	    sscanf(text, "%lu %128s %128s", &blocks, hash, salt) != 3)
		return -SETUP_FAILED;
	if (spoil)
		hash[0] = hash[0] == '0' ? '1' : '0';
	c->head.flags = DM_READONLY_FLAG;
	c->head.target_count = 1;
	c->target.length = blocks * 8;
	c->target.next = sizeof(c->target) + sizeof(c->parameters);
	strcpy(c->target.target_type, "verity");
	snprintf(c->parameters, sizeof(c->parameters), "1 %s %s 4096 4096 %lu %lu sha256 %s %s%s", device,
		 device, blocks, blocks, hash, salt,
		 signature ? " 2 root_hash_sig_key_desc " SIGNATURE_KEY : "");
	return signature ? add_signature(signature) : 0;
}

/* Return: 0 with the device open as /dev/kseal-NAME, -errno of the kernel, or -SETUP_FAILED. */
static int open_verity(const char *name, bool spoil, const char *signature)
{
	struct command c = { 0 };
	char path[64];
	dev_t dev;
	int rc;

	if (dm(DM_DEV_CREATE, &c, name))
		return -SETUP_FAILED;
	dev = makedev(major(c.head.dev), minor(c.head.dev));
	c = (struct command){ 0 };
	rc = make_table(name, spoil, signature, &c);
	rc = rc ? rc : dm(DM_TABLE_LOAD, &c, name);
	if (!rc) {
		c = (struct command){ 0 };
		rc = dm(DM_DEV_SUSPEND, &c, name);
	}
	if (rc) {
		c = (struct command){ 0 };
		dm(DM_DEV_REMOVE, &c, name);
		return rc;
	}
	snprintf(path, sizeof(path), "/dev/kseal-%s", name);
	return mknod(path, S_IFBLK | 0600, dev) ? -SETUP_FAILED : 0;
}

static bool required(void)
{
	return cmdline_has("dm_verity.require_signatures=1");
}

/* Controls of these refusals are the two cases at the end: the same devices, with their signatures. */
TEST(a_root_without_a_signature_is_refused)
{
	ASSERT_TRUE(required());
	EXPECT_EQ(-ENOKEY, open_verity("root", false, NULL));
}

TEST(a_root_signed_by_a_foreign_key_is_refused)
{
	EXPECT_EQ(-ENOKEY, open_verity("root", false, "root.foreign"));
}

TEST(a_root_hash_that_its_signature_is_not_about_is_refused)
{
	EXPECT_EQ(-EKEYREJECTED, open_verity("root", true, "root.sig"));
}

TEST(the_signature_of_another_device_is_refused)
{
	EXPECT_EQ(-EKEYREJECTED, open_verity("root", false, "kseal.sig"));
}

TEST(a_signed_root_opens)
{
	EXPECT_EQ(0, open_verity("root", false, "root.sig"));
}

TEST(the_signed_checks_open)
{
	EXPECT_EQ(0, open_verity("kseal", false, "kseal.sig"));
}

TEST_VM_MAIN("/dev/mapper/control")
