/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_AUDIT_DELTA_H
#define KS_CMD_AUDIT_DELTA_H

#include "cmd/audit.h"

/**
 * ks_audit_deltas_json() - the rules of two audits whose verdict or value differ
 * @old, @new: documents "kseal/audit/1"
 * @rows: an array; gets "rule", "symbol", "want", "change" (new, gone, verdict, value), "old" and "new"
 *
 * In the order of @new, then those that are gone.
 */
void ks_audit_deltas_json(struct json_object *old, struct json_object *new, struct json_object *rows);

/** ks_audit_by_rule() - the rows of a document by their "rule", in its order; ks_json_free() */
struct json_object *ks_audit_by_rule(struct json_object *json);

#endif
