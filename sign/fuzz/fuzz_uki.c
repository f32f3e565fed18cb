// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand an image to `kseal uki measure|lint`. What is predicted
 * here decides which disks open; what is not predicted must not be guessed.
 *
 * Valid input: a PE image with .linux and the other sections of a UKI; its seeds are built by
 * `kseal uki build` out of a stub of some hundred bytes.
 *
 * Laws: PCR 11 is predicted for every profile, for all that a machine may pick, at every phase, each value another one; it is the same
 * for the same image, and another one when a byte of the kernel is. Lint ends, its count of fatal
 * findings is that of those marked so, and what measure cannot read has one.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/frame.h"
#include "ops/uki_addon.h"
#include "ops/uki_lint.h"
#include "ops/uki_policy.h"
#include "ops/uki_sections.h"

/* Zeros behind a section cost only time here. */
#define MOST_ZEROS (1U << 20)

static struct ks_pe_view view;
static struct ks_uki_image image;

static bool has_many_zeros(void)
{
	u64 zero_bytes = 0;
	u32 i;

	for (i = 0; i < image.nr_sections; i++)
		zero_bytes += image.section[i].zero_bytes;
	return zero_bytes > MOST_ZEROS;
}

static void check_lint(struct ks_span in, bool is_uki)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	size_t i, nr_fatal = 0;

	KS_LAW(!ks_uki_lint(in, &findings, NULL));
	for (i = 0; i < findings.nr_findings; i++)
		nr_fatal += findings.finding[i].fatal;
	KS_LAW(nr_fatal == findings.nr_fatal && (is_uki || nr_fatal));
}

/* @policies with the kernel of the first profile changed. */
static void check_change(struct ks_span in, const struct ks_uki_policies *policies)
{
	static struct ks_uki_policies other;
	const struct ks_uki_section *s = ks_uki_find(&image, 0, ".linux");
	__cleanup(ks_buf_done) struct ks_buf changed = { 0 };
	u64 off;
	u8 byte;

	/* A kernel of zeros alone has no place in the file. */
	if (!s || !s->data.bytes)
		return;
	off = ks_fuzz_off(in, s->data) + s->data.bytes / 2;
	byte = s->data.p[s->data.bytes / 2] ^ 1;
	ks_put(&changed, in);
	ks_buf_patch(&changed, off, (struct ks_span){ &byte, 1 });
	KS_LAW(!ks_buf_ok(&changed, NULL));
	KS_LAW(!ks_uki_predict(ks_buf_span(&changed), NULL, &other, NULL));
	KS_LAW(other.nr_policies == policies->nr_policies);
	KS_LAW(!ks_span_eq(ks_digest_span(&other.policy[0].pcr),
			   ks_digest_span(&policies->policy[0].pcr)));
}

/* Of an addon: the same value twice, and none where lint says that the stub changes the text. */
static void check_addon(void)
{
	const struct ks_uki_section *s = ks_uki_find(&image, 0, ".cmdline");
	struct ks_digest pcr = { 0 }, again = { 0 };

	if (ks_uki_addon_pcr(&image, &pcr, NULL))
		return;
	KS_LAW(!ks_uki_addon_pcr(&image, &again, NULL));
	KS_LAW(ks_span_eq(ks_digest_span(&pcr), ks_digest_span(&again)));
	KS_LAW(!s || !ks_uki_addon_check_cmdline(ks_uki_text(s->data), NULL));
}

static void check_policies(struct ks_span in)
{
	static struct ks_uki_policies policies, again;
	int rc = ks_uki_predict(in, NULL, &policies, NULL);
	u64 nr = 0;
	u32 profile;
	size_t i;

	KS_LAW(rc == 0 || rc == -EOPNOTSUPP || rc == -E2BIG);
	if (rc)
		return;
	KS_LAW(!ks_uki_hash(&image, NULL));
	for (profile = 0; profile < ks_uki_nr_profiles(&image); profile++)
		nr += ks_uki_choices(&image, profile, NULL, 0) * ks_uki_default_phases.nr_paths;
	KS_LAW(policies.nr_policies == nr);
	KS_LAW(!ks_uki_predict(in, NULL, &again, NULL));
	for (i = 0; i < policies.nr_policies; i++) {
		KS_LAW(i == 0 || policies.policy[i].profile >= policies.policy[i - 1].profile);
		KS_LAW(ks_span_eq(ks_digest_span(&policies.policy[i].policy),
				  ks_digest_span(&again.policy[i].policy)));
		KS_LAW(i == 0 || !ks_span_eq(ks_digest_span(&policies.policy[i].pcr),
					     ks_digest_span(&policies.policy[i - 1].pcr)));
	}
	check_change(in, &policies);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct ks_uki_policies none;
	struct ks_span in = { data, size };
	bool is_uki = !ks_pe_parse(in, &view, NULL) && !ks_uki_parse(&view, &image, NULL);

	if (is_uki && has_many_zeros())
		return 0;
	check_lint(in, is_uki);
	if (is_uki && image.is_addon)
		check_addon();
	if (is_uki)
		check_policies(in);
	else
		KS_LAW(ks_uki_predict(in, NULL, &none, NULL));
	return 0;
}
