// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can put a manifest where `kseal offline attach` reads it, such as a
 * signing service that sends back more than signatures. Its paths become files that are written.
 *
 * Valid input: the JSON of kseal-offline-prepare(1); its seeds are what prepare wrote for the modules
 * and the image of scripts/dev/fuzz-seeds, and changes of that.
 *
 * Laws: every entry of a manifest that is accepted has a path, a certificate of the manifest, a digest
 * as long as its algorithm says and, unless it is a module, an output; written out again it reads back
 * to the same bytes.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "ops/offline.h"

static void check_entry(const struct ks_offline *manifest, const struct ks_offline_entry *entry)
{
	struct ks_digest empty = { 0 };
	const EVP_MD *md = NULL;
	size_t i;

	KS_LAW(entry->path && *entry->path && entry->cert_idx < manifest->certs.nr_certs);
	KS_LAW(!!entry->output == (entry->kind != KS_OFFLINE_MODULE));
	KS_LAW(!!entry->phases == (entry->kind == KS_OFFLINE_PCR));
	KS_LAW(!ks_digest_alg_for(entry->hash, KS_SIGN_MODULE, &md, NULL));
	KS_LAW(!ks_digest_spans(md, NULL, 0, &empty, NULL) && entry->digest.bytes == empty.bytes);
	KS_LAW(entry->file.bytes == 32);
	for (i = 0; i < entry->nr_chain; i++)
		KS_LAW(entry->chain_idx[i] < manifest->certs.nr_certs);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_offline_done) struct ks_offline manifest = { 0 }, again = { 0 };
	__cleanup(ks_buf_done) struct ks_buf first = { 0 }, second = { 0 };
	int rc = ks_offline_parse((struct ks_span){ data, size }, &manifest, NULL);
	size_t i;

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG || rc == -EOPNOTSUPP);
	if (rc) {
		KS_LAW(!manifest.nr_entries && !manifest.certs.nr_certs);
		return 0;
	}
	KS_LAW(manifest.nr_entries);
	for (i = 0; i < manifest.nr_entries; i++)
		check_entry(&manifest, &manifest.entry[i]);
	KS_LAW(!ks_offline_build(&manifest, &first, NULL));
	KS_LAW(!ks_offline_parse(ks_buf_span(&first), &again, NULL));
	KS_LAW(!ks_offline_build(&again, &second, NULL));
	KS_LAW(ks_span_eq(ks_buf_span(&first), ks_buf_span(&second)));
	return 0;
}
