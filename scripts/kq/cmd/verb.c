// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/verb.h"

#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "rebase/report.h"

struct kq_options kq_options;

const struct kq_options *kq_options_with(int nr_args, char **args)
{
	if (!kq_options.queue)
		kq_options.queue = "patches/6.18";
	kq_options.operand = args;
	kq_options.nr_operands = (size_t)nr_args;
	return &kq_options;
}

const char *kq_state_of(const struct kq_options *options)
{
	return options->state ? options->state : ".kq";
}

int kq_complain(const struct kq_error *error)
{
	fprintf(stderr, "kq: %s\n", error->line);
	return error->err == KQ_REFUSED ? KS_EXIT_NO : KS_EXIT_FAILED;
}

/* An empty buffer has no address, which fwrite() must not see. */
void kq_print(const struct ks_buf *text)
{
	if (text->bytes)
		fwrite(text->p, 1, text->bytes, stdout);
}

void kq_put_shown(FILE *out, struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf shown = { 0 };

	kq_report_escape(text, &shown);
	if (shown.bytes)
		fwrite(shown.p, 1, shown.bytes, out);
}

bool kq_today(u32 *ret_today)
{
	struct tm tm;
	time_t now;
	u64 seconds;

	if (ks_clock_build_time(&seconds, NULL)) {
		fprintf(stderr, "kq: SOURCE_DATE_EPOCH: want seconds since 1970\n");
		return false;
	}
	now = (time_t)seconds;
	if (!gmtime_r(&now, &tm))
		return false;
	*ret_today =
		(u32)(tm.tm_year + 1900) * 10000 + (u32)(tm.tm_mon + 1) * 100 + (u32)tm.tm_mday;
	return true;
}

void kq_print_json(struct json_object *json)
{
	printf("%s\n", json_object_to_json_string_ext(
			       json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}
