// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which certificates did the build embed? /proc/keys names the keyring, keyctl() says what is in
 * it. The host passes what the kernel must call the certificates that the build was given, name and
 * key identifier: SET expected_certs first name: 0123abcd;second name: 4567cdef
 */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"

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

/* Behind type, uid, gid and permissions, each with its semicolon. */
static const char *name_in(const char *description)
{
	int i;

	for (i = 0; description && i < 4; i++) {
		description = strchr(description, ';');
		description = description ? description + 1 : NULL;
	}
	return description;
}

/* Does the ring have a key of exactly this name? */
static bool ring_has(const int32_t *keys, long nr_keys, const char *name)
{
	char description[1024];
	long i;

	for (i = 0; i < nr_keys; i++) {
		long n = keyctl(KEYCTL_DESCRIBE, (unsigned long)keys[i], (unsigned long)description,
				sizeof(description) - 1);

		if (n <= 0 || n >= (long)sizeof(description))
			continue;
		description[n] = '\0';
		if (name_in(description) && !strcmp(name_in(description), name))
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

/* The control of the first test: the search can say no, also to a known name with another key. */
TEST_F(keyring, a_certificate_that_was_never_embedded_is_not_trusted)
{
	const char *expected = getenv("KSEAL_EXPECTED_CERTS");
	char *name, *digit;

	EXPECT_FALSE(ring_has(self->keys, self->nr_keys, "kseal: no such certificate"));
	ASSERT_NE(NULL, expected) TH_LOG("the host sent no expected_certs");
	name = strndup(expected, strcspn(expected, ";"));
	ASSERT_NE(NULL, name);
	EXPECT_TRUE(ring_has(self->keys, self->nr_keys, name));
	digit = &name[strlen(name) - 1];
	*digit = *digit == '0' ? '1' : '0';
	EXPECT_FALSE(ring_has(self->keys, self->nr_keys, name));
	free(name);
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

TEST_VM_MAIN("/proc/keys")
