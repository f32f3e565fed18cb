// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/elf.h"

#include <string.h>

#include "base/cursor.h"

#define BTF_MAGIC 0xeb9fU
#define BTF_STRUCT 4U

static struct ks_span part_of(struct ks_span s, u64 off, u64 n)
{
	struct ks_span part = { 0 };

	return ks_span_sub(s, off, n, &part) ? part : (struct ks_span){ 0 };
}

bool ks_elf_probe(struct ks_span file)
{
	return file.bytes >= SELFMAG && !memcmp(file.p, ELFMAG, SELFMAG);
}

u16 ks_elf_machine(struct ks_span file)
{
	if (file.bytes < sizeof(Elf64_Ehdr) || !ks_elf_probe(file))
		return 0;
	return ks_elf_header(file).e_machine;
}

Elf64_Ehdr ks_elf_header(struct ks_span file)
{
	struct ks_cursor c;
	Elf64_Ehdr h;

	ks_cursor_init(&c, part_of(file, 0, sizeof(h)), 0);
	ks_cursor_skip(&c, EI_NIDENT);
	memset(&h, 0, sizeof(h));
	h.e_type = ks_get_le16(&c);
	h.e_machine = ks_get_le16(&c);
	h.e_version = ks_get_le32(&c);
	h.e_entry = ks_get_le64(&c);
	h.e_phoff = ks_get_le64(&c);
	h.e_shoff = ks_get_le64(&c);
	h.e_flags = ks_get_le32(&c);
	h.e_ehsize = ks_get_le16(&c);
	h.e_phentsize = ks_get_le16(&c);
	h.e_phnum = ks_get_le16(&c);
	h.e_shentsize = ks_get_le16(&c);
	h.e_shnum = ks_get_le16(&c);
	h.e_shstrndx = ks_get_le16(&c);
	return h;
}

Elf64_Shdr ks_elf_section(struct ks_span sections, u32 idx)
{
	struct ks_cursor c;
	Elf64_Shdr s;

	ks_cursor_init(&c, part_of(sections, (u64)idx * sizeof(s), sizeof(s)), 0);
	s.sh_name = ks_get_le32(&c);
	s.sh_type = ks_get_le32(&c);
	s.sh_flags = ks_get_le64(&c);
	s.sh_addr = ks_get_le64(&c);
	s.sh_offset = ks_get_le64(&c);
	s.sh_size = ks_get_le64(&c);
	s.sh_link = ks_get_le32(&c);
	s.sh_info = ks_get_le32(&c);
	s.sh_addralign = ks_get_le64(&c);
	s.sh_entsize = ks_get_le64(&c);
	return s;
}

const char *ks_elf_text(struct ks_span table, u64 off)
{
	struct ks_span rest;

	if (off >= table.bytes || table.p[table.bytes - 1] ||
	    !ks_span_sub(table, off, table.bytes - off, &rest))
		return NULL;
	return (const char *)rest.p;
}

static bool find_content(struct ks_span file, const char *name, struct ks_span *ret_content)
{
	Elf64_Ehdr h = ks_elf_header(file);
	struct ks_span sections, names;
	Elf64_Shdr s;
	u32 i;

	if (!ks_elf_machine(file) || h.e_shstrndx >= h.e_shnum ||
	    !ks_span_sub(file, h.e_shoff, (u64)h.e_shnum * sizeof(s), &sections))
		return false;
	s = ks_elf_section(sections, h.e_shstrndx);
	if (!ks_span_sub(file, s.sh_offset, s.sh_size, &names))
		return false;
	for (i = 1; i < h.e_shnum; i++) {
		const char *text;

		s = ks_elf_section(sections, i);
		text = ks_elf_text(names, s.sh_name);
		if (s.sh_type != SHT_NOBITS && text && !strcmp(text, name))
			return ks_span_sub(file, s.sh_offset, s.sh_size, ret_content);
	}
	return false;
}

bool ks_elf_place(struct ks_span file, u64 addr, u64 *ret_off)
{
	Elf64_Ehdr h = ks_elf_header(file);
	struct ks_span sections, content;
	Elf64_Shdr s;
	u32 i;

	if (!ks_elf_machine(file) || !ks_span_sub(file, h.e_shoff, (u64)h.e_shnum * sizeof(s), &sections))
		return false;
	for (i = 1; i < h.e_shnum; i++) {
		s = ks_elf_section(sections, i);
		if (s.sh_type == SHT_NOBITS || !(s.sh_flags & SHF_ALLOC) || addr < s.sh_addr ||
		    addr - s.sh_addr >= s.sh_size || !ks_span_sub(file, s.sh_offset, s.sh_size, &content))
			continue;
		*ret_off = s.sh_offset + (addr - s.sh_addr);
		return true;
	}
	return false;
}

/* Bytes behind struct btf_type, by kind. */
static u64 more_of(u32 kind, u32 nr)
{
	static const u8 fixed[] = { [1] = 4, [3] = 12, [14] = 4, [17] = 4 };
	static const u8 each[] = { [4] = 12, [5] = 12, [6] = 8, [13] = 8, [15] = 12, [19] = 12 };

	return (kind < sizeof(fixed) ? fixed[kind] : 0U) +
	       (u64)(kind < sizeof(each) ? each[kind] : 0U) * nr;
}

static u64 scan_types(struct ks_span types, struct ks_span strings, const char *name)
{
	struct ks_cursor c;
	u64 found = 0;

	ks_cursor_init(&c, types, 0);
	while (!c.bad && ks_cursor_left(&c)) {
		const char *text = ks_elf_text(strings, ks_get_le32(&c));
		u32 info = ks_get_le32(&c), bytes = ks_get_le32(&c), kind = info >> 24 & 31;

		ks_cursor_skip(&c, more_of(kind, info & 0xffff));
		if (kind != BTF_STRUCT || !text || strcmp(text, name) != 0)
			continue;
		if (found && found != bytes)
			return 0;
		found = bytes;
	}
	return c.bad ? 0 : found;
}

u64 ks_elf_struct_bytes(struct ks_span vmlinux, const char *name)
{
	struct ks_span btf, body, types, strings;
	u32 head_bytes, types_off, types_bytes, strings_off, strings_bytes;
	struct ks_cursor c;

	if (!find_content(vmlinux, ".BTF", &btf))
		return 0;
	ks_cursor_init(&c, btf, 0);
	if (ks_get_le16(&c) != BTF_MAGIC)
		return 0;
	ks_cursor_skip(&c, 2);
	head_bytes = ks_get_le32(&c);
	types_off = ks_get_le32(&c);
	types_bytes = ks_get_le32(&c);
	strings_off = ks_get_le32(&c);
	strings_bytes = ks_get_le32(&c);
	if (c.bad || head_bytes > btf.bytes ||
	    !ks_span_sub(btf, head_bytes, btf.bytes - head_bytes, &body) ||
	    !ks_span_sub(body, types_off, types_bytes, &types) ||
	    !ks_span_sub(body, strings_off, strings_bytes, &strings))
		return 0;
	return scan_types(types, strings, name);
}

static bool is_word(const char *word, size_t bytes)
{
	static const char *const words[] = { "SMP", "preempt", "preempt_rt", "mod_unload",
					     "modversions", "aarch64" };
	static const char seed[] = "RANDSTRUCT_";
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == bytes && !memcmp(words[i], word, bytes))
			return true;
	return bytes > sizeof(seed) - 1 && !memcmp(word, seed, sizeof(seed) - 1);
}

/* Is it "<release> ", and nothing else but the words of vermagic.h? */
static bool is_vermagic(const char *text, size_t release_bytes)
{
	const char *word = text + release_bytes;

	while (*word == ' ') {
		size_t bytes = strcspn(++word, " ");

		if (!bytes)
			break;
		if (!is_word(word, bytes))
			return false;
		word += bytes;
	}
	return !*word;
}

/* The release out of "Linux version 6.18.15 (who@where) ...", with the blank behind it. */
static bool find_release(struct ks_span image, struct ks_span *ret_release)
{
	static const char banner[] = "Linux version ";
	struct ks_span rest = image;
	const u8 *hit, *end;
	u64 off;

	while ((hit = memmem(rest.p, rest.bytes, banner, sizeof(banner) - 1))) {
		off = (u64)(hit - rest.p) + sizeof(banner) - 1;
		if (!ks_span_sub(rest, off, rest.bytes - off, &rest))
			return false;
		if (!rest.bytes || rest.p[0] < '0' || rest.p[0] > '9')
			continue;
		/* UTS_RELEASE is at most 64 bytes. */
		end = memchr(rest.p, ' ', rest.bytes < 66 ? rest.bytes : 66);
		return end && ks_span_sub(rest, 0, (u64)(end - rest.p) + 1, ret_release);
	}
	return false;
}

bool ks_elf_vermagic(struct ks_span image, char *vermagic, size_t vermagic_bytes)
{
	struct ks_span release, rest = image;
	bool found = false;
	const u8 *hit;
	u64 off;

	vermagic[0] = '\0';
	if (!find_release(image, &release))
		return false;
	while ((hit = memmem(rest.p, rest.bytes, release.p, release.bytes))) {
		const u8 *end;
		bool alone;

		off = (u64)(hit - rest.p);
		/* "vermagic=" in front is that of a module inside. */
		alone = !off || rest.p[off - 1] != '=';
		if (!ks_span_sub(rest, off, rest.bytes - off, &rest))
			return false;
		end = memchr(rest.p, '\0', rest.bytes < vermagic_bytes ? rest.bytes : vermagic_bytes);
		if (alone && end && is_vermagic((const char *)rest.p, release.bytes - 1)) {
			if (found && strcmp(vermagic, (const char *)rest.p) != 0)
				return false;
			memcpy(vermagic, rest.p, (size_t)(end - rest.p) + 1);
			found = true;
		}
		if (!ks_span_sub(rest, 1, rest.bytes - 1, &rest))
			return false;
	}
	return found;
}
