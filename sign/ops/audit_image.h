/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there is to hold a policy against: a .config, or a kernel with its command line and addons.
 */
#ifndef KS_OPS_AUDIT_IMAGE_H
#define KS_OPS_AUDIT_IMAGE_H

#include "base/map.h"
#include "kernel/image.h"
#include "ops/audit.h"
#include "ops/inspect.h"
#include "ops/kernel_facts.h"
#include "ops/uki_sections.h"

/* Where a configuration is from. */
enum ks_audit_source {
	KS_AUDIT_NO_CONFIG,
	KS_AUDIT_OF_KERNEL, /* inside of it, as CONFIG_IKCONFIG has it */
	KS_AUDIT_CLAIMED,   /* a file that somebody says is the kernel's */
	KS_AUDIT_OF_FILE,   /* the file is all that there is */
};

/**
 * struct ks_audited - a kernel that is audited; owns everything, and its subject borrows it
 * @policy: who may put code into it; of no meaning without a configuration
 * @view: of the file, which @uki borrows
 * @uki: its sections, if it is one
 * @builtin: CONFIG_CMDLINE without the backslashes
 */
struct ks_audited {
	const char *path;
	struct ks_map map;
	struct ks_inspected file;
	struct ks_kernel_image image;
	struct ks_pe_view view;
	struct ks_uki_image uki;
	bool is_uki;
	struct ks_buf config_file;
	struct ks_buf builtin;
	struct ks_kconfig config;
	enum ks_audit_source source;
	struct ks_digest config_sha256;
	struct ks_span release;
	struct ks_kernel_policy policy;
	struct ks_audit_subject subject;
	struct ks_map addon[KS_MAX_AUDIT_LINES];
	size_t nr_addons;
};

/** ks_audited_done() - free; accepts a zeroed struct */
void ks_audited_done(struct ks_audited *audited);

/**
 * ks_audited_config() - a .config
 * @path: must outlive @ret_audited
 * @ret_audited: zeroed; ks_audited_done() whatever happens
 *
 * Release and architecture are those of its first lines and of CONFIG_X86_64 or CONFIG_ARM64, as far as they are
 * there.
 *
 * Return: 0; -EBADMSG if it is none; -ENOMEM; what the system says.
 */
int __must_check ks_audited_config(const char *path, struct ks_audited *ret_audited, struct ks_diag *diag);

/**
 * ks_audited_image() - a kernel, or a UKI
 * @config_path: its .config, or NULL: the one inside of it
 *
 * Return: 0, also if there is no configuration; -EBADMSG for what is no kernel, and if the configuration inside and
 * the one that is claimed differ; as ks_kernel_image_unpack().
 */
int __must_check ks_audited_image(const char *path, const char *config_path, struct ks_audited *ret_audited,
				  struct ks_diag *diag);

/**
 * ks_audited_lines() - take command lines in, in the order in which the kernel gets them
 * @audited: of ks_audited_image(); once
 * @loader: the line of a boot loader, which nobody signed; NULL for none
 * @addons: files, in the order in which the stub takes them: of their names
 *
 * CONFIG_CMDLINE, the image's own line or the boot loader's, the addons'.
 *
 * Return: 0; -EBADMSG for an addon that is none; -EINVAL for addons of what is no UKI; -E2BIG; as open().
 */
int __must_check ks_audited_lines(struct ks_audited *audited, const char *loader, const char *const *addons,
				  size_t nr_addons, struct ks_diag *diag);

#endif
