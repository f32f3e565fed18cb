// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/p11_uri.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "base/limits.h"
#include "key/secret.h"
#include "key/source.h"

/* p11-kit-proxy.so, the module that offers all others, is a link to the library that we are linked
 * to. */
#define DEFAULT_MODULE "libp11-kit.so.0"

void ks_p11_uri_done(struct ks_p11_uri *uri)
{
	p11_kit_uri_free(uri->parsed);
	uri->parsed = NULL;
}

static int check_class(P11KitUri *parsed, bool is_cert, struct ks_diag *diag)
{
	const CK_ATTRIBUTE *class = p11_kit_uri_get_attribute(parsed, CKA_CLASS);
	CK_OBJECT_CLASS wanted = is_cert ? CKO_CERTIFICATE : CKO_PRIVATE_KEY, value = wanted;

	if (class && class->pValue && class->ulValueLen == sizeof(value))
		memcpy(&value, class->pValue, sizeof(value));
	if (value == wanted)
		return 0;
	return ks_fail(diag, -EINVAL, KS_NO_OFF,
		       is_cert ? "pkcs11: URI is not of a certificate, leave type= out or make it cert" :
				 "pkcs11: URI is not of a private key, leave type= "
				 "out or make it private");
}

int ks_p11_uri_parse(const char *text, bool is_cert, struct ks_p11_uri *ret_uri,
		     struct ks_diag *diag)
{
	P11KitUri *parsed = p11_kit_uri_new();
	int rc = 0, said;

	if (!parsed)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	said = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, parsed);
	if (said != P11_KIT_URI_OK)
		rc = ks_fail_detail(diag, -EINVAL, "pkcs11: URI is malformed",
				    p11_kit_uri_message(said));
	else if (p11_kit_uri_get_pin_value(parsed))
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF,
			     "pin-value shows the PIN to every process, use pin-source=file:... or "
			     "--passphrase-file");
	else if (p11_kit_uri_any_unrecognized(parsed))
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF,
			     "pkcs11: URI has an attribute that RFC 7512 does not know");
	if (!rc)
		rc = check_class(parsed, is_cert, diag);
	if (rc)
		p11_kit_uri_free(parsed);
	else
		ret_uri->parsed = parsed;
	return rc;
}

const char *ks_p11_uri_module(const struct ks_p11_uri *uri)
{
	return p11_kit_uri_get_module_path(uri->parsed)
		       ?: secure_getenv("PKCS11_MODULE_PATH")
		       ?: DEFAULT_MODULE;
}

/* As PKCS#11 has its texts: without an end, padded with blanks. */
static void pad(unsigned char *field, size_t field_bytes, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	memset(field, ' ', field_bytes);
	if (n)
		memcpy(field, text, n < field_bytes ? n : field_bytes);
}

bool ks_p11_uri_fits_slot(const struct ks_p11_uri *uri, const PKCS11_CTX *ctx, PKCS11_SLOT *slot)
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri->parsed);
	/* libp11 does not tell the module's version, so a URI that names one fits nothing. */
	CK_INFO module = { .libraryVersion = { 0xff, 0xff } };
	CK_SLOT_INFO reader = { 0 };
	CK_TOKEN_INFO token = { 0 };

	pad(module.manufacturerID, sizeof(module.manufacturerID), ctx->manufacturer);
	pad(module.libraryDescription, sizeof(module.libraryDescription), ctx->description);
	pad(reader.manufacturerID, sizeof(reader.manufacturerID), slot->manufacturer);
	pad(reader.slotDescription, sizeof(reader.slotDescription), slot->description);
	pad(token.label, sizeof(token.label), slot->token->label);
	pad(token.manufacturerID, sizeof(token.manufacturerID), slot->token->manufacturer);
	pad(token.model, sizeof(token.model), slot->token->model);
	pad(token.serialNumber, sizeof(token.serialNumber), slot->token->serialnr);
	return (wanted == (CK_SLOT_ID)-1 || wanted == PKCS11_get_slotid_from_slot(slot)) &&
	       p11_kit_uri_match_module_info(uri->parsed, &module) &&
	       p11_kit_uri_match_slot_info(uri->parsed, &reader) &&
	       p11_kit_uri_match_token_info(uri->parsed, &token);
}

static bool attribute_is(P11KitUri *parsed, CK_ATTRIBUTE_TYPE type, const void *value, size_t bytes)
{
	const CK_ATTRIBUTE *wanted = p11_kit_uri_get_attribute(parsed, type);

	return !wanted || ks_span_eq((struct ks_span){ wanted->pValue, wanted->ulValueLen },
				     (struct ks_span){ value, bytes });
}

bool ks_p11_uri_fits(const struct ks_p11_uri *uri, const char *label, struct ks_span id)
{
	return attribute_is(uri->parsed, CKA_LABEL, label ? label : "", label ? strlen(label) : 0) &&
	       attribute_is(uri->parsed, CKA_ID, id.p, id.bytes);
}

struct pin_file {
	const char *path;
	const struct ks_pass_source *pass;
};

/* The first line of a file, given to ks_pass_get() like any other secret. */
static int get_from_file(void *context, const char *what, struct ks_buf *ret_secret,
			 struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const struct pin_file *file = context;
	struct ks_span rest, line = { 0 };
	int rc = ks_secret_load(file->path, KS_MAX_SECRET_BYTES + 2, file->pass, &text, diag);

	(void)what;
	if (rc)
		return rc;
	rest = ks_buf_span(&text);
	if (ks_span_line(&rest, &line) && ks_span_ends_with(line, ks_span_str("\r")) &&
	    !ks_span_sub(line, 0, line.bytes - 1, &line))
		return -EINVAL;
	ks_put(ret_secret, line);
	return ks_buf_ok(ret_secret, diag);
}

int ks_p11_uri_pin(const struct ks_p11_uri *uri, const struct ks_pass_source *pass,
		   const char *token, struct ks_buf *ret_pin, struct ks_diag *diag)
{
	const char *source = p11_kit_uri_get_pin_source(uri->parsed);
	const char *path = source;
	struct pin_file pin = { .pass = pass };
	const struct ks_pass_source file = { .get = get_from_file, .context = &pin };

	if (!source)
		return ks_pass_get(pass, token, ret_pin, diag);
	if (!strncmp(source, "file:", 5))
		path = strncmp(source + 5, "//", 2) ? source + 5 : source + 7;
	if (path[0] != '/')
		return ks_fail(diag, -EINVAL, KS_NO_OFF,
			       "pin-source takes file: and the full path of a file");
	pin.path = path;
	return ks_pass_get(&file, path, ret_pin, diag);
}
