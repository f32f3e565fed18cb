# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Makefile of the "Linux" of tests/flow.bats: the same goals, variables and short lines as
# kbuild's, for two files. BROKEN in a source fails; SLOW= names a file that makes it wait. The
# keyring is embedded as certs/system_certificates.S does it.

out := $(O)
KCONFIG_CONFIG ?= .config

olddefconfig:
	@sed -i '/CONFIG_LOST/d' $(out)/$(KCONFIG_CONFIG)

bzImage:
	@mkdir -p $(out)/arch/x86/boot
	@echo '  CC      drivers/a.o'
	@! grep -n BROKEN drivers/a.c | sed 's,\(.*\):\(.*\),drivers/a.c:\1:1: error: \2,' | grep .
	@if [ -n "$(SLOW)" ]; then touch $(dir $(SLOW))reached; sleep 60; fi
	@mkdir -p $(out)/certs
	@printf '\t.incbin "certs/trusted.pem"\n' > $(out)/certs/embed.S
	@cd $(out)/certs/.. && $(CC) -Wp,-MMD,certs/.embed.o.d -c -o certs/embed.o certs/embed.S
	@echo 'TIMESTAMP=$(KBUILD_BUILD_TIMESTAMP)' > $(out)/arch/x86/boot/bzImage

modules:
	@echo '  CC [M]  drivers/b.o'

modules_install:
	@mkdir -p $(INSTALL_MOD_PATH)/lib/modules/9.9.1
	@printf 'char m[] __attribute__((section(".modinfo"))) = "license=GPL";\n' | \
		gcc -x c -c -o $(INSTALL_MOD_PATH)/lib/modules/9.9.1/a.ko -

.PHONY: olddefconfig bzImage modules modules_install
