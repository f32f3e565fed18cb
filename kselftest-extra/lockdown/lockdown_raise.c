// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raise the lockdown by hand, one level above the one of this boot. Nothing can undo that, so this
 * program stands last in the list. In the control boot it is the strictest control there is: the
 * act that succeeds before the write is denied after it, in the same boot.
 */
#include "kselftest_harness.h"
#include "../kseal_lib/kernels.h"
#include "probe.h"
#include "sysrq.h"

TEST(raising_the_level_takes_effect_at_once_and_for_good)
{
	const char *next = enforced() ? "confidentiality" : "integrity";
	char level[128] = "";

	ASSERT_MODE_IS_KNOWN();
	EXPECT_EQ(enforced() ? -EPERM : 0, probe_pci_config());
	EXPECT_EQ(1, sysrq_logs(KEY_DUMP, DUMP_SAYS));
	EXPECT_EQ(enforced() ? UNSIGNED_REFUSED : 0, load_unsigned());

	EXPECT_EQ(0, write_text(LOCKDOWN, next));
	ASSERT_LT(0, read_text(LOCKDOWN, level, sizeof(level)));
	EXPECT_STREQ(enforced() ? "none integrity [confidentiality]"
				: "none [integrity] confidentiality",
		     level);

	EXPECT_EQ(-EPERM, probe_pci_config());
	/* Integrity lets the machine be looked at (patch 0011). */
	EXPECT_EQ(!enforced(), sysrq_logs(KEY_DUMP, DUMP_SAYS));
	/* Whatever rules ima_policy left behind: IMA is not asked any more (patch 0002). */
	EXPECT_EQ(UNSIGNED_REFUSED, load_unsigned());
	EXPECT_EQ(-EPERM, write_text(LOCKDOWN, "none"));
	EXPECT_EQ(-EPERM, write_text(LOCKDOWN, next));
}

TEST_VM_MAIN(LOCKDOWN)
