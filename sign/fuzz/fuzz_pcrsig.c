// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand an image to `kseal uki lint`, which reads its .pcrsig; the
 * same text unlocks disks, so what systemd would read otherwise must not be taken.
 *
 * Valid input: {"sha256":[{"pcrs":[11],"pkfp":hex,"pol":hex,"sig":base64},...]}, zeros at its end.
 *
 * Laws: a text that is taken has no NUL but at its end; its entries have a key and a policy of 32
 * bytes, and written out as kseal writes them they are read back the same.
 */
#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/base64.h"
#include "fuzz/fuzz.h"
#include "ops/uki_pcrsig.h"

static void put_hex(struct ks_buf *out, const struct ks_digest *digest)
{
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];

	ks_hex(ks_digest_span(digest), hex, sizeof(hex));
	ks_put_str(out, hex);
}

static void write_out(const struct ks_pcrsigs *sigs, struct ks_buf *out)
{
	size_t i;

	ks_put_str(out, "{\"sha256\":[");
	for (i = 0; i < sigs->nr_entries; i++) {
		ks_put_str(out, i ? ",{\"pcrs\":[11],\"pkfp\":\"" : "{\"pcrs\":[11],\"pkfp\":\"");
		put_hex(out, &sigs->entry[i].key);
		ks_put_str(out, "\",\"pol\":\"");
		put_hex(out, &sigs->entry[i].policy);
		ks_put_str(out, "\",\"sig\":\"");
		ks_base64_put(out, ks_buf_span(&sigs->entry[i].sig));
		ks_put_str(out, "\"}");
	}
	ks_put_str(out, "]}");
	KS_LAW(!ks_buf_ok(out, NULL));
}

static bool same_entry(const struct ks_pcrsig *a, const struct ks_pcrsig *b)
{
	return ks_span_eq(ks_digest_span(&a->key), ks_digest_span(&b->key)) &&
	       ks_span_eq(ks_digest_span(&a->policy), ks_digest_span(&b->policy)) &&
	       ks_span_eq(ks_buf_span(&a->sig), ks_buf_span(&b->sig));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 }, again = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span text = { data, size };
	int rc = ks_pcrsigs_parse(text, &sigs, NULL);
	size_t i;

	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	if (rc) {
		KS_LAW(!sigs.entry && !sigs.nr_entries);
		return 0;
	}
	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	KS_LAW(text.bytes && !memchr(text.p, 0, text.bytes));
	KS_LAW(sigs.nr_entries <= KS_UKI_MAX_POLICIES);
	for (i = 0; i < sigs.nr_entries; i++)
		KS_LAW(sigs.entry[i].key.bytes == 32 && sigs.entry[i].policy.bytes == 32);
	write_out(&sigs, &out);
	KS_LAW(!ks_pcrsigs_parse(ks_buf_span(&out), &again, NULL));
	KS_LAW(again.nr_entries == sigs.nr_entries);
	for (i = 0; i < sigs.nr_entries; i++)
		KS_LAW(same_entry(&sigs.entry[i], &again.entry[i]));
	return 0;
}
