/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_TEST_TEST_SIGNER_H
#define KS_TEST_TEST_SIGNER_H

#include "ops/signer.h"

/** test_signer_open() - a new RSA-2048 key with a self-signed certificate, SHA-256; no file is left */
void test_signer_open(struct ks_signer *ret_signer);

#endif
