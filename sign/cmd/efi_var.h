/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_EFI_VAR_H
#define KS_CMD_EFI_VAR_H

#include "cmd/json.h"
#include "ops/efi.h"

/** ks_var_json() - what every document says of a variable, without its signature lists */
void ks_var_json(struct json_object *to, const struct ks_var *var);

#endif
