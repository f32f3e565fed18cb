#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iptables as distributions have it today: iptables-nft, which speaks to xtables' matches and targets
# through nft_compat. One check for each that a node's software is known to use.
NETNS=y
. "${0%/*}/lib.sh"

# The kernel must take the rule, and give it back.
rule() { iptables -w 5 "$@" && iptables-save | grep -q -- '^-A'; }
rule6() { ip6tables -w 5 "$@" && ip6tables-save | grep -q -- '^-A'; }
in_() { rule -A INPUT "$@" -j ACCEPT; }

#: iptables.drop containerd,kubeadm a rule drops packets, and without it they pass
drop() { ping -c 1 -W 2 127.0.0.1; rule -A INPUT -p icmp -j DROP; refused ping -c 1 -W 1 127.0.0.1; }
#: iptables.comment kubeadm match comment
comment() { in_ -m comment --comment kseal; }
#: iptables.mark kubeadm match mark
mark() { in_ -m mark --mark 0x4000/0x4000; }
#: iptables.conntrack kubeadm match conntrack
conntrack() { in_ -m conntrack --ctstate RELATED,ESTABLISHED; }
#: iptables.state docker match state
state() { in_ -m state --state ESTABLISHED; }
#: iptables.multiport kubeadm match multiport
multiport() { in_ -p tcp -m multiport --dports 80,443; }
#: iptables.addrtype docker,kubeadm match addrtype
addrtype() { in_ -m addrtype --dst-type LOCAL; }
#: iptables.statistic kubeadm match statistic
statistic() { in_ -m statistic --mode random --probability 0.5; }
#: iptables.limit kubeadm match limit
limit() { in_ -m limit --limit 5/s; }
#: iptables.hashlimit iptables match hashlimit
hashlimit() { in_ -m hashlimit --hashlimit-upto 5/s --hashlimit-mode srcip --hashlimit-name kseal; }
#: iptables.recent kubeadm match recent
recent() { in_ -m recent --name kseal --rcheck --seconds 10; }
#: iptables.match_set kubeadm match set
match_set() { ipset create kseal-$$ hash:ip; in_ -m set --match-set kseal-$$ src; iptables -F; ipset destroy kseal-$$; }
#: iptables.owner azure,observe match owner
owner() { rule -A OUTPUT -m owner --uid-owner 0 -j ACCEPT; }
#: iptables.physdev kubeadm match physdev
physdev() { rule -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT; }
#: iptables.mac iptables match mac
mac() { in_ -m mac --mac-source 00:11:22:33:44:55; }
#: iptables.string iptables match string
string() { in_ -m string --algo bm --string kseal; }
#: iptables.time_ iptables match time
time_() { in_ -m time --timestart 01:00 --timestop 02:00; }
#: iptables.tcpmss iptables match tcpmss
tcpmss() { in_ -p tcp --syn -m tcpmss --mss 500:1500; }
#: iptables.length iptables match length
length() { in_ -m length --length 100:200; }
#: iptables.ttl iptables match ttl
ttl() { in_ -m ttl --ttl-eq 64; }
#: iptables.dscp iptables match dscp
dscp() { in_ -m dscp --dscp 10; }
#: iptables.iprange iptables match iprange
iprange() { in_ -m iprange --src-range 10.0.0.1-10.0.0.9; }
#: iptables.connmark kubeadm match connmark
connmark() { in_ -m connmark --mark 1; }
#: iptables.connlimit iptables match connlimit
connlimit() { in_ -p tcp -m connlimit --connlimit-above 10; }
#: iptables.connbytes iptables match connbytes
connbytes() { in_ -m connbytes --connbytes 100: --connbytes-dir both --connbytes-mode bytes; }
#: iptables.socket cilium match socket
socket() { rule -t mangle -A PREROUTING -m socket --transparent -j ACCEPT; }
#: iptables.cgroup containerd match cgroup
cgroup() { rule -A OUTPUT -m cgroup --path system.slice -j ACCEPT; }
#: iptables.bpf iptables match bpf
bpf() { in_ -m bpf --bytecode '1,6 0 0 65535'; }
#: iptables.u32 iptables match u32
u32() { in_ -m u32 --u32 '0>>22&0x3C@4=0x29'; }
#: iptables.rpfilter iptables match rpfilter
rpfilter() { rule -t raw -A PREROUTING -m rpfilter --invert -j DROP; }
#: iptables.policy cilium match policy
policy() { in_ -m policy --dir in --pol ipsec; }
#: iptables.pkttype iptables match pkttype
pkttype() { in_ -m pkttype --pkt-type broadcast; }
#: iptables.icmp iptables match icmp
icmp() { in_ -p icmp --icmp-type echo-request; }
#: iptables.esp iptables match esp
esp() { in_ -p esp -m esp --espspi 1; }
#: iptables.sctp kubeadm match sctp
sctp() { in_ -p sctp --dport 80; }
#: iptables.helper iptables match helper
helper() { in_ -m helper --helper ftp; }
#: iptables.ipvs iptables match ipvs
ipvs() { in_ -m ipvs --ipvs; }
#: iptables.target_masquerade docker,kubeadm target MASQUERADE
target_masquerade() { rule -t nat -A POSTROUTING -j MASQUERADE --random-fully; }
#: iptables.target_snat kubeadm target SNAT
target_snat() { rule -t nat -A POSTROUTING -j SNAT --to-source 10.0.0.1; }
#: iptables.target_dnat docker,kubeadm target DNAT
target_dnat() { rule -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080; }
#: iptables.target_redirect kubeadm target REDIRECT
target_redirect() { rule -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 15001; }
#: iptables.target_netmap iptables target NETMAP
target_netmap() { rule -t nat -A PREROUTING -d 10.0.0.0/24 -j NETMAP --to 10.1.0.0/24; }
#: iptables.target_mark kubeadm target MARK
target_mark() { rule -t mangle -A PREROUTING -j MARK --or-mark 0x4000; }
#: iptables.target_connmark kubeadm target CONNMARK
target_connmark() { rule -t mangle -A PREROUTING -j CONNMARK --restore-mark; }
#: iptables.target_log iptables target LOG
target_log() { rule -A INPUT -j LOG --log-prefix kseal; }
#: iptables.target_nflog kubeadm target NFLOG
target_nflog() { rule -A INPUT -j NFLOG --nflog-group 5; }
#: iptables.target_reject kubeadm target REJECT
target_reject() { rule -A INPUT -p tcp -j REJECT --reject-with tcp-reset; ! nc -w 5 127.0.0.1 4242; }
#: iptables.target_tcpmss iptables target TCPMSS
target_tcpmss() { rule -t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu; }
#: iptables.target_tproxy cilium target TPROXY
target_tproxy() { rule -t mangle -A PREROUTING -p tcp -j TPROXY --on-port 5000 --tproxy-mark 1; }
#: iptables.target_ct cilium target CT
target_ct() { rule -t raw -A PREROUTING -j CT --notrack; }
#: iptables.target_set kubeadm target SET
target_set() { ipset create kseal-$$ hash:ip; rule -A INPUT -j SET --add-set kseal-$$ src; iptables -F; ipset destroy kseal-$$; }
#: iptables.target_dscp iptables target DSCP
target_dscp() { rule -t mangle -A PREROUTING -j DSCP --set-dscp 10; }
#: iptables.target_ttl iptables target TTL
target_ttl() { rule -t mangle -A PREROUTING -j TTL --ttl-set 64; }
#: iptables.target_classify iptables target CLASSIFY
target_classify() { rule -t mangle -A POSTROUTING -j CLASSIFY --set-class 1:1; }
#: iptables.target_tee iptables target TEE
target_tee() { rule -t mangle -A PREROUTING -j TEE --gateway 10.0.0.1; }
#: iptables.target_nfqueue iptables target NFQUEUE
target_nfqueue() { rule -A INPUT -j NFQUEUE --queue-num 1 --queue-bypass; }
#: iptables.target_checksum iptables target CHECKSUM
target_checksum() { rule -t mangle -A POSTROUTING -p udp -j CHECKSUM --checksum-fill; }
#: iptables.target_trace iptables target TRACE
target_trace() { rule -t raw -A PREROUTING -j TRACE; }
#: iptables.user_chain kubeadm a chain of its own, restored as one
user_chain() { printf '*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment "service portals" -j KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -m statistic --mode random --probability 0.33 -j DNAT --to-destination 10.1.1.1:6443\nCOMMIT\n' | iptables-restore --noflush -w 5; iptables-save -t nat | grep -q KUBE-SERVICES; }
#: iptables.ipv6_masquerade kubeadm NAT for IPv6
ipv6_masquerade() { rule6 -t nat -A POSTROUTING -j MASQUERADE; }
#: iptables.ipv6_reject kubeadm REJECT for IPv6
ipv6_reject() { rule6 -A INPUT -p tcp -j REJECT; }
#: iptables.ipv6_frag iptables match frag
ipv6_frag() { rule6 -A INPUT -m frag --fragmore -j ACCEPT; }
#: iptables.ipv6_rt iptables match rt
ipv6_rt() { rule6 -A INPUT -m rt --rt-type 0 -j DROP; }
#: iptables.ipv6_hl iptables match hl
ipv6_hl() { rule6 -A INPUT -p icmpv6 -m hl --hl-eq 255 -j ACCEPT; }
#: iptables.set_hash_net kubeadm ipset hash:net
set_hash_net() { ipset create k hash:net; ipset add k 10.0.0.0/8; ipset test k 10.1.1.1; }
#: iptables.set_hash_ip_port kubeadm ipset hash:ip,port
set_hash_ip_port() { ipset create k hash:ip,port; ipset add k 10.0.0.1,tcp:80; ipset test k 10.0.0.1,tcp:80; }
#: iptables.set_hash_ip_port_ip kubeadm ipset hash:ip,port,ip
set_hash_ip_port_ip() { ipset create k hash:ip,port,ip; ipset add k 10.0.0.1,tcp:80,10.0.0.2; }
#: iptables.set_hash_ip_port_net kubeadm ipset hash:ip,port,net
set_hash_ip_port_net() { ipset create k hash:ip,port,net; ipset add k 10.0.0.1,tcp:80,10.0.0.0/24; }
#: iptables.set_bitmap_port kubeadm ipset bitmap:port
set_bitmap_port() { ipset create k bitmap:port range 1-65535; ipset add k 80; ipset test k 80; }
#: iptables.set_hash_net_iface iptables ipset hash:net,iface
set_hash_net_iface() { ipset create k hash:net,iface; ipset add k 10.0.0.0/8,lo; }
#: iptables.set_list iptables ipset list:set
set_list() { ipset create m hash:ip; ipset create k list:set; ipset add k m; }
#: iptables.ipvs_service kubeadm IPVS has a service with a back end
ipvs_service() { ipvsadm -A -t 10.0.0.1:80 -s rr; ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:80 -m; ipvsadm -L -n | grep -q 10.0.0.2; }
#: iptables.ipvs_schedulers kubeadm its schedulers
ipvs_schedulers() { for s in rr wrr lc sh; do ipvsadm -A -t 10.0.0.1:80 -s $s; ipvsadm -D -t 10.0.0.1:80; done; }
#: iptables.conntrack_events kubeadm conntrack over netlink
conntrack_events() { iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT; ping -c 1 -W 2 127.0.0.1; command conntrack -L | grep -q 127.0.0.1; command conntrack -F; }
#: iptables.legacy iptables iptables-legacy's tables
legacy() { iptables-legacy -A INPUT -j ACCEPT; }

main "$@"
