/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Audits as one HTML page that needs nothing else: no network, no script for what it says.
 */
#ifndef KS_CMD_AUDIT_PAGE_H
#define KS_CMD_AUDIT_PAGE_H

#include "cmd/audit.h"

/* A page has a column for each kernel; a fleet has some ten. */
#define KS_MAX_PAGE_DOCUMENTS 64U

/**
 * struct ks_audit_page - what is on it
 * @document: audits, each a column
 * @before: earlier audits, compared by SKU, or by file where none is named
 */
struct ks_audit_page {
	struct json_object *const *document;
	size_t nr_documents;
	struct json_object *const *before;
	size_t nr_before;
};

/** ks_audit_page_write() - make it a file. Return: 0; -ENOMEM; as ks_file_publish(). */
int __must_check ks_audit_page_write(const struct ks_audit_page *page, const char *path, struct ks_diag *diag);

/* Its parts that no audit changes. */
extern const char ks_audit_page_css[], ks_audit_page_js[];

#endif
