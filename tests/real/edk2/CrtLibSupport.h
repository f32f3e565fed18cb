/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In place of EDK2's own C library: that of this machine. */
#ifndef KS_EDK2_CRT
#define KS_EDK2_CRT

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#endif
