// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/dropped.h"

#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/limits.h"
#include "queue/patch.h"
#include "text/text.h"

/* REUSE-IgnoreStart */
#define HEAD                                        \
	"# SPDX-License-Identifier: GPL-2.0-only\n" \
	"# date\tpatch\tsha256\told base\tnew base\tverdict\tevidence\n"
/* REUSE-IgnoreEnd */

static void put_cves(const struct kq_patch *patch, struct ks_buf *out)
{
	struct ks_span value = { 0 };
	size_t i, nr = 0;

	for (i = 0; kq_trailer(patch, "CVE:", i, &value); i++) {
		if (!kq_is_cve(value))
			continue;
		ks_put_str(out, nr++ ? "," : "\t");
		ks_put(out, value);
	}
}

void kq_dropped_put(const struct kq_leaver *leaver, struct ks_buf *out)
{
	time_t when = (time_t)leaver->time;
	char date[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	ks_put_str(out, date);
	ks_put_str(out, "\t");
	ks_put_str(out, leaver->name);
	ks_put_str(out, "\t");
	ks_put_str(out, leaver->sha256);
	ks_put_str(out, "\t");
	ks_put_str(out, leaver->base[0]);
	ks_put_str(out, "\t");
	ks_put_str(out, leaver->base[1]);
	ks_put_str(out, leaver->upstream ? "\tupstream\t" : "\taccepted\t");
	ks_put(out, leaver->evidence);
	put_cves(leaver->patch, out);
	ks_put_str(out, "\n");
}

int kq_dropped_load(const char *dir, struct ks_buf *ret_log, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct stat st;
	int rc = kq_path(&path, error, "%s/" KQ_DROPPED_NAME, dir);

	if (!rc && !lstat(path.s, &st) &&
	    ks_file_load(path.s, KS_MAX_TEXT_BYTES, ret_log, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc && !ret_log->bytes)
		ks_put_str(ret_log, HEAD);
	return rc;
}
