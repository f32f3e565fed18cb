// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * odd-cms - CMS messages and modules that no signer makes, for the tests of the kernel's rules
 *
 * What `openssl cms` can be told to make, make-rules lets it make. This has the rest: a message whose
 * fields contradict each other, several signers of different kinds in one, trailers with odd fields.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "key/key.h"

static const char usage_text[] =
	"usage: odd-cms sign --key FILE --cert FILE [OPTION]... CONTENT >MESSAGE\n"
	"         --version N     of SignedData (3)\n"
	"         --digest NAME   what the message says was signed (sha512)\n"
	"         --sign NAME     the digest that is signed (as --digest)\n"
	"         --sigalg NAME   what the message says of the key (rsaEncryption)\n"
	"         --spoil WHAT    short: the signature lacks its first byte; zero: it is zeros;\n"
	"                         none: there is no signer\n"
	"         --indefinite    BER's indefinite lengths\n"
	"       odd-cms join MESSAGE... >MESSAGE     the first signer of each, in this order\n"
	"       odd-cms sigalg OLD NEW <MESSAGE >MESSAGE   the last OLD becomes NEW, of the same length\n"
	"       odd-cms module [--head HEX] [--length N] CONTENT <MESSAGE >MODULE\n"
	"         --head HEX      the 8 bytes before the length in the trailer (0000020000000000)\n"
	"         --length N      the length that the trailer says\n"
	"NAME is one of OpenSSL's: md5, sha512, rsaEncryption, ED25519, ecdsa-with-SHA512.\n";

/** struct odd_args - the options; texts are borrowed from argv, NULL if not given */
struct odd_args {
	const char *key, *cert, *digest, *sign, *sigalg, *spoil, *head;
	u64 version;
	u64 length;
	bool has_length, indefinite;
	char **rest;
	int nr_rest;
};

/* SEQUENCE, SET or context tag around @inside. An indefinite length ends with two zero bytes. */
static void put_cons(struct ks_buf *out, u8 tag, const struct ks_buf *inside, bool indefinite)
{
	if (!indefinite) {
		ks_put_der_buf(out, tag, inside);
		return;
	}
	ks_put_u8(out, tag);
	ks_put_u8(out, 0x80);
	ks_put(out, ks_buf_span(inside));
	ks_put_fill(out, 0, 2);
}

static int put_oid(struct ks_buf *out, const char *name, struct ks_diag *diag)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(name, 0);

	if (!oid)
		return ks_fail_detail(diag, -EINVAL, "OpenSSL has no such name", name);
	ks_put_der(out, KS_DER_OID, (struct ks_span){ OBJ_get0_data(oid), OBJ_length(oid) });
	ASN1_OBJECT_free(oid);
	return 0;
}

static int put_algorithm(struct ks_buf *out, const char *name, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf inside = { 0 };
	int rc = put_oid(&inside, name, diag);

	ks_put_der(&inside, KS_DER_NULL, (struct ks_span){ 0 });
	ks_put_der_buf(out, KS_DER_SEQUENCE, &inside);
	return rc;
}

/* ContentInfo around the contents of SignedData. */
static int put_message(struct ks_buf *out, const struct ks_buf *signed_data, bool indefinite,
		       struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sequence = { 0 }, whole = { 0 };
	int rc = put_oid(&whole, LN_pkcs7_signed, diag);

	put_cons(&sequence, KS_DER_SEQUENCE, signed_data, indefinite);
	put_cons(&whole, KS_DER_CONS(0), &sequence, indefinite);
	put_cons(out, KS_DER_SEQUENCE, &whole, indefinite);
	return rc;
}

/* Version, digestAlgorithms and the detached content of SignedData. */
static int put_head(struct ks_buf *out, u8 version, const struct ks_buf *algorithm, bool indefinite,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	int rc = put_oid(&content, LN_pkcs7_data, diag);

	ks_put_der(out, KS_DER_INTEGER, (struct ks_span){ &version, 1 });
	ks_put_der_buf(out, KS_DER_SET, algorithm);
	put_cons(out, KS_DER_SEQUENCE, &content, indefinite);
	return rc;
}

/* The signature, and who made it: the SubjectKeyIdentifier of the certificate. */
static int put_signer(struct ks_buf *out, const struct odd_args *args, struct ks_span sig,
		      struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf info = { 0 };
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	const ASN1_OCTET_STRING *id;
	const u8 version = 3;
	int rc = ks_cert_load(args->cert, &cert, diag);

	if (rc)
		return rc;
	id = X509_get0_subject_key_id(cert.x509);
	if (!id)
		return ks_fail_detail(diag, -EINVAL, "no SubjectKeyIdentifier", args->cert);
	ks_put_der(&info, KS_DER_INTEGER, (struct ks_span){ &version, 1 });
	ks_put_der(&info, KS_DER_PRIM(0),
		   (struct ks_span){ ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id) });
	rc = put_algorithm(&info, args->digest, diag);
	if (!rc)
		rc = put_algorithm(&info, args->sigalg, diag);
	ks_put_der(&info, KS_DER_OCTET_STRING, sig);
	put_cons(out, KS_DER_SEQUENCE, &info, args->indefinite);
	return rc;
}

static int make_signature(const struct odd_args *args, const char *path, struct ks_buf *ret_sig,
			  struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	__cleanup(ks_key_close) struct ks_key key = { 0 };
	const EVP_MD *md = EVP_get_digestbyname(args->sign ? args->sign : "sha512");
	struct ks_digest digest;
	struct ks_span part;
	int rc = ks_file_load(path, KS_MAX_MODULE_BYTES, &content, diag);

	if (rc)
		return rc;
	if (!md)
		return ks_fail_detail(diag, -EINVAL, "OpenSSL has no such digest", args->sign);
	part = ks_buf_span(&content);
	rc = ks_digest_spans(md, &part, 1, &digest, diag);
	if (!rc)
		rc = ks_key_open(args->key, NULL, &key, diag);
	if (!rc)
		rc = ks_key_sign(&key, md, ks_digest_span(&digest), ret_sig, diag);
	return rc;
}

static int spoil(const char *how, const struct ks_buf *sig, struct ks_buf *ret_spoilt,
		 struct ks_diag *diag)
{
	struct ks_span part = ks_buf_span(sig);

	if (!how)
		ks_put(ret_spoilt, part);
	else if (!strcmp(how, "short") && ks_span_sub(part, 1, part.bytes - 1, &part))
		ks_put(ret_spoilt, part);
	else if (!strcmp(how, "zero"))
		ks_put_fill(ret_spoilt, 0, part.bytes);
	else if (strcmp(how, "none"))
		return ks_fail_detail(diag, -EINVAL, "--spoil: not one of short zero none", how);
	return ks_buf_ok(ret_spoilt, diag);
}

static int odd_sign(const struct odd_args *args, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 }, spoilt = { 0 }, algorithm = { 0 };
	__cleanup(ks_buf_done) struct ks_buf signers = { 0 }, data = { 0 };
	int rc = make_signature(args, args->rest[0], &sig, diag);

	if (!rc)
		rc = spoil(args->spoil, &sig, &spoilt, diag);
	if (!rc)
		rc = put_algorithm(&algorithm, args->digest, diag);
	if (!rc)
		rc = put_head(&data, (u8)args->version, &algorithm, args->indefinite, diag);
	if (rc)
		return rc;
	if (spoilt.bytes) {
		rc = put_signer(&signers, args, ks_buf_span(&spoilt), diag);
		put_cons(&data, KS_DER_SET, &signers, args->indefinite);
	}
	return rc ? rc : put_message(out, &data, args->indefinite, diag);
}

/* Append the first SignerInfo of a message: its last element has them. */
static int put_first_signer(struct ks_buf *out, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf message = { 0 };
	struct ks_cursor c, whole, explicit, data, signers;
	struct ks_der element = { 0 };
	int rc = ks_file_load(path, KS_MAX_CMS_BYTES, &message, diag);

	if (rc)
		return rc;
	ks_cursor_init(&c, ks_buf_span(&message), 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "ContentInfo", &whole, diag);
	if (!rc)
		rc = ks_der_get(&whole, &element, diag);
	if (!rc)
		rc = ks_der_enter(&whole, KS_DER_CONS(0), "content", &explicit, diag);
	if (!rc)
		rc = ks_der_enter(&explicit, KS_DER_SEQUENCE, "SignedData", &data, diag);
	while (!rc && ks_cursor_left(&data))
		rc = ks_der_get(&data, &element, diag);
	if (rc)
		return rc;
	ks_cursor_init(&signers, element.value, element.value_off);
	rc = ks_der_get(&signers, &element, diag);
	if (!rc)
		ks_put(out, element.whole);
	return rc;
}

static int odd_join(const struct odd_args *args, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf oid = { 0 }, algorithm = { 0 };
	__cleanup(ks_buf_done) struct ks_buf signers = { 0 }, data = { 0 };
	int i, rc = put_oid(&oid, SN_sha512, diag);

	/* Without the NULL, as `openssl cms` writes it. */
	ks_put_der_buf(&algorithm, KS_DER_SEQUENCE, &oid);
	if (!rc)
		rc = put_head(&data, 1, &algorithm, false, diag);
	for (i = 0; i < args->nr_rest && !rc; i++)
		rc = put_first_signer(&signers, args->rest[i], diag);
	/* Not in DER's order of a SET: which one comes first makes a difference. */
	ks_put_der_buf(&data, KS_DER_SET, &signers);
	return rc ? rc : put_message(out, &data, false, diag);
}

static int odd_sigalg(const struct odd_args *args, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf from = { 0 }, to = { 0 };
	struct ks_span part;
	size_t off;
	int rc = ks_file_read(STDIN_FILENO, "standard input", 0, KS_MAX_CMS_BYTES, out, diag);

	if (!rc)
		rc = put_oid(&from, args->rest[0], diag);
	if (!rc)
		rc = put_oid(&to, args->rest[1], diag);
	if (rc)
		return rc;
	if (from.bytes != to.bytes)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "the two OIDs differ in length");
	for (off = out->bytes; off-- > 0;) {
		if (!ks_span_sub(ks_buf_span(out), off, from.bytes, &part) ||
		    !ks_span_eq(part, ks_buf_span(&from)))
			continue;
		ks_buf_patch(out, off, ks_buf_span(&to));
		return 0;
	}
	return ks_fail_detail(diag, -EINVAL, "not in the message", args->rest[0]);
}

static int odd_module(const struct odd_args *args, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 }, message = { 0 }, head = { 0 };
	int rc = ks_file_load(args->rest[0], KS_MAX_MODULE_BYTES, &content, diag);

	if (!rc)
		rc = ks_file_read(STDIN_FILENO, "standard input", 0, KS_MAX_TEXT_BYTES, &message, diag);
	if (rc)
		return rc;
	if (!ks_unhex(args->head, &head) || head.bytes != 8)
		return ks_fail_detail(diag, -EINVAL, "--head: not 16 hex digits", args->head);
	ks_put(out, ks_buf_span(&content));
	ks_put(out, ks_buf_span(&message));
	ks_put(out, ks_buf_span(&head));
	ks_put_be32(out, args->has_length ? (u32)args->length : (u32)message.bytes);
	ks_put_str(out, "~Module signature appended~\n");
	return 0;
}

static bool get_number(const char *text, u64 max, u64 *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *ret_number <= max;
}

static bool parse_options(int argc, char **argv, struct odd_args *args)
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, 'k' },     { "cert", required_argument, NULL, 'c' },
		{ "digest", required_argument, NULL, 'd' },  { "sign", required_argument, NULL, 's' },
		{ "sigalg", required_argument, NULL, 'a' },  { "spoil", required_argument, NULL, 'x' },
		{ "head", required_argument, NULL, 'h' },    { "length", required_argument, NULL, 'l' },
		{ "version", required_argument, NULL, 'v' }, { "indefinite", no_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int opt;

	while (good && (opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'k': args->key = optarg; break;
		case 'c': args->cert = optarg; break;
		case 'd': args->digest = optarg; break;
		case 's': args->sign = optarg; break;
		case 'a': args->sigalg = optarg; break;
		case 'x': args->spoil = optarg; break;
		case 'h': args->head = optarg; break;
		case 'l': args->has_length = good = get_number(optarg, UINT32_MAX, &args->length); break;
		/* One byte of content, and not negative. */
		case 'v': good = get_number(optarg, 127, &args->version); break;
		case 'i': args->indefinite = true; break;
		default: good = false;
		}
	}
	args->rest = &argv[optind];
	args->nr_rest = argc - optind;
	if (!args->sign)
		args->sign = args->digest;
	return good;
}

static const struct {
	const char *name;
	int min_rest, max_rest;
	bool signs;
	int (*make)(const struct odd_args *args, struct ks_buf *out, struct ks_diag *diag);
} verbs[] = {
	{ "sign", 1, 1, true, odd_sign },
	{ "join", 1, 16, false, odd_join },
	{ "sigalg", 2, 2, false, odd_sigalg },
	{ "module", 1, 1, false, odd_module },
};

int main(int argc, char **argv)
{
	struct odd_args args = { .digest = "sha512", .sigalg = "rsaEncryption", .version = 3,
				 .head = "0000020000000000" };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_diag diag = { 0 };
	char line[1024];
	size_t i;
	int rc;

	for (i = 0; argc > 1 && i < KS_ARRAY_SIZE(verbs) && strcmp(argv[1], verbs[i].name); i++)
		;
	if (argc < 2 || i == KS_ARRAY_SIZE(verbs) || !parse_options(argc - 1, &argv[1], &args) ||
	    args.nr_rest < verbs[i].min_rest || args.nr_rest > verbs[i].max_rest ||
	    (verbs[i].signs && (!args.key || !args.cert))) {
		fputs(usage_text, stderr);
		return 2;
	}
	rc = verbs[i].make(&args, &out, &diag);
	if (!rc)
		rc = ks_buf_ok(&out, &diag);
	if (!rc && (fwrite(out.p, 1, out.bytes, stdout) != out.bytes || fflush(stdout)))
		rc = ks_fail_sys(&diag, "cannot write", "standard output");
	if (!rc)
		return 0;
	ks_diag_format(&diag, line, sizeof(line));
	fprintf(stderr, "odd-cms: %s\n", line);
	return 1;
}
