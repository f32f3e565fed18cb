// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The three slow functions of the kernel's arithmetic, remembered by their input. The linker puts these
 * in their place (--wrap); what calls them is the kernel's own code and runs each time.
 */
#include "shim.h"

#include <crypto/internal/ecc.h>
#include <linux/mpi.h>

#include "memo.h"

int __real_mpi_powm(MPI res, MPI base, MPI exp, MPI mod);
int __wrap_mpi_powm(MPI res, MPI base, MPI exp, MPI mod);

static void add_mpi(struct memo_key *key, MPI n)
{
	memo_key_add(key, n->d, (size_t)n->nlimbs * sizeof(n->d[0]));
	memo_key_add(key, &n->sign, sizeof(n->sign));
}

int __wrap_mpi_powm(MPI res, MPI base, MPI exp, MPI mod)
{
	struct memo_key key = { 0 };
	mpi_limb_t value[MEMO_VALUE_BYTES / sizeof(mpi_limb_t)];
	int bytes, rc;

	add_mpi(&key, base);
	add_mpi(&key, exp);
	add_mpi(&key, mod);
	bytes = memo_get(&key, value);
	if (bytes >= 0 && !mpi_resize(res, (unsigned int)bytes / sizeof(value[0]))) {
		memcpy(res->d, value, (size_t)bytes);
		res->nlimbs = bytes / (int)sizeof(value[0]);
		res->sign = 0;
		return 0;
	}
	rc = __real_mpi_powm(res, base, exp, mod);
	if (!rc && !res->sign)
		memo_put(&key, res->d, (size_t)res->nlimbs * sizeof(res->d[0]));
	return rc;
}

static void add_point(struct memo_key *key, const struct ecc_point *point)
{
	memo_key_add(key, point->x, point->ndigits * sizeof(u64));
	memo_key_add(key, point->y, point->ndigits * sizeof(u64));
}

int __real_ecc_is_pubkey_valid_full(const struct ecc_curve *curve, struct ecc_point *point);
int __wrap_ecc_is_pubkey_valid_full(const struct ecc_curve *curve, struct ecc_point *point);

int __wrap_ecc_is_pubkey_valid_full(const struct ecc_curve *curve, struct ecc_point *point)
{
	struct memo_key key = { 0 };
	int rc;

	memo_key_add(&key, &curve, sizeof(curve));
	add_point(&key, point);
	if (memo_get(&key, &rc) > 0)
		return rc;
	rc = __real_ecc_is_pubkey_valid_full(curve, point);
	memo_put(&key, &rc, sizeof(rc));
	return rc;
}

void __real_ecc_point_mult_shamir(const struct ecc_point *result, const u64 *x, const struct ecc_point *p,
				  const u64 *y, const struct ecc_point *q, const struct ecc_curve *curve);
void __wrap_ecc_point_mult_shamir(const struct ecc_point *result, const u64 *x, const struct ecc_point *p,
				  const u64 *y, const struct ecc_point *q, const struct ecc_curve *curve);

void __wrap_ecc_point_mult_shamir(const struct ecc_point *result, const u64 *x, const struct ecc_point *p,
				  const u64 *y, const struct ecc_point *q, const struct ecc_curve *curve)
{
	size_t bytes = result->ndigits * sizeof(u64);
	struct memo_key key = { 0 };
	u64 value[2 * ECC_MAX_DIGITS];

	memo_key_add(&key, &curve, sizeof(curve));
	memo_key_add(&key, x, bytes);
	memo_key_add(&key, y, bytes);
	add_point(&key, p);
	add_point(&key, q);
	if (memo_get(&key, value) < 0) {
		__real_ecc_point_mult_shamir(result, x, p, y, q, curve);
		memcpy(value, result->x, bytes);
		memcpy(&value[result->ndigits], result->y, bytes);
		memo_put(&key, value, 2 * bytes);
		return;
	}
	memcpy(result->x, value, bytes);
	memcpy(result->y, &value[result->ndigits], bytes);
}
