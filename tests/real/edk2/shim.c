// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A platform around EDK2's AuthVariableLib: its variables are a table in memory, nobody is at the machine,
 * and the libraries that it calls are this machine's C library and OpenSSL. Compiled with EDK2's headers;
 * edk2.h is all that the other side sees.
 */
#include <Uefi.h>

#include <Guid/AuthenticatedVariableFormat.h>
#include <Guid/GlobalVariable.h>
#include <Guid/ImageAuthentication.h>
#include <Library/AuthVariableLib.h>
#include <Library/BaseCryptLib.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edk2.h"

EFI_GUID gEfiGlobalVariableGuid = EFI_GLOBAL_VARIABLE;
EFI_GUID gEfiImageSecurityDatabaseGuid = EFI_IMAGE_SECURITY_DATABASE_GUID;
EFI_GUID gEfiCertX509Guid = EFI_CERT_X509_GUID;
EFI_GUID gEfiCertPkcs7Guid = EFI_CERT_TYPE_PKCS7_GUID;
EFI_GUID gEfiSecureBootEnableDisableGuid = EFI_SECURE_BOOT_ENABLE_DISABLE;
/* SecurityPkg.dec: the build makes them, no header has them. */
EFI_GUID gEfiCustomModeEnableGuid = { 0xc076ec0c, 0x7028, 0x4399, { 0xa0, 0x72, 0x71, 0xee, 0x5c, 0x44, 0x8b, 0x9f } };
EFI_GUID gEfiCertDbGuid = { 0xd9bee56e, 0x75dc, 0x49d9, { 0xb4, 0xd7, 0xb5, 0x34, 0x21, 0x0f, 0x63, 0x7a } };
EFI_GUID gEfiVendorKeysNvGuid = { 0x9073e4e0, 0x60ec, 0x4b6e, { 0x99, 0x03, 0x4c, 0x22, 0x3c, 0x26, 0x0f, 0x3c } };

struct variable {
	CHAR16 name[32];
	EFI_GUID vendor;
	UINT32 attributes;
	EFI_TIME time;
	UINT8 *data;
	UINTN bytes;
};

#define MAX_VARIABLES 32
static struct variable variables[MAX_VARIABLES];
static UINT8 scratch[1 << 20];

static UINTN length(const CHAR16 *text)
{
	UINTN n = 0;

	while (text[n])
		n++;
	return n;
}

static struct variable *find(const CHAR16 *name, const EFI_GUID *vendor)
{
	size_t i;

	for (i = 0; i < MAX_VARIABLES; i++)
		if (variables[i].data && !memcmp(&variables[i].vendor, vendor, sizeof(*vendor)) &&
		    length(variables[i].name) == length(name) &&
		    !memcmp(variables[i].name, name, 2 * length(name)))
			return &variables[i];
	return NULL;
}

static EFI_STATUS EFIAPI find_variable(CHAR16 *name, EFI_GUID *vendor, AUTH_VARIABLE_INFO *info)
{
	struct variable *v = find(name, vendor);

	if (!v)
		return EFI_NOT_FOUND;
	info->Data = v->data;
	info->DataSize = v->bytes;
	info->Attributes = v->attributes;
	info->TimeStamp = &v->time;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI find_next(CHAR16 *name, EFI_GUID *vendor, AUTH_VARIABLE_INFO *info)
{
	(void)name, (void)vendor, (void)info;
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI update_variable(AUTH_VARIABLE_INFO *info)
{
	BOOLEAN append = (info->Attributes & EFI_VARIABLE_APPEND_WRITE) != 0;
	struct variable *v = find(info->VariableName, info->VendorGuid);
	UINT8 *data;
	UINTN kept = v && append ? v->bytes : 0;

	if (v && !append && !info->DataSize) {
		free(v->data);
		v->data = NULL;
		return EFI_SUCCESS;
	}
	if (!v)
		for (v = variables; v->data; v++)
			;
	data = malloc(kept + info->DataSize + 1);
	memcpy(data, v->data, kept);
	memcpy(data + kept, info->Data, info->DataSize);
	free(v->data);
	v->data = data;
	v->bytes = kept + info->DataSize;
	memcpy(v->name, info->VariableName, 2 * (length(info->VariableName) + 1));
	v->vendor = *info->VendorGuid;
	v->attributes = info->Attributes & ~(UINT32)EFI_VARIABLE_APPEND_WRITE;
	if (info->TimeStamp)
		v->time = *info->TimeStamp;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_scratch(UINTN *bytes, VOID **buffer)
{
	if (*bytes > sizeof(scratch))
		return EFI_OUT_OF_RESOURCES;
	*buffer = scratch;
	return EFI_SUCCESS;
}

static BOOLEAN EFIAPI has_room(UINT32 attributes, ...)
{
	(void)attributes;
	return TRUE;
}

static BOOLEAN EFIAPI at_runtime(VOID)
{
	return FALSE;
}

static void set(const char *name, const EFI_GUID *vendor, UINT32 attributes, const unsigned char *time,
		const void *data, size_t bytes)
{
	struct variable *v = variables;
	size_t i;

	while (v->data)
		v++;
	for (i = 0; name[i]; i++)
		v->name[i] = (CHAR16)name[i];
	v->name[i] = 0;
	v->vendor = *vendor;
	v->attributes = attributes;
	memset(&v->time, 0, sizeof(v->time));
	if (time)
		memcpy(&v->time, time, sizeof(v->time));
	v->data = malloc(bytes + 1);
	memcpy(v->data, data, bytes);
	v->bytes = bytes;
}

static const EFI_GUID *vendor_of(const char *name)
{
	return !strcmp(name, "PK") || !strcmp(name, "KEK") ? &gEfiGlobalVariableGuid :
							     &gEfiImageSecurityDatabaseGuid;
}

void edk2_set(const char *name, const unsigned char *time, const void *data, size_t bytes)
{
	set(name, vendor_of(name), 0x27, time, data, bytes);
}

void edk2_reset(void)
{
	size_t i;

	for (i = 0; i < MAX_VARIABLES; i++) {
		free(variables[i].data);
		memset(&variables[i], 0, sizeof(variables[i]));
	}
}

size_t edk2_get(const char *name, const void **data)
{
	CHAR16 wide[32] = { 0 };
	struct variable *v;
	size_t i;

	for (i = 0; name[i]; i++)
		wide[i] = (CHAR16)name[i];
	v = find(wide, vendor_of(name));
	*data = v ? v->data : NULL;
	return v ? v->bytes : 0;
}

void edk2_start(void)
{
	static AUTH_VAR_LIB_CONTEXT_IN in = {
		.StructVersion = AUTH_VAR_LIB_CONTEXT_IN_STRUCT_VERSION,
		.StructSize = sizeof(in),
		.MaxAuthVariableSize = 0x8400,
		.FindVariable = find_variable,
		.FindNextVariable = find_next,
		.UpdateVariable = update_variable,
		.GetScratchBuffer = get_scratch,
		.CheckRemainingSpaceForConsistency = has_room,
		.AtRuntime = at_runtime,
	};
	AUTH_VAR_LIB_CONTEXT_OUT out;

	if (AuthVariableLibInitialize(&in, &out)) {
		fputs("EDK2 does not start\n", stderr);
		exit(2);
	}
}

/*
 * What VariableServiceSetVariable() and VarCheckUefiLib check before AuthVariableLib sees it: the bounds of
 * the certificate, an append of nothing (MinSize 1), the size of the variable.
 */
int edk2_update(const char *name, int append, const void *data, size_t bytes)
{
	UINT32 attributes = 0x27 | (append ? EFI_VARIABLE_APPEND_WRITE : 0), cert_bytes;
	CHAR16 wide[32] = { 0 };
	EFI_STATUS status;
	size_t i, payload_bytes;
	/* EDK2's input is in its own buffer, which is larger and which it changes. */
	UINT8 *copy;

	if (bytes < 40)
		return 0;
	memcpy(&cert_bytes, (const UINT8 *)data + 16, sizeof(cert_bytes));
	if (cert_bytes > bytes - 16 || cert_bytes < 24)
		return 0;
	payload_bytes = bytes - 16 - cert_bytes;
	if (append && !payload_bytes)
		return 0;
	for (i = 0; name[i]; i++)
		wide[i] = (CHAR16)name[i];
	if (2 * (i + 1) + payload_bytes > 0x8400 - 60)
		return 0;
	copy = calloc(1, bytes + 4096);
	memcpy(copy, data, bytes);
	status = AuthVariableLibProcessVariable(wide, (EFI_GUID *)vendor_of(name), copy, bytes, attributes);
	free(copy);
	return !EFI_ERROR(status);
}

/* What AuthVariableLib calls. */

BOOLEAN EFIAPI UserPhysicalPresent(VOID)
{
	return FALSE;
}

BOOLEAN EFIAPI IsVariablePolicyEnabled(VOID)
{
	return TRUE;
}

VOID *EFIAPI CopyMem(VOID *to, CONST VOID *from, UINTN n)
{
	return memmove(to, from, n);
}

VOID *EFIAPI ZeroMem(VOID *to, UINTN n)
{
	return memset(to, 0, n);
}

INTN EFIAPI CompareMem(CONST VOID *a, CONST VOID *b, UINTN n)
{
	return memcmp(a, b, n);
}

GUID *EFIAPI CopyGuid(GUID *to, CONST GUID *from)
{
	return memcpy(to, from, sizeof(*to));
}

BOOLEAN EFIAPI CompareGuid(CONST GUID *a, CONST GUID *b)
{
	return !memcmp(a, b, sizeof(*a));
}

UINTN EFIAPI StrLen(CONST CHAR16 *text)
{
	return length(text);
}

UINTN EFIAPI StrSize(CONST CHAR16 *text)
{
	return 2 * (length(text) + 1);
}

INTN EFIAPI StrCmp(CONST CHAR16 *a, CONST CHAR16 *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a - *b;
}

UINTN EFIAPI AsciiStrLen(CONST CHAR8 *text)
{
	return strlen(text);
}

UINT32 EFIAPI ReadUnaligned32(CONST UINT32 *p)
{
	UINT32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

UINT32 EFIAPI WriteUnaligned32(UINT32 *p, UINT32 value)
{
	memcpy(p, &value, sizeof(value));
	return value;
}

VOID *EFIAPI AllocateRuntimePool(UINTN n)
{
	return malloc(n);
}

VOID *EFIAPI AllocateZeroPool(UINTN n)
{
	return calloc(1, n);
}

VOID EFIAPI FreePool(VOID *p)
{
	free(p);
}

/* Digests and names are for variables that are not ours to ask about. */
#define NO_DIGEST(name)                                                                               \
	UINTN EFIAPI name##GetContextSize(VOID)                                                       \
	{                                                                                             \
		return 8;                                                                             \
	}                                                                                             \
	BOOLEAN EFIAPI name##Init(VOID *context)                                                      \
	{                                                                                             \
		(void)context;                                                                        \
		return FALSE;                                                                         \
	}                                                                                             \
	BOOLEAN EFIAPI name##Update(VOID *context, CONST VOID *data, UINTN n)                         \
	{                                                                                             \
		(void)context, (void)data, (void)n;                                                   \
		return FALSE;                                                                         \
	}                                                                                             \
	BOOLEAN EFIAPI name##Final(VOID *context, UINT8 *value)                                       \
	{                                                                                             \
		(void)context, (void)value;                                                           \
		return FALSE;                                                                         \
	}

NO_DIGEST(Sha256)
NO_DIGEST(Sha384)
NO_DIGEST(Sha512)

EFI_STATUS EFIAPI X509GetCommonName(CONST UINT8 *cert, UINTN bytes, CHAR8 *name, UINTN *name_bytes)
{
	(void)cert, (void)bytes, (void)name, (void)name_bytes;
	return EFI_NOT_FOUND;
}

BOOLEAN EFIAPI X509GetTBSCert(CONST UINT8 *cert, UINTN bytes, UINT8 **tbs, UINTN *tbs_bytes)
{
	(void)cert, (void)bytes, (void)tbs, (void)tbs_bytes;
	return FALSE;
}

VOID *EFIAPI RsaNew(VOID)
{
	return malloc(1);
}

VOID EFIAPI RsaFree(VOID *rsa)
{
	free(rsa);
}

/* CryptX509.c: a certificate that d2i_X509() reads, with a key of the type rsaEncryption. */
BOOLEAN EFIAPI RsaGetPublicKeyFromX509(CONST UINT8 *cert, UINTN bytes, VOID **rsa)
{
	const unsigned char *p = cert;
	X509 *x509 = d2i_X509(NULL, &p, (long)bytes);
	EVP_PKEY *key = x509 ? X509_get0_pubkey(x509) : NULL;
	BOOLEAN is_rsa = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA;

	(void)rsa;
	X509_free(x509);
	return is_rsa;
}
