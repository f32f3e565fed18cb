// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/export.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "text/folder.h"

int kq_node_export(const char *folder, const struct kq_node *node, struct kq_fault *fault)
{
	struct ks_span content = kq_node_content(node);
	struct ks_diag diag = { 0 };
	struct kq_path path, parent;
	int rc = kq_path(&path, fault, "%s/%s", folder, node->path);

	if (rc)
		return rc;
	parent = path;
	*strrchr(parent.s, '/') = '\0';
	if (unlink(path.s) && errno != ENOENT && errno != ENOTDIR)
		return kq_fail(fault, -errno, "%s: %s", path.s, strerror(errno));
	if (!node->exists)
		return 0;
	rc = kq_folder_make(parent.s, fault);
	if (!rc && ks_file_publish(path.s, &content, 1, node->program ? 0777 : 0666, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}
