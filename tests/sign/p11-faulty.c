// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A PKCS#11 module for tests: the one of P11_BEHIND, with faults that the environment asks for.
 *
 *   P11_SIGNS=N   the token is gone after N signatures, as a stick that was pulled
 *   P11_FLAGS=N   token flags on top of the real ones
 *   P11_LOGINS=F  gets a line for every login
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST list, *behind;
static atomic_long signs_left;

static CK_RV gone_or(CK_RV rv)
{
	return atomic_load(&signs_left) < 0 ? CKR_DEVICE_REMOVED : rv;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *data, CK_NOTIFY notify,
			  CK_SESSION_HANDLE *session)
{
	return gone_or(CKR_OK) ?: behind->C_OpenSession(slot, flags, data, notify, session);
}

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	return gone_or(CKR_OK) ?: behind->C_GetSessionInfo(session, info);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	const char *flags = getenv("P11_FLAGS");
	CK_RV rv = gone_or(CKR_OK) ?: behind->C_GetTokenInfo(slot, info);

	if (!rv && flags)
		info->flags |= strtoul(flags, NULL, 0);
	return rv;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE type, unsigned char *pin, CK_ULONG bytes)
{
	const char *path = getenv("P11_LOGINS");
	FILE *to = path ? fopen(path, "a") : NULL;

	if (to) {
		fprintf(to, "login %lu\n", type);
		fclose(to);
	}
	return gone_or(CKR_OK) ?: behind->C_Login(session, type, pin, bytes);
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return gone_or(CKR_OK) ?: behind->C_SignInit(session, mechanism, key);
}

static CK_RV sign(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG data_bytes,
		  unsigned char *sig, CK_ULONG *sig_bytes)
{
	atomic_fetch_sub(&signs_left, 1);
	return gone_or(CKR_OK) ?: behind->C_Sign(session, data, data_bytes, sig, sig_bytes);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **ret_list)
{
	void *handle = dlopen(getenv("P11_BEHIND"), RTLD_NOW);
	const char *signs = getenv("P11_SIGNS");
	CK_C_GetFunctionList get = handle ? (CK_C_GetFunctionList)dlsym(handle, "C_GetFunctionList") :
					    NULL;

	if (!get || get(&behind))
		return CKR_GENERAL_ERROR;
	list = *behind;
	list.C_OpenSession = open_session;
	list.C_GetSessionInfo = get_session_info;
	list.C_GetTokenInfo = get_token_info;
	list.C_Login = login;
	list.C_SignInit = sign_init;
	list.C_Sign = sign;
	atomic_store(&signs_left, signs ? atol(signs) : 1000000);
	*ret_list = &list;
	return CKR_OK;
}
