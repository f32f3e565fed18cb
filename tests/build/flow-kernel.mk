# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Makefile of the "Linux" of tests/build/flow.bats: the same goals, variables and short lines as
# kbuild's, for two files. BROKEN in a source fails. The keyring is embedded as
# certs/system_certificates.S does it. For `knob`: SLOW= names a file that makes it wait,
# STALE_trusted= and STALE_revoked= are lists to embed instead, EFI_IMAGE= is the kernel.

out := $(O)
KCONFIG_CONFIG ?= .config
-include $(HOME)/flow-knobs.mk

# The words of kernel_make, and what ccache is told.
words = printf '%s\n' 'CC=$(CC)' 'LLVM=$(LLVM)' 'CROSS_COMPILE=$(CROSS_COMPILE)' 'ARCH=$(ARCH)' 'GOALS=$(MAKECMDGOALS)' \
	"COMPILER=$$CCACHE_COMPILERCHECK" >$(out)/words
boot := $(out)/arch/$(if $(filter arm64,$(ARCH)),arm64,x86)/boot

build_config:
	@mkdir -p $(out)/scripts/kconfig
	@echo 'int unused;' | gcc -c -x c -o $(out)/scripts/kconfig/expr.o -

# In place of config-prog, which there is no Kconfig for.
config:
	@sed -i '/CONFIG_LOST/d' $(out)/$(KCONFIG_CONFIG)
	@sed 's/ /\t/; s/$$/\tbool\t\t/' $(out)/$(KCONFIG_CONFIG).asked >$(out)/$(KCONFIG_CONFIG).facts

bzImage vmlinuz.efi:
	@mkdir -p $(boot)
	@$(words)
	@echo '  CC      drivers/a.o'
	@! grep -n BROKEN drivers/a.c | sed 's,\(.*\):\(.*\),drivers/a.c:\1:1: error: \2,' | grep .
	@if [ -n "$(SLOW)" ]; then touch $(dir $(SLOW))reached; sleep 60; fi
	@mkdir -p $(out)/certs
	@for l in trusted revoked; do rm -f $(out)/certs/$$l.der; touch $(out)/certs/$$l.der; \
		awk -v c="base64 -d >>$(out)/certs/$$l.der" '/-BEGIN/ { text = ""; next } \
			/-END/ { print text | c; close(c) } { text = text $$0 }' \
			$$(printenv STALE_$$l || echo $(out)/certs/$$l.pem); done
	@printf '%s\n' '.section .init.rodata, "a"' 'system_certificate_list: .incbin "certs/trusted.der"' \
		'1: .align 8' 'system_certificate_list_size: .quad 1b - system_certificate_list' \
		'module_cert_size: .quad 0' 'revocation_certificate_list: .incbin "certs/revoked.der"' \
		'2: .align 8' 'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' \
		> $(out)/certs/embed.S
	@cd $(out) && $(CC) -Wp,-MMD,certs/.embed.o.d -c -o certs/embed.o certs/embed.S
	@echo 'int cached;' > $(out)/cached.c
	@cd $(out) && $(CC) -c -o cached.o cached.c
	@cp $(out)/certs/embed.o $(boot)/$@
	@echo 'TIMESTAMP=$(KBUILD_BUILD_TIMESTAMP)' >> $(boot)/$@
	@if [ -n "$(EFI_IMAGE)" ]; then cp $(EFI_IMAGE) $(boot)/$@; fi
	@cp $(boot)/$@ $(boot)/Image
	@mkdir -p $(out)/include/config && echo $(VERSION).$(PATCHLEVEL).$(SUBLEVEL) > $(out)/include/config/kernel.release

modules:
	@echo '  CC [M]  drivers/b.o'

modules_install:
	@mkdir -p $(INSTALL_MOD_PATH)/lib/modules/9.9.1
	@cp $(MODULE) $(INSTALL_MOD_PATH)/lib/modules/9.9.1/a.ko

.PHONY: build_config config bzImage vmlinuz.efi modules modules_install
