#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What load_module() refuses whatever the signature says: files that are no modules, modules for
# another kernel. Each is made by the tools that people make such files with; tests/sign/module-kernel.bats
# asks the kernel's own code about many more.

load ../helpers
load module
load verify

config=(CONFIG_MODULE_SIG=y CONFIG_CRYPTO_RSA=y CONFIG_CRYPTO_SHA512=y)

# sealed FILE: FILE with a good signature, which kseal would not make, as sealed.ko
sealed() { expected sha512 "$1" >sealed.ko; }

# refused FILE WHY [LOG [ERRNO]]: signing does not, and of a signature it would be this
refused()
{
	cp "$1" before
	run -1 sign "$1"
	said "$1: "
	said "$2"
	cmp before "$1"
	sealed "$1"
	run -3 --separate-stderr kseal module verify --json --trust "$K/signer.pem" sealed.ko
	jq -e --arg log "${3-}" --arg err "${4-ENOEXEC}" '.files[0] | .signature == "0" and
		([.in[].errno] == [$err, $err, $err]) and (.in.sig_enforce.log == if $log == "" then [] else [$log] end)' \
		<<<"$output" || { echo "$output"; return 1; }
}

# twice SECTION FILE OUT: a second section of that name
twice()
{
	head -c 64 /dev/zero >second
	objcopy --add-section .second=second --set-section-flags .second=alloc,load,data "$2" "$3"
	objcopy --rename-section ".second=$1" "$3"
}

@test "the control: a module, and one without debug information, is signed and loads" {
	strip --strip-debug -o debug.ko m.ko
	sign m.ko debug.ko
	verify m.ko debug.ko
}

@test "a module without its symbols" {
	strip --strip-all m.ko
	refused m.ko 'module has no symbol table (stripped?), use strip --strip-debug' \
		'kseal_fixture: module has no symbols (stripped?)'
}

@test "an object that modpost never saw" {
	gcc -x c -c -o m.ko - <<<'char m[] __attribute__((section(".modinfo"))) = "license=GPL";'
	refused m.ko 'no .gnu.linkonce.this_module section, so modpost has not made it a module' \
		'module (missing .modinfo section or name field): Exactly one .gnu.linkonce.this_module section must exist.'
	gcc -x c -c -o m.ko - <<<'int init_module(void) { return 0; }'
	refused m.ko 'no .gnu.linkonce.this_module' \
		'module (missing .modinfo section or name field): Exactly one .gnu.linkonce.this_module section must exist.'
}

@test "struct module: missing, twice, not loaded, of a size that no kernel has" {
	self=.gnu.linkonce.this_module
	objcopy --rename-section $self=.other m.ko none.ko
	refused none.ko "no $self section" "module kseal_fixture: Exactly one $self section must exist."
	twice $self m.ko two.ko
	refused two.ko "more than one $self section" "module kseal_fixture: Exactly one $self section must exist."
	objcopy --set-section-flags $self=readonly m.ko idle.ko
	refused idle.ko "$self is not allocated" \
		"module kseal_fixture: $self must occupy memory during process execution"
	head -c 1000 /dev/zero >small
	objcopy --add-section $self=small --set-section-flags $self=alloc,load,data none.ko size.ko
	refused size.ko 'struct module is of a size that no kernel'"'"'s has' \
		"module kseal_fixture: $self section size must match the kernel's built struct module size at run time"
}

@test "two .modinfo, and none" {
	twice .modinfo m.ko two.ko
	refused two.ko 'more than one .modinfo section' 'Only one .modinfo section must exist.'
	objcopy --remove-section .modinfo m.ko none.ko
	refused none.ko 'no .modinfo section, so not a module'
}

@test "no vermagic: signing leaves it to the kernel, some of which force it" {
	objcopy --dump-section .modinfo=info m.ko
	tr '\0' '\n' <info | grep -v ^vermagic | tr '\n' '\0' >less
	objcopy --update-section .modinfo=less m.ko
	sign m.ko
	run -3 verify m.ko
	said 'm.ko: module has no vermagic, so modpost has not made it (ENOEXEC)'
	kernel "${config[@]}"
	run -3 kseal module verify --trust vmlinux m.ko
	kernel "${config[@]}" CONFIG_MODULE_FORCE_LOAD=y
	kseal module verify --trust vmlinux m.ko
}

@test "another machine" {
	printf '\xb7' | dd of=m.ko bs=1 seek=18 conv=notrunc status=none
	refused m.ko 'no .plt or .init.plt section, so not linked as a module for arm64' \
		'kseal_fixture: module PLT section(s) missing'
	kernel "${config[@]}"
	sealed m.ko
	run -3 kseal module verify --trust vmlinux sealed.ko
	said 'module is for another machine than the kernel: Invalid architecture in ELF header: 183 (ENOEXEC)'
	printf '\3' | dd of=m.ko bs=1 seek=18 conv=notrunc status=none
	run -1 sign m.ko
	said 'neither for x86-64 nor arm64'
}

@test "sections that are written and executed, common symbols, namespaces that no module may import" {
	objcopy --set-section-flags .init.text=alloc,load,code m.ko rwx.ko
	refused rwx.ko 'section is writable and executable' \
		'kseal_fixture: section .init.text (index 4) has invalid WRITE|EXEC flags'
	gcc -x c -fcommon -c -o common.o - <<<'int shared;'
	ld -r -o common.ko m.ko common.o
	refused common.ko 'compile it with -fno-common' 'kseal_fixture: please compile with -fno-common'
	new_module ns.ko import_ns=module:kvm
	refused ns.ko 'module imports a namespace that no module may' \
		'kseal_fixture: module tries to import module namespace: module:kvm' EPERM
	new_module ns.ko import_ns=CRYPTO_INTERNAL
	sign ns.ko
	verify ns.ko
}

@test "code that was not compiled for a kernel" {
	gcc -x c -O2 -fPIC -c -o pic.o - <<<'int here; int *f(void) { return &here; }'
	ld -r -o pic.ko m.ko pic.o
	refused pic.ko 'relocation of a type that the kernel does not know' 'kseal_fixture: Unknown rela relocation: 42'
	gcc -x c -O2 -fno-pie -c -o low.o - <<<'int here; unsigned int f(void) { return (unsigned int)(unsigned long)&here; }'
	ld -r -o low.ko m.ko low.o
	refused low.ko 'relocation overflows, compile it as kbuild does: -mcmodel=kernel' \
		"\`kseal_fixture' likely not compiled with -mcmodel=kernel"
	gcc -x c -O2 -mcmodel=kernel -fno-pie -c -o high.o - <<<'int here; int *f(void) { return &here; }'
	ld -r -o high.ko m.ko high.o
	sign high.ko
	verify high.ko
}

@test "where the kernel leaves the file nobody can tell, and nothing is signed" {
	# A symbol of section 0x1234.
	at=$(readelf -SW m.ko | sed -n 's/.* \.symtab *SYMTAB *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
	printf '\x34\x12' | dd of=m.ko bs=1 seek=$((0x$at + 30 * 24 + 6)) conv=notrunc status=none
	run -1 sign m.ko
	said 'm.ko: symbol in a section that is not there, which the kernel reads'
	sealed m.ko
	run -1 verify sealed.ko
	said 'symbol in a section that is not there'
	# An unsigned one does not come so far where signatures are enforced, but elsewhere.
	run -1 verify m.ko
}

# The release counts unless the symbols have versions; all else counts always.
@test "a module for another kernel" {
	sign m.ko
	own='6.18.15 SMP preempt mod_unload '
	VERMAGIC=$own kernel "${config[@]}"
	kseal module verify --trust vmlinux m.ko
	for other in '6.18.16 SMP preempt mod_unload ' '6.18.15 SMP mod_unload ' '6.18.15-fork SMP preempt mod_unload ' \
		'6.18.15 SMP preempt mod_unload RANDSTRUCT_0123456789abcdef' '6.18.15 '; do
		VERMAGIC=$other kernel "${config[@]}"
		run -3 kseal module verify --trust vmlinux m.ko
		said "m.ko: module was built for another kernel: kseal_fixture: version magic '$own' should be '$other"
	done
	VERMAGIC='6.18.15 SMP preempt mod_unload modversions ' kernel "${config[@]}"
	run -3 kseal module verify --trust vmlinux m.ko
	said 'module has no symbol versions, which this kernel asks for'
	# As CONFIG_MODVERSIONS makes them.
	objcopy --dump-section .modinfo=info "$K/plain.ko" with.ko
	sed 's/mod_unload /&modversions /' info >info2
	objcopy --update-section .modinfo=info2 --add-section __versions=<(head -c 64 /dev/zero) \
		--set-section-flags __versions=alloc,load,readonly,data with.ko
	sign with.ko
	kseal module verify --trust vmlinux with.ko
	VERMAGIC='6.18.99-more SMP preempt mod_unload modversions ' kernel "${config[@]}"
	kseal module verify --trust vmlinux with.ko
	VERMAGIC='6.18.15 SMP mod_unload modversions ' kernel "${config[@]}"
	run -3 kseal module verify --trust vmlinux with.ko
	VERMAGIC=$own kernel "${config[@]}"
	run -3 kseal module verify --trust vmlinux with.ko
}

@test "without a kernel, what every 6.18 says" {
	for release in 6.18.0-rc1 6.18.99-fork 6.18; do
		objcopy --dump-section .modinfo=info "$K/plain.ko" m.ko
		sed "s/6\.18\.15 /$release /" info >info2
		objcopy --update-section .modinfo=info2 m.ko
		sign m.ko
		verify m.ko
	done
	for release in 6.1.0-50 6.180.1 5.18.15; do
		sed "s/6\.18\.15 /$release /" info >info2
		cp "$K/plain.ko" m.ko
		objcopy --update-section .modinfo=info2 m.ko
		# A kernel that is none of ours may take it.
		sign m.ko
		run -3 verify m.ko
		said 'm.ko: module was built for no 6.18, give the kernel with --trust'
		VERMAGIC="$release SMP preempt mod_unload " kernel "${config[@]}"
		kseal module verify --trust vmlinux m.ko
	done
}

@test "a kernel with type information: the size of struct module" {
	type clang >/dev/null || skip "no clang, which writes BTF"
	sign m.ko
	for bytes in 1216 1280; do
		kernel "${config[@]}"
		clang -target bpf -g -O2 -x c -c -o btf.o - <<-EOF2
			struct module { char all[$bytes]; };
			struct modules { char all[8]; };
			struct module here;
			struct modules others;
		EOF2
		objcopy -I elf64-little --dump-section .BTF=btf btf.o 2>/dev/null || llvm-objcopy --dump-section .BTF=btf btf.o
		objcopy --add-section .BTF=btf vmlinux
		if [ $bytes = 1216 ]; then
			kseal module verify --trust vmlinux m.ko
		else
			run -3 kseal module verify --trust vmlinux m.ko
			said "m.ko: struct module is of another size than the kernel's"
		fi
	done
}

@test "a livepatch needs a kernel that can" {
	new_module m.ko livepatch=Y
	sign m.ko
	verify m.ko
	kernel "${config[@]}" CONFIG_LIVEPATCH=y
	kseal module verify --trust vmlinux m.ko
	kernel "${config[@]}"
	run -3 kseal module verify --trust vmlinux m.ko
	said 'm.ko: a livepatch, which this kernel cannot load'
}

@test "a large table costs no more than its size" {
	type python3 >/dev/null || skip "no python3"
	# 65,000 sections of one name, which stands before megabytes without a NUL.
	python3 - 65000 $((1 << 24)) <<-'EOF2'
		import struct, sys
		nr, bytes = int(sys.argv[1]), int(sys.argv[2])
		section = lambda name, kind, off, size: struct.pack("<IIQQQQIIQQ", name, kind, 2, 0, off, size, 0, 0, 1, 0)
		names = b"\0" + b"x" * bytes + b"\0"
		head = b"\x7fELF\2\1\1".ljust(16, b"\0")
		head += struct.pack("<HHIQQQIHHHHHH", 1, 62, 1, 0, 0, 64 + len(names), 0, 64, 0, 0, 64, nr, 1)
		table = b"\0" * 64 + section(1, 3, 64, len(names)) * (nr - 1)
		open("wide.ko", "wb").write(head + names + table)
	EOF2
	run -1 timeout 20 "$KSEAL_BIN/kseal" module sign --key "$K/signer.key" --cert "$K/signer.pem" wide.ko
	said 'wide.ko: no .gnu.linkonce.this_module'
}
