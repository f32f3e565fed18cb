// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mutate.h"

#include <string.h>

#include "base/der.h"
#include "keys.h"

#define MAX_ELEMENTS 512U
#define PICK(array, random) (&(array)[random_below(random, KS_ARRAY_SIZE(array))])
#define TEXT(text) { (const u8 *)(text), sizeof(text) - 1 }

static const u8 tags[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x18, 0x1f, 0x24, 0x30, 0x31,
			   0x10, 0x11, 0x80, 0x81, 0x82, 0x83, 0x84, 0x86, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
			   0xbf, 0x9f };

/* What the kernel's parsers act on, and some that they do not know. */
#define RSADSI "\x2a\x86\x48\x86\xf7\x0d\x01"
#define X962 "\x2a\x86\x48\xce\x3d"
#define NIST "\x60\x86\x48\x01\x65\x03\x04"
#define GOST "\x2a\x85\x03\x07\x01\x01"
#define MICROSOFT "\x2b\x06\x01\x04\x01\x82\x37\x02\x01"
static const struct ks_span oids[] = {
	TEXT(RSADSI "\x07\x01"), TEXT(RSADSI "\x07\x02"), TEXT(RSADSI "\x09\x03"), TEXT(RSADSI "\x09\x04"),
	TEXT(RSADSI "\x09\x05"), TEXT(RSADSI "\x09\x0f"), TEXT(RSADSI "\x09\x01"), TEXT(RSADSI "\x01\x01"),
	TEXT(RSADSI "\x01\x05"), TEXT(RSADSI "\x01\x04"), TEXT(RSADSI "\x01\x0b"), TEXT(RSADSI "\x01\x0c"),
	TEXT(RSADSI "\x01\x0d"), TEXT(RSADSI "\x01\x0e"), TEXT(RSADSI "\x01\x0a"), TEXT(MICROSOFT "\x04"),
	TEXT(MICROSOFT "\x0b"), TEXT(MICROSOFT "\x0c"), TEXT("\x55\x04\x03"), TEXT("\x55\x04\x0a"),
	TEXT("\x55\x04\x06"), TEXT("\x55\x1d\x0e"), TEXT("\x55\x1d\x0f"), TEXT("\x55\x1d\x13"),
	TEXT("\x55\x1d\x23"), TEXT("\x55\x1d\x25"), TEXT(X962 "\x02\x01"), TEXT(X962 "\x03\x01\x01"),
	TEXT(X962 "\x03\x01\x07"), TEXT("\x2b\x81\x04\x00\x22"), TEXT("\x2b\x81\x04\x00\x23"),
	TEXT("\x2b\x81\x04\x00\x0a"), TEXT(X962 "\x04\x01"), TEXT(X962 "\x04\x03\x01"), TEXT(X962 "\x04\x03\x02"),
	TEXT(X962 "\x04\x03\x03"), TEXT(X962 "\x04\x03\x04"), TEXT("\x2b\x0e\x03\x02\x1a"), TEXT(NIST "\x02\x01"),
	TEXT(NIST "\x02\x02"), TEXT(NIST "\x02\x03"), TEXT(NIST "\x02\x04"), TEXT(NIST "\x02\x08"),
	TEXT(NIST "\x02\x09"), TEXT(NIST "\x02\x0a"), TEXT(NIST "\x03\x0a"), TEXT(NIST "\x03\x0b"),
	TEXT(NIST "\x03\x0c"), TEXT(NIST "\x03\x0e"), TEXT(NIST "\x03\x0f"), TEXT(NIST "\x03\x10"),
	TEXT("\x2a\x81\x1c\xcf\x55\x01\x83\x11"), TEXT(GOST "\x01\x01"), TEXT(GOST "\x02\x02"),
	TEXT(GOST "\x02\x03"), TEXT(GOST "\x03\x02"), TEXT(GOST "\x03\x03"), TEXT(RSADSI "\x02\x05"), TEXT(""),
	TEXT("\x2b\x65\x70"),
};

static const struct ks_span times[] = {
	TEXT("250101000000Z"), TEXT("491231235959Z"), TEXT("500101000000Z"), TEXT("700101000000Z"),
	TEXT("691231235959Z"), TEXT("240229000000Z"), TEXT("230229000000Z"), TEXT("250131240060Z"),
	TEXT("250131250000Z"), TEXT("20500101000000Z"), TEXT("20491231235959Z"), TEXT("99991231235959Z"),
	TEXT("19600101000000Z"), TEXT("21000229000000Z"), TEXT("20000229000000Z"), TEXT("2501010000Z"),
	TEXT("250101000000+"), TEXT("250431000000Z"), TEXT("250001000000Z"), TEXT("25010/000000Z"),
	TEXT("19491231235959Z"), TEXT("260715120000Z"), TEXT("20510701000000Z"),
};

static const struct ks_span numbers[] = {
	TEXT(""), TEXT("\0"), TEXT("\1"), TEXT("\2"), TEXT("\3"), TEXT("\4"), TEXT("\0\1"), TEXT("\1\1"),
	TEXT("\xff"), TEXT("\0\0"), TEXT("\1\0\1"), TEXT("\x7f\xff\xff\xff\xff\xff\xff\xff"),
};

/* Values of extensions. */
static const struct ks_span extensions[] = {
	TEXT("\x30\x00"), TEXT("\x30\x03\x01\x01\xff"), TEXT("\x30\x03\x01\x01\x00"), TEXT("\x30\x06\x01\x01\xff\x02\x01\x00"),
	TEXT("\x30"), TEXT(""), TEXT("\x03\x02\x07\x80"), TEXT("\x03\x02\x08\x80"), TEXT("\x03\x02\x07"),
	TEXT("\x03\x03\x00\x80\x80"), TEXT("\x04\x00"), TEXT("\x04\x01\x41"), TEXT("\x04\x02\x41"),
	TEXT("\x30\x80\x00\x00"), TEXT("\x30\x03\x80\x01\x41"), TEXT("\x30\x02\x80\x00"), TEXT("\x30\x03\x82\x01\x05"),
	TEXT("\x30\x05\xa1\x00\x82\x01\x05"), TEXT("\x30\x04\xa1\x02\x82\x00"), TEXT("\x30\x04\xa1\x80\x00\x00"),
};

u64 random_below(u64 *state, u64 limit)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dU >> 33) % limit;
}

static void remove_child(struct tree *tree, size_t at)
{
	if (at >= tree->nr_children)
		return;
	tree->nr_children--;
	memmove(&tree->child[at], &tree->child[at + 1], (tree->nr_children - at) * sizeof(tree->child[0]));
	if (!tree->nr_children)
		tree->leaf.bytes = 0;
}

static void insert_child(struct tree *tree, size_t at, struct tree *child)
{
	if (tree->nr_children == TREE_MAX_CHILDREN || at > tree->nr_children)
		return;
	memmove(&tree->child[at + 1], &tree->child[at], (tree->nr_children - at) * sizeof(tree->child[0]));
	tree->child[at] = child;
	tree->nr_children++;
}

static struct ks_span random_bytes(struct arena *arena, u64 *random, size_t bytes)
{
	u8 *p = arena_take(arena, bytes + 1);
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = (u8)random_below(random, 256);
	return (struct ks_span){ p, bytes };
}

static struct tree *any_of(u64 *random, struct tree *root)
{
	struct tree *list[MAX_ELEMENTS];
	size_t n = tree_list(root, list, MAX_ELEMENTS);

	return list[random_below(random, n)];
}

/* A piece of another good input. */
static struct tree *foreign(struct arena *arena, u64 *random, const struct seeds *seeds)
{
	struct tree *root = random_below(random, 2) ? seeds->cert[random_below(random, seeds->nr_certs)] :
						      seeds->seed[random_below(random, seeds->nr_seeds)].cms;

	return tree_clone(arena, any_of(random, root));
}

static struct tree *wrapped(struct arena *arena, u8 tag, struct tree *inside)
{
	struct tree *tree = tree_leaf(arena, tag, (struct ks_span){ 0 });

	tree->child[tree->nr_children++] = inside;
	return tree;
}

/* An attribute with one or two values. */
static struct tree *attribute(struct arena *arena, u64 *random)
{
	static const u8 value_tags[] = { 0x06, 0x04, 0x17, 0x18, 0x30, 0x05 };
	static const u8 which[] = { 2, 3, 4, 4, 4, 5, 16, 17, 20 };
	struct tree *values = tree_leaf(arena, KS_DER_SET, (struct ks_span){ 0 }), *tree;
	u8 oid = *PICK(which, random), tag = *PICK(value_tags, random);
	size_t n = random_below(random, 8) ? 1 : random_below(random, 3);
	struct ks_span value;

	if (random_below(random, 4))
		tag = oid == 2 ? 0x06 : oid == 3 ? 0x04 : random_below(random, 4) ? 0x17 : 0x18;
	for (; n; n--) {
		value = tag == 0x06 ? oids[random_below(random, 4) ? 0 : random_below(random, KS_ARRAY_SIZE(oids))] :
			tag == 0x17 || tag == 0x18 ? *PICK(times, random) :
						     random_bytes(arena, random, random_below(random, 70));
		values->child[values->nr_children++] = tree_leaf(arena, tag, value);
	}
	tree = wrapped(arena, KS_DER_SEQUENCE, tree_leaf(arena, KS_DER_OID, oids[oid]));
	tree->child[tree->nr_children++] = values;
	return tree;
}

/* Attributes in one of the four places where a SignerInfo can have some. */
static void add_attributes(struct arena *arena, u64 *random, struct tree *info)
{
	size_t which = random_below(random, 4), n = 1 + random_below(random, 3);
	struct tree *list = tree_leaf(arena, KS_DER_CONS(which), (struct ks_span){ 0 });

	for (; n; n--)
		list->child[list->nr_children++] = attribute(arena, random);
	if (which == 2 && random_below(random, 8)) {
		list->tag = KS_DER_SEQUENCE;
		list = wrapped(arena, KS_DER_CONS(2), list);
	}
	insert_child(info, which == 0 || which == 2 ? 3 : info->nr_children, list);
}

static struct tree *find_role(u64 *random, struct tree *root, enum tree_role role)
{
	struct tree *list[MAX_ELEMENTS];
	size_t n = tree_list(root, list, MAX_ELEMENTS), at = random_below(random, n), i;

	for (i = 0; i < n; i++)
		if (list[(at + i) % n]->role == role)
			return list[(at + i) % n];
	return NULL;
}

/* An extension at a random place of a certificate that has some. */
static void add_extension(struct arena *arena, u64 *random, struct tree *cert)
{
	static const u8 which[] = { 21, 22, 23, 24, 25 };
	struct tree *tbs = cert->nr_children ? cert->child[0] : NULL, *list, *extension;

	if (!tbs || !tbs->nr_children || tbs->child[tbs->nr_children - 1]->tag != KS_DER_CONS(3))
		return;
	list = tbs->child[tbs->nr_children - 1];
	if (!list->nr_children)
		return;
	list = list->child[0];
	extension = wrapped(arena, KS_DER_SEQUENCE, tree_leaf(arena, KS_DER_OID, oids[*PICK(which, random)]));
	if (!random_below(random, 3))
		insert_child(extension, 1, tree_leaf(arena, 0x01, numbers[8]));
	insert_child(extension, extension->nr_children,
		     tree_leaf(arena, KS_DER_OCTET_STRING,
			       random_below(random, 8) ? *PICK(extensions, random) :
							 random_bytes(arena, random, random_below(random, 300))));
	if (random_below(random, 2) && list->nr_children)
		remove_child(list, random_below(random, list->nr_children));
	insert_child(list, random_below(random, list->nr_children + 1), extension);
}

static void change_leaf(struct arena *arena, u64 *random, struct tree *tree)
{
	struct ks_span leaf;
	u8 *p;

	switch (random_below(random, 8)) {
	case 0:
		tree->leaf = random_bytes(arena, random, random_below(random, 4) ? random_below(random, 10) :
									   random_below(random, 700));
		return;
	case 1:
		tree->leaf.bytes = tree->leaf.bytes ? random_below(random, tree->leaf.bytes) : 0;
		return;
	case 2:
		tree->leaf = *PICK(numbers, random);
		return;
	case 3:
		tree->leaf = *PICK(oids, random);
		return;
	case 4:
		tree->leaf = *PICK(times, random);
		return;
	case 5:
		tree->leaf = *PICK(extensions, random);
		return;
	default:
		leaf = arena_copy(arena, tree->leaf);
		p = (u8 *)leaf.p;
		if (leaf.bytes)
			p[random_below(random, leaf.bytes)] ^= (u8)(1U << random_below(random, 8));
		tree->leaf = leaf;
	}
}

/* A value that fits its kind. */
static void fitting_leaf(u64 *random, struct tree *tree)
{
	switch (tree->tag) {
	case KS_DER_OID:
		tree->leaf = *PICK(oids, random);
		break;
	case KS_DER_INTEGER:
		tree->leaf = *PICK(numbers, random);
		break;
	case 0x17:
	case 0x18:
		tree->leaf = *PICK(times, random);
		tree->tag = tree->leaf.bytes == 15 ? 0x18 : 0x17;
		break;
	case KS_DER_OCTET_STRING:
		tree->leaf = *PICK(extensions, random);
		break;
	default:
		break;
	}
}

static void change_list(struct arena *arena, u64 *random, struct tree *tree, struct tree *root,
			const struct seeds *seeds)
{
	size_t n = tree->nr_children, at = random_below(random, n), other = random_below(random, n);
	struct tree *was = tree->child[at];

	switch (random_below(random, 8)) {
	case 0:
		insert_child(tree, other, was);
		break;
	case 1:
		tree->child[at] = tree->child[other];
		tree->child[other] = was;
		break;
	case 2:
		insert_child(tree, at, foreign(arena, random, seeds));
		break;
	case 3:
		tree->child[at] = foreign(arena, random, seeds);
		break;
	case 4:
		tree->child[at] = wrapped(arena, *PICK(tags, random), was);
		break;
	case 5:
		insert_child(tree, at, tree_clone(arena, any_of(random, root)));
		break;
	default:
		remove_child(tree, at);
	}
}

static void change_header(u64 *random, struct tree *tree)
{
	switch (random_below(random, 8)) {
	case 0:
		tree->tag = *PICK(tags, random);
		break;
	case 1:
		tree->tag ^= (u8)(1U << random_below(random, 8));
		break;
	case 2:
		tree->lie = (int8_t)((int)random_below(random, 9) - 4);
		break;
	case 3:
		tree->form = (u8)(1 + random_below(random, 3));
		break;
	default:
		tree->form = TREE_INDEFINITE;
	}
}

void mutate(struct arena *arena, u64 *random, struct tree *root, const struct seeds *seeds)
{
	struct tree *tree = any_of(random, root), *place;

	switch (random_below(random, 12)) {
	case 0:
		place = find_role(random, root, TREE_SIGNER);
		if (place)
			add_attributes(arena, random, place);
		break;
	case 1:
	case 2:
		place = find_role(random, root, TREE_CERTIFICATE);
		if (place)
			add_extension(arena, random, place);
		break;
	case 3:
	case 4:
		change_header(random, tree);
		break;
	case 5:
		/* Elements of indefinite length above one another. */
		for (place = root; place->nr_children; place = place->child[random_below(random, place->nr_children)])
			if (place->tag & 0x20 && random_below(random, 2))
				place->form = TREE_INDEFINITE;
		break;
	default:
		if (tree->nr_children)
			change_list(arena, random, tree, root, seeds);
		else if (random_below(random, 2))
			fitting_leaf(random, tree);
		else
			change_leaf(arena, random, tree);
	}
}

void mutate_bytes(u64 *random, struct ks_buf *bytes)
{
	size_t at, n;

	if (!bytes->bytes)
		return;
	at = random_below(random, bytes->bytes);
	switch (random_below(random, 4)) {
	case 0:
		bytes->p[at] = (u8)random_below(random, 256);
		break;
	case 1:
		bytes->bytes = at;
		break;
	case 2:
		n = random_below(random, bytes->bytes - at);
		memmove(&bytes->p[at], &bytes->p[at + n], bytes->bytes - at - n);
		bytes->bytes -= n;
		break;
	default:
		bytes->p[at] ^= (u8)(1U << random_below(random, 8));
	}
}

/* The first OID of the last child but @from_end that is a SEQUENCE. */
static const EVP_MD *digest_in(const struct tree *algorithm)
{
	if (!algorithm->nr_children || algorithm->child[0]->tag != KS_DER_OID)
		return NULL;
	return keys_digest_of(algorithm->child[0]->leaf);
}

/* What the kernel hashes of an element: of indefinite length without the end mark. */
static struct ks_span signed_part(const struct tree *tree, struct ks_buf *der)
{
	tree_write(tree, der);
	if (tree->form == TREE_INDEFINITE)
		der->bytes -= 2;
	return ks_buf_span(der);
}

static void sign_certificate(struct arena *arena, struct tree *cert)
{
	struct ks_buf der = { 0 }, value = { 0 };
	struct tree *signature;

	if (cert->nr_children < 3)
		return;
	signature = cert->child[cert->nr_children - 1];
	ks_put_u8(&value, 0);
	if (keys_sign(cert->key, digest_in(cert->child[cert->nr_children - 2]), signed_part(cert->child[0], &der),
		      &value)) {
		signature->nr_children = 0;
		signature->leaf = arena_copy(arena, ks_buf_span(&value));
	}
	ks_buf_done(&der);
	ks_buf_done(&value);
}

/* The signature is the last OCTET STRING, the digest's identifier the first algorithm behind the version. */
static void sign_content(struct arena *arena, struct tree *info, struct ks_span content)
{
	struct tree *signature = NULL;
	const EVP_MD *md = NULL;
	struct ks_buf value = { 0 };
	size_t i;

	for (i = 1; i < info->nr_children; i++) {
		if (info->child[i]->tag == KS_DER_OCTET_STRING)
			signature = info->child[i];
		if (!md && info->child[i]->tag == KS_DER_SEQUENCE)
			md = digest_in(info->child[i]);
	}
	if (signature && keys_sign(info->key, md, content, &value)) {
		signature->nr_children = 0;
		signature->leaf = arena_copy(arena, ks_buf_span(&value));
	}
	ks_buf_done(&value);
}

void sign_again(struct arena *arena, struct tree *tree, struct ks_span content)
{
	size_t i;

	for (i = 0; i < tree->nr_children; i++)
		sign_again(arena, tree->child[i], content);
	if (tree->role == TREE_CERTIFICATE)
		sign_certificate(arena, tree);
	else if (tree->role == TREE_SIGNER)
		sign_content(arena, tree, content);
}
