#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guard of boot parameters (patch 0007), compiled for this machine out of the patch, and
# configs/boot-params, whose table it has.
# shellcheck disable=SC2154 # bats sets $stderr

load ../helpers

GUARD=$KSEAL_BIN/boot-guard

# refuses LINE...: nothing is left of it
refuses()
{
	local line left

	for line; do
		left=$("$GUARD" judge "$line" 2>"$BATS_TEST_TMPDIR/log") && left="let through: $left"
		[[ $left =~ ^\ *$ ]] || {
			printf 'of "%q" this is left: "%s"\n' "$line" "$left"
			return 1
		}
	done
}

# keeps LINE...: not a byte is changed
keeps()
{
	local line left

	for line; do
		left=$("$GUARD" judge "$line") || left="refused: $left"
		[[ $left == "$line" ]] || {
			printf '"%q" has become "%s"\n' "$line" "$left"
			return 1
		}
	done
}

# In a copy that a test may break.
decisions()
{
	cp "$ROOT/configs/boot-params" "$BATS_TEST_TMPDIR/decisions"
	export BOOT_PARAMS=$BATS_TEST_TMPDIR/decisions
}

# A tree with one parameter of each kind that the real one has.
small_tree()
{
	local tree=$BATS_TEST_TMPDIR/tree dir

	for dir in arch/arm64/kernel/pi arch/x86/lib block certs crypto drivers/firmware/efi/libstub fs init io_uring ipc \
		kernel lib mm net security sound virt Documentation/admin-guide; do
		mkdir -p "$tree/$dir"
	done
	printf '\troot=\t\t[KNL] Root file system\n\t\t\tSee name_to_dev_t\n' >"$tree/Documentation/admin-guide/kernel-parameters.txt"
	echo '__setup("init=", init_setup);' >"$tree/init/main.c"
	echo 'if (!strcmp(param, "nokaslr")) {' >"$tree/drivers/firmware/efi/libstub/efi-stub-helper.c"
	printf '\t{ "arm64.nosve",\t\t"id_aa64pfr0.sve=0" },\n' >"$tree/arch/arm64/kernel/pi/idreg-override.c"
}

@test "an attack by the cut of words: quotes" {
	refuses 'iommu=force"",off' 'iommu="force,off"' 'iommu="force ,off"' '"iommu=off"' 'iommu"=off"' '"iommu"=off' \
		'mitigations="off"' 'mitigations="auto"' '"mitigations=off' 'mitigations="off' 'foo="bar nopti baz"' \
		'foo=" lsm="' 'foo="a norandmaps"' 'foo="a enforcing=0"' '"norandmaps x"' 'foo="a vsyscall=emulate b"' \
		'""nopti""' 'no"pti"' 'kvm"."x=1' 'intel_iommu="on,off"' '"nopti"' '"nopti' \
		'console=tty"0 x"' 'foo="a pti=on"'
}

@test "an attack by the cut of words: bytes" {
	refuses $'retbleed=nosmt\x01,off' $'intel_iommu=on\x01,off' $'retbleed=\xa0off' $'foo=\xa0nopti' $'\xc3\xa0nopti' \
		$'foo\x01nopti' $'foo\x1fnopti' $'foo\x7fnopti' $'x="a\tnopti"' $'x="a\nclearcpuid=smap"' $'foo=a\x08nopti' \
		$'\xa0mitigations=off' $'mitigations\xa0=off' $'foo=bar\x80' $'dyndbg="file\x02x +p"'
}

@test "what separates words is a space for each reader afterwards" {
	run "$GUARD" judge $'\ta=1\tb=2\vc\fd\re\nf'
	[[ $status -eq 0 && $output == ' a=1 b=2 c d e f' ]]
	# kmod would hand init_module() "x=1<tab>nx_huge_pages=off", which it cuts at the tab.
	run "$GUARD" judge $'kvm.halt_poll_ns=1\tnx_huge_pages=off'
	[[ $output == 'kvm.halt_poll_ns=1 nx_huge_pages=off' ]]
}

@test "a quote that is not closed hides nothing behind it" {
	run --separate-stderr "$GUARD" judge 'console=ttyS0 foo="bar nopti root=/dev/vda baz" mitigations=off ro'
	[[ $status -eq 3 && ${output//  /} != *nopti* ]]
	run --separate-stderr "$GUARD" judge 'console=ttyS0 foo="bar root=/dev/vda nopti ro'
	[[ $status -eq 3 && $output == 'console=ttyS0 '*' root=/dev/vda '*' ro' && $output != *nopti* && $output != *foo* ]]
	[[ $stderr == *'a quote is not closed'* ]]
}

@test "an attack by value" {
	refuses spectre_bhi=vmexit indirect_target_selection=vmexit tsa=user tsa=vm spec_rstack_overflow=microcode \
		spec_rstack_overflow=ibpb-vmexit spectre_v2=retpoline,lfence spectre_v2=retpoline spectre_v2=ibrs mds=ull iommu=,force spectre_v2=eibrs,lfence \
		mitigations=off mitigations=auto,no_user_kernel mitigations=auto,nosmt,no_guest_host mitigations=autooff \
		retbleed=off retbleed=auto,off retbleed=unret,off retbleed=stuff l1tf=flush,nowarn l1tf=off mds=off \
		vmscape=off ssbd=force-off kpti=0 kpti=off pti=off srbds=off tsx=on tsx=auto iommu=off iommu=pt \
		iommu=force,off iommu=soft iommu=force,noforce intel_iommu=on,off intel_iommu=igfx_off amd_iommu=off \
		intremap=off intremap=on,nosid swiotlb=noforce iommu.passthrough=1 iommu.strict=0 \
		init_on_alloc=0 init_on_alloc= init_on_free=off page_alloc.shuffle=0 rodata=off rodata=noalias \
		hash_pointers=never proc_mem.force_override=always proc_mem.force_override=ptrace vsyscall=emulate \
		vsyscall=xonly split_lock_detect=off hardened_usercopy=off randomize_kstack_offset=0 kasan=off \
		kasan.fault=report efi=noruntime efi=debug,noruntime efi=no_disable_early_pci_dma acpi=off pci=conf1 \
		pci=nomsi,disable_acs_redir=00:1f.0 pci=config_acs=000000@pci:0:0 enforcing=0 enforcing=y selinux=0 \
		apparmor=0 ipe.enforce=0 audit=0 audit=off dm_verity.require_signatures=0 ima_appraise=fix ima_hash=sha1 \
		ima_template=ima cfi=off cfi=auto,off cfi=warn cfi=norand bdev_allow_write_mounted=1 ia32_emulation=1 \
		kvm.nx_huge_pages=off kvm.enable_vmware_backdoor=1 kvm-intel.allow_smaller_maxphyaddr=1 kvm_intel.pt_mode=1 \
		kvm_amd.force_avic=1 maxcpus=0 maxcpus=00 maxcpus=0x0 maxcpus= maxcpus=,1 acpi=noirq hpet_mmap=1 hpet_mmap= \
		parport=0x378,7 kvm_intel.vmentry_l1d_flush=never kvm-intel.ept=0 \
		kvm_amd.npt=0 debugfs=on iomem=relaxed console=uart8250,mmio,0x1000 console=uart,io,0x3f8 \
		console=pl011,0x9000000 earlycon=uart8250,mmio32,0xfed00000 earlyprintk=serial,0x3f8,115200 \
		earlyprintk=mmio32,0xfed00000 earlyprintk=pciserial,force,00:18.1 noexec32=off tpm.disable_pcr_integrity=1
}

@test "an attack by name" {
	refuses setcpuid=srso_no clearcpuid=smap initcall_blacklist=ima_init noefi 'noefi=x' lsm= lsm=yama security=none \
		nointremap noapic nolapic nosmp 'ivrs_ioapic[10]=00:14.0' ivrs_ioapic=10@0000:00:14.0 'ivrs_hpet[0]=00:14.0' \
		ivrs_acpihid=x virtio_mmio.device=4K@0xd0000000:5 ether=5,0x300,eth0 netdev=5,0x300,eth0 aha152x=0x340 \
		stack_guard_gap=1 module_blacklist=tpm_crb dm_verity.foo=1 dm-verity.require_signatures=0 \
		kvm.unknown=1 init_pkru=0 noxsave noxsaves nopku nopkuX norandmaps norandmapsX slab_merge slub_merge \
		slab_mergeX slab_debug=P slub_debug slab_debug=- no_hash_pointers no-hash-pointers debug_boot_weak_hash \
		nopti nospectre_v1 nospectre_v2 nospectre_bhb nospec_store_bypass_disable nokaslr no5lvl nousershstk ibt=off \
		kfence.sample_interval=0 memmap=1G!4G memmap=exactmap 'trace_instance=x@0x100000:1M' slram=a,0,1 \
		phram.phram=a,0,1 ohci1394_dma=early acpi_rsdp=0x1 efivar_ssdt=x kgdboc=ttyS0 kgdbwait ekgdboc=kbd \
		kgdboc_earlycon kdb.cmd_enable=1 dis_ucode_ldr microcode.amd_sha_check=off evm=fix ima_template_fmt=d \
		loadpin.exclude=all loadpin.enforce=0 apparmor.mode=complain TOMOYO_loader=/x sysrq_always_enabled \
		vfio.enable_unsafe_noiommu_mode=1 arm64.nobti arm64.nopauth arm64.nomte id_aa64pfr1.bt=0 arm64_sw.nokaslr=1 \
		page_poison=1 vm_debug=- xen_scrub_pages=0 init-pkru=0 stack-guard-gap=1 rdrand=force \
		sev=nosnp mem_encrypt=off
}

@test "behind -- and in any order words are judged as well" {
	run --separate-stderr "$GUARD" judge 'root=/dev/vda -- single nopti enforcing=0 x'
	[[ $status -eq 3 && $output != *nopti* && $output != *enforcing* && $output == *'root=/dev/vda -- single '*' x'* ]]
}

@test "what lowers nothing stays, byte for byte" {
	keeps 'console=ttyS0 panic=-1 root=/dev/vda ro quiet' 'mitigations=auto,nosmt pti=on spectre_v2=eibrs,retpoline' \
		'init_on_alloc=1 init_on_free=yes page_alloc.shuffle=on page_table_check=true hash_pointers=always' \
		'iommu=force,nopt intel_iommu=on,strict swiotlb=65536 swiotlb=65536,2,force intremap=on' \
		'console=tty0 console=ttyS0,115200n8 console=hvc0 earlyprintk=serial,ttyS0,115200,keep earlycon' \
		'dm-mod.create="vroot,,,ro,0 1 linear 8:1 0"' 'dyndbg="file a.c +p; module x +p"' 'init="/bin/a b"' \
		'lockdown=confidentiality module.sig_enforce=1 lsm.debug selinux=1 enforcing=1 audit=1' \
		'systemd.unit=rescue.target rd.break BOOT_IMAGE=/vmlinuz-6.18.15 kexec crashkernel=256M elfcorehdr=0x1' \
		'kvm.nx_huge_pages=force kvm-intel.vmentry_l1d_flush=always kvm_intel.allow_smaller_maxphyaddr=0 kvm_intel.ept=1 maxcpus=1 maxcpus=16 nr_cpus=1 kvm.halt_poll_ns=0 split_lock_detect=ratelimit:10' \
		'efi=debug acpi=force pci=nomsi,realloc=on sysctl.kernel.sysrq=0' \
		'xnopti nopti_not notnorandmaps nolsm=1 mitigationsx=off' '' ' '
}

@test "the guard acts when the kernel is locked down before it reads parameters, and says by what" {
	run --separate-stderr "$GUARD" judge nopti
	[[ $status -eq 3 && $stderr == *'locked down from EFI Secure Boot' ]]
	run --separate-stderr "$GUARD" --locked-by configuration nopti
	[[ $status -eq 3 && $stderr == *'locked down from Kernel configuration' ]]
	run --separate-stderr "$GUARD" --locked-by '' $'nopti\x01 "x lockdown=integrity'
	[[ $status -eq 0 && $output == $'nopti\x01 "x lockdown=integrity' ]]
}

@test "a second guard, as of a bootconfig or setup_arch(), changes nothing more" {
	for line in 'a nopti b="c d" "x' $'\x01 a\tb "c' 'iommu=force"",off x" y'; do
		once=$("$GUARD" judge "$line" 2>/dev/null) || [[ $? -eq 3 ]]
		[[ $("$GUARD" judge "$once") == "$once" && ${#once} -eq ${#line} ]]
	done
}

@test "the patch has the table of configs/boot-params" {
	cd "$ROOT"
	scripts/bootparams/boot-params guard "$GUARD"
	decisions
	sed -i 's/^guard mitigations .*/guard mitigations auto off/' "$BOOT_PARAMS"
	run ! scripts/bootparams/boot-params guard "$GUARD"
	said 'guard mitigations auto off'
	said 'differ'
}

@test "each decision is what the guard does" {
	awk '$1 == "free" { for (i = 2; i <= NF; i++) { gsub(/[*]/, "x", $i); print $i; print $i "=off" } }' \
		"$ROOT/configs/boot-params" | "$GUARD" lines 2>/dev/null >"$BATS_TEST_TMPDIR/free"
	run grep -v '^0:' "$BATS_TEST_TMPDIR/free"
	[[ -z $output && $(wc -l <"$BATS_TEST_TMPDIR/free") -gt 800 ]]
	awk '$1 == "guard" && $3 != "*" { gsub(/[*]/, "x", $2); gsub(/#/, "1", $2); print $2 "=no_such_value" }' \
		"$ROOT/configs/boot-params" | "$GUARD" lines 2>/dev/null >"$BATS_TEST_TMPDIR/guarded"
	run grep -v '^1:' "$BATS_TEST_TMPDIR/guarded"
	[[ -z $output && $(wc -l <"$BATS_TEST_TMPDIR/guarded") -gt 150 ]]
}

@test "what kseal has compiled in are the guard and the warn lines, in their order" {
	cd "$ROOT"
	scripts/bootparams/boot-params kseal >"$BATS_TEST_TMPDIR/table.c"
	sed -n 's/^\t{ "\([^"]*\)", "\([^"]*\)", .*, true },$/guard \1 \2/p
		s/^\t{ "\([^"]*\)", "\([^"]*\)", .*, false },$/warn \1 \2/p' "$BATS_TEST_TMPDIR/table.c" | sed 's/ $//' >"$BATS_TEST_TMPDIR/ours"
	grep -E '^(guard|warn) ' configs/boot-params | diff - "$BATS_TEST_TMPDIR/ours"
	# Every one has its reason.
	run ! grep -E '^\s\{.*, "", (true|false) \},$' "$BATS_TEST_TMPDIR/table.c"
	gcc -Wall -Werror -Isign -c -o "$BATS_TEST_TMPDIR/table.o" "$BATS_TEST_TMPDIR/table.c"
}

@test "the guard leaves alone what is a warn line" {
	awk '$1 == "warn" { print $2 "=no_such_value"; print $2 }' "$ROOT/configs/boot-params" | "$GUARD" lines >"$BATS_TEST_TMPDIR/warned"
	run grep -v '^0:' "$BATS_TEST_TMPDIR/warned"
	[[ -z $output && $(wc -l <"$BATS_TEST_TMPDIR/warned") -gt 50 ]]
}

@test "each value that may stay does" {
	awk '$1 == "guard" { gsub(/[*]/, "x", $2); for (i = 3; i <= NF; i++) {
			gsub(/[*]/, "x", $i); gsub(/#/, "1", $i); sub(/^,/, "", $i); print $2 "=" ($i == "-" ? "" : $i) } }' \
		"$ROOT/configs/boot-params" | "$GUARD" lines >"$BATS_TEST_TMPDIR/stays"
	run grep -v '^0:' "$BATS_TEST_TMPDIR/stays"
	[[ -z $output && $(wc -l <"$BATS_TEST_TMPDIR/stays") -gt 200 ]]
}

@test "a parameter without a decision stops the check of a tree" {
	cd "$ROOT"
	small_tree
	scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	for new in 'new_setup= __setup("new_setup=",_f);' 'new_early early_param("new_early",_f);' \
		'new_core core_param(new_core,_x,_bool,_0);'; do
		echo "${new#* }" | tr _ ' ' | sed -E 's/new (setup|early|core)/new_\1/g; s/(early|core) param/\1_param/; s/^  setup/__setup/' \
			>"$BATS_TEST_TMPDIR/tree/mm/new.c"
		run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
		said "${new%%[= ]*}: undecided (mm/new.c)"
	done
	echo 'if (cmdline_find_option_bool(boot_command_line, "new_early"))' >"$BATS_TEST_TMPDIR/tree/arch/x86/lib/x.c"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'new_early: undecided (arch/x86/lib/x.c)'
	rm "$BATS_TEST_TMPDIR/tree/arch/x86/lib/x.c"
	printf '\tnew_doc=\t[KNL] Something\n' >>"$BATS_TEST_TMPDIR/tree/Documentation/admin-guide/kernel-parameters.txt"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'new_doc: undecided'
}

@test "a guarded name that the kernel does not know guards nothing, and is found" {
	cd "$ROOT"
	small_tree
	decisions
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/drivers/x" "$tree/virt/kvm"
	printf 'because x\nfree root init nokaslr arm64.nosve\n' >"$BOOT_PARAMS"
	printf 'guard two_parts.own\nguard alone.own\nguard said.own\nguard kvm.own\nguard al*.o*\n' >>"$BOOT_PARAMS"
	printf 'obj-m += two-parts.o\ntwo-parts-y := main.o \\\n\tsecond.o\n' >"$tree/drivers/x/Makefile"
	echo 'module_param_named(own, x, int, 0);' | tee "$tree/drivers/x/second.c" >"$tree/drivers/x/alone.c"
	printf '#define MODULE_PARAM_PREFIX "said."\ndevice_param_cb(own, x, int, 0);\n' >"$tree/drivers/x/other.c"
	printf 'kvm-y := %s(KVM)/kvm_main.o\n' '$' >"$tree/virt/kvm/Makefile.kvm"
	echo 'module_param(own, int, 0);' >"$tree/virt/kvm/kvm_main.c"
	scripts/bootparams/boot-params guarded "$tree"
	# The module of second.c is two_parts, kvm_main.c is a part of kvm.
	for name in second.own two_parts.other kvm_main.other kvm_intel.own nosuch 'no*such'; do
		echo "guard $name" >"$BATS_TEST_TMPDIR/last"
		cat "$BOOT_PARAMS" "$BATS_TEST_TMPDIR/last" >"$BATS_TEST_TMPDIR/with"
		BOOT_PARAMS=$BATS_TEST_TMPDIR/with run ! scripts/bootparams/boot-params guarded "$tree"
		said "guarded $name is not a parameter of this kernel"
	done
	# What was found once is taken from there: it need not be looked for again for the next SKU.
	scripts/bootparams/boot-params guarded "$tree" "$BATS_TEST_TMPDIR/kept/names"
	BOOT_PARAMS=$BATS_TEST_TMPDIR/with run ! scripts/bootparams/boot-params guarded "$tree" "$BATS_TEST_TMPDIR/kept/names"
	echo 'param no_such x' >>"$BATS_TEST_TMPDIR/kept/names"
	BOOT_PARAMS=$BATS_TEST_TMPDIR/with scripts/bootparams/boot-params guarded "$tree" "$BATS_TEST_TMPDIR/kept/names"
}

@test "a guarded __setup() without = has to be guarded as a prefix" {
	cd "$ROOT"
	small_tree
	echo '__setup("nopti", nopti_setup);' >"$BATS_TEST_TMPDIR/tree/mm/new.c"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'nopti: __setup() without "="'
}

@test "a file of decisions that cannot be read is not a decision" {
	cd "$ROOT"
	small_tree
	decisions
	printf 'guarded nopti\n' >>"$BOOT_PARAMS"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'wanted because REASON'
	decisions
	printf 'free nopti\n' >>"$BOOT_PARAMS"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'nopti has its decision in line'
	printf 'free root init nokaslr arm64.nosve\n' >"$BOOT_PARAMS"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'no because line above it'
	rm "$BOOT_PARAMS"
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/tree"
	said 'no decisions in it'
	run ! scripts/bootparams/boot-params tree "$BATS_TEST_TMPDIR/nowhere"
}

@test "the tables of a built kernel are read, and a parameter without a decision is found there" {
	cd "$BATS_TEST_TMPDIR"
	kernel()
	{
		sed "s/NEW/$1/" >v.c <<-'END'
			struct obs { const char *name; int (*fn)(char *); int early; };
			struct param { const char *name; void *rest[4]; };
			extern const struct obs __setup_start[], __setup_end[];
			extern const struct param __start___param[], __stop___param[];
			__asm__(".globl __setup_start, __setup_end, __start___param, __stop___param");
			const struct obs tab[3] = { { "root=", 0, 0 }, { "quiet", 0, 1 }, { "norandmaps", 0, 0 } };
			const struct param par[2] = { { "printk.time", { 0 } }, { "NEW", { 0 } } };
			__asm__("__setup_start = tab\n__setup_end = tab + 72\n__start___param = par\n__stop___param = par + 80");
			void _start(void) { }
		END
		gcc -nostdlib -static -no-pie -fno-pie -o vmlinux v.c
	}
	kernel init_debug
	run "$GUARD" tables vmlinux
	[[ $status -eq 0 && $output == $'setup root=\nearly quiet\nsetup norandmaps\nparam printk.time\nparam init_debug' ]]
	cd "$ROOT"
	PROGRAM=$GUARD run ! scripts/bootparams/boot-params built "$BATS_TEST_TMPDIR/vmlinux"
	said 'init_debug: undecided (vmlinux)'
	(cd "$BATS_TEST_TMPDIR" && kernel printk.devkmsg)
	PROGRAM=$GUARD scripts/bootparams/boot-params built "$BATS_TEST_TMPDIR/vmlinux"
	# A kernel without modules has a directory without any.
	mkdir "$BATS_TEST_TMPDIR/none"
	PROGRAM=$GUARD scripts/bootparams/boot-params built "$BATS_TEST_TMPDIR/vmlinux" "$BATS_TEST_TMPDIR/none"
	# A file that is not a kernel is an error, not one without parameters.
	PROGRAM=$GUARD run ! scripts/bootparams/boot-params built "$GUARD"
	said 'no parameter tables'
	head -c 3000 "$BATS_TEST_TMPDIR/vmlinux" >"$BATS_TEST_TMPDIR/short"
	run ! "$GUARD" tables "$BATS_TEST_TMPDIR/short"
}

@test "the guard leaves the command line of each SKU alone, and refuses one that it would not" {
	cd "$ROOT"
	for sku in configs/sku/*.sku; do
		scripts/bootparams/boot-params cmdline "$GUARD" "$("$KSEAL_BIN/kconfig-check" sku "$(basename "$sku" .sku)" | sed -n 's/^CMDLINE=//p')"
	done
	run ! scripts/bootparams/boot-params cmdline "$GUARD" 'console=ttyS0 lsm=yama,apparmor security=apparmor'
	said 'boot parameter lsm=yama,apparmor refused'
	said 'boot parameter security=apparmor refused'
}

@test "no reader of the kernel finds in what is left what it must not find, in random lines" {
	local tree
	local -a tables=("$(dirname "$KSEAL_BIN")/obj/bootparams.c")

	tree=$(find "$ROOT/linux" -maxdepth 3 -path '*/lib/cmdline.c' -printf '%h\n' 2>/dev/null | sed 's,/lib$,,' | sort | tail -n 1)
	[[ -n $tree ]] || skip "no kernel tree in linux/ to take the readers from (make queue)"
	{
		# The kernel's own isspace(), which takes 0xa0 for a space.
		echo '#define EXPORT_SYMBOL(x) struct x'
		echo '#define IS_ENABLED(x) 0'
		echo '#define COMMAND_LINE_SIZE 2048'
		echo '#define fallthrough __attribute__((fallthrough))'
		echo 'typedef unsigned char u8;'
		echo '#define __ismask(x) (_ctype[(int)(unsigned char)(x)])'
		sed -n '/^#define _[A-Z]*\t/p; /^#define isspace/p' "$tree/include/linux/ctype.h"
		sed '/^#include/d' "$tree/lib/ctype.c"
		echo 'static char *skip_spaces(const char *str) { while (isspace(*str)) ++str; return (char *)str; }'
		sed -n '/^char \*next_arg(/,/^}/p' "$tree/lib/cmdline.c"
		sed -n '/^static char dash2underscore(/,/^}/p; /^bool parameqn(/,/^}/p; /^bool parameq(/,/^}/p' "$tree/kernel/params.c"
		sed '/^#include/d; s/builtin_cmdline_added/1/; s/builtin_cmdline,/"",/' "$tree/arch/x86/lib/cmdline.c"
	} >"$BATS_TEST_TMPDIR/readers.h"
	cd "$ROOT"
	gcc -std=gnu11 -funsigned-char -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Iscripts/bootparams -include shim.h \
		-c -o "$BATS_TEST_TMPDIR/guard.o" "${tables[0]}"
	gcc -std=gnu11 -funsigned-char -g -O1 -w -fsanitize=address,undefined -fno-sanitize-recover=all \
		"-DREADERS=\"$BATS_TEST_TMPDIR/readers.h\"" -o "$BATS_TEST_TMPDIR/readers" tests/build/boot-params-readers.c \
		-x c - -x none "$BATS_TEST_TMPDIR/guard.o" <<-'END'
			#include <stdbool.h>
			const char *guard_secure_boot = "EFI Secure Boot";
			bool guard_by_configuration;
			void guard_log(int bytes, const char *argument, const char *why, const char *from) { }
		END
	for seed in 1 2 3; do
		run "$BATS_TEST_TMPDIR/readers" "$seed" 100000
		echo "seed $seed: $output"
		[[ $status -eq 0 ]]
	done
}

@test "the config stage stops at a command line of the image that its own kernel would not take" {
	small_tree
	mkdir -p "$BATS_TEST_TMPDIR/repo/configs"
	cd "$BATS_TEST_TMPDIR/repo"
	cp -r "$ROOT/scripts" .
	cp "$ROOT/configs/boot-params" configs
	echo content >"$BATS_TEST_TMPDIR/tree/.kseal-content"
	# The stage asks for every guarded name as well, so this tree has them all.
	mkdir "$BATS_TEST_TMPDIR/tree/drivers/x"
	echo 'module_param(own, int, 0);' >"$BATS_TEST_TMPDIR/tree/drivers/x/alone.c"
	sed -n 's/^guard \([^ ]*\).*/__setup("\1=", f);/p' configs/boot-params >"$BATS_TEST_TMPDIR/tree/drivers/x/guarded.c"
	cat >stage <<-END
		set -euo pipefail
		bin=$KSEAL_BIN O=out
		$(sed -n '/^value_of()/,/^}/p; /^boot_param_names()/,/^}/p; /^check_boot_params()/,/^}/p' "$ROOT/scripts/build/steps")
		check_boot_params .config "$BATS_TEST_TMPDIR/tree" "\$1"
	END
	echo 'CONFIG_LOCK_DOWN_BOOT_PARAMS=y' >.config
	run ! bash stage 'console=ttyS0 lsm=yama'
	said 'boot parameter lsm=yama refused'
	said '"console=ttyS0 lsm=yama": a locked-down kernel would refuse a part of it'
	# Without the guard it is nobody's business.
	echo '# CONFIG_LOCK_DOWN_BOOT_PARAMS is not set' >.config
	bash stage 'console=ttyS0 lsm=yama'
	printf 'CONFIG_LOCK_DOWN_BOOT_PARAMS=y\nCONFIG_CMDLINE="mitigations=off"\n' >.config
	run ! bash stage console=ttyS0
	said 'boot parameter mitigations=off refused'
	echo 'CONFIG_LOCK_DOWN_BOOT_PARAMS=y' >.config
	bash stage console=ttyS0
	# Another content is another tree: the names kept of the first one are not taken.
	sed -i '$d' "$BATS_TEST_TMPDIR/tree/drivers/x/guarded.c"
	bash stage console=ttyS0
	echo 'another content' >"$BATS_TEST_TMPDIR/tree/.kseal-content"
	run ! bash stage console=ttyS0
	said 'is not a parameter of this kernel'
	# A tree that cannot be searched is said to be that, and no part of its names is kept.
	rm "$BATS_TEST_TMPDIR/tree/drivers/x/alone.c"
	echo 'a third content' >"$BATS_TEST_TMPDIR/tree/.kseal-content"
	run ! bash stage console=ttyS0
	said "boot-params: $BATS_TEST_TMPDIR/tree: its sources name no"
	[[ $(find out/.boot-params -type f | wc -l) -eq 2 ]]
}
