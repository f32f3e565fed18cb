# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The front door. Every target only calls what does the work: scripts/build/flow runs scripts/build/setup, the
# host programs (scripts/build/tools.mk) and the stages of a SKU (Kbuild.overlay).

# Exported as they are: empty means the default of the script that reads them.
SKU ?= azure-vm
O ?= out
export SKU O V CC LINUX LINUX_TARBALL KERNEL_MIRROR INITRD KEYS RELEASE ALLOW_DEV_KEYS JOBS
# The one list of the stages, in order; what each is stands in Kbuild.overlay.
export STAGES := fetch queue config keyring kernel modules sign uki test report
ifeq ($(origin CC),default)
CC := gcc
endif

PREFIX ?= /usr/local

.DEFAULT_GOAL := all
.PHONY: all $(STAGES) rebase check lint fuzz bench tools setup skus help clean distclean install
.NOTPARALLEL:

##@ The two commands
all: ## the whole way for SKU: from the pinned tarball to the proved, signed kernel
	@scripts/build/flow report
check: ## test the toolkit itself (ASan, UBSan, small inputs, no kernel build)
	@scripts/dev/run-tests

##@ Stages: each runs what it needs before it, and stops there (make SKU=azure-vm config)
fetch: ## the pinned tarball, verified, in the cache
queue: ## linux/<release> with the patch queue applied
config: ## the resolved .config, every request kept or waived
keyring: ## certificates that the kernel will embed; development keys on first use
kernel: ## bzImage and modules in out/<sku>/build
modules: ## modules installed and stripped
sign: ## modules signed, in out/<sku>/modules
uki: ## out/<sku>/linux.efi to ship, selftest.efi and params.efi to prove it
test: ## Secure Boot runs in QEMU
$(filter-out report,$(STAGES)):
	@scripts/build/flow $@
report: ## write and show out/<sku>/report.txt again, without running anything
	@scripts/build/flow show

##@ The next release
rebase: tools ## the queue onto LTS=6.18.15, out of those in linux/PIN; again after a conflict is resolved
	@scripts/build/rebase "$(LTS)"

##@ More
setup: ## install what is missing (root and apt) or print the command
	@scripts/build/setup check
tools: ## host programs only: out/bin
	@scripts/build/flow tools
lint: ## static checks only
	@scripts/dev/lint
fuzz: ## look for bytes that break a parser: all targets, or TARGET=pe, SECONDS=60 each
	@scripts/dev/fuzz "$(TARGET)" "$(SECONDS)"
bench: ## how fast are signing and the queue: ratios to other tools and to what the machine can do
	@scripts/dev/bench $(WHAT)
skus: ## list the SKUs
	@scripts/build/flow skus
help: ## this list
	@awk -f scripts/dev/help.awk Makefile
install: tools ## kseal, its manual and its completion into PREFIX (default /usr/local), below DESTDIR
	install -D -m 0755 $(O)/bin/kseal $(DESTDIR)$(PREFIX)/bin/kseal
	for m in sign/man/*.1; do [ ! -e $$m ] || install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $$m; done
	for m in sign/man/*.7; do [ ! -e $$m ] || install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man7 $$m; done
	install -D -m 0644 sign/completion/kseal.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kseal
clean: ## remove everything built (out/), but keep out/keys, the trees and the cache
	@scripts/build/flow clean
distclean: clean ## also remove the patched trees and the development keys; the cache stays
	@scripts/build/tree --remove
	@rm -rf $(O)

# Variables:
#@ SKU=azure-vm     which kernel to build (make skus)
#@ LINUX_TARBALL=F  use this tarball, it must have a hash of linux/PIN
#@ KERNEL_MIRROR=U  instead of https://cdn.kernel.org
#@ INITRD=F         initrd of linux.efi; without it linux.efi has none
#@ KEYS=DIR         signing keys (module.key module.pem uki.key uki.pem PK.pem KEK.pem,
#@                 with pcr.key pcr.pem also signed PCR policies), default O/keys
#@ RELEASE=1        refuse development keys, unless ALLOW_DEV_KEYS=1
#@ TARGET=pe SECONDS=60   of make fuzz: which of the fuzz_*.c files, and for how long
#@ WHAT=modules|uki|queue ROUNDS=3 BENCH_MODULES=2800   of make bench; ROUNDS=1 BENCH_MODULES=100 for a look
#@ O=out V=1 JOBS=N CC=gcc   output folder, show commands, parallel jobs, compiler of host programs
