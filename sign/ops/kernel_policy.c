// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/kernel_policy.h"

#include "base/text.h"
#include "fmt/ikconfig.h"

static const struct {
	const char *name;
	const char *symbol;
} keyrings[KS_NR_POLICY_KEYRINGS] = {
	{ "secondary", "CONFIG_SECONDARY_TRUSTED_KEYRING" },
	{ "machine", "CONFIG_INTEGRITY_MACHINE_KEYRING" },
	{ "platform", "CONFIG_INTEGRITY_PLATFORM_KEYRING" },
	{ "blacklist", "CONFIG_SYSTEM_BLACKLIST_KEYRING" },
};

const char *ks_policy_keyring(unsigned int idx)
{
	return keyrings[idx].name;
}

static bool is_on(struct ks_span config, const char *symbol)
{
	return ks_kconfig_is_on(config, symbol);
}

/* Is @word one of CONFIG_LSM, a list with commas? */
static bool is_lsm(struct ks_span config, const char *word)
{
	struct ks_span list;

	return ks_kconfig_value(config, "CONFIG_LSM", &list) && ks_text_list_has(list, ks_span_str(word));
}

static const char *lockdown_of(struct ks_span config)
{
	if (!is_on(config, "CONFIG_SECURITY_LOCKDOWN_LSM"))
		return "absent";
	if (is_on(config, "CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY"))
		return "confidentiality";
	return is_on(config, "CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY") ? "integrity" : "off";
}

static const char *modules_of(struct ks_span config)
{
	if (!is_on(config, "CONFIG_MODULES"))
		return "none";
	if (!is_on(config, "CONFIG_MODULE_SIG"))
		return "unchecked";
	return is_on(config, "CONFIG_MODULE_SIG_FORCE") ? "enforced" : "checked";
}

static const char *kexec_file_of(struct ks_span config)
{
	if (!is_on(config, "CONFIG_KEXEC_FILE"))
		return "absent";
	if (!is_on(config, "CONFIG_KEXEC_SIG"))
		return "unchecked";
	return is_on(config, "CONFIG_KEXEC_SIG_FORCE") ? "enforced" : "checked";
}

/* 0 for what is not set, and for what is no number. */
static unsigned int number_of(struct ks_span config, const char *symbol)
{
	struct ks_span value;
	unsigned int number = 0;
	size_t i;

	if (!ks_kconfig_value(config, symbol, &value) || value.bytes > 6)
		return 0;
	for (i = 0; i < value.bytes; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return 0;
		number = number * 10 + (unsigned int)(value.p[i] - '0');
	}
	return number;
}

struct ks_kernel_policy ks_kernel_policy_of(struct ks_span config)
{
	struct ks_kernel_policy policy = {
		.lockdown = lockdown_of(config),
		/* What is early needs no place in CONFIG_LSM. */
		.lockdown_lsm = is_on(config, "CONFIG_SECURITY_LOCKDOWN_LSM_EARLY") ||
				(is_on(config, "CONFIG_SECURITY_LOCKDOWN_LSM") && is_lsm(config, "lockdown")),
		.lockdown_in_secure_boot = is_on(config, "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT"),
		.boot_params = is_on(config, "CONFIG_LOCK_DOWN_BOOT_PARAMS"),
		.modules = modules_of(config),
		.min_digest_bits = number_of(config, "CONFIG_MODULE_SIG_MIN_DIGEST_BITS"),
		.min_rsa_bits = number_of(config, "CONFIG_MODULE_SIG_MIN_RSA_BITS"),
		.kexec_load = is_on(config, "CONFIG_KEXEC"),
		.kexec_file = kexec_file_of(config),
	};
	unsigned int i;

	(void)ks_kconfig_value(config, "CONFIG_MODULE_SIG_HASH", &policy.module_hash);
	for (i = 0; i < KS_NR_POLICY_KEYRINGS; i++)
		if (is_on(config, keyrings[i].symbol))
			policy.keyrings |= 1U << i;
	return policy;
}
