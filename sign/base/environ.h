/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_ENVIRON_H
#define KS_BASE_ENVIRON_H

/**
 * ks_environ_with() - our environment with one variable set, for a program that we run
 * @assignment: NAME=VALUE, which takes the place of another value
 * Return: an array that is the caller's, of strings that are not; NULL without memory.
 */
char **ks_environ_with(char *assignment);

#endif
