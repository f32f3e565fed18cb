/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said of a file, at once as lines of 80 columns for a person and as JSON for a program: who
 * finds a fact writes both, so that neither knows what the other does not.
 */
#ifndef KS_CMD_SHEET_H
#define KS_CMD_SHEET_H

#include <stdio.h>

#include "cmd/certs.h"
#include "cmd/json.h"
#include "ops/inspect.h"

/**
 * struct ks_sheet - all zero: not begun
 * @json: an object
 * @text: lines, complete after ks_sheet_end()
 */
struct ks_sheet {
	struct json_object *json;
	char *text;
	size_t text_bytes;
	FILE *out;
};

/** ks_sheet_begin() - @sheet: ks_sheet_done(), also after a failure. Return: 0; -ENOMEM. */
int __must_check ks_sheet_begin(struct ks_sheet *sheet, struct ks_diag *diag);

/** ks_sheet_end() - Return: 0; -ENOMEM if not all of the text was kept. */
int __must_check ks_sheet_end(struct ks_sheet *sheet, struct ks_diag *diag);
void ks_sheet_done(struct ks_sheet *sheet);

/**
 * ks_sheet_row() - one line, or as many as it takes
 * @label: at the left; "" for a row that goes on
 * @format: as printf(); what comes out of a file may be in it, and control bytes become '?'
 *
 * A word that is longer than a line goes on in the next.
 */
void ks_sheet_row(struct ks_sheet *sheet, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** ks_sheet_fault() - say why there is no more of something; @to: gets it in "errors" */
void ks_sheet_fault(struct ks_sheet *sheet, struct json_object *to, const char *label,
		    const struct ks_diag *reason);

/**
 * ks_sheet_cert() - a certificate: names, key, serial number, validity
 * @label: of its first line
 * @to: gets all of it
 * @now: seconds since the epoch
 */
int __must_check ks_sheet_cert(struct ks_sheet *sheet, const char *label, struct json_object *to,
			       const struct ks_cert *cert, u64 now, struct ks_diag *diag);

/** ks_sheet_cert_brief() - two lines of it, and the same JSON */
int __must_check ks_sheet_cert_brief(struct ks_sheet *sheet, const char *label, struct json_object *to,
				     const struct ks_cert *cert, u64 now, struct ks_diag *diag);

/** ks_sheet_signer_json() - the object "signer" of what a module's signature says of its signer */
void ks_sheet_signer_json(struct json_object *to, const struct ks_cms_info *info);

/** ks_json_text() - set a key to bytes of a file, up to a NUL at their end; what is no text becomes '?' */
void ks_json_text(struct json_object *to, const char *key, struct ks_span text);

/** ks_json_text_of() - what a key of an object holds, as text, borrowed */
const char *ks_json_text_of(struct json_object *json, const char *key);

#endif
