# SPDX-License-Identifier: GPL-2.0-only
#
# What the Makefiles of the directories beside this one have in common. Where these directories were
# copied into the kernel's tools/testing/selftests, its lib.mk is next to them:
#
#	make -C tools/testing/selftests TARGETS="lockdown ima"
#
# From anywhere else KSFT= names the selftests of a kernel tree, and OUTPUT= a directory to build in.
KSFT ?= ..

# The initrd of the test VM has no shared libraries.
CFLAGS += -std=gnu11 -O2 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -I$(selfdir)
LDFLAGS += -static -s
# Of the top directory, where zlib is not the compiler's own.
CFLAGS += $(ZLIB)
LOCAL_HDRS += $(wildcard ../kseal_lib/*.h)

include $(KSFT)/lib.mk
