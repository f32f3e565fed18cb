/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One part out of a file, by the name that `kseal inspect` gives it.
 */
#ifndef KS_OPS_EXTRACT_H
#define KS_OPS_EXTRACT_H

#include "base/buf.h"

/**
 * ks_extract() - cut it out, or unpack it
 * @path: the file; or the pkcs11: URI of a certificate, which has "certificates" alone
 * @part: "payload", the unpacked kernel; "config", its .config; "certificates" and "revoked", those that are
 *        embedded, in PEM; "signature", of a module or a PE image, "signature:N" the Nth, from 1; or the
 *        name of a section of a PE image, ".profile:N" the Nth of that name, from 0
 * @ret_content: owned by the caller
 *
 * A section is as long as in memory, without what follows it in the file; zeros that only memory has are
 * not there. A signature is the DER alone.
 *
 * Return: 0; -ENODATA if the file is of the kind but has no such part; -EINVAL for a name that its kind
 * never has, or that needs a number; -EBADMSG and others of what reads the file.
 */
int __must_check ks_extract(const char *path, const char *part, struct ks_buf *ret_content,
			    struct ks_diag *diag);

#endif
