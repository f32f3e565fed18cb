/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Good certificates and signatures, by OpenSSL, to start from: each kind of key and digest, chains,
 * several signers, key identifiers, attributes, content inside.
 */
#ifndef KERNEL_SEEDS_H
#define KERNEL_SEEDS_H

#include "tree.h"

#define SEED_CONTENT "some module"

/**
 * struct seed - a signature and who has to be trusted for it
 * @trusted: a certificate's index
 */
struct seed {
	struct tree *cms;
	size_t trusted;
};

struct seeds {
	struct tree *cert[32];
	size_t nr_certs;
	struct seed seed[96];
	size_t nr_seeds;
};

/** seeds_make() - the trees live in @arena; roles and keys are noted in them */
void seeds_make(struct arena *arena, struct seeds *ret_seeds);

#endif
