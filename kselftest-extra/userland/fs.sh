#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# File systems, device-mapper, md, swap: made, mounted, written, read again.
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# Mount a new file system: "fresh MIB TYPE MKFS...". It is at m, its device $D.
fresh()
{
	D=$(loop "$1")
	"${@:3}" "$D" >/dev/null
	mkdir -p m
	mount -t "$2" "$D" m
	echo content >m/file
	[[ $(<m/file) == content ]]
}
again() { umount m; mount -t "$1" "$D" m; [[ $(<m/file) == content ]]; }
cleanup() { [[ -z ${N-} ]] || { umount m; dmsetup remove --retry "$N"; }; } 2>/dev/null
# A device-mapper device $1 with a table.
dm() { N=kseal-$1; dmsetup create "$N" --table "$2"; }
sectors() { blockdev --getsz "$1"; }

#: fs.ext4 azure-guest ext4
ext4() { fresh 32 ext4 mkfs.ext4 -q; again ext4; }
#: fs.ext4_acl systemd access control lists
ext4_acl() { fresh 32 ext4 mkfs.ext4 -q; setfacl -m u:user:r m/file; getfacl -p m/file | grep -q user:user:r; }
#: fs.ext4_xattr containers extended attributes
ext4_xattr() { fresh 32 ext4 mkfs.ext4 -q; setfattr -n user.k -v v m/file; setfattr -n security.k -v v m/file; getfattr -n user.k m/file | grep -q v; }
#: fs.ext4_quota systemd disk quota
ext4_quota()
{
	D=$(loop 32)
	mkfs.ext4 -q -O quota,project "$D"
	mkdir m
	mount -o usrquota "$D" m
	quotaon -p m | grep -q 'user quota.*is on' || quotaon m
	chmod 777 m
	setquota -u user 0 1000 0 0 m
	refused setpriv --reuid=user --regid=user --clear-groups dd if=/dev/zero of=m/large bs=64k count=64 status=none
}
#: fs.ext4_resize azure-guest a mounted file system grows, as cloud-init does it
ext4_resize()
{
	fresh 32 ext4 mkfs.ext4 -q
	truncate -s 64M disk.*
	losetup -c "$D"
	resize2fs "$D"
	[[ $(df --output=size m | tail -n 1) -gt 50000 ]]
}
#: fs.ext4_fsck azure-guest a file system is checked while it is mounted read-only
ext4_fsck() { fresh 32 ext4 mkfs.ext4 -q; mount -o remount,ro m; e2fsck -n "$D"; }
#: fs.xfs azure-guest xfs
xfs() { fresh 320 xfs mkfs.xfs -q; again xfs; }
#: fs.xfs_reflink containers copies that share blocks
xfs_reflink() { fresh 320 xfs mkfs.xfs -q; cp --reflink=always m/file m/copy; }
#: fs.xfs_pquota containers project quota
xfs_pquota() { D=$(loop 320); mkfs.xfs -q "$D"; mkdir m; mount -o prjquota "$D" m; xfs_quota -x -c 'limit -p bhard=1m 7' m; }
#: fs.vfat azure-guest vfat, as the EFI system partition is
vfat() { fresh 32 vfat mkfs.vfat; again vfat; }
#: fs.udf azure-guest udf, as the provisioning DVD is
udf() { fresh 32 udf mkfs.udf; again udf; }
#: fs.iso9660 azure-guest iso9660 is known
iso9660() { modprobe isofs || true; grep -qw iso9660 /proc/filesystems; }
#: fs.squashfs containers squashfs
squashfs() { mkdir d m; echo content >d/file; mksquashfs d image -comp zstd -quiet -no-progress; mount -t squashfs -o loop image m; [[ $(<m/file) == content ]]; }
#: fs.squashfs_xz containers squashfs with xz, as snaps are
squashfs_xz() { mkdir d m; echo content >d/file; mksquashfs d image -comp xz -quiet -no-progress; mount -t squashfs -o loop image m; [[ $(<m/file) == content ]]; }
#: fs.erofs containers the root itself is erofs
erofs() { grep -q ' / erofs ro' /proc/mounts; }
#: fs.verity_root - and on dm-verity with a signature
verity_root() { dmsetup table kseal-root | grep -q 'verity .*root_hash_sig_key_desc'; }
#: fs.root_is_sealed - the root is not writable, not even by a new mount
root_is_sealed() { refused mount -o remount,rw /; refused touch /usr/kseal-written; }
#: fs.btrfs - btrfs
btrfs() { modprobe btrfs || true; grep -qw btrfs /proc/filesystems; }
#: fs.exfat azure-guest exfat
exfat() { modprobe exfat || true; grep -qw exfat /proc/filesystems; }
#: fs.tmpfs systemd tmpfs with limits
tmpfs() { mkdir m; mount -t tmpfs -o size=1M none m; refused dd if=/dev/zero of=m/large bs=64k count=64 status=none; }
#: fs.tmpfs_noswap systemd tmpfs for secrets
tmpfs_noswap() { mkdir m; mount -t tmpfs -o noswap none m; }
#: fs.hugetlbfs kubeadm,azure-guest hugetlbfs
hugetlbfs() { mkdir m; mount -t hugetlbfs none m; }
#: fs.overlay containers overlayfs over the signed root
overlay() { own_tmpfs; mkdir u w m; mount -t overlay -o lowerdir=/usr/share,upperdir=u,workdir=w none m; touch m/new; [[ -e u/new ]]; }
#: fs.overlay_options containers redirect_dir and metacopy
overlay_options() { own_tmpfs; mkdir l u w m; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w,redirect_dir=on,metacopy=on,index=on none m; }
#: fs.fuse containers a file system in userland
fuse() { mkdir l u w m; fuse-overlayfs -o lowerdir=l,upperdir=u,workdir=w m; touch m/file; grep -q 'fuse' /proc/mounts; fusermount3 -u m; }
#: fs.autofs systemd autofs is known
autofs() { grep -qw autofs /proc/filesystems || modprobe autofs4; }
#: fs.loop_partitions azure-guest partitions of a loop device
loop_partitions() { D=$(loop 32); echo ',,L' | sfdisk -q "$D"; losetup -d "$D"; D=$(losetup -f --show -P disk.*); await test -b "${D}p1"; }
#: fs.loop_direct containers a loop device without a cache
loop_direct() { D=$(loop 32); losetup --direct-io=on "$D"; [[ $(losetup -n -O DIO "$D" | tr -d ' ') == 1 ]]; }
#: fs.discard azure-guest blocks are given back
discard() { D=$(loop 32); blkdiscard "$D"; }
#: fs.swap_file kubeadm swap on a device
swap_file() { D=$(loop 32); mkswap -q "$D"; swapon "$D"; grep -q "$D" /proc/swaps; swapoff "$D"; }
# While udev looks at it the reset is refused, or it goes and zramctl says that it did not.
zram_gone() { zramctl -r "$1" || true; [[ ! -e /sys/block/${1##*/} ]]; }
#: fs.zram azure-guest compressed swap
zram() { modprobe zram; udevadm settle; D=$(zramctl -f -s 32M); mkswap -q "$D"; swapon "$D"; swapoff "$D"; await zram_gone "$D"; }
#: fs.dm_linear - device-mapper: linear
dm_linear() { D=$(loop 32); dm linear "0 $(sectors "$D") linear $D 0"; }
#: fs.dm_crypt azure-guest LUKS 2
dm_crypt() { D=$(loop 64); echo -n secret | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$D" -; echo -n secret | cryptsetup open "$D" kseal-crypt -; N=kseal-crypt; mkfs.ext4 -q /dev/mapper/kseal-crypt; mkdir m; mount /dev/mapper/kseal-crypt m; }
#: fs.dm_integrity azure-guest a disk that notices changes
dm_integrity() { D=$(loop 64); integritysetup format -q "$D"; integritysetup open "$D" kseal-integrity; N=kseal-integrity; }
#: fs.dm_verity systemd a device without a signed root hash is refused; the root is the control
dm_verity()
{
	D=$(loop 16)
	E=$(loop 16)
	veritysetup format "$D" "$E" | awk '/^Root hash/ { print $3 }' >root.hash
	[[ -s root.hash ]]
	# The command line of the image asks for signatures, and this one has none.
	refused veritysetup open "$D" kseal-unsigned "$E" "$(<root.hash)"
}
#: fs.dm_snapshot - device-mapper: snapshot
dm_snapshot() { D=$(loop 32); E=$(loop 16); dm snapshot "0 $(sectors "$D") snapshot $D $E P 8"; }
#: fs.dm_thin containers device-mapper: thin volumes
dm_thin() { D=$(loop 64); E=$(loop 16); dm pool "0 $(sectors "$D") thin-pool $E $D 128 0"; dmsetup message kseal-pool 0 'create_thin 0'; dmsetup create kseal-thin --table '0 65536 thin /dev/mapper/kseal-pool 0'; dmsetup remove --retry kseal-thin; }
#: fs.dm_mirror - device-mapper: mirror
dm_mirror() { D=$(loop 32); E=$(loop 32); dm mirror "0 $(sectors "$D") mirror core 1 1024 2 $D 0 $E 0"; }
#: fs.dm_striped - device-mapper: stripes
dm_striped() { D=$(loop 32); E=$(loop 32); dm striped "0 $(sectors "$D") striped 2 128 $D 0 $E 0"; }
#: fs.dm_multipath azure-guest device-mapper: multipath
dm_multipath() { D=$(loop 32); dm multipath "0 $(sectors "$D") multipath 0 0 1 1 round-robin 0 1 1 $D 1"; }
#: fs.lvm - LVM makes a volume
lvm() { D=$(loop 64); vgcreate -q --config 'devices { use_devicesfile=0 scan=["/dev"] }' "kseal$$" "$D"; lvcreate -q -y -Wn -an -L 16M -n v "kseal$$"; vgremove -q -y "kseal$$"; }
#: fs.md_raid1 azure-guest md: a mirror with mdadm
md_raid1() { D=$(loop 32); E=$(loop 32); mdadm --create /dev/md/kseal --run --level=1 --raid-devices=2 --metadata=1.0 --assume-clean "$D" "$E"; mdadm --stop /dev/md/kseal; }
#: fs.md_raid0 azure-guest md: stripes, as on VMs with several disks
md_raid0() { D=$(loop 32); E=$(loop 32); mdadm --create /dev/md/kseal --run --level=0 --raid-devices=2 "$D" "$E"; mdadm --stop /dev/md/kseal; }
#: fs.fs_verity - fs-verity seals a file
fs_verity()
{
	fresh 64 ext4 mkfs.ext4 -q -b 4096 -O verity
	echo more >>m/file
	/kselftest/probe verity "$PWD/m/file"
	[[ $(tail -n 1 m/file) == more ]]
	refused dd if=/dev/null of=m/file oflag=append conv=notrunc status=none
}
#: fs.configfs azure-guest configfs
configfs() { mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config; }
#: fs.nbd - network block devices
nbd() { modprobe nbd; [[ -b /dev/nbd0 ]]; await modprobe -r nbd; }
#: fs.freeze azure-guest a file system is frozen for a snapshot
freeze() { fresh 32 ext4 mkfs.ext4 -q; fsfreeze -f m; fsfreeze -u m; }
#: fs.mount_api systemd mounts by descriptor
mount_api() { findmnt -n / | grep -q erofs; mkdir m; mount --bind -o ro,noexec,nosymfollow /usr m; }
#: fs.file_locks containers locks
file_locks() { flock file true; }
#: fs.sparse azure-guest holes
sparse() { fresh 32 ext4 mkfs.ext4 -q; fallocate -l 4M m/large; fallocate -p -o 1M -l 1M m/large; [[ $(stat -c %b m/large) -lt 8192 ]]; }
#: fs.lsattr azure-guest immutable files
lsattr() { fresh 32 ext4 mkfs.ext4 -q; chattr +i m/file; refused cp /etc/passwd m/file; chattr -i m/file; cp /etc/passwd m/file; }
#: fs.proc_hidepid systemd /proc with options
proc_hidepid() { mkdir m; mount -t proc -o hidepid=invisible none m; }

main "$@"
