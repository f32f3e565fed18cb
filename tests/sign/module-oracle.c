// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module-oracle MODULE ROUNDS [SEED]: does kseal say of changed modules what load_module() says?
 *
 * The kernel's own functions are here, cut out of its sources (kernel.inc, made by module-kernel.bats)
 * and compiled as they are. MODULE, which both must take, is changed in one to four places: a field of
 * a header, a section, a symbol, a relocation, or any byte. Of each change both are asked for errno and
 * log. The file lies in front of a hole in the memory, so that the kernel's reads behind it are seen:
 * of those kseal must say that it cannot tell.
 *
 * Not the kernel's here: addresses (so no overflow of a relocation) and symbols, which are all found.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/rules.h"

/* --- as much of a kernel as the functions below ask for --------------------------------------- */

#define IS_ENABLED(config) 1
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define noinline
#define __user
#define CONFIG_64BIT 1
#define CONFIG_X86_64 1
#define KERN_ERR ""
#define SHN_LIVEPATCH 0xff20
#define SHF_RELA_LIVEPATCH 0x00100000U
#define SHF_RO_AFTER_INIT 0x00200000UL
#define MODULE_INIT_IGNORE_MODVERSIONS 1
#define MODULE_INIT_IGNORE_VERMAGIC 2
#define ELF_ST_BIND(x) ((x) >> 4)
#define elf_check_arch(hdr) ((hdr)->e_machine == EM_X86_64)
#define module_elf_check_arch(hdr) true
#define fallthrough __attribute__((__fallthrough__))

typedef Elf64_Ehdr Elf_Ehdr;
typedef Elf64_Shdr Elf_Shdr;
typedef Elf64_Sym Elf_Sym;
typedef uint16_t Elf_Half;
typedef int32_t s32;
typedef int64_t s64;

#undef ELF64_R_SYM
#undef ELF64_R_TYPE
#define ELF64_R_SYM(i) ((i) >> 32)
#define ELF64_R_TYPE(i) ((i) & 0xffffffff)

static char log_text[65536];
static size_t log_bytes;

static int __attribute__((format(printf, 1, 2))) printk(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(log_text + log_bytes, sizeof(log_text) - log_bytes, format, args);
	va_end(args);
	if (n > 0 && log_bytes + (size_t)n < sizeof(log_text))
		log_bytes += (size_t)n;
	return n;
}

#define pr_err printk
#define pr_warn printk
#define pr_debug(...) do { } while (0)
#define DEBUGP(...) do { } while (0)

/* Only the name is read, and where it stands is the same in every configuration. */
struct module {
	int state;
	void *list[2];
	char name[56];
	char rest[STRUCT_BYTES - 80];
};
_Static_assert(sizeof(struct module) == STRUCT_BYTES, "struct module");

struct kernel_symbol {
	unsigned long value;
};

struct module_attribute {
	struct {
		const char *name;
	} attr;
	void (*setup)(struct module *mod, const char *text);
};

static const struct module_attribute *const modinfo_attrs[] = { NULL };
static char vermagic[160];
static const struct kernel_symbol found_symbol = { 0x1000 };

#define module_name(mod) ((mod)->name)
#define kernel_symbol_value(symbol) ((symbol)->value)
#define resolve_symbol_wait(mod, info, name) ((void)(mod), (void)(name), &found_symbol)
#define IS_ERR(p) ((void)(p), false)
#define PTR_ERR(p) ((void)(p), 0)
#define mod_percpu(mod) ((void)(mod), 0x2000UL)
#define set_livepatch_module(mod) ((void)(mod), true)
#define klp_apply_section_relocs(mod, ...) ((void)(mod), 0)
#define strstarts(text, prefix) (!strncmp(text, prefix, strlen(prefix)))
#define for_each_modinfo_entry(entry, info, name) \
	for (entry = get_modinfo(info, name); entry; entry = get_next_modinfo(info, name, entry))
#define u32 uint32_t
#define u64 uint64_t

struct load_info;
static char *get_next_modinfo(const struct load_info *info, const char *tag, char *prev);
static char *get_modinfo(const struct load_info *info, const char *tag);
static int apply_relocate_add(Elf64_Shdr *sechdrs, const char *strtab, unsigned int symindex,
			      unsigned int relsec, struct module *me);

#include <kernel.inc>

static int apply_relocate_add(Elf64_Shdr *sechdrs, const char *strtab, unsigned int symindex,
			      unsigned int relsec, struct module *me)
{
	return __write_relocate_add(sechdrs, strtab, symindex, relsec, me, memcpy, true);
}

#undef u32
#undef u64

/* Where move_module() would put a section: at the end of a slot, and behind that is a hole. */
#define SLOTS_ADDR 0x40000000UL
#define SLOT_BYTES 65536UL
#define NR_SLOTS 256U

static int move_sections(struct load_info *info)
{
	unsigned int i;

	for (i = 1; i < info->hdr->e_shnum; i++) {
		Elf_Shdr *s = &info->sechdrs[i];
		char *slot = (char *)SLOTS_ADDR + 2 * i * SLOT_BYTES;

		if (!(s->sh_flags & SHF_ALLOC))
			continue;
		if (i >= NR_SLOTS || s->sh_size > SLOT_BYTES)
			return -ENOMEM;
		slot += SLOT_BYTES - s->sh_size;
		if (s->sh_type == SHT_NOBITS)
			memset(slot, 0, s->sh_size);
		else
			memcpy(slot, (void *)s->sh_addr, s->sh_size);
		s->sh_addr = (unsigned long)slot;
	}
	return 0;
}

/* The part of load_module() that looks at the file, in its order. */
static int kernel_loads(void *file, size_t bytes)
{
	struct load_info info = { .hdr = file, .len = bytes };
	int err = elf_validity_cache_copy(&info, 0);

	if (!err)
		err = rewrite_section_headers(&info, 0);
	if (!err)
		err = check_modinfo(info.mod, &info, 0);
	if (!err)
		err = module_enforce_rwx_sections(info.hdr, info.sechdrs, info.secstrings, info.mod);
	if (err)
		return err;
	info.sechdrs[info.index.pcpu].sh_flags &= ~(unsigned long)SHF_ALLOC;
	/* layout_symtab() */
	info.sechdrs[info.index.sym].sh_flags |= SHF_ALLOC;
	info.sechdrs[info.index.str].sh_flags |= SHF_ALLOC;
	err = move_sections(&info);
	if (!err)
		err = setup_modinfo(info.mod, &info);
	if (!err)
		err = simplify_symbols(info.mod, &info);
	if (!err)
		err = apply_relocations(info.mod, &info);
	return err;
}

/* --- the file in front of a hole -------------------------------------------------------------- */

#define HOLE_ADDR 0x10000000UL
#define ROOM_BYTES (16UL << 20)
#define HOLE_BYTES (512UL << 20)

static sigjmp_buf outside;
static volatile sig_atomic_t asking;

/* A fault of the kernel's code is an answer, one of kseal's is not. */
static void on_fault(int nr)
{
	if (!asking)
		signal(nr, SIG_DFL);
	else
		siglongjmp(outside, 1);
}

static void make_slots(void)
{
	unsigned int i;
	char *slots = mmap((void *)SLOTS_ADDR, 2 * NR_SLOTS * SLOT_BYTES, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	for (i = 0; slots != MAP_FAILED && i < NR_SLOTS; i++)
		if (mprotect(slots + 2 * i * SLOT_BYTES, SLOT_BYTES, PROT_READ | PROT_WRITE))
			slots = MAP_FAILED;
	if (slots == MAP_FAILED) {
		perror("module-oracle: mmap");
		exit(2);
	}
}

/* Low addresses: a 32-bit relocation holds them, as it does those of the kernel. */
static void *make_room(size_t file_bytes)
{
	char *hole = mmap((void *)HOLE_ADDR, HOLE_BYTES, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	struct sigaction action = { .sa_handler = on_fault };

	if (hole == MAP_FAILED || mprotect(hole + (1 << 20), ROOM_BYTES, PROT_READ | PROT_WRITE)) {
		perror("module-oracle: mmap");
		exit(2);
	}
	make_slots();
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	return hole + (1 << 20) + ROOM_BYTES - file_bytes;
}

/* Return: errno; 1 if the kernel read or wrote outside. */
static int ask_kernel(void *room, const void *file, size_t bytes)
{
	volatile int err;

	memcpy(room, file, bytes);
	log_bytes = 0;
	log_text[0] = '\0';
	asking = 1;
	err = sigsetjmp(outside, 1) ? 1 : kernel_loads(room, bytes);
	asking = 0;
	return err;
}

/* --- changes ---------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t any(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below ? random_state % below : random_state;
}

static void put(uint8_t *file, uint64_t off, unsigned int width, uint64_t value)
{
	memcpy(file + off, &value, width);
}

/* What fields are compared with: nothing, the edges of the file, of its tables and of the types. */
static uint64_t edge(uint64_t bytes, uint64_t old, uint64_t nr_sections)
{
	const uint64_t values[] = { 0, 1, 2, old - 1, old + 1, old * 2, old ^ (1ULL << any(64)), bytes - 1, bytes,
				    bytes + 1, nr_sections - 1, nr_sections, nr_sections + 1, 0xff00, 0xfff1,
				    0xfff2, 0xff20, 0xffff, 0x7fffffff, 0xffffffff, 1ULL << 63, ~0ULL,
				    0ULL - bytes, any(bytes), any(nr_sections), any(64), any(0) };

	return values[any(sizeof(values) / sizeof(values[0]))];
}

static void change_field(uint8_t *file, uint64_t bytes, uint64_t off, unsigned int width, uint64_t nr)
{
	uint64_t old = 0;

	if (off > bytes || width > bytes - off)
		return;
	memcpy(&old, file + off, width);
	put(file, off, width, edge(bytes, old, nr));
}

static const struct {
	unsigned int off, width;
} header_fields[] = { { 0, 4 }, { 16, 2 }, { 18, 2 }, { 40, 8 }, { 58, 2 }, { 60, 2 }, { 62, 2 } },
  section_fields[] = { { 0, 4 }, { 4, 4 }, { 8, 8 }, { 16, 8 }, { 24, 8 }, { 32, 8 }, { 40, 4 }, { 44, 4 } },
  symbol_fields[] = { { 0, 4 }, { 4, 1 }, { 6, 2 }, { 8, 8 } },
  rela_fields[] = { { 0, 8 }, { 8, 4 }, { 12, 4 }, { 16, 8 } };

#define CHANGE(fields, base)                                                                   \
	do {                                                                                   \
		uint64_t n = any(sizeof(fields) / sizeof((fields)[0]));                        \
		change_field(file, bytes, (base) + (fields)[n].off, (fields)[n].width, nr);    \
	} while (0)

/* A section of the type; the first if there is none. */
static Elf64_Shdr section_of_type(const uint8_t *good, uint64_t type)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)good;
	const Elf64_Shdr *s = (const Elf64_Shdr *)(good + h->e_shoff);
	uint64_t i, first = any(h->e_shnum);

	for (i = 0; i < h->e_shnum; i++)
		if (s[(first + i) % h->e_shnum].sh_type == type)
			return s[(first + i) % h->e_shnum];
	return s[0];
}

static void change(const uint8_t *good, uint8_t *file, uint64_t bytes)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)good;
	uint64_t nr = h->e_shnum, from, to;
	Elf64_Shdr s;

	switch (any(10)) {
	case 0:
		CHANGE(header_fields, 0);
		break;
	case 1:
	case 2:
	case 3:
		CHANGE(section_fields, h->e_shoff + any(nr) * sizeof(s));
		break;
	case 4:
		s = section_of_type(good, SHT_SYMTAB);
		CHANGE(symbol_fields, s.sh_offset + any(s.sh_size / 24) * 24);
		break;
	case 5:
		s = section_of_type(good, SHT_RELA);
		CHANGE(rela_fields, s.sh_offset + any(s.sh_size / 24) * 24);
		break;
	case 6: /* One section becomes like another. */
		from = any(nr);
		to = any(nr);
		memcpy(file + h->e_shoff + to * sizeof(s), file + h->e_shoff + from * sizeof(s), sizeof(s));
		break;
	case 7: /* A name becomes another's. */
		memcpy(file + h->e_shoff + any(nr) * sizeof(s), file + h->e_shoff + any(nr) * sizeof(s), 4);
		break;
	case 8: /* Texts: names, .modinfo, versions. */
		s = section_of_type(good, any(2) ? SHT_STRTAB : SHT_PROGBITS);
		if (s.sh_size)
			file[s.sh_offset + any(s.sh_size)] = (uint8_t)(any(2) ? 0 : any(256));
		break;
	default:
		file[any(bytes)] ^= (uint8_t)(1 + any(255));
	}
}

/* --- the comparison --------------------------------------------------------------------------- */

static unsigned long nr_loading, nr_refused, nr_outside, nr_untold, nr_addresses, nr_wrong;

/*
 * Does the answer hang on where the module was put? Our addresses are low, the kernel's are high: what
 * overflows differs, and whether one relocation leaves zeros for the next to find.
 */
static bool is_about_addresses(const struct ks_kverdict *v)
{
	return strstr(log_text, "overflow in relocation") || strstr(v->load[0].log.text, "mcmodel") ||
	       strstr(v->load[0].log.text, "Invalid relocation target");
}

static void complain(const uint8_t *file, size_t bytes, int kernel, int ours, const struct ks_kverdict *v,
		     const struct ks_diag *diag)
{
	char name[64];
	FILE *out;

	printf("kernel %d, kseal %d\n  kernel's log: %s\n  kseal's log: %s\n  kseal: %s\n", kernel, ours,
	       log_text, v->load[0].log.text, diag->what ? diag->what : v->load[0].log.why);
	if (++nr_wrong > 10)
		exit(1);
	snprintf(name, sizeof(name), "differs-%lu.ko", nr_wrong);
	out = fopen(name, "w");
	if (!out || fwrite(file, bytes, 1, out) != 1 || fclose(out))
		perror(name);
}

static void compare(const struct ks_kmodules *modules, void *room, const uint8_t *file, size_t bytes)
{
	static const struct ks_kmodules any_618;
	struct ks_kverdict v = { 0 }, loose = { 0 };
	struct ks_span span = { file, bytes };
	struct ks_diag diag = { 0 }, no_diag = { 0 };
	int kernel = ask_kernel(room, file, bytes);
	int rc = ks_kernel_check_form(modules, span, &v, &diag), ours = rc ? 1 : v.load[0].err;

	if (ours == 1)
		nr_untold++;
	nr_outside += kernel == 1;
	nr_loading += kernel == 0;
	nr_refused += kernel < 0;
	/* How much memory there is has nothing to do with it. */
	if (kernel == -ENOMEM)
		return;
	/* Where it leaves the file without being seen to, kseal may be the one who says so. */
	if (ours != 1 && (kernel != ours || kernel == -ENOEXEC) && is_about_addresses(&v)) {
		nr_addresses++;
		return;
	}
	if (ours != 1 && (kernel != ours || !strstr(log_text, v.load[0].log.text) ||
			  (kernel && log_text[0] && !v.load[0].log.text[0])))
		complain(file, bytes, kernel, ours, &v, &diag);
	/* What one of them loads, some 6.18 loads. */
	rc = ks_kernel_check_form(&any_618, span, &loose, &no_diag);
	if (!ours && (rc || loose.load[0].err))
		complain(file, bytes, 0, loose.load[0].err, &loose, &no_diag);
}

int main(int argc, char **argv)
{
	static uint8_t good[1 << 20], file[1 << 20];
	struct ks_kmodules modules = { .known = true, .machine = EM_X86_64, .struct_bytes = STRUCT_BYTES };
	struct load_info info = { 0 };
	unsigned long i, rounds;
	size_t bytes;
	FILE *in;
	void *room;

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	in = fopen(argv[1], "r");
	bytes = in ? fread(good, 1, sizeof(good), in) : 0;
	rounds = strtoul(argv[2], NULL, 10);
	random_state = argc > 3 ? strtoull(argv[3], NULL, 10) | 1 : 1;
	room = make_room(bytes);
	info.hdr = room;
	info.len = bytes;
	memcpy(room, good, bytes);
	if (elf_validity_cache_copy(&info, 0) || !get_modinfo(&info, "vermagic")) {
		printf("the kernel refuses the module itself: %s\n", log_text);
		return 1;
	}
	snprintf(vermagic, sizeof(vermagic), "%s", get_modinfo(&info, "vermagic"));
	snprintf(modules.vermagic, sizeof(modules.vermagic), "%s", vermagic);
	compare(&modules, room, good, bytes);
	if (!nr_loading || nr_untold)
		return 1;
	for (i = 0; i < rounds; i++) {
		unsigned long n = 1 + any(4);

		memcpy(file, good, bytes);
		while (n--)
			change(good, file, bytes);
		compare(&modules, room, file, any(16) ? bytes : any(bytes + 1));
	}
	printf("%lu of %lu load, %lu refused, %lu where the kernel leaves the file, %lu where kseal cannot tell, "
	       "%lu by the addresses; %lu differ\n", nr_loading, rounds + 1, nr_refused, nr_outside, nr_untold,
	       nr_addresses, nr_wrong);
	return nr_wrong != 0;
}
