/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The KTAP that one test program prints, line by line (Documentation/dev-tools/ktap.rst).
 */
#ifndef VM_KTAP_H
#define VM_KTAP_H

#include "results.h"

/**
 * vm_ktap_line() - take one line of a test's output
 *
 * Results become cases. What a lenient reader would let pass becomes the test's fault: wrong
 * numbering, a second plan, a case twice, a failure that hides as "# not ok" or in an indented
 * subtest, "Bail out!", an unknown directive.
 */
void vm_ktap_line(struct vm_test *test, struct ks_span line);

/** vm_ktap_end() - after the last line: is there a plan, and as many results? */
void vm_ktap_end(struct vm_test *test);

#endif
