/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Behind the kernel's file, where its static table is in sight. */
bool guard_row(size_t nr, const char **ret_name, const char **ret_values)
{
	if (nr >= ARRAY_SIZE(guarded))
		return false;
	*ret_name = guarded[nr].name;
	*ret_values = guarded[nr].values;
	return true;
}
