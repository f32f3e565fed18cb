// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/kernel_facts.h"

#include "fmt/arm64_image.h"
#include "fmt/bzimage.h"
#include "fmt/elf.h"
#include "fmt/pe.h"
#include "fmt/zboot.h"
#include "ops/inspect.h"

/* The kernel of a UKI is in its .linux. */
static struct ks_span kernel_of(struct ks_span file)
{
	const struct ks_pe_section *s;
	struct ks_pe_view view;

	if (ks_elf_probe(file) || ks_bzimage_probe(file) || ks_zboot_probe(file) || ks_arm64_image_probe(file) ||
	    ks_pe_read(file, &view, NULL))
		return file;
	s = ks_pe_find(&view, ".linux");
	return s ? ks_pe_loaded(s) : file;
}

static const char *format_of(struct ks_span kernel)
{
	if (ks_elf_probe(kernel))
		return "vmlinux";
	if (ks_bzimage_probe(kernel))
		return "bzImage";
	return ks_zboot_probe(kernel) ? "EFI_ZBOOT" : "Image";
}

static const char *machine_of(struct ks_span unpacked)
{
	switch (ks_elf_machine(unpacked)) {
	case EM_X86_64:
		return "x86-64";
	case EM_AARCH64:
		return "arm64";
	case EM_NONE:
		return "arm64"; /* an Image */
	}
	return "another machine";
}

struct ks_kernel_facts ks_kernel_facts_of(struct ks_span file, const struct ks_kernel_image *image)
{
	struct ks_span kernel = kernel_of(file);
	struct ks_kernel_facts facts = {
		.format = format_of(kernel),
		.machine = machine_of(image->image),
		.release = ks_bzimage_release(kernel),
		.compression = ks_compression_name(image->compression),
	};

	if (!facts.release.bytes && !ks_kernel_banner(image->image, &facts.release))
		facts.release = (struct ks_span){ 0 };
	return facts;
}
