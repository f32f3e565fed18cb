# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal keyring ephemeral: a key for one command, that no disk and no other process ever has.
# shellcheck disable=SC2016,SC2089,SC2090 # the command's own variables and quotes

load ../helpers
load keys

setup_file() { keys_setup_file; }

setup() {
	keys_setup
	SIGN='"$KSEAL_BIN/kseal" module sign --key "$KSEAL_EPHEMERAL_KEY" --cert e.pem'
	export SIGN
}

teardown() { [ -z "${OTHER-}" ] || rm -rf "$OTHER"; }

# with SCRIPT: the command of an ephemeral key, whose certificate is e.pem
with() { kseal keyring ephemeral --cert e.pem -- sh -ec "$1"; }

# as_nobody: a directory for who is not root, and $as to become them
as_nobody() {
	OTHER=$(mktemp -d -t kseal-ephemeral.XXXXXX)
	cp m.ko "$OTHER"
	cd "$OTHER" || return
	as=()
	[ "$(id -u)" != 0 ] || {
		chown -R 65534:65534 .
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	}
}

@test "it signs modules that its certificate verifies, many at a time and from several processes" {
	mkdir a b
	for i in {1..20}; do cp m.ko "a/$i.ko" && cp m.ko "b/$i.ko"; done
	with "$SIGN --jobs 4 a & one=\$!; $SIGN --jobs 4 b; wait \$one; $SIGN --hash sha3-256 m.ko"
	kseal module verify --trust e.pem a b m.ko
	run -3 kseal module verify --trust "$K/rsa.pem" m.ko
}

@test "the certificate is there before the command, is like the kernel's own, and new each time" {
	with 'cp e.pem first.pem'
	openssl x509 -in first.pem -noout -text >text
	for words in 'RSA Public-Key: (4096\|Public-Key: (4096' 'CA:FALSE' 'Digital Signature' \
		'Subject: CN = kseal ephemeral module signing key' 'Subject Key Identifier' 'sha512WithRSA'; do
		grep -q "$words" text
	done
	run ! grep -q 'Extended\|Policies' text
	mkdir certs
	cp e.pem certs
	echo "e $(openssl x509 -in e.pem -outform DER | sha256sum | cut -d ' ' -f 1) builtin" >a.keyring
	kseal keyring build --manifest a.keyring --certs certs --output embedded
	with true
	run ! cmp -s e.pem first.pem
}

@test "the exit status is 0 for a command that succeeds, else 1 with how it ended" {
	run -0 with true
	[ -z "$output" ]
	run -1 with 'exit 7'
	[ "$output" = 'kseal: the command failed, and the key is gone: exit 7 (EIO)' ]
	run -1 with 'kill -TERM $$'
	said 'signal 15'
	run -1 kseal keyring ephemeral --cert e.pem -- ./no-such-program --option
	said './no-such-program: cannot run the command: No such file'
	run -1 kseal keyring ephemeral --cert no/such/e.pem -- touch ran
	[ ! -e ran ]
	run -2 kseal keyring ephemeral --cert e.pem
	run -2 kseal keyring ephemeral -- true
}

@test "nothing is written but the certificate" {
	# LeakSanitizer wants to trace too.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o log -e trace=open,openat,openat2,creat,memfd_create,mknod,mknodat,link,linkat,rename,renameat,renameat2 \
		"$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- true
	grep -v 'O_RDONLY\|SIG\|exited' log >written
	cat written
	run ! grep -v 'e\.pem\|O_TMPFILE\|/proc/self/fd/\|/dev/null\|"\."' written
	run ! grep memfd written
	grep -q 'e\.pem' written
	run ! grep -l 'PRIVATE KEY' ./*
}

@test "no process of the same user reads its memory or its descriptors" {
	as_nobody
	look='for file in maps mem environ fd/0; do if head -c 1 /proc/$PPID/$file >/dev/null 2>&1; then echo $file open; else echo $file closed; fi; done'
	# The control: a parent that holds no key. Address 0 of mem is never mapped.
	run -0 "${as[@]}" sh -c "sh -c '$look'; :"
	said 'maps open'
	said 'environ open'
	run -0 "${as[@]}" "$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- sh -c "$look"
	for file in maps mem environ fd/0; do said "$file closed"; done
}

@test "it leaves no core dump, and the command none" {
	as_nobody
	[[ $(</proc/sys/kernel/core_pattern) != [/\|]* ]] || skip "core dumps go to another place here (core_pattern)"
	ulimit -c unlimited || skip "core dumps are forbidden here"
	dumped='system(@ARGV); print $? & 128 ? "dumped\n" : "no dump\n"'
	run -0 "${as[@]}" perl -e "$dumped" sh -c 'kill -SEGV $$'
	said 'dumped'
	not_said 'no dump'
	rm -f core*
	# SIGKILL's relatives, to the process that holds the key.
	ASAN_OPTIONS=detect_leaks=0:handle_segv=0:disable_coredump=0 run -0 "${as[@]}" perl -e "$dumped" \
		"$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- sh -c 'kill -SEGV $PPID'
	said 'no dump'
	run ! compgen -G 'core*'
}

@test "without memory that can be locked there is no key" {
	as_nobody
	run -1 "${as[@]}" sh -c 'ulimit -l 0; exec "$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- touch ran'
	said 'cannot lock 64 KiB of memory for the key, raise the limit (ulimit -l)'
	[ ! -e ran ]
	# What every system allows is enough.
	"${as[@]}" sh -c 'ulimit -l 64; exec "$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- touch ran'
	[ -e ran ]
}

@test "the socket is reached by inheritance alone" {
	# Not by its place in /proc, not by a name.
	with 'n=${KSEAL_EPHEMERAL_KEY#fd:}; if cat /proc/self/fd/$n; then exit 9; fi 2>err; grep "No such device" err
		readlink /proc/self/fd/$n; inode=$(readlink /proc/self/fd/$n | tr -dc 0-9)
		awk -v inode=$inode "\$7 == inode && NF > 7 { exit 1 }" /proc/net/unix'
	# A process that closed it has no key.
	run -1 bash -c '"$KSEAL_BIN/kseal" keyring ephemeral --cert e.pem -- bash -c "n=\${KSEAL_EPHEMERAL_KEY#fd:}; eval \"exec \$n>&-\"; $SIGN m.ko"'
	said 'no key behind this descriptor: it is that of kseal keyring ephemeral, and has to reach this process open (ENOKEY)'
	untouched
	for uri in fd: fd:x fd:-1 fd:3x; do
		run -1 sign_with $uri rsa
		said "fd: takes the number of a descriptor"
	done
	run -1 sign_with fd:0 rsa </dev/null
	said 'no key behind this descriptor'
	untouched
}

@test "a process that outlives the command signs nothing" {
	with "(until [ -e go ]; do sleep 0.1; done; rc=0; $SIGN m.ko >late 2>&1 || rc=\$?; echo \$rc >ended) >&- 2>&- & echo started"
	touch go
	timeout 60 sh -c 'until [ -e ended ]; do sleep 0.1; done'
	grep 'm.ko: the key is gone: the command of kseal keyring ephemeral has ended (EACCES)' late
	[ "$(cat ended)" = 1 ]
	untouched
	# The control: the same before its end.
	rm ended go
	with "(until [ -e go ]; do sleep 0.1; done; rc=0; $SIGN m.ko >late 2>&1 || rc=\$?; echo \$rc >ended) & touch go; wait"
	[ "$(cat ended)" = 0 ]
}

@test "when kseal is killed the key is gone, and the command goes on without it" {
	with "kill -KILL \$PPID; while [ -e /proc/\$PPID/maps ] && [ \"\$(cut -d ' ' -f 4 /proc/\$\$/stat)\" = \$PPID ]; do sleep 0.1; done
		$SIGN m.ko >late 2>&1 || touch failed; touch ended" || true
	timeout 60 sh -c 'until [ -e ended ]; do sleep 0.1; done'
	[ -e failed ]
	grep 'the key is gone' late
	untouched
}

@test "a key of another certificate is refused before the file is touched" {
	cp "$K/rsa.pem" .
	run -1 with '"$KSEAL_BIN/kseal" module sign --key "$KSEAL_EPHEMERAL_KEY" --cert rsa.pem m.ko'
	said 'the key answered with what its certificate does not verify'
	untouched
	run -1 with '"$KSEAL_BIN/kseal" module sign --key "$KSEAL_EPHEMERAL_KEY" m.ko'
	said 'no certificate comes with this key, give --cert'
	untouched
}

@test "requests that are none get no answer, and the next one is served" {
	cat >hostile.py <<-'END'
		import array, os, random, socket, sys
		agent = socket.socket(fileno=int(os.environ["KSEAL_EPHEMERAL_KEY"][3:]))
		def ask(request, fds=None):
		    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    send = [theirs.fileno()] if fds is None else fds
		    agent.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", send))] if send else [])
		    theirs.close()
		    ours.settimeout(20)
		    return ours.recv(4096)
		digest = bytes(32)
		assert len(ask(b"\1" + digest)) == 512
		bad = [b"", b"\1", b"\1" + digest[1:], b"\1" + digest + b"\0", b"\0" + bytes(20), b"\7" + digest, b"\xff" + digest,
		       b"\1" * 65, b"\1" * 66, bytes(60000)]
		bad += [bytes([random.randrange(256)]) + os.urandom(random.randrange(80)) for _ in range(500)]
		answers = sum(len(ask(request)) > 0 for request in bad[:10])
		assert answers == 0, answers
		for request in bad[10:]:
		    ask(request)
		# Nothing to answer to, more than one, a file, a pipe, our own end, one that is never read.
		read, write = os.pipe()
		file = os.open("file", os.O_RDWR | os.O_CREAT)
		for fds in [], [write, write], [file], [write], [agent.fileno()]:
		    ask(b"\1" + digest, fds)
		full = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		for _ in range(300):
		    ask(b"\1" + digest, [full[1].fileno()]) if _ % 100 == 0 else None
		assert os.fstat(file).st_size == 0
		os.set_blocking(read, False)
		try:
		    assert not os.read(read, 1)
		except BlockingIOError:
		    pass
		assert len(ask(b"\1" + digest)) == 512
	END
	with 'python3 hostile.py; '"$SIGN m.ko"
	kseal module verify --trust e.pem m.ko
}
