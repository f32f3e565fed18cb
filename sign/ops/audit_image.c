// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_image.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

void ks_audited_done(struct ks_audited *audited)
{
	size_t i;

	for (i = 0; i < audited->nr_addons; i++)
		ks_map_close(&audited->addon[i]);
	ks_kconfig_done(&audited->config);
	ks_buf_done(&audited->config_file);
	ks_kernel_image_done(&audited->image);
	ks_inspect_close(&audited->file);
	ks_map_close(&audited->map);
	memset(audited, 0, sizeof(*audited));
}

/* "# Linux/x86 6.18.15 Kernel Configuration", as Kconfig begins a .config. */
static struct ks_span release_of_config(struct ks_span text)
{
	struct ks_span line, rest, word = { 0 };
	struct ks_policy_release release;
	size_t i;

	for (i = 0; i < 8 && ks_span_line(&text, &line); i++) {
		rest = line;
		if (ks_text_cut(&rest, "# Linux/") && ks_span_word(&rest, &word) && ks_span_word(&rest, &word) &&
		    ks_policy_take_release(word, &release))
			return word;
	}
	return (struct ks_span){ 0 };
}

static struct ks_span arch_of_config(const struct ks_kconfig *config)
{
	static const char *const arches[][2] = { { "X86_64", "x86_64" }, { "ARM64", "arm64" } };
	const struct ks_kconfig_entry *entry;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(arches); i++) {
		entry = ks_kconfig_find(config, ks_span_str(arches[i][0]));
		if (entry && ks_span_eq(entry->value, ks_span_str("y")))
			return ks_span_str(arches[i][1]);
	}
	return (struct ks_span){ 0 };
}

static int take_config(struct ks_audited *audited, struct ks_span text, enum ks_audit_source source,
		       const char *path, struct ks_diag *diag)
{
	int rc = ks_kconfig_parse(text, &audited->config, diag);

	rc = rc ? rc : ks_sha256(text, &audited->config_sha256, diag);
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	audited->source = source;
	audited->policy = ks_kernel_policy_of(text);
	audited->subject.config = &audited->config;
	audited->subject.arch = arch_of_config(&audited->config);
	audited->subject.has_guard = audited->policy.boot_params;
	return 0;
}

static void take_release(struct ks_audited *audited, struct ks_span release)
{
	audited->release = release;
	(void)ks_policy_take_release(release, &audited->subject.release);
}

int ks_audited_config(const char *path, struct ks_audited *ret_audited, struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &ret_audited->config_file, diag);
	struct ks_span text = ks_buf_span(&ret_audited->config_file);

	ret_audited->path = path;
	ks_diag_in(diag, path);
	if (!rc)
		rc = take_config(ret_audited, text, KS_AUDIT_OF_FILE, path, diag);
	if (rc)
		return rc;
	ret_audited->subject.level = KS_POLICY_CONFIG;
	take_release(ret_audited, release_of_config(text));
	return 0;
}

static int add_line(struct ks_audited *audited, const char *who, struct ks_span text, bool is_signed,
		    struct ks_diag *diag)
{
	struct ks_audit_subject *subject = &audited->subject;

	if (!text.bytes)
		return 0;
	if (subject->nr_lines == KS_MAX_AUDIT_LINES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 command lines");
	subject->line[subject->nr_lines++] = (struct ks_audit_line){ who, text, is_signed };
	return 0;
}

/* Lines of profiles are alternatives: all of them are looked at. */
static int take_uki(struct ks_audited *audited, struct ks_span file, struct ks_diag *diag)
{
	struct ks_span last = { 0 }, text;
	const struct ks_uki_section *s;
	int rc = ks_pe_parse(file, &audited->view, diag);
	u32 i;

	rc = rc ? rc : ks_uki_parse(&audited->view, &audited->uki, diag);
	audited->is_uki = !rc;
	for (i = 0; !rc && i < ks_uki_nr_profiles(&audited->uki); i++) {
		s = ks_uki_find(&audited->uki, i, ".cmdline");
		text = s ? ks_span_trim(ks_uki_text(s->data)) : (struct ks_span){ 0 };
		if (text.p != last.p)
			rc = add_line(audited, ".cmdline", text, true, diag);
		last = text;
	}
	return rc;
}

/* What CONFIG_CMDLINE puts before the line, or instead of it. */
static int take_builtin_line(struct ks_audited *audited, struct ks_diag *diag)
{
	const struct ks_kconfig_entry *line;

	if (!audited->subject.config)
		return 0;
	line = ks_kconfig_find(&audited->config, ks_span_str("CMDLINE"));
	return line && !ks_span_eq(line->value, ks_span_str("n")) ?
		       add_line(audited, "CONFIG_CMDLINE", line->value, true, diag) :
		       0;
}

static int load_configs(struct ks_audited *audited, const char *path, struct ks_diag *diag)
{
	struct ks_span inside = ks_buf_span(&audited->image.config), claimed;
	int rc = 0;

	if (path)
		rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &audited->config_file, diag);
	claimed = ks_buf_span(&audited->config_file);
	if (!rc && path && inside.bytes && !ks_span_eq(inside, claimed))
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "is not the configuration that is inside of the kernel");
	ks_diag_in(diag, path ? path : audited->path);
	if (rc)
		return rc;
	if (inside.bytes)
		return take_config(audited, inside, KS_AUDIT_OF_KERNEL, audited->path, diag);
	return path ? take_config(audited, claimed, KS_AUDIT_CLAIMED, path, diag) : 0;
}

int ks_audited_image(const char *path, const char *config_path, struct ks_audited *ret_audited,
		     struct ks_diag *diag)
{
	struct ks_kernel_facts facts;
	int rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, &ret_audited->map, diag);

	ret_audited->path = path;
	rc = rc ? rc : ks_inspect_open(ks_map_span(&ret_audited->map), &ret_audited->file, diag);
	if (!rc && ret_audited->file.kind != KS_KIND_UKI && ret_audited->file.kind != KS_KIND_KERNEL)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "is no kernel and no unified kernel image");
	rc = rc ? rc : ks_kernel_image_unpack(ret_audited->file.content, &ret_audited->image, diag);
	ks_diag_in(diag, path);
	rc = rc ? rc : load_configs(ret_audited, config_path, diag);
	if (rc)
		return rc;
	facts = ks_kernel_facts_of(ret_audited->file.content, &ret_audited->image);
	take_release(ret_audited, facts.release);
	if (!ret_audited->subject.arch.bytes)
		ret_audited->subject.arch = ks_span_str(strcmp(facts.machine, "x86-64") ? facts.machine : "x86_64");
	ret_audited->subject.level = KS_POLICY_ARTIFACT;
	rc = take_builtin_line(ret_audited, diag);
	if (!rc && ret_audited->file.kind == KS_KIND_UKI)
		rc = take_uki(ret_audited, ret_audited->file.content, diag);
	ks_diag_in(diag, path);
	return rc;
}

int ks_audited_addon(struct ks_audited *audited, const char *path, struct ks_diag *diag)
{
	const struct ks_uki_section *s;
	struct ks_uki_image image;
	struct ks_pe_view view;
	struct ks_map *map;
	int rc;

	if (audited->nr_addons == KS_MAX_AUDIT_LINES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 addons");
	map = &audited->addon[audited->nr_addons++];
	rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, map, diag);
	rc = rc ? rc : ks_pe_parse(ks_map_span(map), &view, diag);
	if (!rc && !ks_uki_is_addon(&view))
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "is no addon");
	rc = rc ? rc : ks_uki_parse(&view, &image, diag);
	if (!rc) {
		s = ks_uki_find(&image, 0, ".cmdline");
		rc = s ? add_line(audited, path, ks_span_trim(ks_uki_text(s->data)), true, diag) : 0;
	}
	ks_diag_in(diag, path);
	return rc;
}

int ks_audited_loader(struct ks_audited *audited, const char *line, struct ks_diag *diag)
{
	return add_line(audited, "the boot loader", ks_span_str(line), false, diag);
}
