#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Links, routing, queueing disciplines with their filters and actions, sockets.
NETNS=y
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# A link that goes up.
link() { ip link add k0 "$@" && ip link set k0 up && ip -d link show k0 | grep -q k0; }
dummy() { ip link add d0 type dummy && ip link set d0 up; }
qdisc() { dummy && tc qdisc add dev d0 root handle 1: "$@" && tc qdisc show dev d0 | grep -q "qdisc $1"; }
clsact() { dummy && tc qdisc add dev d0 clsact; }
action() { clsact && tc filter add dev d0 ingress protocol ip matchall action "$@" && tc filter show dev d0 ingress | grep -q "$1"; }

cleanup() { ip netns del a-$$; ip netns del b-$$; } 2>/dev/null

#: net.veth containers two name spaces reach each other
veth() { host a 1; ping -c 1 -W 5 10.1.1.2; }
#: net.bridge containers a bridge forwards between two hosts
bridge()
{
	host a 1
	ip addr flush dev to-a
	ip link add br0 type bridge
	ip link set to-a master br0
	ip addr add 10.1.1.1/24 dev br0
	ip link set br0 up
	ping -c 1 -W 5 10.1.1.2
}
#: net.bridge_vlan containers a bridge that knows VLANs
bridge_vlan() { link type bridge vlan_filtering 1; command bridge vlan add vid 5 dev k0 self; }
#: net.bridge_netfilter kubeadm bridged packets pass iptables
bridge_netfilter() { modprobe br_netfilter; sysctl -qw net.bridge.bridge-nf-call-iptables=1; }
#: net.vlan azure-guest 802.1Q
vlan() { dummy; ip link add link d0 name k0 type vlan id 5; ip link set k0 up; }
#: net.vxlan cilium,kubeadm an overlay between two hosts carries packets
vxlan()
{
	host a 1
	ip link add k0 type vxlan id 7 remote 10.1.1.2 dstport 4789 dev to-a
	ip addr add 10.7.0.1/24 dev k0
	ip link set k0 up
	ip -n a-$$ link add k0 type vxlan id 7 remote 10.1.1.1 dstport 4789 dev eth0
	ip -n a-$$ addr add 10.7.0.2/24 dev k0
	ip -n a-$$ link set k0 up
	ping -c 1 -W 5 10.7.0.2
}
#: net.geneve cilium Geneve
geneve() { link type geneve id 7 remote 10.0.0.1; }
#: net.gre - GRE
gre() { link type gre local 10.0.0.1 remote 10.0.0.2; }
#: net.gretap - GRE with Ethernet in it
gretap() { link type gretap local 10.0.0.1 remote 10.0.0.2; }
#: net.ip6gre - GRE over IPv6
ip6gre() { link type ip6gre local fd00::1 remote fd00::2; }
#: net.ipip kubeadm IP in IP, as Calico does it
ipip() { link type ipip local 10.0.0.1 remote 10.0.0.2; }
#: net.sit - IPv6 in IPv4
sit() { link type sit local 10.0.0.1 remote 10.0.0.2; }
#: net.ip6tnl - tunnels over IPv6
ip6tnl() { link type ip6tnl local fd00::1 remote fd00::2; }
#: net.macvlan containers macvlan
macvlan() { dummy; link link d0 type macvlan mode bridge; }
#: net.macvtap nested-kvm macvtap
macvtap() { dummy; link link d0 type macvtap mode bridge; }
#: net.ipvlan cilium ipvlan
ipvlan() { dummy; link link d0 type ipvlan mode l2; }
#: net.bond azure-guest a bond
bond() { dummy; link type bond mode active-backup; ip link set d0 down; ip link set d0 master k0; }
#: net.team - a team
team() { link type team; }
#: net.dummy_link cilium a dummy
dummy_link() { dummy; }
#: net.ifb - ifb takes ingress for shaping
ifb() { link type ifb; }
#: net.vrf - VRF
vrf() { link type vrf table 10; }
#: net.wireguard cilium,kubeadm WireGuard between two hosts carries packets
wireguard()
{
	host a 1
	umask 077
	wg genkey >a
	wg genkey >b
	ip link add k0 type wireguard
	ip addr add 10.7.0.1/24 dev k0
	wg set k0 private-key a peer "$(wg pubkey <b)" allowed-ips 10.7.0.2/32 endpoint 10.1.1.2:5000
	ip link set k0 up
	ip -n a-$$ link add k0 type wireguard
	ip -n a-$$ addr add 10.7.0.2/24 dev k0
	in_a wg set k0 listen-port 5000 private-key b peer "$(wg pubkey <a)" allowed-ips 10.7.0.1/32
	ip -n a-$$ link set k0 up
	ping -c 2 -W 10 10.7.0.2
}
#: net.tun containers,nested-kvm TUN and TAP
tun() { ip tuntap add k0 mode tap; ip tuntap add k1 mode tun; ip link set k0 up; }
#: net.xfrm_interface cilium an xfrm interface
xfrm_interface() { dummy; link type xfrm dev d0 if_id 5; }
#: net.netkit cilium netkit
netkit() { link type netkit; }
#: net.macsec - MACsec
macsec() { dummy; link link d0 type macsec; }
#: net.policy_routing kubeadm,cilium rules and tables
policy_routing() { dummy; ip addr add 10.0.0.1/24 dev d0; ip rule add fwmark 0x200 lookup 2004; ip route add default dev d0 table 2004; ip route get 10.9.9.9 mark 0x200 | grep -q d0; ip -6 rule add fwmark 0x200 lookup 2004; }
#: net.multipath - a route with two ways
multipath() { dummy; ip addr add 10.0.0.1/24 dev d0; ip route add 10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.0.3; }
#: net.nexthop - nexthop objects
nexthop() { dummy; ip addr add 10.0.0.1/24 dev d0; ip nexthop add id 1 via 10.0.0.2 dev d0; ip route add 10.9.0.0/16 nhid 1; }
#: net.ipv6 kubeadm IPv6
ipv6() { ping -c 1 -W 5 ::1; }
#: net.esp cilium packets through IPsec
esp()
{
	host a 1
	local k=0x0123456789abcdef0123456789abcdef01234567
	for h in '' "ip netns exec a-$$"; do
		$h ip xfrm state add src 10.1.1.1 dst 10.1.1.2 proto esp spi 1 mode transport aead 'rfc4106(gcm(aes))' $k 128
		$h ip xfrm state add src 10.1.1.2 dst 10.1.1.1 proto esp spi 2 mode transport aead 'rfc4106(gcm(aes))' $k 128
	done
	ip xfrm policy add src 10.1.1.1 dst 10.1.1.2 dir out tmpl proto esp mode transport
	in_a ip xfrm policy add src 10.1.1.2 dst 10.1.1.1 dir out tmpl proto esp mode transport
	ping -c 1 -W 5 10.1.1.2
	ip -s xfrm state get src 10.1.1.1 dst 10.1.1.2 proto esp spi 1 | grep -q '[1-9][0-9]*(packets)'
}
#: net.sch_fq azure-guest qdisc fq
sch_fq() { qdisc fq; }
#: net.sch_fq_codel systemd qdisc fq_codel
sch_fq_codel() { qdisc fq_codel; }
#: net.sch_htb kubeadm qdisc htb with a class and a filter
sch_htb() { qdisc htb default 10; tc class add dev d0 parent 1: classid 1:10 htb rate 1mbit; tc filter add dev d0 parent 1: protocol ip u32 match ip dport 80 0xffff flowid 1:10; }
#: net.sch_tbf kubeadm qdisc tbf, as the bandwidth plug-in uses it
sch_tbf() { qdisc tbf rate 1mbit burst 10kb latency 70ms; }
#: net.sch_sfq - qdisc sfq
sch_sfq() { qdisc sfq; }
#: net.sch_prio - qdisc prio
sch_prio() { qdisc prio; }
#: net.sch_cake - qdisc cake
sch_cake() { qdisc cake bandwidth 1mbit; }
#: net.sch_netem - qdisc netem loses packets
sch_netem() { qdisc netem delay 1ms loss 10%; }
#: net.sch_mqprio azure-guest qdisc mqprio
sch_mqprio() { ip link add d0 numtxqueues 4 type dummy; tc qdisc add dev d0 root handle 1: mqprio num_tc 2 map 0 1 queues 1@0 1@1 hw 0; }
#: net.sch_mq azure-guest qdisc mq
sch_mq() { ip link add d0 numtxqueues 4 type dummy; tc qdisc add dev d0 root mq; }
#: net.sch_drr - qdisc drr
sch_drr() { qdisc drr; }
#: net.sch_hfsc - qdisc hfsc
sch_hfsc() { qdisc hfsc; }
#: net.sch_codel - qdisc codel
sch_codel() { qdisc codel; }
#: net.sch_red - qdisc red
sch_red() { qdisc red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 probability 0.02; }
#: net.sch_ingress kubeadm ingress
sch_ingress() { dummy; tc qdisc add dev d0 ingress; }
#: net.cls_u32 - filter u32
cls_u32() { clsact; tc filter add dev d0 ingress protocol ip u32 match ip src 10.0.0.0/8 action drop; }
#: net.cls_flower cilium,azure-guest filter flower
cls_flower() { clsact; tc filter add dev d0 ingress protocol ip flower ip_proto tcp dst_port 80 action drop; }
#: net.cls_matchall - filter matchall
cls_matchall() { clsact; tc filter add dev d0 ingress matchall action pass; }
#: net.cls_fw - filter fw
cls_fw() { qdisc htb; tc filter add dev d0 parent 1: protocol ip handle 6 fw flowid 1:1; }
#: net.cls_basic - filter basic
cls_basic() { qdisc htb; tc filter add dev d0 parent 1: protocol ip basic match 'u32(u32 0x0a000000 0xff000000 at 12)' flowid 1:1; }
#: net.cls_cgroup containers filter cgroup
cls_cgroup() { qdisc htb; tc filter add dev d0 parent 1: protocol ip handle 1: cgroup; }
#: net.act_mirred kubeadm,cilium action mirred
act_mirred() { ip link add d1 type dummy; action mirred egress redirect dev d1; }
#: net.act_police - action police
act_police() { action police rate 1mbit burst 10k drop; }
#: net.act_gact - action gact
act_gact() { action gact drop; }
#: net.act_pedit azure-guest action pedit
act_pedit() { action pedit ex munge ip ttl set 63; }
#: net.act_skbedit - action skbedit
act_skbedit() { action skbedit mark 5; }
#: net.act_vlan azure-guest action vlan
act_vlan() { action vlan push id 5; }
#: net.act_tunnel_key azure-guest action tunnel_key
act_tunnel_key() { action tunnel_key set id 5 src_ip 10.0.0.1 dst_ip 10.0.0.2 dst_port 4789; }
#: net.act_ct azure-guest action ct
act_ct() { action ct; }
#: net.act_csum azure-guest action csum
act_csum() { action csum ip; }
#: net.ss observability sockets are listed over netlink
ss() { nc -l -p 4242 & await sh -c 'ss -ltn | grep -q :4242'; command ss -xa | grep -q . ; command ss -ltnp | grep -q nc; }
#: net.packet observability tcpdump sees a packet
packet()
{
	# -Z: the image has no user for it.
	timeout 60 tcpdump -Z root -i lo -c 1 -w dump icmp 2>err &
	await grep -q listening err || { cat err; false; }
	ping -c 3 -i 0.5 -W 2 127.0.0.1
	await test -s dump
}
#: net.bbr azure-guest congestion control bbr
bbr() { modprobe tcp_bbr || true; /kselftest/probe congestion bbr; }
#: net.cubic azure-guest congestion control cubic
cubic() { /kselftest/probe congestion cubic; }
#: net.ktls containers TLS in the kernel
ktls() { /kselftest/probe ktls; }
#: net.mptcp containers multipath TCP
mptcp() { /kselftest/probe socket mptcp; }
#: net.sctp - SCTP
sctp() { /kselftest/probe socket sctp; }
#: net.vsock wsl2,nested-kvm a vsock connection with oneself
vsock() { /kselftest/probe vsock; }
#: net.ping_socket containers ping without rights
ping_socket() { sysctl -qw net.ipv4.ping_group_range='0 2147483647'; setpriv --reuid=user --regid=user --clear-groups /kselftest/probe socket ping; }
#: net.forwarding kubeadm two hosts talk through this one, and not when it does not forward
forwarding()
{
	two_hosts
	in_a ping -c 1 -W 5 10.1.2.2
	sysctl -qw net.ipv4.ip_forward=0
	refused in_a ping -c 1 -W 2 10.1.2.2
}
#: net.syncookies - SYN cookies
syncookies() { sysctl -qw net.ipv4.tcp_syncookies=1; }
#: net.ethtool azure-guest offloads are told and changed
ethtool()
{
	dummy
	command ethtool -k d0 | grep -q '^tx-checksumming: on'
	command ethtool -K d0 tx off
	command ethtool -k d0 | grep -q '^tx-checksumming: off'
}
#: net.multicast - a route for multicast
multicast() { grep -q . /proc/net/igmp; [[ -e /proc/net/ip_mr_vif ]]; }

main "$@"
