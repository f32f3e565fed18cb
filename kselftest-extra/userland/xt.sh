#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iptables as distributions have it today: iptables-nft, which speaks to xtables' matches and targets
# through nft_compat. One check for each that a node's software is known to use.
NETNS=y
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# The kernel must take the rule, and give it back.
rule() { iptables -w 5 "$@" && iptables-save | grep -q -- '^-A'; }
rule6() { ip6tables -w 5 "$@" && ip6tables-save | grep -q -- '^-A'; }
in_() { rule -A INPUT "$@" -j ACCEPT; }

#: xt.drop containers,kubeadm a rule drops packets, and without it they pass
drop() { ping -c 1 -W 2 127.0.0.1; rule -A INPUT -p icmp -j DROP; refused ping -c 1 -W 1 127.0.0.1; }
#: xt.comment kubeadm match comment
comment() { in_ -m comment --comment kseal; }
#: xt.mark kubeadm match mark
mark() { in_ -m mark --mark 0x4000/0x4000; }
#: xt.conntrack kubeadm match conntrack
conntrack() { in_ -m conntrack --ctstate RELATED,ESTABLISHED; }
#: xt.state containers match state
state() { in_ -m state --state ESTABLISHED; }
#: xt.multiport kubeadm match multiport
multiport() { in_ -p tcp -m multiport --dports 80,443; }
#: xt.addrtype containers,kubeadm match addrtype
addrtype() { in_ -m addrtype --dst-type LOCAL; }
#: xt.statistic kubeadm match statistic
statistic() { in_ -m statistic --mode random --probability 0.5; }
#: xt.limit kubeadm match limit
limit() { in_ -m limit --limit 5/s; }
#: xt.hashlimit iptables match hashlimit
hashlimit() { in_ -m hashlimit --hashlimit-upto 5/s --hashlimit-mode srcip --hashlimit-name kseal; }
#: xt.recent kubeadm match recent
recent() { in_ -m recent --name kseal --rcheck --seconds 10; }
#: xt.match_set kubeadm match set
match_set() { ipset create kseal-$$ hash:ip; in_ -m set --match-set kseal-$$ src; iptables -F; ipset destroy kseal-$$; }
#: xt.owner azure-guest,observability match owner
owner() { rule -A OUTPUT -m owner --uid-owner 0 -j ACCEPT; }
#: xt.physdev kubeadm match physdev
physdev() { rule -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT; }
#: xt.mac iptables match mac
mac() { in_ -m mac --mac-source 00:11:22:33:44:55; }
#: xt.string iptables match string
string() { in_ -m string --algo bm --string kseal; }
#: xt.time_ iptables match time
time_() { in_ -m time --timestart 01:00 --timestop 02:00; }
#: xt.tcpmss iptables match tcpmss
tcpmss() { in_ -p tcp --syn -m tcpmss --mss 500:1500; }
#: xt.length iptables match length
length() { in_ -m length --length 100:200; }
#: xt.ttl iptables match ttl
ttl() { in_ -m ttl --ttl-eq 64; }
#: xt.dscp iptables match dscp
dscp() { in_ -m dscp --dscp 10; }
#: xt.iprange iptables match iprange
iprange() { in_ -m iprange --src-range 10.0.0.1-10.0.0.9; }
#: xt.connmark kubeadm match connmark
connmark() { in_ -m connmark --mark 1; }
#: xt.connlimit iptables match connlimit
connlimit() { in_ -p tcp -m connlimit --connlimit-above 10; }
#: xt.connbytes iptables match connbytes
connbytes() { in_ -m connbytes --connbytes 100: --connbytes-dir both --connbytes-mode bytes; }
#: xt.socket cilium match socket
socket() { rule -t mangle -A PREROUTING -m socket --transparent -j ACCEPT; }
#: xt.cgroup containers match cgroup
cgroup() { rule -A OUTPUT -m cgroup --path system.slice -j ACCEPT; }
#: xt.bpf iptables match bpf
bpf() { in_ -m bpf --bytecode '1,6 0 0 65535'; }
#: xt.u32 iptables match u32
u32() { in_ -m u32 --u32 '0>>22&0x3C@4=0x29'; }
#: xt.rpfilter iptables match rpfilter
rpfilter() { rule -t raw -A PREROUTING -m rpfilter --invert -j DROP; }
#: xt.policy cilium match policy
policy() { in_ -m policy --dir in --pol ipsec; }
#: xt.pkttype iptables match pkttype
pkttype() { in_ -m pkttype --pkt-type broadcast; }
#: xt.icmp iptables match icmp
icmp() { in_ -p icmp --icmp-type echo-request; }
#: xt.esp iptables match esp
esp() { in_ -p esp -m esp --espspi 1; }
#: xt.sctp kubeadm match sctp
sctp() { in_ -p sctp --dport 80; }
#: xt.helper iptables match helper
helper() { in_ -m helper --helper ftp; }
#: xt.ipvs iptables match ipvs
ipvs() { in_ -m ipvs --ipvs; }
#: xt.target_masquerade containers,kubeadm target MASQUERADE
target_masquerade() { rule -t nat -A POSTROUTING -j MASQUERADE --random-fully; }
#: xt.target_snat kubeadm target SNAT
target_snat() { rule -t nat -A POSTROUTING -j SNAT --to-source 10.0.0.1; }
#: xt.target_dnat containers,kubeadm target DNAT
target_dnat() { rule -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080; }
#: xt.target_redirect kubeadm target REDIRECT
target_redirect() { rule -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 15001; }
#: xt.target_netmap iptables target NETMAP
target_netmap() { rule -t nat -A PREROUTING -d 10.0.0.0/24 -j NETMAP --to 10.1.0.0/24; }
#: xt.target_mark kubeadm target MARK
target_mark() { rule -t mangle -A PREROUTING -j MARK --or-mark 0x4000; }
#: xt.target_connmark kubeadm target CONNMARK
target_connmark() { rule -t mangle -A PREROUTING -j CONNMARK --restore-mark; }
#: xt.target_log iptables target LOG
target_log() { rule -A INPUT -j LOG --log-prefix kseal; }
#: xt.target_nflog kubeadm target NFLOG
target_nflog() { rule -A INPUT -j NFLOG --nflog-group 5; }
#: xt.target_reject kubeadm target REJECT
target_reject()
{
	nc -k -l 127.0.0.1 4242 &
	await nc -z 127.0.0.1 4242
	rule -A INPUT -p tcp --dport 4242 -j REJECT --reject-with tcp-reset
	refused nc -z -w 5 127.0.0.1 4242
}
#: xt.target_tcpmss iptables target TCPMSS
target_tcpmss() { rule -t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu; }
#: xt.target_tproxy cilium target TPROXY
target_tproxy() { rule -t mangle -A PREROUTING -p tcp -j TPROXY --on-port 5000 --tproxy-mark 1; }
#: xt.target_ct cilium target CT
target_ct() { rule -t raw -A PREROUTING -j CT --notrack; }
#: xt.target_set kubeadm target SET
target_set() { ipset create kseal-$$ hash:ip; rule -A INPUT -j SET --add-set kseal-$$ src; iptables -F; ipset destroy kseal-$$; }
#: xt.target_dscp iptables target DSCP
target_dscp() { rule -t mangle -A PREROUTING -j DSCP --set-dscp 10; }
#: xt.target_ttl iptables target TTL
target_ttl() { rule -t mangle -A PREROUTING -j TTL --ttl-set 64; }
#: xt.target_classify iptables target CLASSIFY
target_classify() { rule -t mangle -A POSTROUTING -j CLASSIFY --set-class 1:1; }
#: xt.target_tee iptables target TEE
target_tee() { rule -t mangle -A PREROUTING -j TEE --gateway 10.0.0.1; }
#: xt.target_nfqueue iptables target NFQUEUE
target_nfqueue() { rule -A INPUT -j NFQUEUE --queue-num 1 --queue-bypass; }
#: xt.target_checksum iptables target CHECKSUM
target_checksum() { rule -t mangle -A POSTROUTING -p udp -j CHECKSUM --checksum-fill; }
#: xt.target_trace iptables target TRACE
target_trace() { rule -t raw -A PREROUTING -j TRACE; }
#: xt.user_chain kubeadm a chain of its own, restored as one
user_chain() { printf '*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment "service portals" -j KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -m statistic --mode random --probability 0.33 -j DNAT --to-destination 10.1.1.1:6443\nCOMMIT\n' | iptables-restore --noflush -w 5; iptables-save -t nat | grep -q KUBE-SERVICES; }
#: xt.ipv6_masquerade kubeadm NAT for IPv6
ipv6_masquerade() { rule6 -t nat -A POSTROUTING -j MASQUERADE; }
#: xt.ipv6_reject kubeadm REJECT for IPv6
ipv6_reject() { rule6 -A INPUT -p tcp -j REJECT; }
#: xt.ipv6_frag iptables match frag
ipv6_frag() { rule6 -A INPUT -m frag --fragmore -j ACCEPT; }
#: xt.ipv6_rt iptables match rt
ipv6_rt() { rule6 -A INPUT -m rt --rt-type 0 -j DROP; }
#: xt.ipv6_hl iptables match hl
ipv6_hl() { rule6 -A INPUT -p icmpv6 -m hl --hl-eq 255 -j ACCEPT; }
#: xt.set_hash_net kubeadm ipset hash:net
set_hash_net() { ipset create k hash:net; ipset add k 10.0.0.0/8; ipset test k 10.1.1.1; }
#: xt.set_hash_ip_port kubeadm ipset hash:ip,port
set_hash_ip_port() { ipset create k hash:ip,port; ipset add k 10.0.0.1,tcp:80; ipset test k 10.0.0.1,tcp:80; }
#: xt.set_hash_ip_port_ip kubeadm ipset hash:ip,port,ip
set_hash_ip_port_ip() { ipset create k hash:ip,port,ip; ipset add k 10.0.0.1,tcp:80,10.0.0.2; }
#: xt.set_hash_ip_port_net kubeadm ipset hash:ip,port,net
set_hash_ip_port_net() { ipset create k hash:ip,port,net; ipset add k 10.0.0.1,tcp:80,10.0.0.0/24; }
#: xt.set_bitmap_port kubeadm ipset bitmap:port
set_bitmap_port() { ipset create k bitmap:port range 1-65535; ipset add k 80; ipset test k 80; }
#: xt.set_hash_net_iface iptables ipset hash:net,iface
set_hash_net_iface() { ipset create k hash:net,iface; ipset add k 10.0.0.0/8,lo; }
#: xt.set_list iptables ipset list:set
set_list() { ipset create m hash:ip; ipset create k list:set; ipset add k m; }
#: xt.ipvs_service kubeadm IPVS has a service with a back end
ipvs_service() { ipvsadm -A -t 10.0.0.1:80 -s rr; ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:80 -m; ipvsadm -L -n | grep -q 10.0.0.2; }
#: xt.ipvs_schedulers kubeadm its schedulers
ipvs_schedulers() { for s in rr wrr lc sh; do ipvsadm -A -t 10.0.0.1:80 -s $s; ipvsadm -D -t 10.0.0.1:80; done; }
#: xt.conntrack_events kubeadm conntrack over netlink
conntrack_events() { iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT; ping -c 1 -W 2 127.0.0.1; command conntrack -L | grep -q 127.0.0.1; command conntrack -F; }
#: xt.legacy iptables iptables-legacy's tables
legacy() { iptables-legacy -A INPUT -j ACCEPT; }

main "$@"
