# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Host programs and their tests. Called by the Makefile after scripts/build/setup made sure that
# pkg-config and the libraries are there:
#
#   make -f scripts/build/tools.mk            out/bin/{kseal,kq,vm,kconfig-check,boot-guard,run-logged,confine,report,odd-cms}
#   make -f scripts/build/tools.mk oracle     out/bin/kernel-oracle, from the pinned kernel's own sources
#   make -f scripts/build/tools.mk SAN=1 ...  the same under out/check, with ASan and UBSan
#   make -f scripts/build/tools.mk unit       the cmocka programs, under <dir>/test
#   make -f scripts/build/tools.mk replay     the fuzz targets with a main() that runs seeds, <dir>/fuzz
#   make -f scripts/build/tools.mk FUZZ=1 fuzz   the fuzz targets with clang's libFuzzer, out/fuzz/fuzz
#
# A program whose directory holds no source yet is left out. Objects are rebuilt when a header
# (-MMD) or a flag (.build-config) changes.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

O ?= out
KS_VERSION ?= 0.1
ifeq ($(origin CC),default)
CC := gcc
endif

ifdef FUZZ
# Everything is instrumented, and only clang can.
override CC := clang
B := $(O)/fuzz
SAN_FLAGS := -fsanitize=fuzzer-no-link,address,undefined
OPT_FLAGS := -O1 $(SAN_FLAGS) -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifdef SAN
B := $(O)/check
SAN_FLAGS := -fsanitize=address,undefined
# Lines are all that a report shows of -g.
OPT_FLAGS := -g1 -Og $(SAN_FLAGS) -fno-sanitize-recover=all -fno-omit-frame-pointer
else
B := $(O)
OPT_FLAGS := -O2 -D_FORTIFY_SOURCE=3
endif

cc-option = $(if $(shell $(CC) -Werror $(1) -c -x c /dev/null -o /dev/null 2>&1),,$(1))

WARN_FLAGS := -Wall -Wextra -Wshadow -Wvla -Wconversion -Wmissing-prototypes \
	      -Wstrict-prototypes -Wimplicit-fallthrough
HARD_FLAGS := -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection -fPIE \
	      $(call cc-option,-ftrivial-auto-var-init=zero)
LIBS_kseal := libcrypto libp11 p11-kit-1 libelf json-c zlib liblz4 liblzma libzstd
LIBS_base  := libcrypto json-c zlib
LIBS_kq    := libcrypto json-c libarchive gmime-3.0

# HOSTFLAGS and HOSTLIBS are the caller's own additions, empty unless given.
# Empty, so that a source may define it as well.
BASE_FLAGS := -std=gnu11 -D_GNU_SOURCE= -g $(OPT_FLAGS) $(WARN_FLAGS) $(HARD_FLAGS) \
	      -Isign -DKS_VERSION='"$(KS_VERSION)"' \
	      $(shell pkg-config --cflags $(LIBS_kseal) $(LIBS_base) $(LIBS_kq)) $(HOSTFLAGS)
LINK_FLAGS := -pie -Wl,--gc-sections,-z,relro,-z,now $(SAN_FLAGS)
pkg-libs    = $(shell pkg-config --libs $(1)) $(HOSTLIBS)
KQ_LIB     := $(call pkg-libs,$(LIBS_kq)) -pthread
ZIP_LIBS   := $(call pkg-libs,zlib json-c)
JSON_LIBS  := $(call pkg-libs,libcrypto json-c)
KSEAL_LIB  := $(call pkg-libs,$(LIBS_kseal)) -pthread
TEST_LIBS  := $(call pkg-libs,$(LIBS_kseal) $(LIBS_base) $(LIBS_kq)) -pthread

objs = $(patsubst %.c,$(B)/obj/%.o,$(1))

BASE_SRC  := $(wildcard sign/base/*.c)
LIB_SRC   := $(wildcard $(addprefix sign/,base/*.c key/*.c crypto/*.c fmt/*.c kernel/*.c ops/*.c))
# Verbs, options and help as tables, for kseal, kq and vm.
CLI_SRC   := $(wildcard sign/cli/*.c)
CMD_SRC   := $(wildcard sign/cmd/*.c)
# A program of several rooms: all of its directories but the tests.
KQ_SRC    := $(filter-out scripts/kq/test/% scripts/kq/fuzz/%,$(wildcard scripts/kq/*/*.c))
VM_SRC    := $(wildcard scripts/vm/*.c)
KC_SRC    := $(wildcard scripts/kconfig/*.c)
# What kq knows of SKUs.
SKU_SRC   := $(addprefix scripts/kconfig/,sku.c text.c)
REP_SRC   := $(wildcard scripts/report/*.c)
CONF_SRC  := scripts/dev/confine.c
# Makes test data for the VM.
ODD_SRC   := $(wildcard kselftest-extra/data/*.c)
BOOT_SRC  := $(wildcard scripts/bootparams/*.c)
# The kernel's own guard of boot parameters is a part of boot-guard.
BOOT_PATCH := $(wildcard patches/6.18/*-lockdown-refuse-boot-parameters-*.patch)
UNIT_SRC  := $(wildcard sign/test/*_test.c $(addprefix scripts/,$(addsuffix /test/*_test.c,kq vm kconfig report)))
# It compares times, in which the sanitizers' own allocator has most (tests/sign/linear.bats runs it without).
ifdef SAN
UNIT_SRC := $(filter-out sign/test/linear_test.c,$(UNIT_SRC))
endif
# What tests share: everything in a test directory that is not a test of its own.
HELP_SRC  := $(filter-out %_test.c,$(wildcard sign/test/*.c))
FUZZ_SRC  := $(wildcard sign/fuzz/fuzz_*.c)
KQ_FUZZ   := $(wildcard scripts/kq/fuzz/fuzz_*.c)
# What they share: all else in the directory, but replay.c is only for those without libFuzzer.
FUZZ_HELP := $(filter-out $(FUZZ_SRC) $(if $(FUZZ),sign/fuzz/replay.c),$(wildcard sign/fuzz/*.c))

# The kernel's own readers of signatures beside ours: sign/fuzz/kernel, and what it takes out of the
# release that the queue is for. Their slow arithmetic is called through ours.
KSIDE      := sign/fuzz/kernel
KSIDE_ONLY := $(addprefix $(KSIDE)/,shim.c arith.c digest.c memo.c)
KSIDE_OURS := $(filter-out $(KSIDE_ONLY) $(KSIDE)/main.c,$(wildcard $(KSIDE)/*.c))
KSIDE_WRAP := $(foreach f,mpi_powm ecc_is_pubkey_valid_full ecc_point_mult_shamir ks_kpub_init ks_kpub_verify,\
	      -Wl,--wrap=$(f))
KSIDE_LIB  := $(B)/lib/libkernelside.a
KSIDE_TREE := $(O)/kernel-readers
ORACLE     := $(B)/bin/kernel-oracle

# The table of boot parameters, which kseal and the kernel's guard share.
TABLE_OBJ := $(B)/obj/cmdline-table.o

BASE_LIB  := $(B)/lib/libksbase.a
KSEAL_ARC := $(B)/lib/libkseal.a
CLI_ARC   := $(B)/lib/libkscli.a
SKU_ARC   := $(B)/lib/libkssku.a

BINS := $(if $(CMD_SRC),$(B)/bin/kseal) $(if $(KQ_SRC),$(B)/bin/kq) $(if $(VM_SRC),$(B)/bin/vm) \
	$(if $(KC_SRC),$(B)/bin/kconfig-check) $(if $(REP_SRC),$(B)/bin/report) $(B)/bin/run-logged \
	$(B)/bin/confine $(if $(ODD_SRC),$(B)/bin/odd-cms) $(if $(BOOT_SRC),$(if $(BOOT_PATCH),$(B)/bin/boot-guard))
UNITS := $(patsubst %.c,$(B)/test/%,$(UNIT_SRC))
# fuzz_pe.c becomes <dir>/fuzz/pe.
FUZZERS_KS := $(patsubst sign/fuzz/fuzz_%.c,$(B)/fuzz/%,$(FUZZ_SRC))
FUZZERS_KQ := $(patsubst scripts/kq/fuzz/fuzz_%.c,$(B)/fuzz/%,$(KQ_FUZZ))
FUZZERS := $(FUZZERS_KS) $(FUZZERS_KQ)

.PHONY: tools unit replay fuzz oracle list-units list-fuzzers list-libs force
tools: $(BINS)
unit: $(UNITS)
replay fuzz: $(FUZZERS)
replay oracle: $(ORACLE)
# For scripts/dev/run-tests: the names, not the build.
list-units:
	@printf '%s\n' $(UNITS)
list-fuzzers:
	@printf '%s\n' $(FUZZERS)
# For a test that links a program of its own with libkseal.a.
list-libs:
	@echo $(KSEAL_LIB)

quiet = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2);)

# Rewritten, and so newer than every object, only when the flags differ from the last build's.
CONFIG := $(B)/.build-config
CONFIG_NOW := $(CC) $(BASE_FLAGS) $(LINK_FLAGS) $(TEST_LIBS)
$(CONFIG): force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CONFIG_NOW))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(CONFIG_NOW))' > $@

$(B)/obj/%.o: %.c $(CONFIG)
	@mkdir -p $(@D)
	$(call quiet,CC,$<)$(CC) $(BASE_FLAGS) $(if $(findstring /test/,$<),-I$(dir $(<D))) $(if $(filter scripts/kq/%,$<),-Iscripts/kq -Iscripts) -MMD -MP -c -o $@ $<

# Made anew each time: ar would keep the members of sources that are gone.
define archive
	@mkdir -p $(@D)
	$(call quiet,AR,$@)rm -f $@ && ar rcsD $@ $(filter %.o,$^)
endef
# Renamed when it is whole: another make may be about to run the old one.
define link
	@mkdir -p $(@D)
	$(call quiet,LD,$@)$(CC) $(LINK_FLAGS) -o $@.part $(filter %.o,$^) $(filter %.a,$^) $(1) && mv $@.part $@
endef

# The list of sources: a removed or added file must relink.
SOURCES := $(LIB_SRC) $(CLI_SRC) $(CMD_SRC) $(KQ_SRC) $(VM_SRC) $(KC_SRC) $(REP_SRC) $(CONF_SRC) $(ODD_SRC) $(BOOT_SRC) $(HELP_SRC)
$(B)/.sources: force
	@mkdir -p $(@D)
	@printf '%s\n' $(SOURCES) | cmp -s - $@ || printf '%s\n' $(SOURCES) > $@

$(BASE_LIB): $(call objs,$(BASE_SRC)) $(B)/.sources
	$(archive)
$(KSEAL_ARC): $(call objs,$(LIB_SRC)) $(TABLE_OBJ) $(B)/.sources
	$(archive)
$(B)/obj/cmdline-table.c: configs/boot-params scripts/bootparams/boot-params
	@mkdir -p $(@D)
	@scripts/bootparams/boot-params kseal >$@
$(TABLE_OBJ): $(B)/obj/cmdline-table.c sign/ops/cmdline.h $(CONFIG)
	$(call quiet,CC,$<)$(CC) $(BASE_FLAGS) -c -o $@ $<

$(CLI_ARC): $(call objs,$(CLI_SRC)) $(B)/.sources
	$(archive)

$(SKU_ARC): $(call objs,$(SKU_SRC)) $(B)/.sources
	$(archive)

$(B)/bin/kseal: $(call objs,$(CMD_SRC)) $(CLI_ARC) $(KSEAL_ARC)
	$(call link,$(KSEAL_LIB))
$(B)/bin/kq: $(call objs,$(KQ_SRC)) $(SKU_ARC) $(CLI_ARC) $(BASE_LIB)
	$(call link,$(KQ_LIB))
$(B)/bin/vm: $(call objs,$(VM_SRC)) $(CLI_ARC) $(BASE_LIB)
	$(call link,$(ZIP_LIBS) -pthread)
$(B)/bin/kconfig-check: $(call objs,$(KC_SRC) sign/fmt/need.c) $(BASE_LIB)
	$(call link)
$(B)/bin/report: $(call objs,$(REP_SRC)) $(BASE_LIB)
	$(call link,$(JSON_LIBS))
$(B)/bin/run-logged: $(call objs,scripts/build/run-logged.c)
	$(call link)
$(B)/bin/confine: $(call objs,$(CONF_SRC)) $(B)/.sources
	$(call link)
$(B)/bin/odd-cms: $(call objs,$(ODD_SRC)) $(KSEAL_ARC) $(B)/.sources
	$(call link,$(KSEAL_LIB))

# Cut out of the patch as it is, but for the kernel's headers; compiled as the kernel does it.
$(B)/obj/bootparams.c: $(BOOT_PATCH)
	@mkdir -p $(@D)
	@awk '/^[+][+][+] / { ours = $$2 == "b/security/lockdown/bootparams.c"; next } \
		ours && /^[+]/ && !/^[+]#include/ { print substr($$0, 2) } \
		END { print "#include \"row.h\"" }' $< >$@
$(B)/obj/bootparams.o: $(B)/obj/bootparams.c $(wildcard scripts/bootparams/*.h) $(CONFIG)
	$(call quiet,CC,$(BOOT_PATCH))$(CC) -std=gnu11 -g $(OPT_FLAGS) -Wall -Wextra -Wno-unused-parameter $(HARD_FLAGS) -funsigned-char \
		-Iscripts/bootparams -include shim.h -c -o $@ $<
$(B)/bin/boot-guard: $(call objs,$(BOOT_SRC)) $(B)/obj/bootparams.o $(B)/.sources
	$(call link)

$(KSIDE_TREE)/files: $(KSIDE)/prepare linux/PIN patches/6.18/base.lock patches/6.18/series $(wildcard patches/6.18/*.patch)
	@mkdir -p $(@D)
	$(call quiet,KERN,$@)$(KSIDE)/prepare "$$(scripts/build/fetch "$$(awk '$$1 == "release" { print $$2 }' patches/6.18/base.lock)")" $(@D)
# Not sanitized: it is the measure, and it is compiled as the kernel is.
$(KSIDE_LIB): $(KSIDE_TREE)/files $(KSIDE)/build $(KSIDE_ONLY) $(wildcard $(KSIDE)/*.h) $(CONFIG)
	@mkdir -p $(@D)
	$(call quiet,KERN,$@)$(KSIDE)/build $(KSIDE_TREE) $@ $(CC) -O2 -g -fPIE $(if $(FUZZ),-fsanitize=fuzzer-no-link)
$(ORACLE): $(call objs,$(KSIDE)/main.c $(KSIDE_OURS)) $(KSEAL_ARC) $(KSIDE_LIB)
	$(call link,$(KSIDE_WRAP) $(KSEAL_LIB))

# A test of a program is linked with all of its objects but the one with main(); one of kseal with
# the library.
define unit-rule
$(B)/test/$(1:.c=): $(call objs,$(1)) $(call objs,$(2)) $(3)
	$$(call link,$$(TEST_LIBS) -lcmocka)
endef
without-main = $(if $(1),$(shell grep -L '^int main\>' $(1)))
program-of = $(word 2,$(subst /, ,$(1)))
$(foreach t,$(filter sign/test/%,$(UNIT_SRC)),\
	$(eval $(call unit-rule,$(t),$(HELP_SRC),$(KSEAL_ARC))))
$(foreach t,$(filter scripts/%,$(UNIT_SRC)),$(eval $(call unit-rule,$(t),\
	$(call without-main,$(filter-out %_test.c $(addprefix scripts/$(call program-of,$(t))/,fuzz/% efi/%),$(wildcard $(addprefix scripts/$(call program-of,$(t))/,*.c */*.c)))),$(SKU_ARC) $(CLI_ARC) $(BASE_LIB))))

$(B)/fuzz/kernel: $(call objs,$(KSIDE_OURS)) $(KSIDE_LIB)
$(B)/fuzz/kernel: KSEAL_LIB += $(KSIDE_WRAP)
$(FUZZERS_KS): $(B)/fuzz/%: $(B)/obj/sign/fuzz/fuzz_%.o $(call objs,$(FUZZ_HELP)) $(KSEAL_ARC)
	$(call link,$(if $(FUZZ),-fsanitize=fuzzer) $(KSEAL_LIB))
$(FUZZERS_KQ): $(B)/fuzz/%: $(B)/obj/scripts/kq/fuzz/fuzz_%.o \
		$(call objs,$(FUZZ_HELP) $(call without-main,$(KQ_SRC))) $(SKU_ARC) $(CLI_ARC) $(BASE_LIB)
	$(call link,$(if $(FUZZ),-fsanitize=fuzzer) $(KQ_LIB))

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
