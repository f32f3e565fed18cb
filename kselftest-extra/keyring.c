// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which certificates did the build embed? /proc/keys names the keyring, keyctl() says what is in
 * it. The host passes the names that must be there: SET expected_certs first name;second name
 */
#include "kselftest_harness.h"
#include "common.h"

#include <linux/keyctl.h>
#include <stdint.h>
#include <sys/syscall.h>

#define MAX_KEYS 64

static long keyctl(int op, unsigned long a, unsigned long b, unsigned long c)
{
	long rc = syscall(SYS_keyctl, op, a, b, c, 0UL);

	return rc < 0 ? -errno : rc;
}

/* Lines of /proc/keys: serial flags usage timeout perm uid gid type description: summary */
static int32_t find_keyring(const char *name)
{
	FILE *f = fopen("/proc/keys", "re");
	int32_t serial = -ENOENT;
	char line[1024], want[64];

	if (!f)
		return -errno;
	snprintf(want, sizeof(want), " keyring   %s:", name);
	while (serial == -ENOENT && fgets(line, sizeof(line), f))
		if (strstr(line, want))
			serial = (int32_t)strtoul(line, NULL, 16);
	fclose(f);
	return serial;
}

/* Does a key of the ring have @text in its description? */
static bool ring_has(const int32_t *keys, long nr_keys, const char *text)
{
	char description[512];
	long i;

	for (i = 0; i < nr_keys; i++) {
		long n = keyctl(KEYCTL_DESCRIBE, (unsigned long)keys[i], (unsigned long)description,
				sizeof(description) - 1);

		if (n <= 0 || n >= (long)sizeof(description))
			continue;
		description[n] = '\0';
		if (strstr(description, text))
			return true;
	}
	return false;
}

FIXTURE(keyring)
{
	int32_t serial;
	int32_t keys[MAX_KEYS];
	long nr_keys;
};

FIXTURE_SETUP(keyring)
{
	long bytes;

	self->serial = find_keyring(".builtin_trusted_keys");
	ASSERT_LT(0, self->serial);
	bytes = keyctl(KEYCTL_READ, (unsigned long)self->serial, (unsigned long)self->keys,
		       sizeof(self->keys));
	ASSERT_LT(0, bytes);
	ASSERT_LE(bytes, (long)sizeof(self->keys));
	self->nr_keys = bytes / (long)sizeof(self->keys[0]);
}

FIXTURE_TEARDOWN(keyring)
{
}

TEST_F(keyring, every_expected_certificate_is_trusted)
{
	const char *expected = getenv("KSEAL_EXPECTED_CERTS");
	char *names, *rest, *name;

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no expected_certs");
	names = rest = strdup(expected);
	ASSERT_NE(NULL, names);
	while (rest) {
		name = strsep(&rest, ";");
		EXPECT_TRUE(ring_has(self->keys, self->nr_keys, name) && *name)
		TH_LOG("not in .builtin_trusted_keys: %s", name);
	}
	free(names);
}

/* The host passes the whole manifest, so a certificate more is one that nobody asked for. */
TEST_F(keyring, no_other_certificate_is_trusted)
{
	const char *expected = getenv("KSEAL_EXPECTED_CERTS");
	long nr_names = 1;

	ASSERT_NE(NULL, expected) TH_LOG("the host sent no expected_certs");
	for (; *expected; expected++)
		nr_names += *expected == ';';
	EXPECT_EQ(nr_names, self->nr_keys);
}

/* The control of the first test: the search can say no. */
TEST_F(keyring, a_certificate_that_was_never_embedded_is_not_trusted)
{
	EXPECT_FALSE(ring_has(self->keys, self->nr_keys, "kseal: no such certificate"));
}

TEST_F(keyring, root_cannot_add_a_key_to_the_trusted_keyring)
{
	static const char payload[] = "x";

	EXPECT_EQ(-1, syscall(SYS_add_key, "user", "kseal-test", payload, sizeof(payload),
			      self->serial));
	EXPECT_EQ(EACCES, errno);
	EXPECT_LT(0, syscall(SYS_add_key, "user", "kseal-test", payload, sizeof(payload),
			     KEY_SPEC_PROCESS_KEYRING));
}

TEST_HARNESS_MAIN
