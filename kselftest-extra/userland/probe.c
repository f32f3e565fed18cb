// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a check of the userland needs and no program of Debian's does: "probe WORD...", exit code 0 if the
 * kernel did it, 1 with the reason if not, 2 for words that mean nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/filter.h>
#include <linux/fsverity.h>
#include <linux/if_alg.h>
#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/tls.h>
#include <linux/userfaultfd.h>
/* Needs it; only those of newer kernels include it themselves. */
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

static int no(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

/* It did something, and not that. */
static int wrong(const char *what)
{
	puts(what);
	return 1;
}

static int usage(void)
{
	fprintf(stderr, "probe: no such words\n");
	return 2;
}

static int done(int rc, const char *what)
{
	return rc < 0 ? no(what) : 0;
}

static int wx(char **args)
{
	(void)args;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED ?
		       no("mmap") :
		       0;
}

static int try_socket(char **args)
{
	static const struct {
		const char *name;
		int family, type, protocol;
	} kinds[] = {
		{ "packet", AF_PACKET, SOCK_RAW, 0 }, { "xdp", 44, SOCK_RAW, 0 },
		{ "mptcp", AF_INET, SOCK_STREAM, 262 }, { "sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP },
		{ "ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(args[0], kinds[i].name))
			return done(socket(kinds[i].family, kinds[i].type, kinds[i].protocol), "socket");
	return usage();
}

static int try_bind(char **args)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_port = htons((unsigned short)atoi(args[0]));
	return done(bind(fd, (struct sockaddr *)&at, sizeof(at)), "bind");
}

static int allocate(char **args)
{
	size_t bytes = (size_t)atoi(args[0]) << 20;
	char *p = malloc(bytes);

	if (!p)
		return no("malloc");
	memset(p, 1, bytes);
	return p[bytes / 2] != 1;
}

static int seccomp_filter(unsigned int action, unsigned int flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int try_seccomp(char **args)
{
	(void)args;
	if (seccomp_filter(SECCOMP_RET_ERRNO | 77, 0) < 0)
		return no("seccomp");
	return syscall(SYS_getppid) == -1 && errno == 77 ? 0 : wrong("the filter did not answer");
}

static int try_seccomp_notify(char **args)
{
	struct seccomp_notif request = { 0 };
	struct seccomp_notif_resp answer = { 0 };
	int fd = seccomp_filter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	int status;
	pid_t pid;

	(void)args;
	if (fd < 0)
		return no("seccomp");
	pid = fork();
	if (!pid)
		_exit(syscall(SYS_getppid) == 4711 ? 0 : 1);
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request))
		return no("receive");
	answer.id = request.id;
	answer.val = 4711;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer))
		return no("send");
	waitpid(pid, &status, 0);
	return status ? wrong("the answer did not arrive") : 0;
}

static int try_landlock(char **args)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	(void)args;
	if (fd < 0)
		return no("landlock_create_ruleset");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_landlock_restrict_self, fd, 0))
		return no("landlock_restrict_self");
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : wrong("not refused");
}

static int try_pidfd(char **args)
{
	pid_t pid = fork();
	int fd, copy;

	(void)args;
	if (!pid)
		pause();
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	copy = (int)syscall(SYS_pidfd_getfd, fd, 0, 0);
	if (fd < 0 || copy < 0 || syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0))
		return no("pidfd");
	return waitpid(pid, NULL, 0) == pid ? 0 : no("waitpid");
}

static int try_kcmp(char **args)
{
	int fd = dup(0);

	(void)args;
	return done((int)syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, 0, fd), "kcmp");
}

static int try_fanotify(char **args)
{
	struct fanotify_event_metadata event;
	int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
	struct fanotify_response answer;
	int status;
	pid_t pid;

	if (fd < 0)
		return no("fanotify_init");
	if (fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, args[0]))
		return no("fanotify_mark");
	pid = fork();
	if (!pid)
		_exit(open(args[0], O_RDONLY) < 0 && errno == EPERM ? 0 : 1);
	if (read(fd, &event, sizeof(event)) != sizeof(event))
		return no("read");
	answer = (struct fanotify_response){ event.fd, FAN_DENY };
	if (write(fd, &answer, sizeof(answer)) != sizeof(answer))
		return no("write");
	waitpid(pid, &status, 0);
	return status ? wrong("the open was not refused") : 0;
}

static int try_inotify(char **args)
{
	int fd = inotify_init1(IN_CLOEXEC);

	return done(inotify_add_watch(fd, args[0], IN_CREATE), "inotify_add_watch");
}

static int try_verity(char **args)
{
	struct fsverity_enable_arg arg = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = 4096,
	};
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, FS_IOC_ENABLE_VERITY, &arg))
		return no("FS_IOC_ENABLE_VERITY");
	return open(args[0], O_WRONLY | O_CLOEXEC) < 0 && errno == EPERM ? 0 : wrong("a sealed file can be written");
}

static int try_io_uring(char **args)
{
	struct io_uring_params p = { 0 };

	(void)args;
	return done((int)syscall(SYS_io_uring_setup, 4, &p), "io_uring_setup");
}

static int try_aio(char **args)
{
	unsigned long context = 0;

	(void)args;
	return done((int)syscall(SYS_io_setup, 4, &context), "io_setup");
}

static int try_userfaultfd(char **args)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	(void)args;
	if (fd < 0)
		return no("userfaultfd");
	return done(ioctl(fd, UFFDIO_API, &api), "UFFDIO_API");
}

static int try_memfd(char **args)
{
	int fd = memfd_create("probe", MFD_ALLOW_SEALING);

	(void)args;
	if (fd < 0 || ftruncate(fd, 4096) || fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE))
		return no("memfd_create");
	return write(fd, "x", 1) < 0 ? 0 : wrong("a sealed file was written");
}

static int try_memfd_secret(char **args)
{
	(void)args;
	return done((int)syscall(SYS_memfd_secret, 0), "memfd_secret");
}

static int try_hugepage(char **args)
{
	(void)args;
	return mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0) ==
			       MAP_FAILED ?
		       no("mmap") :
		       0;
}

static int try_vm_readv(char **args)
{
	static char from[8] = "content", to[8];
	struct iovec local = { to, sizeof(to) }, remote = { from, sizeof(from) };
	int status;
	pid_t pid = fork();

	(void)args;
	if (!pid)
		pause();
	status = process_vm_readv(pid, &local, 1, &remote, 1, 0) != sizeof(to) || strcmp(to, "content");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return status ? no("process_vm_readv") : 0;
}

static int try_perf(char **args)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK };
	unsigned long long count = 0;
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	(void)args;
	if (fd < 0)
		return no("perf_event_open");
	return read(fd, &count, sizeof(count)) == sizeof(count) && count ? 0 : wrong("it does not count");
}

/* A connection of this process with itself. Return: 0 with both ends, or -1. */
static int tcp_pair(int ends[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(at);
	int server = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(server, (struct sockaddr *)&at, bytes) || listen(server, 1) ||
	    getsockname(server, (struct sockaddr *)&at, &bytes))
		return -1;
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(ends[0], (struct sockaddr *)&at, bytes))
		return -1;
	ends[1] = accept(server, NULL, NULL);
	return ends[1] < 0 ? -1 : 0;
}

static int try_ktls(char **args)
{
	struct tls12_crypto_info_aes_gcm_128 info = {
		.info = { TLS_1_2_VERSION, TLS_CIPHER_AES_GCM_128 },
	};
	int ends[2];

	(void)args;
	if (tcp_pair(ends))
		return no("a connection");
	if (setsockopt(ends[0], SOL_TCP, TCP_ULP, "tls", 4))
		return no("TCP_ULP");
	return done(setsockopt(ends[0], 282, TLS_TX, &info, sizeof(info)), "TLS_TX");
}

static int try_congestion(char **args)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return done(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, args[0], (socklen_t)strlen(args[0])),
		    "TCP_CONGESTION");
}

static int try_alg(char **args)
{
	struct sockaddr_alg at = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	(void)args;
	if (fd < 0)
		return no("socket");
	return done(bind(fd, (struct sockaddr *)&at, sizeof(at)), "bind");
}

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* "return VALUE" as a program of that type, pinned. */
static int pin_program(char **args)
{
	static const struct {
		const char *name;
		unsigned int type, attach, value;
	} kinds[] = {
		{ "xdp_pass", BPF_PROG_TYPE_XDP, 0, XDP_PASS },
		{ "xdp_drop", BPF_PROG_TYPE_XDP, 0, XDP_DROP },
		{ "tc_ok", BPF_PROG_TYPE_SCHED_CLS, 0, 0 },
		{ "tc_shot", BPF_PROG_TYPE_SCHED_CLS, 0, 2 },
		{ "cgroup_deny", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, 0 },
		{ "connect_deny", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, 0 },
		{ "sock_ops", BPF_PROG_TYPE_SOCK_OPS, 0, 1 },
		{ "sk_msg", BPF_PROG_TYPE_SK_MSG, 0, 1 },
		{ "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, 0 },
		{ "kprobe", BPF_PROG_TYPE_KPROBE, 0, 0 },
		{ "tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0, 0 },
		{ "cgroup_sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 0 },
	};
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	static char log[65536];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && strcmp(args[0], kinds[i].name); i++)
		;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return usage();
	code[0].imm = (int)kinds[i].value;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = kinds[i].type;
	attr.expected_attach_type = kinds[i].attach;
	attr.insns = (unsigned long)code;
	attr.insn_cnt = 2;
	attr.license = (unsigned long)"GPL";
	attr.log_buf = (unsigned long)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		return no(log[0] ? log : "BPF_PROG_LOAD");
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)args[1];
	attr.bpf_fd = (unsigned int)fd;
	return done(bpf(BPF_OBJ_PIN, &attr), "BPF_OBJ_PIN");
}

static int try_map(char **args)
{
	static const struct {
		const char *name;
		unsigned int type, key_bytes, value_bytes, entries, flags;
	} kinds[] = {
		{ "hash", BPF_MAP_TYPE_HASH, 4, 8, 16, 0 },
		{ "lru", BPF_MAP_TYPE_LRU_HASH, 4, 8, 16, 0 },
		{ "percpu", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 16, 0 },
		{ "lpm", BPF_MAP_TYPE_LPM_TRIE, 8, 8, 16, BPF_F_NO_PREALLOC },
		{ "ringbuf", BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0 },
		{ "prog_array", BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0 },
		{ "sockhash", BPF_MAP_TYPE_SOCKHASH, 4, 4, 4, 0 },
		{ "devmap", BPF_MAP_TYPE_DEVMAP, 4, 4, 4, 0 },
		{ "stack_trace", BPF_MAP_TYPE_STACK_TRACE, 4, 80, 4, 0 },
		{ "xskmap", BPF_MAP_TYPE_XSKMAP, 4, 4, 4, 0 },
	};
	union bpf_attr attr;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_type = kinds[i].type;
		attr.key_size = kinds[i].key_bytes;
		attr.value_size = kinds[i].value_bytes;
		attr.max_entries = kinds[i].entries;
		attr.map_flags = kinds[i].flags;
		if (!strcmp(kinds[i].name, args[0]))
			return done(bpf(BPF_MAP_CREATE, &attr), "BPF_MAP_CREATE");
	}
	return usage();
}

static int try_vsock(char **args)
{
	struct sockaddr_vm at = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = 4242 };
	int server = socket(AF_VSOCK, SOCK_STREAM, 0), client;

	(void)args;
	if (server < 0 || bind(server, (struct sockaddr *)&at, sizeof(at)) || listen(server, 1))
		return no("bind");
	client = socket(AF_VSOCK, SOCK_STREAM, 0);
	return done(connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
}

static int try_membarrier(char **args)
{
	(void)args;
	return done((int)syscall(SYS_membarrier, 0, 0, 0), "membarrier");
}

static int try_rseq(char **args)
{
	(void)args;
	/* glibc has registered it: another registration is EINVAL, EPERM or EBUSY, without support ENOSYS. */
	return syscall(SYS_rseq, NULL, 0, 0, 0) && errno == ENOSYS ? no("rseq") : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **args);
		int nr_args;
	} verbs[] = {
		{ "wx", wx, 0 },
		{ "socket", try_socket, 1 },
		{ "bind", try_bind, 1 },
		{ "allocate", allocate, 1 },
		{ "seccomp", try_seccomp, 0 },
		{ "seccomp_notify", try_seccomp_notify, 0 },
		{ "landlock", try_landlock, 0 },
		{ "pidfd", try_pidfd, 0 },
		{ "kcmp", try_kcmp, 0 },
		{ "fanotify", try_fanotify, 1 },
		{ "inotify", try_inotify, 1 },
		{ "verity", try_verity, 1 },
		{ "io_uring", try_io_uring, 0 },
		{ "aio", try_aio, 0 },
		{ "userfaultfd", try_userfaultfd, 0 },
		{ "memfd", try_memfd, 0 },
		{ "memfd_secret", try_memfd_secret, 0 },
		{ "hugepage", try_hugepage, 0 },
		{ "vm_readv", try_vm_readv, 0 },
		{ "perf", try_perf, 0 },
		{ "ktls", try_ktls, 0 },
		{ "congestion", try_congestion, 1 },
		{ "alg", try_alg, 0 },
		{ "bpf", pin_program, 2 },
		{ "map", try_map, 1 },
		{ "vsock", try_vsock, 0 },
		{ "membarrier", try_membarrier, 0 },
		{ "rseq", try_rseq, 0 },
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name) && argc == 2 + verbs[i].nr_args)
			return verbs[i].run(argv + 2);
	return usage();
}
