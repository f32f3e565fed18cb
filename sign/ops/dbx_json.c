// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/dbx_json.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ops/efi_key.h"

/* The document, one of images or a list, an array, an entry, a text; and room for what is not read. */
#define MAX_DEPTH 8

#define SHA1_BYTES 20

const struct ks_guid ks_dbx_owner_microsoft =
	KS_GUID(0x77fa9abd, 0x0359, 0x4d32, 0xbd60, 0x28f4e78f784b);
const struct ks_guid ks_dbx_owner_svn = KS_GUID(0x9d132b6c, 0x59d5, 0x4388, 0xab1c, 0x185cfcb2eb92);

static void free_json(struct json_object **object)
{
	json_object_put(*object);
}

bool ks_dbx_is_json(struct ks_span file)
{
	file = ks_span_trim(file);
	return file.bytes && file.p[0] == '{';
}

static int parse_document(struct ks_span file, struct json_object **ret, struct ks_diag *diag)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	enum json_tokener_error err;
	size_t stopped;

	if (!tokener)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	file = ks_span_trim(file);
	if (file.bytes <= KS_MAX_TEXT_BYTES) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		*ret = json_tokener_parse_ex(tokener, (const char *)file.p, (int)file.bytes);
	}
	err = json_tokener_get_error(tokener);
	stopped = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (file.bytes > KS_MAX_TEXT_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "dbx as JSON is over 4 MiB");
	if (err != json_tokener_success || stopped != file.bytes)
		return ks_fail_detail(diag, -EBADMSG, "dbx is not JSON", json_tokener_error_desc(err));
	if (!json_object_is_type(*ret, json_type_object))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "dbx as JSON is not an object");
	return 0;
}

/* An array of the document; NULL if it is not there, which older files do with certificates and svns. */
static int get_array(struct json_object *in, const char *key, struct json_object **ret_array,
		     struct ks_diag *diag)
{
	struct json_object *array = NULL;

	*ret_array = NULL;
	if (!json_object_object_get_ex(in, key, &array))
		return 0;
	if (!json_object_is_type(array, json_type_array))
		return ks_fail_detail(diag, -EBADMSG, "dbx as JSON has something else than a list", key);
	*ret_array = array;
	return 0;
}

static int fail_entry(struct ks_diag *diag, const char *what, const char *list, size_t idx,
		      const char *key)
{
	char where[96];

	snprintf(where, sizeof(where), "%s[%zu].%s", list, idx, key);
	return ks_fail_detail(diag, -EBADMSG, what, where);
}

/* A text of an entry, borrowed; NULL for none, or one with a NUL in it. */
static const char *get_text(const struct json_object *array, size_t idx, const char *key)
{
	struct json_object *entry = json_object_array_get_idx(array, idx), *value = NULL;
	const char *text;

	if (!json_object_is_type(entry, json_type_object) ||
	    !json_object_object_get_ex(entry, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

/* The hex of all entries of a list, one behind the other. */
static int get_digests(const struct json_object *array, const char *list, const char *key,
		       struct ks_buf *out, struct ks_diag *diag)
{
	size_t i, nr = array ? json_object_array_length(array) : 0;

	for (i = 0; i < nr; i++) {
		const char *text = get_text(array, i, key);

		if (!text || strlen(text) != 2 * KS_ESL_SHA256_BYTES || !ks_unhex(text, out))
			return fail_entry(diag, "dbx as JSON has no SHA-256 in hex", list, i, key);
	}
	return ks_buf_ok(out, diag);
}

static int check_types(const struct json_object *array, const char *list, struct ks_diag *diag)
{
	size_t i, nr = array ? json_object_array_length(array) : 0;

	for (i = 0; i < nr; i++) {
		const char *text = get_text(array, i, "hashType");

		if (!text || strcmp(text, "SHA256"))
			return fail_entry(diag, "dbx as JSON has another digest than SHA256", list, i,
					  "hashType");
	}
	return 0;
}

static int put_images(struct json_object *document, const char *arch, struct ks_buf *lists,
		      struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf digests = { 0 }, list = { 0 };
	struct json_object *images = NULL;
	size_t nr_archs = 0;
	int rc = 0;

	if (!json_object_object_get_ex(document, "images", &images) ||
	    !json_object_is_type(images, json_type_object))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "JSON has no object \"images\", Microsoft's dbx_info_msft has one");
	json_object_object_foreach(images, key, value) {
		if (arch && strcmp(key, arch))
			continue;
		nr_archs++;
		if (!rc && !json_object_is_type(value, json_type_array))
			rc = ks_fail_detail(diag, -EBADMSG, "dbx as JSON has something else than a list",
					    key);
		if (!rc)
			rc = check_types(value, key, diag)
				     ?: get_digests(value, key, "authenticodeHash", &digests, diag);
	}
	if (!rc && !nr_archs)
		rc = ks_fail_detail(diag, -EBADMSG, "dbx as JSON has no images of this kind", arch);
	if (!rc)
		rc = ks_efi_put_digests(&list, &ks_esl_type_sha256, &ks_dbx_owner_microsoft,
					ks_buf_span(&digests), diag);
	/* An image may be listed for two kinds of machine. */
	return rc ? rc : ks_esl_join(lists, ks_buf_span(&list), NULL, diag);
}

static int sha1_of(const struct ks_cert *cert, char hex[2 * SHA1_BYTES + 1], struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	const EVP_MD *sha1 = NULL;
	struct ks_digest digest;
	struct ks_span bytes;
	int rc = ks_digest_alg_to_read("sha1", &sha1, diag) ?: ks_cert_der(cert, &der, diag);

	bytes = ks_buf_span(&der);
	if (!rc)
		rc = ks_digest_spans(sha1, &bytes, 1, &digest, diag);
	if (!rc)
		ks_hex(ks_digest_span(&digest), hex, 2 * SHA1_BYTES + 1);
	return rc;
}

static int find_cert(const struct ks_certs *certs, const char *thumbprint, const struct ks_cert **ret,
		     struct ks_diag *diag)
{
	char hex[2 * SHA1_BYTES + 1];
	size_t i;
	int rc = 0;

	*ret = NULL;
	for (i = 0; certs && i < certs->nr_certs && !*ret && !rc; i++) {
		rc = sha1_of(&certs->cert[i], hex, diag);
		if (!rc && !strcasecmp(hex, thumbprint))
			*ret = &certs->cert[i];
	}
	return rc;
}

static int put_certs(const struct json_object *array, const struct ks_certs *certs,
		     struct ks_buf *lists, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs found = { 0 };
	__cleanup(ks_buf_done) struct ks_buf more = { 0 };
	size_t i, nr = array ? json_object_array_length(array) : 0;
	int rc = 0;

	for (i = 0; i < nr && !rc; i++) {
		const char *thumbprint = get_text(array, i, "thumbprint");
		const char *subject = get_text(array, i, "subjectName");
		const struct ks_cert *cert = NULL;

		if (!thumbprint || strlen(thumbprint) != 2 * SHA1_BYTES)
			return fail_entry(diag, "dbx as JSON has no SHA-1 in hex", "certificates", i,
					  "thumbprint");
		rc = find_cert(certs, thumbprint, &cert, diag);
		if (!rc && !cert)
			rc = ks_fail_detail(diag, -ENOKEY,
					    "dbx as JSON revokes a certificate that it only names, give "
					    "it to kseal efi dbx --cert",
					    subject ? subject : thumbprint);
		if (!rc)
			rc = ks_certs_push(&found, cert, diag);
	}
	if (!rc)
		rc = ks_efi_put_certs(&more, &ks_dbx_owner_microsoft, &found, diag);
	return rc ? rc : ks_esl_join(lists, ks_buf_span(&more), NULL, diag);
}

int ks_dbx_json_parse(struct ks_span file, const char *arch, const struct ks_certs *certs,
		      struct ks_buf *lists, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf svns = { 0 }, list = { 0 };
	__cleanup(free_json) struct json_object *document = NULL;
	struct json_object *array = NULL;
	int rc = parse_document(file, &document, diag);

	if (!rc)
		rc = put_images(document, arch, lists, diag);
	if (!rc)
		rc = get_array(document, "certificates", &array, diag);
	if (!rc)
		rc = put_certs(array, certs, lists, diag);
	if (!rc)
		rc = get_array(document, "svns", &array, diag);
	if (!rc)
		rc = get_digests(array, "svns", "value", &svns, diag);
	if (!rc)
		rc = ks_efi_put_digests(&list, &ks_esl_type_sha256, &ks_dbx_owner_svn,
					ks_buf_span(&svns), diag);
	return rc ? rc : ks_esl_join(lists, ks_buf_span(&list), NULL, diag);
}

static bool add_text(struct json_object *to, const char *key, const char *text)
{
	struct json_object *value = json_object_new_string(text);

	return value && !json_object_object_add(to, key, value);
}

static struct json_object *new_entry(struct json_object *array)
{
	struct json_object *entry = json_object_new_object();

	if (entry && json_object_array_add(array, entry)) {
		json_object_put(entry);
		entry = NULL;
	}
	return entry;
}

static struct json_object *new_array(struct json_object *to, const char *key)
{
	struct json_object *array = json_object_new_array();

	if (array && json_object_object_add(to, key, array)) {
		json_object_put(array);
		array = NULL;
	}
	return array;
}

static void upper(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'f')
			*text = (char)(*text - 'a' + 'A');
}

/* value: 1, GUID, u16 minor, u16 major */
static bool put_svn(struct json_object *array, struct ks_span payload, const char *hex)
{
	struct json_object *entry = new_entry(array);
	char guid[KS_GUID_TEXT_BYTES], version[16];
	struct ks_guid program;
	struct ks_cursor c;
	u16 minor, major;

	ks_cursor_init(&c, payload, 0);
	ks_cursor_skip(&c, 1);
	program = ks_get_guid(&c);
	minor = ks_get_le16(&c);
	major = ks_get_le16(&c);
	ks_guid_format(&program, guid);
	snprintf(version, sizeof(version), "%u.%u", major, minor);
	return entry && add_text(entry, "value", hex) && add_text(entry, "version", version) &&
	       add_text(entry, "filename", "") && add_text(entry, "guid", guid) &&
	       add_text(entry, "description", "") && add_text(entry, "dateOfLastChange", "");
}

static bool put_image(struct json_object *array, const char *hex)
{
	static const char *const empty[] = { "flatHash", "filename", "description", "companyName",
					     "dateOfAddition", "signingAuthority" };
	struct json_object *entry = new_entry(array);
	bool ok = entry && add_text(entry, "authenticodeHash", hex) &&
		  add_text(entry, "hashType", "SHA256");
	size_t i;

	for (i = 0; ok && i < KS_ARRAY_SIZE(empty); i++)
		ok = add_text(entry, empty[i], "");
	return ok;
}

static int put_cert(struct json_object *array, struct ks_span payload, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	char hex[2 * SHA1_BYTES + 1], name[192], issuer[192];
	struct json_object *entry;
	int rc = ks_cert_parse_padded(payload, &cert, diag) ?: sha1_of(&cert, hex, diag);

	if (rc)
		return rc;
	strcpy(name, "CN = ");
	strcpy(issuer, "CN = ");
	ks_cert_name(&cert, name + 5, sizeof(name) - 5);
	ks_cert_issuer(&cert, issuer + 5, sizeof(issuer) - 5);
	entry = new_entry(array);
	if (entry && add_text(entry, "value", "") && add_text(entry, "subjectName", name) &&
	    add_text(entry, "issuerName", issuer) && add_text(entry, "thumbprint", hex) &&
	    add_text(entry, "description", "") && add_text(entry, "dateOfAddition", ""))
		return 0;
	return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

/* Where entries go. */
struct arrays {
	struct json_object *images, *certs, *svns;
};

static int put_sig(const struct arrays *to, const struct ks_esl_list_view *list, u32 idx,
		   struct ks_diag *diag)
{
	char hex[2 * KS_ESL_SHA256_BYTES + 1];
	const struct ks_esl_type *type = ks_esl_type_of(&list->type);
	struct ks_span payload;
	struct ks_guid owner;
	int rc = ks_esl_sig(list, idx, &owner, &payload, diag);
	bool ok;

	if (rc)
		return rc;
	if (ks_guid_eq(&list->type, &ks_esl_type_x509))
		return put_cert(to->certs, payload, diag);
	if (!ks_guid_eq(&list->type, &ks_esl_type_sha256))
		return ks_fail_detail(diag, -EOPNOTSUPP,
				      "Microsoft's JSON has no place for signatures of this kind",
				      type ? type->name : NULL);
	ks_hex(payload, hex, sizeof(hex));
	upper(hex);
	ok = ks_guid_eq(&owner, &ks_dbx_owner_svn) ? put_svn(to->svns, payload, hex) :
						     put_image(to->images, hex);
	return ok ? 0 : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

int ks_dbx_json_build(const struct ks_esl_view *lists, const char *arch, struct ks_buf *out,
		      struct ks_diag *diag)
{
	__cleanup(free_json) struct json_object *document = json_object_new_object();
	struct json_object *images = json_object_new_object();
	struct arrays to = { 0 };
	const char *text;
	size_t i;
	u32 k;
	int rc = 0;

	if (document && images && !json_object_object_add(document, "images", images)) {
		to.images = new_array(images, arch);
		to.certs = new_array(document, "certificates");
		to.svns = new_array(document, "svns");
	}
	if (!to.images || !to.certs || !to.svns)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < lists->nr_lists; i++)
		for (k = 0; k < lists->list[i].nr_sigs && !rc; k++)
			rc = put_sig(&to, &lists->list[i], k, diag);
	if (rc)
		return rc;
	text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_PRETTY |
								JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	ks_put_str(out, text);
	ks_put_u8(out, '\n');
	return ks_buf_ok(out, diag);
}
