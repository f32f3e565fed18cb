/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table for programs.
 */
#ifndef KQ_CVE_OUTPUT_H
#define KQ_CVE_OUTPUT_H

#include "cve/table.h"

struct json_object;

/**
 * struct kq_cve_output - what to put out
 * @wanted: says which rows; NULL for all
 */
struct kq_cve_output {
	const struct kq_cves *cves;
	bool (*wanted)(const void *arg, const struct kq_cve *cve);
	const void *arg;
};

/** kq_cves_json() - all of it; json_object_put() */
struct json_object *kq_cves_json(const struct kq_cve_output *output);

#endif
