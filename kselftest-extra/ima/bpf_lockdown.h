/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A BPF LSM program that refuses one reason of lockdown, as a site's own policy may do on a kernel that
 * the lockdown LSM does not lock down. Ids and numbers come from the types of the running kernel.
 */
#ifndef KSEAL_BPF_LOCKDOWN_H
#define KSEAL_BPF_LOCKDOWN_H

#include "../kseal_lib/common.h"

#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <sys/syscall.h>

struct bpf_refusal {
	int prog_fd, link_fd;
};

struct btf_search {
	const char *func, *enumerator;
	int func_id, value; /* -1 if not found */
};

/* How many bytes follow a type, and what they are, says its kind. */
static inline size_t btf_tail(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return n * 8;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return n * 12;
	default:
		return 0;
	}
}

static inline void btf_look_at(struct btf_search *s, int id, const struct btf_type *t, const char *strings)
{
	const struct btf_enum *e = (const struct btf_enum *)(t + 1);
	unsigned int i;

	if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC && !strcmp(strings + t->name_off, s->func))
		s->func_id = id;
	if (BTF_INFO_KIND(t->info) != BTF_KIND_ENUM)
		return;
	for (i = 0; i < BTF_INFO_VLEN(t->info); i++)
		if (!strcmp(strings + e[i].name_off, s->enumerator))
			s->value = e[i].val;
}

/* Return: 0, or -errno. */
static inline int btf_find(struct btf_search *s)
{
	size_t bytes = 0;
	unsigned char *btf = read_whole("/sys/kernel/btf/vmlinux", &bytes);
	const struct btf_header *h = (const struct btf_header *)btf;
	const unsigned char *at, *end;
	const char *strings;
	int id = 1;

	s->func_id = s->value = -1;
	if (!btf)
		return -errno;
	at = btf + h->hdr_len + h->type_off;
	end = at + h->type_len;
	strings = (const char *)btf + h->hdr_len + h->str_off;
	for (; at < end; id++) {
		const struct btf_type *t = (const struct btf_type *)at;

		btf_look_at(s, id, t, strings);
		at += sizeof(*t) + btf_tail(t);
	}
	free(btf);
	return s->func_id < 0 || s->value < 0 ? -ESRCH : 0;
}

/* Refuse @reason, a name of enum lockdown_reason, from now on. Return: 0, or -errno. */
static inline int bpf_refuse_lockdown(struct bpf_refusal *r, const char *reason)
{
	struct btf_search s = { .func = "bpf_lsm_locked_down", .enumerator = reason };
	struct bpf_insn insns[] = {
		/* r2 = what; r0 = 0; if (r2 == @reason) r0 = -EPERM; return r0 */
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 2, .src_reg = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 2, .off = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = -EPERM },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.license = (uintptr_t)"GPL",
	};
	int rc = btf_find(&s);

	if (rc)
		return rc;
	insns[2].imm = s.value;
	attr.attach_btf_id = (unsigned int)s.func_id;
	r->prog_fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (r->prog_fd < 0)
		return -errno;
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.prog_fd = (unsigned int)r->prog_fd;
	r->link_fd = (int)syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));
	if (r->link_fd < 0) {
		rc = -errno;
		close(r->prog_fd);
	}
	return rc;
}

static inline void bpf_refuse_no_more(struct bpf_refusal *r)
{
	close(r->link_fd);
	close(r->prog_fd);
}

#endif
