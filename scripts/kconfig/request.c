// SPDX-License-Identifier: LGPL-2.1-or-later
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"

/* A string ends at its first quote that is not escaped, and nothing follows it. */
static bool is_string(struct ks_span v)
{
	size_t i;

	if (v.bytes < 2 || v.p[0] != '"')
		return false;
	for (i = 1; i < v.bytes; i++) {
		if (v.p[i] == '\\')
			i++;
		else if (v.p[i] == '"')
			return i == v.bytes - 1;
	}
	return false;
}

/* Outside of quotes a value is one word: y, m, n, 42, 0x1000. */
static bool is_value(struct ks_span v)
{
	size_t i;

	if (is_string(v))
		return true;
	for (i = 0; i < v.bytes; i++)
		if (!ks_text_is_symbol_byte(v.p[i]) && v.p[i] != '-')
			return false;
	return v.bytes > 0;
}

static bool mentions(struct ks_span s, const char *word)
{
	struct ks_span want = ks_span_str(word);
	struct ks_span part;
	size_t i;

	for (i = 0; i + want.bytes <= s.bytes; i++)
		if (ks_span_sub(s, i, want.bytes, &part) && ks_span_eq(part, want))
			return true;
	return false;
}

static int add(struct kc_list *list, struct kc_request req, struct ks_diag *diag)
{
	size_t room = list->room ? 2 * list->room : 512;
	struct kc_request *grown;

	if (list->nr_req >= KC_MAX_REQUESTS)
		return ks_text_fail(diag, -E2BIG, req.path, req.line, "more than 65536 requests");
	if (list->nr_req == list->room) {
		grown = reallocarray(list->req, room, sizeof(*grown));
		if (!grown)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory for the requests");
		list->req = grown;
		list->room = room;
	}
	req.order = list->nr_req;
	list->req[list->nr_req++] = req;
	return 0;
}

/*
 * Comment or "is not set". A comment that only looks like a request for n is refused: it would
 * ask for nothing, and nobody would notice.
 */
static int parse_hash(struct ks_span line, struct kc_request *req, bool *ret_request,
		      struct ks_diag *diag)
{
	static const char not_set[] = " is not set";
	struct ks_span rest = line;

	*ret_request = false;
	if (ks_text_cut(&rest, "# CONFIG_") && ks_text_symbol(&rest, &req->symbol) &&
	    ks_span_eq(rest, ks_span_str(not_set))) {
		req->value = ks_span_str("n");
		*ret_request = true;
		return 0;
	}
	if (mentions(line, "CONFIG_") && mentions(line, not_set))
		return ks_text_fail(diag, -EBADMSG, req->path, req->line,
				    "looks like \"# CONFIG_X is not set\" but is not, write it exactly so");
	return 0;
}

static int parse_assignment(struct ks_span line, struct kc_request *req, struct ks_diag *diag)
{
	struct ks_span rest = line;

	if (!ks_text_cut(&rest, "CONFIG_") || !ks_text_symbol(&rest, &req->symbol) ||
	    !ks_text_cut(&rest, "="))
		return ks_text_fail(diag, -EBADMSG, req->path, req->line,
				    "neither a request nor a comment, write CONFIG_X=value");
	if (!is_value(rest))
		return ks_text_fail(diag, -EBADMSG, req->path, req->line,
				    "value is neither a single word nor a closed \"string\"");
	req->value = rest;
	return 0;
}

static int parse_override(struct ks_span reason, struct kc_request *next, struct ks_diag *diag)
{
	if (next->has_override)
		return ks_text_fail(diag, -EBADMSG, next->path, next->line,
				    "two \"# override:\" lines for one request");
	next->override = ks_span_trim(reason);
	next->has_override = true;
	if (!next->override.bytes)
		return ks_text_fail(diag, -EBADMSG, next->path, next->line,
				    "override without a reason, write it after the colon");
	return 0;
}

static int parse_text(struct kc_list *list, struct ks_span text, const char *path, struct ks_diag *diag)
{
	struct kc_request req = { .path = path };
	struct ks_span line;
	struct ks_span reason;
	bool is_request;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		req.line++;
		if (!ks_text_is_clean(line))
			return ks_text_fail(diag, -EBADMSG, path, req.line,
					    "control byte in the line (CR?), write plain text");
		reason = line;
		if (ks_text_cut(&reason, "# override:")) {
			rc = parse_override(reason, &req, diag);
			continue;
		}
		is_request = line.bytes && line.p[0] != '#';
		if (is_request)
			rc = parse_assignment(line, &req, diag);
		else if (line.bytes)
			rc = parse_hash(line, &req, &is_request, diag);
		if (!rc && req.has_override && !is_request)
			rc = ks_text_fail(diag, -EBADMSG, path, req.line,
					  "\"# override:\" must stand right above its request");
		if (!rc && is_request)
			rc = add(list, req, diag);
		req.has_override = false;
		req.override = (struct ks_span){ 0 };
	}
	if (!rc && req.has_override)
		rc = ks_text_fail(diag, -EBADMSG, path, req.line,
				  "\"# override:\" must stand right above its request");
	return rc;
}

int kc_list_parse(struct kc_list *list, struct ks_buf *text, const char *path, struct ks_diag *diag)
{
	struct ks_buf *owned;

	if (list->nr_texts >= KC_MAX_FILES)
		return ks_fail_detail(diag, -E2BIG, "more than 256 files", path);
	owned = &list->texts[list->nr_texts++];
	ks_buf_move(owned, text);
	return parse_text(list, ks_buf_span(owned), path, diag);
}

int kc_list_load(struct kc_list *list, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	if (!rc)
		rc = kc_list_parse(list, &text, path, diag);
	ks_diag_in(diag, path);
	return rc;
}

void kc_put_setting(struct ks_buf *out, struct ks_span symbol, struct ks_span value)
{
	bool is_off = ks_span_eq(value, ks_span_str("n"));

	ks_put_str(out, is_off ? "# CONFIG_" : "CONFIG_");
	ks_put(out, symbol);
	ks_put_str(out, is_off ? " is not set" : "=");
	if (!is_off)
		ks_put(out, value);
	ks_put_str(out, "\n");
}

void kc_list_done(struct kc_list *list)
{
	size_t i;

	for (i = 0; i < list->nr_texts; i++)
		ks_buf_done(&list->texts[i]);
	free(list->req);
	memset(list, 0, sizeof(*list));
}

void kc_put_asked(struct ks_buf *out, struct ks_span symbol, struct ks_span value)
{
	ks_put(out, symbol);
	ks_put_str(out, " ");
	ks_put(out, value);
	ks_put_str(out, "\n");
}

void kc_list_put_asked(const struct kc_list *list, struct ks_buf *out)
{
	size_t i;

	for (i = 0; i < list->nr_req; i++)
		if (list->req[i].state == KC_KEPT)
			kc_put_asked(out, list->req[i].symbol, list->req[i].value);
}
