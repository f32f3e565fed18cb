// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/import.h"

#include <stdio.h>
#include <string.h>

#include "work/edition.h"
#include "work/fit.h"
#include "work/incoming.h"

/* " sku=a arch=b", as it stands in the series; NULL for none. */
static int condition_of(const struct kq_import *import, char **ret_condition,
			struct kq_error *error)
{
	*ret_condition = NULL;
	if ((import->sku || import->arch) &&
	    asprintf(ret_condition, "%s%s%s%s", import->sku ? " sku=" : "",
		     import->sku ? import->sku : "", import->arch ? " arch=" : "",
		     import->arch ? import->arch : "") < 0) {
		*ret_condition = NULL;
		return kq_no_memory(error);
	}
	return 0;
}

static int add_mail(const struct kq_import *import, const struct kq_mail *mail, size_t idx,
		    struct kq_edition *edition, struct kq_error *error)
{
	struct kq_item item = { .from = KQ_NEW, .number = true, .label = strdup(mail->label) };
	struct ks_diag diag = { 0 };
	int rc = item.label ? condition_of(import, &item.condition, error) : kq_no_memory(error);

	ks_put(&item.text, ks_buf_span(&mail->text));
	if (!rc && ks_buf_ok(&item.text, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		return kq_edition_put(edition, idx, &item, error);
	kq_item_done(&item);
	return rc;
}

static int add_mails(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct kq_edition *edition, struct kq_error *error)
{
	size_t idx = kq_edition_end(edition, import->sku || import->arch), i;
	int rc = 0;

	edition->still = !import->before && !import->after;
	if (!edition->still)
		rc = kq_edition_place(edition, import->before, import->after, &idx, error);
	for (i = 0; i < incoming->nr && !rc; i++)
		rc = add_mail(import, &incoming->mail[i], idx + i, edition, error);
	return rc;
}

/* What the mails are called in the new queue, which has them in their order. */
static int name_mails(const struct kq_edition *edition, struct kq_incoming *incoming,
		      struct kq_error *error)
{
	size_t i, nr = 0;

	for (i = 0; i < edition->nr; i++) {
		if (edition->item[i].from != KQ_NEW)
			continue;
		incoming->mail[nr].name = strdup(edition->item[i].name);
		if (!incoming->mail[nr++].name)
			return kq_no_memory(error);
	}
	return 0;
}

int kq_import(const struct kq_import *import, struct ks_buf *ret_names, struct ks_buf *ret_notes,
	      struct kq_error *error)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_incoming_read(import, &incoming, ret_notes, error);

	if (!rc)
		rc = kq_edition_open(import->queue, import->base, import->state, &edition, error);
	if (!rc)
		rc = add_mails(import, &incoming, &edition, error);
	if (!rc)
		rc = kq_edition_build(&edition, error);
	if (!rc)
		rc = name_mails(&edition, &incoming, error);
	if (!rc)
		rc = kq_fit(import, &incoming, edition.bases.base[0].source, &edition.new, ret_notes,
			    error);
	if (!rc)
		rc = kq_edition_settle(&edition, error);
	if (!rc)
		rc = kq_edition_publish(&edition, error);
	for (i = 0; i < incoming.nr && !rc; i++) {
		ks_put_str(ret_names, incoming.mail[i].name);
		ks_put_str(ret_names, "\n");
	}
	if (!rc)
		ks_put(ret_names, ks_buf_span(&edition.notes));
	if (!rc && ks_buf_ok(ret_names, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
