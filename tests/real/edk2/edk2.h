/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A machine with EDK2's AuthVariableLib. */
#ifndef KS_EDK2_H
#define KS_EDK2_H

#include <stddef.h>

/* Forget all variables. */
void edk2_reset(void);

/* A variable of PK, KEK, db, dbx, dbt that the machine has; @time: EFI_TIME. */
void edk2_set(const char *name, const unsigned char *time, const void *data, size_t bytes);

/* Start it: in setup mode if there is no PK. */
void edk2_start(void);

/* SetVariable(): does it answer EFI_SUCCESS? */
int edk2_update(const char *name, int append, const void *data, size_t bytes);

/* What the variable has; 0 if it is not there. */
size_t edk2_get(const char *name, const void **data);

#endif
