// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lockdown must hold before the first LSM is up: ACPI tables in the initrd are machine code that
 * the kernel interprets, and mainline takes them on a locked-down machine. The initrd of these
 * tests carries an empty SSDT (kernel/firmware/acpi/kseal.aml) with the OEM id "KSEAL".
 */
#include "kselftest_harness.h"
#include "../kseal_lib/common.h"

#include <dirent.h>

#define TABLES "/sys/firmware/acpi/tables"

/* Is a table there whose name starts with @name and whose OEM id (offset 10) starts with @oem? */
static bool table_is_there(const char *name, const char *oem)
{
	unsigned char header[36];
	struct dirent *entry;
	bool found = false;
	char path[512];
	DIR *dir;

	dir = opendir(TABLES);
	while (dir && !found && (entry = readdir(dir))) {
		int fd;

		if (strncmp(entry->d_name, name, strlen(name)))
			continue;
		snprintf(path, sizeof(path), TABLES "/%s", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		found = read(fd, header, sizeof(header)) == sizeof(header) &&
			!memcmp(header + 10, oem, strlen(oem));
		close(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}

TEST(the_firmware_s_own_tables_are_listed)
{
	EXPECT_TRUE(table_is_there("FACP", ""));
}

TEST(an_acpi_table_of_the_initrd_is_taken_only_without_lockdown)
{
	ASSERT_MODE_IS_KNOWN();
	ASSERT_TRUE(kernel_log_has("SSDT ACPI table found in initrd"));
	EXPECT_EQ(!locked(), table_is_there("SSDT", "KSEAL"));
	EXPECT_EQ(locked(), kernel_log_has("kernel is locked down, ignoring table override"));
}

TEST_VM_MAIN(TABLES)
