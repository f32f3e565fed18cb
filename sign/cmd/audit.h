/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An audit is one JSON document, "kseal/audit/1" (docs/schema); what people and other programs read is made of it.
 */
#ifndef KS_CMD_AUDIT_H
#define KS_CMD_AUDIT_H

#include "cmd/audit_artifact.h"
#include "cmd/json.h"
#include "ops/audit_image.h"

/**
 * struct ks_audit_input - what `kseal audit` was given, and what it made of it
 * @artifact: of a signed kernel, if @has_artifact
 * @now: seconds since the epoch
 */
struct ks_audit_input {
	struct ks_policy policy;
	struct ks_needs needs;
	struct ks_exceptions exceptions;
	struct ks_audited audited;
	struct ks_audit audit;
	struct ks_artifact_input artifact;
	bool has_artifact;
	u64 now;
};

/** ks_audit_json() - the document of an audit. Return: 0; -ENOMEM. */
int __must_check ks_audit_json(const struct ks_audit_input *input, const char *what, struct json_object **ret_json,
			       struct ks_diag *diag);

/** ks_audit_text() - for people, on stdout; @all: the rules that hold as well */
void ks_audit_text(struct json_object *json, bool all);

#endif
