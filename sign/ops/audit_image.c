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
	ks_buf_done(&audited->builtin);
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

static int add_line(struct ks_audited *audited, const struct ks_audit_line *line, struct ks_diag *diag)
{
	struct ks_audit_subject *subject = &audited->subject;

	if (!line->text.bytes)
		return 0;
	if (subject->nr_lines == KS_MAX_AUDIT_LINES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 command lines");
	subject->line[subject->nr_lines++] = *line;
	return 0;
}

static bool is_set(const struct ks_audited *audited, const char *symbol)
{
	const struct ks_kconfig_entry *entry =
		audited->subject.config ? ks_kconfig_find(&audited->config, ks_span_str(symbol)) : NULL;

	return entry && ks_span_eq(entry->value, ks_span_str("y"));
}

/* As Kconfig writes a string: \" and \\ are one character. */
static struct ks_span unescaped(struct ks_span text, struct ks_buf *ret_text)
{
	size_t i;

	for (i = 0; i < text.bytes; i++) {
		i += text.p[i] == '\\' && i + 1 < text.bytes;
		ks_put_u8(ret_text, text.p[i]);
	}
	return ks_buf_span(ret_text);
}

/* CONFIG_CMDLINE: x86 puts it before the line, arm64 takes it where there is no other. */
static int add_builtin(struct ks_audited *audited, struct ks_diag *diag)
{
	struct ks_audit_line line = { .who = "CONFIG_CMDLINE", .is_signed = true, .profile = KS_AUDIT_ALL_PROFILES };
	const struct ks_kconfig_entry *entry =
		audited->subject.config ? ks_kconfig_find(&audited->config, ks_span_str("CMDLINE")) : NULL;
	int rc;

	if (!entry)
		return 0;
	line.text = ks_span_trim(unescaped(entry->value, &audited->builtin));
	rc = ks_buf_ok(&audited->builtin, diag);
	return rc ? rc : add_line(audited, &line, diag);
}

static int parse_uki(struct ks_audited *audited, struct ks_diag *diag)
{
	int rc = ks_pe_parse(audited->file.content, &audited->view, diag);

	rc = rc ? rc : ks_uki_parse(&audited->view, &audited->uki, diag);
	audited->is_uki = !rc;
	audited->subject.nr_profiles = rc ? 0 : ks_uki_nr_profiles(&audited->uki);
	return rc;
}

static const struct ks_uki_section *line_of(const struct ks_audited *audited, u32 profile)
{
	return audited->is_uki ? ks_uki_find(&audited->uki, profile, ".cmdline") : NULL;
}

static bool all_profiles_have(const struct ks_audited *audited, const struct ks_uki_section *section)
{
	u32 i;

	for (i = 0; i < audited->subject.nr_profiles; i++)
		if (line_of(audited, i) != section)
			return false;
	return true;
}

/* The stub takes the line of the profile, and under Secure Boot the boot loader's only where that has none. */
static int add_main_lines(struct ks_audited *audited, const char *loader, struct ks_diag *diag)
{
	const struct ks_audit_line all = { .who = "the boot loader",
					   .text = ks_span_str(loader ? loader : ""),
					   .profile = KS_AUDIT_ALL_PROFILES };
	struct ks_audit_line line = all;
	const struct ks_uki_section *s;
	bool is_read = false;
	u32 i, nr = all_profiles_have(audited, line_of(audited, 0)) ? 1 : audited->subject.nr_profiles;
	int rc = 0;

	if (!audited->is_uki)
		return add_line(audited, &all, diag);
	for (i = 0; !rc && i < nr; i++) {
		s = line_of(audited, i);
		is_read |= !s;
		line = all;
		if (s) {
			line.who = ".cmdline";
			line.text = ks_span_trim(ks_uki_text(s->data));
			line.is_signed = true;
		}
		line.profile = nr == 1 ? KS_AUDIT_ALL_PROFILES : i;
		rc = add_line(audited, &line, diag);
	}
	if (rc || is_read)
		return rc;
	line = all;
	line.unread = "under Secure Boot systemd-stub takes the image's own line";
	return add_line(audited, &line, diag);
}

static int add_addon(struct ks_audited *audited, const char *path, struct ks_diag *diag)
{
	struct ks_audit_line line = { .who = path, .is_signed = true, .profile = KS_AUDIT_ALL_PROFILES };
	struct ks_map *map = &audited->addon[audited->nr_addons++];
	const struct ks_uki_section *s;
	struct ks_uki_image image;
	struct ks_pe_view view;
	int rc = ks_map_open(path, KS_MAX_IMAGE_BYTES, map, diag);

	rc = rc ? rc : ks_pe_parse(ks_map_span(map), &view, diag);
	if (!rc && !ks_uki_is_addon(&view))
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "is no addon");
	rc = rc ? rc : ks_uki_parse(&view, &image, diag);
	if (!rc) {
		s = ks_uki_find(&image, 0, ".cmdline");
		line.text = s ? ks_span_trim(ks_uki_text(s->data)) : (struct ks_span){ 0 };
		rc = add_line(audited, &line, diag);
	}
	ks_diag_in(diag, path);
	return rc;
}

/* Of CONFIG_CMDLINE and the others, which of them the kernel reads. */
static void settle_builtin(struct ks_audited *audited)
{
	struct ks_audit_subject *subject = &audited->subject;
	bool is_forced = is_set(audited, "CMDLINE_OVERRIDE") || is_set(audited, "CMDLINE_FORCE");
	size_t i, nr_read = 0;

	if (!subject->nr_lines || strcmp(subject->line[0].who, "CONFIG_CMDLINE") != 0)
		return;
	for (i = 1; i < subject->nr_lines; i++) {
		if (is_forced)
			subject->line[i].unread = "the configuration takes CONFIG_CMDLINE instead of any other line";
		nr_read += !subject->line[i].unread;
	}
	if (nr_read && ks_span_eq(subject->arch, ks_span_str("arm64")))
		subject->line[0].unread = "on arm64 CONFIG_CMDLINE is for kernels that get no other line";
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

/* A file that somebody says is the kernel's can at least be of its release. */
static int check_claim(const struct ks_audited *audited, const char *path, struct ks_diag *diag)
{
	struct ks_policy_release said, release;

	if (audited->source != KS_AUDIT_CLAIMED || !ks_policy_take_release(audited->release, &release) ||
	    !ks_policy_take_release(release_of_config(ks_buf_span(&audited->config_file)), &said) ||
	    (said.major == release.major && said.minor == release.minor))
		return 0;
	ks_fail(diag, -EBADMSG, KS_NO_OFF, "configuration is of another release than the kernel");
	ks_diag_in(diag, path);
	return -EBADMSG;
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
	if (!rc && ret_audited->file.kind == KS_KIND_UKI)
		rc = parse_uki(ret_audited, diag);
	ks_diag_in(diag, path);
	rc = rc ? rc : load_configs(ret_audited, config_path, diag);
	if (rc)
		return rc;
	facts = ks_kernel_facts_of(ret_audited->file.content, &ret_audited->image);
	take_release(ret_audited, facts.release);
	if (!ret_audited->subject.arch.bytes)
		ret_audited->subject.arch = ks_span_str(strcmp(facts.machine, "x86-64") ? facts.machine : "x86_64");
	ret_audited->subject.level = KS_POLICY_ARTIFACT;
	return check_claim(ret_audited, config_path, diag);
}

int ks_audited_lines(struct ks_audited *audited, const char *loader, const char *const *addons, size_t nr_addons,
		     struct ks_diag *diag)
{
	size_t i;
	int rc = add_builtin(audited, diag);

	if (!rc && nr_addons && !audited->is_uki)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "addons are of unified kernel images, and this is a kernel");
	rc = rc ? rc : add_main_lines(audited, loader, diag);
	ks_diag_in(diag, audited->path);
	if (!rc && nr_addons > KS_MAX_AUDIT_LINES)
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 addons");
	for (i = 0; !rc && i < nr_addons; i++)
		rc = add_addon(audited, addons[i], diag);
	if (!rc)
		settle_builtin(audited);
	return rc;
}
