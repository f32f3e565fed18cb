/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VM_REPORT_H
#define VM_REPORT_H

#include "accel.h"
#include "session.h"

/** vm_report_ktap() - the results on stdout, programs as tests, their cases as subtests */
void vm_report_ktap(const struct vm_run *run);

/** vm_report_json() - the same and more as one JSON object in opts->json. Return: 0 or -errno. */
int __must_check vm_report_json(const struct vm_session *session, const struct vm_accel *accel,
				bool passed, struct ks_diag *diag);

#endif
