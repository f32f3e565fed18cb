#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Network file systems: server and client on one machine, over lo.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

nfs_server()
{
	mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
	mkdir -p /run/kseal-export /run/rpcbind /var/lib/nfs/rpc_pipefs /var/lib/nfs/sm /var/lib/nfs/v4recovery
	touch /var/lib/nfs/etab /var/lib/nfs/rmtab
	echo content >/run/kseal-export/file
	pgrep rpcbind >/dev/null || rpcbind -w || rpcbind
	pgrep rpc.mountd >/dev/null || rpc.mountd
	exportfs -o rw,insecure,no_root_squash,fsid=77,no_subtree_check 127.0.0.1:/run/kseal-export
	grep -q '[1-9]' /proc/fs/nfsd/threads || {
		rpc.nfsd 2
		await grep -q '[1-9]' /proc/fs/nfsd/threads
		# No client of an earlier boot will come back, for whom it would let ours wait 90 seconds. A kernel
		# that leaves the book of clients to nfsdcld, which is not here, refuses: then the first mount waits.
		echo Y >/proc/fs/nfsd/v4_end_grace || :
	}
}

mounted() { mkdir -p m; mount -t "$@" m; [[ $(<m/file) == content ]]; echo written >m/new; [[ $(<m/new) == written ]]; umount m; }

#: netfs.nfs4 netfs NFS 4.2: read and written
nfs4() { nfs_server; mounted nfs4 -o vers=4.2,soft,timeo=50 127.0.0.1:/run/kseal-export; }
#: netfs.nfs41 netfs,azure-guest NFS 4.1, as Azure Files has it
nfs41() { nfs_server; mounted nfs4 -o vers=4.1,soft,timeo=50 127.0.0.1:/run/kseal-export; }
#: netfs.nfs3 netfs,azure-guest NFS 3, as Azure Blob has it
nfs3() { nfs_server; mounted nfs -o vers=3,nolock,soft,timeo=50 127.0.0.1:/run/kseal-export; }
#: netfs.nfs_copy netfs the server copies
nfs_copy() { nfs_server; mkdir m; mount -t nfs4 -o vers=4.2,soft,timeo=50 127.0.0.1:/run/kseal-export m; cp m/file m/copy; [[ $(<m/copy) == content ]]; umount m; }

smb_server()
{
	mkdir -p /run/kseal-share /run/kseal-samba
	echo content >/run/kseal-share/file
	cat >/run/kseal-samba/smb.conf <<-'END'
		[global]
		private dir = /run/kseal-samba
		lock directory = /run/kseal-samba
		state directory = /run/kseal-samba
		cache directory = /run/kseal-samba
		pid directory = /run/kseal-samba
		ncalrpc dir = /run/kseal-samba/rpc
		log file = /run/kseal-samba/log
		interfaces = lo
		bind interfaces only = yes
		disable netbios = yes
		disable spoolss = yes
		load printers = no
		map to guest = never
		server min protocol = SMB2
		[share]
		path = /run/kseal-share
		read only = no
		force user = root
	END
	printf 'secret\nsecret\n' | smbpasswd -c /run/kseal-samba/smb.conf -s -a root
	pgrep smbd >/dev/null || smbd -D -s /run/kseal-samba/smb.conf
	await sh -c 'ss -ltn | grep -q :445'
}

#: netfs.cifs netfs SMB 3.1.1: read and written
cifs() { smb_server; mounted cifs -o vers=3.1.1,user=root,pass=secret //127.0.0.1/share; }
#: netfs.cifs_sealed netfs,azure-guest SMB 3.1.1 encrypted, as Azure Files has it
cifs_sealed() { smb_server; mounted cifs -o vers=3.1.1,seal,user=root,pass=secret //127.0.0.1/share; }
#: netfs.ninep wsl2 9P
ninep() { modprobe 9p; grep -qw 9p /proc/filesystems; }
#: netfs.virtiofs nested-kvm virtiofs
virtiofs() { modprobe virtiofs; grep -qw virtiofs /proc/filesystems; }

main "$@"
