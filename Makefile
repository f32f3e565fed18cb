# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The front door. Every target only calls what does the work: scripts/build/flow runs scripts/build/setup, the
# host programs (scripts/build/tools.mk) and the stages of a SKU (Kbuild.overlay).

# Exported as they are: empty means the default of the script that reads them.
SKU ?= azure-vm
O ?= out
export SKU O V CC LINUX LINUX_TARBALL KERNEL_MIRROR STUBS INITRD KEYS RELEASE ALLOW_DEV_KEYS JOBS
export PASSPHRASE_FILE SIGNATURES $(foreach k,MODULE UKI PCR PK KEK,$(k)_KEY $(k)_CERT)
# The one list of the stages, in order; Kbuild.overlay has the rule of each.
export STAGES := fetch queue config keyring kernel modules sign uki userland test report
ifeq ($(origin CC),default)
CC := gcc
endif

PREFIX ?= /usr/local

.DEFAULT_GOAL := all
.PHONY: all $(STAGES) prepare attach all-skus config-update rebase check lint fuzz bench tools setup skus help clean distclean install
.NOTPARALLEL:

all: ## SKU from the pinned tarball to the proved, signed kernel
	@scripts/build/flow report
$(filter-out report,$(STAGES)): ## (a STAGE)
	@scripts/build/flow $@
report: ## write and show out/SKU/report.txt again; nothing runs
	@scripts/build/flow show
prepare: ## list what is to be signed elsewhere; attach: SIGNATURES=DIR of it
	@scripts/build/flow prepare
attach:
	@scripts/build/flow attach
all-skus: ## all for every SKU, and a table of them; GOAL=config: that far
	@scripts/build/all-skus $(or $(GOAL),all)
config-update: ## write configs/resolved, of all or of SKU=
	@scripts/build/all-skus config-update $(if $(filter-out file,$(origin SKU)),$(SKU))
check: ## test the toolkit itself under ASan and UBSan; no kernel is built
	@scripts/dev/run-tests
rebase: tools ## the queue onto LTS=6.18.15 of linux/PIN; again after a conflict
	@scripts/build/rebase "$(LTS)"
skus: ## list the SKUs
	@scripts/build/flow skus
setup: ## install what is missing (root and apt), or print the command
	@scripts/build/setup check
tools: ## host programs only, in out/bin
	@scripts/build/flow tools
lint: ## static checks only
	@scripts/dev/lint
fuzz: ## bytes that break a parser: all or TARGET=pe, for SECONDS=60 each
	@scripts/dev/fuzz "$(TARGET)" "$(SECONDS)"
bench: ## speed, as ratios to other tools: WHAT=modules|uki|queue|hardening
	@scripts/dev/bench $(WHAT)
install: tools ## kseal, kq, vm, manuals and completion into PREFIX, below DESTDIR
	install -D -m 0755 $(addprefix $(O)/bin/,kseal kq vm) -t $(DESTDIR)$(PREFIX)/bin
	install -D -m 0644 sign/man/*.1 scripts/kq/man/*.1 scripts/vm/man/*.1 -t $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 0644 sign/man/*.7 -t $(DESTDIR)$(PREFIX)/share/man/man7
	install -D -m 0644 sign/cli/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kseal
	ln -sf kseal $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kq
	ln -sf kseal $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vm
clean: ## remove out/, but no keys, trees, cache; distclean: not the cache
	@scripts/build/flow clean
distclean: clean
	@scripts/build/tree --remove
	@rm -rf $(O)
help:
	@awk -v stages="$(filter-out report,$(STAGES))" -f scripts/dev/help.awk Makefile

#@ SKU=azure-vm JOBS=N V=1  which kernel; parallel jobs; show commands
#@ KEYS=DIR                 module.key module.pem uki.key uki.pem PK.pem KEK.pem,
#@                          pcr.key pcr.pem for signed PCR policies; else out/keys
#@ MODULE_KEY=URI MODULE_CERT=F PASSPHRASE_FILE=F  and UKI_, PCR_, PK_, KEK_: keys
#@                          that are no files, or somewhere else; see docs/keys.md
#@ RELEASE=1 INITRD=F       no keys of development (ALLOW_DEV_KEYS=1); an initrd
#@ LINUX_TARBALL=F          use this; linux/PIN must have its hash; KERNEL_MIRROR=U
#@ STUBS=DIR O=out CC=gcc   systemd's, for an addon; output; host compiler
