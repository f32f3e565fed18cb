/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every fuzz target shares. A target is one file, fuzz_<name>.c, which defines
 * LLVMFuzzerTestOneInput(); it is linked with libFuzzer (make fuzz), or with replay.c, which runs
 * the committed seeds (make check).
 */
#ifndef KS_FUZZ_FUZZ_H
#define KS_FUZZ_FUZZ_H

#include <stdlib.h>

#include "base/buf.h"
#include "base/cursor.h"

/* libFuzzer's entry point: fixed name and types. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A law that must hold for every input; abort() is what libFuzzer and replay.c call a find. */
#define KS_LAW(truth) ks_fuzz_law((truth), #truth, __FILE__, __LINE__)

/** ks_fuzz_law() - say which law is broken, and stop */
void ks_fuzz_law(bool truth, const char *law, const char *file, int line);

/** ks_fuzz_inside() - does every byte of @part lie in @whole? An empty part does. */
bool ks_fuzz_inside(struct ks_span whole, struct ks_span part);

/** ks_fuzz_off() - offset of @part in @whole, which it lies in */
u64 ks_fuzz_off(struct ks_span whole, struct ks_span part);

#endif
