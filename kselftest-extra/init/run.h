/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KSEAL_RUN_H
#define KSEAL_RUN_H

#include "frame.h"

/* Run /kselftest/<name>, send its output and its end as frames, leave no process of it behind. */
void run_test(struct frame_port *port, const char *name, int limit_s);

#endif
