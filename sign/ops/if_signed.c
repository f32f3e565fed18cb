// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/if_signed.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *word;
	enum ks_if_signed mode;
} modes[] = {
	{ "refuse", KS_IF_SIGNED_REFUSE },
	{ "keep", KS_IF_SIGNED_KEEP },
	{ "add", KS_IF_SIGNED_ADD },
	{ "replace", KS_IF_SIGNED_REPLACE },
};

int ks_if_signed_parse(const char *word, unsigned int allowed, const char *usage,
		       enum ks_if_signed *ret_mode, struct ks_diag *diag)
{
	size_t i;

	if (!word)
		word = modes[0].word;
	for (i = 0; i < KS_ARRAY_SIZE(modes); i++) {
		if ((modes[i].mode & allowed) && !strcmp(word, modes[i].word)) {
			*ret_mode = modes[i].mode;
			return 0;
		}
	}
	return ks_fail_detail(diag, -EINVAL, usage, word);
}

const char *ks_if_signed_name(enum ks_if_signed mode)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(modes); i++)
		if (modes[i].mode == mode)
			return modes[i].word;
	return "";
}
