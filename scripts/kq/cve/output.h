/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table for programs.
 *
 * OpenVEX (github.com/openvex/spec, 0.2.0) lets scanners leave faults out. Only two states do that,
 * and only without a finding against them:
 *
 *   fixed         fixed               with a finding  under_investigation
 *   not-affected  not_affected, with its justification          the same
 *   wontfix       affected, with an action_statement
 *   unfixed       affected, with an action_statement
 */
#ifndef KQ_CVE_OUTPUT_H
#define KQ_CVE_OUTPUT_H

#include "cve/table.h"

struct json_object;

/**
 * struct kq_cve_output - what to put out
 * @wanted: says which rows; NULL for all
 * @product: package URL of what the statements are about
 * @author: who makes them
 * @time: seconds since 1970
 */
struct kq_cve_output {
	const struct kq_cves *cves;
	bool (*wanted)(const void *arg, const struct kq_cve *cve);
	const void *arg;
	const char *product;
	const char *author;
	u64 time;
};

/** kq_cves_json() - all of it; json_object_put() */
struct json_object *kq_cves_json(const struct kq_cve_output *output);

/**
 * kq_cves_openvex() - an OpenVEX document, whose @id follows from what it says
 * @ret_json: json_object_put()
 *
 * Return: 0; KQ_REFUSED when there is no row: the format has no empty document.
 */
int __must_check kq_cves_openvex(const struct kq_cve_output *output, struct json_object **ret_json,
				 struct kq_error *error);

#endif
