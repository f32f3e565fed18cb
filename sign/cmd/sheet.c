// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/sheet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shown.h"

/* A digest of SHA-256 in hex fits behind a label. */
#define LABEL_COLUMNS 12
#define VALUE_COLUMNS 64U

int ks_sheet_begin(struct ks_sheet *sheet, struct ks_diag *diag)
{
	sheet->json = json_object_new_object();
	sheet->out = open_memstream(&sheet->text, &sheet->text_bytes);
	return sheet->json && sheet->out ? 0 : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

int ks_sheet_end(struct ks_sheet *sheet, struct ks_diag *diag)
{
	FILE *out = sheet->out;

	sheet->out = NULL;
	return fclose(out) ? ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory") : 0;
}

void ks_sheet_done(struct ks_sheet *sheet)
{
	if (sheet->out)
		fclose(sheet->out);
	free(sheet->text);
	json_object_put(sheet->json);
	*sheet = (struct ks_sheet){ 0 };
}

/* Bytes of @text that take @columns at most: characters of UTF-8, each taken for one column. */
static size_t bytes_of(const char *text, size_t columns)
{
	size_t bytes = 0;

	for (; text[bytes] && columns; columns--)
		do
			bytes++;
		while (((u8)text[bytes] & 0xc0) == 0x80);
	return bytes;
}

/* How much of @text goes into one line: whole words, unless one is longer. */
static size_t line_bytes(const char *text)
{
	size_t max = bytes_of(text, VALUE_COLUMNS), end = max;

	if (!text[max])
		return max;
	while (end && text[end] != ' ')
		end--;
	return end ? end : max;
}

void ks_sheet_row(struct ks_sheet *sheet, const char *label, const char *format, ...)
{
	__cleanup(ks_free_str) char *text = NULL;
	const char *rest;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		text = NULL;
		return;
	}
	ks_make_shown(text, false);
	rest = text;
	do {
		size_t bytes = line_bytes(rest);

		fprintf(sheet->out, "  %-*s %.*s\n", LABEL_COLUMNS, ks_shown(label), (int)bytes, rest);
		rest += bytes;
		rest += strspn(rest, " ");
		label = "";
	} while (*rest);
}

void ks_sheet_signer_json(struct json_object *to, const struct ks_cms_info *info)
{
	struct json_object *signer = ks_json_object(to, "signer");

	ks_json_str(signer, "issuer_dn", info->issuer);
	ks_json_str(signer, "serial", info->serial);
	if (info->key_id[0])
		ks_json_str(signer, "key_id", info->key_id);
}

const char *ks_json_text_of(struct json_object *json, const char *key)
{
	return json_object_get_string(json_object_object_get(json, key));
}

static bool json_is(struct json_object *json, const char *key)
{
	return json_object_get_boolean(json_object_object_get(json, key));
}

void ks_json_text(struct json_object *to, const char *key, struct ks_span text)
{
	__cleanup(ks_free_str) char *copy = NULL;
	size_t i;

	while (text.bytes && !text.p[text.bytes - 1])
		text.bytes--;
	copy = malloc(text.bytes + 1);
	if (!copy)
		return;
	if (text.bytes)
		memcpy(copy, text.p, text.bytes);
	copy[text.bytes] = '\0';
	/* What is behind a NUL is as much of the text. */
	for (i = 0; i < text.bytes; i++)
		copy[i] = copy[i] ? copy[i] : '?';
	ks_make_shown(copy, true);
	ks_json_str(to, key, copy);
}

void ks_sheet_fault(struct ks_sheet *sheet, struct json_object *to, const char *label,
		    const struct ks_diag *reason)
{
	char line[512];

	ks_diag_format(reason, line, sizeof(line));
	ks_json_errors(to, reason);
	ks_sheet_row(sheet, label, "not read: %s", line);
}

/* Into the document, of which the lines are. @ret_when: "", or what is wrong with its time */
static int put_cert(struct json_object *to, const struct ks_cert *cert, u64 now, const char **ret_when,
		    struct ks_diag *diag)
{
	struct ks_cert_traits traits = ks_cert_traits_of(cert);
	int rc = ks_cert_json(to, cert, now, diag);

	if (rc)
		return rc;
	ks_json_str(to, "signature_algorithm", traits.signature);
	*ret_when = traits.from > (int64_t)now	       ? ", NOT VALID YET" :
		    ks_cert_check_time(cert, now, NULL) ? ", EXPIRED" :
							 "";
	return 0;
}

static void subject_row(struct ks_sheet *sheet, const char *label, struct json_object *cert)
{
	ks_sheet_row(sheet, label, "%s%s", ks_json_text_of(cert, "subject_dn"),
		     json_is(cert, "dev") ? "  DEV KEYS" : "");
}

int ks_sheet_cert(struct ks_sheet *sheet, const char *label, struct json_object *to,
		  const struct ks_cert *cert, u64 now, struct ks_diag *diag)
{
	const char *when, *issuer;
	int rc = put_cert(to, cert, now, &when, diag);

	if (rc)
		return rc;
	issuer = ks_json_text_of(to, "issuer_dn");
	subject_row(sheet, label, to);
	ks_sheet_row(sheet, "  issuer", "%s", strcmp(ks_json_text_of(to, "subject_dn"), issuer) ? issuer : "itself");
	ks_sheet_row(sheet, "  key", "%s%s, certificate by %s", ks_json_text_of(to, "key"),
		     json_is(to, "ca") ? ", a CA's" : "", ks_json_text_of(to, "signature_algorithm"));
	ks_sheet_row(sheet, "  serial", "%s", ks_json_text_of(to, "serial"));
	ks_sheet_row(sheet, "  valid", "%s to %s%s", ks_json_text_of(to, "not_before"),
		     ks_json_text_of(to, "not_after"), when);
	ks_sheet_row(sheet, "  sha256", "%s", ks_json_text_of(to, "sha256"));
	return 0;
}

int ks_sheet_cert_brief(struct ks_sheet *sheet, const char *label, struct json_object *to,
			const struct ks_cert *cert, u64 now, struct ks_diag *diag)
{
	const char *when;
	int rc = put_cert(to, cert, now, &when, diag);

	if (rc)
		return rc;
	subject_row(sheet, label, to);
	ks_sheet_row(sheet, "", "%s, %s to %s%s", ks_json_text_of(to, "key"), ks_json_text_of(to, "not_before"),
		     ks_json_text_of(to, "not_after"), when);
	return 0;
}
