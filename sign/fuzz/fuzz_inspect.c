// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: anybody whose file `kseal inspect` or `extract` is given.
 *
 * Valid input: any of the files that they know.
 *
 * Laws: a file has one kind, and zeros alone are of none. A module
 * whose form is refused has the reason, and no names; its signature lies in it. A word of a policy is one of a few.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "ops/inspect.h"
#include "ops/kernel_policy.h"

static void check_module(struct ks_span content)
{
	struct ks_module_facts facts;

	ks_module_facts_of(content, &facts);
	KS_LAW(!facts.no.err || (facts.no.why && !facts.name && !facts.vermagic));
	KS_LAW(facts.view.content.bytes + facts.view.cms.bytes <= content.bytes);
	KS_LAW(!facts.info.nr_signers || (facts.view.cms.bytes && !facts.fault.err));
	KS_LAW(!facts.fault.err || facts.fault.what);
}

/* Any text is one of options; a word of the policy is always one of a few. */
static void check_policy(struct ks_span text)
{
	struct ks_kernel_policy policy = ks_kernel_policy_of(text);

	KS_LAW(strstr("absent off integrity confidentiality", policy.lockdown));
	KS_LAW(strstr("none unchecked checked enforced", policy.modules));
	KS_LAW(strstr("absent unchecked checked enforced", policy.kexec_file));
	KS_LAW(policy.keyrings < 1U << KS_NR_POLICY_KEYRINGS);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ks_inspected file = { 0 };
	struct ks_span in = { data, size };
	enum ks_kind kind = ks_kind_of(in);

	KS_LAW(kind < KS_KIND_NR && ks_kind_word(kind) && ks_kind_name(kind));
	KS_LAW(!ks_span_is_zero(in) || kind == KS_KIND_UNKNOWN);
	check_policy(in);
	if (!ks_inspect_open(in, &file, NULL)) {
		KS_LAW((kind == KS_KIND_COMPRESSED) == (file.compression != KS_COMPRESS_NONE));
		KS_LAW(kind == file.kind || kind == KS_KIND_COMPRESSED);
		if (file.kind == KS_KIND_MODULE)
			check_module(file.content);
	}
	ks_inspect_close(&file);
	return 0;
}
