/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BER with exactly the freedoms and limits of the kernel's asn1_ber_decoder() (lib/asn1_decoder.c of
 * Linux 6.18), for what has to be judged as the kernel judges it; base/der.h is for all the rest.
 *
 * Taken: lengths of up to two bytes, minimal or not; indefinite lengths of constructed elements;
 * anything behind the outermost element. Refused with -EBADMSG: longer lengths, tags over one byte,
 * more than ten open elements. -EMSGSIZE: more than 65535 bytes in all. A wanted constructed tag
 * also matches its primitive form, a wanted primitive tag does not match the constructed form.
 *
 * The first failure sticks: after it every reader does nothing and every question is answered "no",
 * so a parser reads like the grammar and looks at @err where something depends on it.
 */
#ifndef KS_BASE_BER_H
#define KS_BASE_BER_H

#include "base/span.h"

#define KS_BER_MAX_OPEN 10U

/**
 * struct ks_ber - position in a message
 * @in: the message
 * @pos: offset of the next byte
 * @end: end of the innermost element of definite length
 * @err: 0, or the first failure: negative errno of the kernel
 * @matched: the last comparison with a tag held, see ks_ber_none_left()
 * @tag: identifier octet of the last element that was read; 0 after ks_ber_close()
 * @header_bytes: its identifier and length octets
 * @value: its contents; of ks_ber_any() with the end mark when the length was indefinite
 * @value_off: offset of @value in @in
 */
struct ks_ber {
	struct ks_span in;
	size_t pos;
	size_t end;
	int err;
	bool matched;
	u8 tag;
	u8 header_bytes;
	struct ks_span value;
	size_t value_off;
	u32 nr_open;
	struct {
		size_t start;
		size_t parent_end;
		u8 header_bytes;
		bool indefinite;
	} open[KS_BER_MAX_OPEN];
};

/** ks_ber_init() - start reading @in, which is borrowed */
void ks_ber_init(struct ks_ber *b, struct ks_span in);

/** ks_ber_fail() - the grammar's own objection: makes @err stick unless something failed before */
void ks_ber_fail(struct ks_ber *b, int err);

/** ks_ber_at_end() - no byte is left in the innermost element of definite length, or failed */
bool ks_ber_at_end(const struct ks_ber *b);

/**
 * ks_ber_none_left() - a CHOICE of the grammar is skipped
 *
 * At the end the kernel tries no alternative, and then holds that which matched before for the one that
 * it looks for. Only if none had matched the message is refused. A CHOICE that stands behind an
 * optional element, and behind the end mark that this one was compared with, is the one case for that.
 */
bool ks_ber_none_left(struct ks_ber *b);

/** ks_ber_next_is() - an element follows and its tag matches @tag */
bool ks_ber_next_is(struct ks_ber *b, u8 tag);

/** ks_ber_open() - enter the next element, which must match @tag */
void ks_ber_open(struct ks_ber *b, u8 tag);

/** ks_ber_more() - another member of an open SET OF or SEQUENCE OF follows */
bool ks_ber_more(struct ks_ber *b);

/** ks_ber_close() - leave the innermost element, of which nothing may be left */
void ks_ber_close(struct ks_ber *b);

/** ks_ber_leaf() - read the next element whole; it must match the primitive @tag */
void ks_ber_leaf(struct ks_ber *b, u8 tag);

/** ks_ber_any() - read the next element whole, whatever it is */
void ks_ber_any(struct ks_ber *b);

/** ks_ber_whole() - the last element with its header; of ks_ber_close() without its end mark */
struct ks_span ks_ber_whole(const struct ks_ber *b);

#endif
