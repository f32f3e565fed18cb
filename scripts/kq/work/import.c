// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/import.h"

#include <stdio.h>
#include <string.h>

#include "work/restack.h"
#include "work/fit.h"
#include "work/incoming.h"

static struct ks_span list_of(const char *list)
{
	return ks_span_str(list ? list : "");
}

static int add_mails(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct kq_edition *edition, struct kq_fault *fault)
{
	size_t idx = kq_edition_end(edition, import->sku || import->arch), i;
	int rc = 0;

	edition->still = !import->before && !import->after;
	if (!edition->still)
		rc = kq_edition_place(edition, import->before, import->after, &idx, fault);
	for (i = 0; i < incoming->nr && !rc; i++)
		rc = kq_edition_put_new(edition, idx + i, incoming->mail[i].label,
					ks_buf_span(&incoming->mail[i].text), list_of(import->sku),
					list_of(import->arch), fault);
	return rc;
}

/* The new patches, in the order of the mails. */
static int fit_mails(const struct kq_import *import, const struct kq_incoming *incoming,
		     struct kq_edition *edition, struct ks_buf *notes, struct kq_fault *fault)
{
	const struct kq_mail *mail = incoming->mail;
	size_t i;
	int rc = 0;

	for (i = 0; i < edition->nr && !rc; i++) {
		struct kq_fit fit = { .three_way = import->three_way,
				      .repository = import->repository,
				      .notes = notes };

		if (edition->item[i].from != KQ_NEW)
			continue;
		fit.label = mail->label;
		fit.anew = mail->anew;
		mail++;
		if (fit.anew || fit.three_way)
			rc = kq_fit(&fit, edition->bases.base[0].source, &edition->new, i, fault);
	}
	return rc;
}

int kq_import(const struct kq_import *import, struct ks_buf *ret_names, struct ks_buf *ret_notes,
	      struct kq_fault *fault)
{
	__cleanup(kq_incoming_done) struct kq_incoming incoming = { 0 };
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_incoming_read(import, &incoming, ret_notes, fault);

	if (!rc)
		rc = kq_edition_open(import->queue, import->base, import->state, &edition, fault);
	if (!rc)
		rc = add_mails(import, &incoming, &edition, fault);
	if (!rc)
		rc = kq_edition_build(&edition, fault);
	if (!rc)
		rc = fit_mails(import, &incoming, &edition, ret_notes, fault);
	if (!rc)
		rc = kq_edition_restack(&edition, fault);
	if (!rc)
		rc = kq_edition_publish(&edition, fault);
	if (rc)
		return rc;
	for (i = 0; i < edition.nr; i++) {
		if (edition.item[i].from != KQ_NEW)
			continue;
		ks_put_str(ret_names, edition.item[i].name);
		ks_put_str(ret_names, "\n");
	}
	ks_put(ret_names, ks_buf_span(&edition.notes));
	return ks_buf_ok(ret_names, &diag) ? kq_fail_diag(fault, &diag) : 0;
}
