#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nftables: expressions, one check each, and what kubeadm's and podman's rules do to packets.
NETNS=y
# shellcheck source=kselftest-extra/userland/lib.sh
. "${0%/*}/lib.sh"

# A rule in a chain of a family: "rule FAMILY CHAIN-SPEC RULE". The kernel must give it back.
rule()
{
	nft -f - <<-END
		table $1 kseal {
			chain c { $2; }
		}
	END
	nft add rule "$1" kseal c "$3"
	[[ $(nft -a list chain "$1" kseal c | grep -c '# handle') -ge 2 ]]
}

input='type filter hook input priority 0'
output='type filter hook output priority 0'
prerouting='type filter hook prerouting priority 0'
forward='type filter hook forward priority 0'
nat_pre='type nat hook prerouting priority -100'
nat_post='type nat hook postrouting priority 100'

cleanup() { ip netns del a-$$; ip netns del b-$$; } 2>/dev/null

#: nft.drop nftables a rule drops packets, and without it they pass
drop()
{
	ping -c 1 -W 2 127.0.0.1
	rule ip "$input" 'ip saddr 127.0.0.1 icmp type echo-request counter drop'
	refused ping -c 1 -W 1 127.0.0.1
	nft list table ip kseal | grep -q 'packets [1-9]'
}
#: nft.reject nftables a rejected connection is refused at once
reject()
{
	nc -k -l 127.0.0.1 4242 &
	await nc -z 127.0.0.1 4242
	rule inet "$input" 'tcp dport 4242 counter reject with tcp reset'
	refused nc -z -w 5 127.0.0.1 4242
}
#: nft.reject_icmp nftables reject with an ICMP message
reject_icmp() { rule ip "$input" 'reject with icmp type admin-prohibited'; }
#: nft.masquerade kubeadm,nftables a host behind NAT has the router's address
masquerade()
{
	two_hosts
	in_a ping -c 1 -W 5 10.1.2.2
	rule ip "$nat_post" 'oifname to-b masquerade'
	in_b ip route del default
	in_a ping -c 1 -W 5 10.1.2.2
}
#: nft.dnat kubeadm,nftables a port goes to another host
dnat()
{
	two_hosts
	rule ip "$nat_pre" 'tcp dport 8080 dnat to 10.1.2.2:80'
	in_b sh -c 'echo answered | nc -l -p 80 -N' &
	await in_b sh -c 'ss -ltn | grep -q :80'
	in_a nc -w 5 10.1.1.1 8080 </dev/null | grep -q answered
}
#: nft.snat nftables source NAT to an address
snat() { rule ip "$nat_post" 'ip daddr 10.9.9.9 snat to 10.8.8.8'; }
#: nft.redirect nftables redirect to a local port
redirect() { rule ip "$nat_pre" 'tcp dport 80 redirect to :8080'; }
#: nft.nat6 nftables NAT for IPv6
nat6() { rule ip6 "$nat_post" 'masquerade'; }
#: nft.inet_nat nftables NAT in the inet family
inet_nat() { rule inet "$nat_post" 'meta nfproto ipv4 masquerade random'; }
#: nft.ct_state kubeadm connection tracking by state
ct_state()
{
	rule inet "$input" 'ct state established,related accept'
	nft add rule inet kseal c ct state new counter accept
	ping -c 1 -W 2 127.0.0.1
	conntrack -L -p icmp 2>/dev/null | grep -q 127.0.0.1
}
#: nft.ct_mark kubeadm mark of a connection
ct_mark() { rule inet "$input" 'ct mark set 0x1'; }
#: nft.ct_count nftables number of connections
ct_count() { rule ip "$input" 'tcp dport 22 ct count over 10 reject'; }
#: nft.ct_zone nftables zones
ct_zone() { rule ip 'type filter hook prerouting priority -300' 'ct zone set 3'; }
#: nft.ct_label nftables labels of a connection
ct_label() { rule inet "$input" 'ct label set 1'; }
#: nft.notrack kubeadm no tracking
notrack() { rule ip 'type filter hook prerouting priority -300' 'udp dport 53 notrack'; }
#: nft.ct_helper nftables a helper for FTP
ct_helper()
{
	nft -f - <<-'END'
		table ip kseal {
			ct helper ftp { type "ftp" protocol tcp; }
			chain c { type filter hook prerouting priority 0; tcp dport 21 ct helper set "ftp"; }
		}
	END
}
#: nft.ct_timeout nftables a timeout policy
ct_timeout()
{
	nft -f - <<-'END'
		table ip kseal {
			ct timeout t { protocol tcp; l3proto ip; policy = { established : 100, close : 4 }; }
			chain c { type filter hook prerouting priority 0; ct timeout set "t"; }
		}
	END
}
#: nft.limit nftables rate limit
limit() { rule ip "$input" 'limit rate 10/second burst 5 packets accept'; }
#: nft.quota nftables byte quota
quota() { rule ip "$input" 'quota over 10 mbytes drop'; }
#: nft.log nftables a rule that logs to the kernel's log; name spaces other than the first print nothing
log() { rule ip "$input" 'icmp type echo-request counter log prefix "kseal-log "'; ping -c 1 -W 2 127.0.0.1; nft list chain ip kseal c | grep -q 'packets [1-9].*log prefix'; }
#: nft.log_group nftables log to a listener
log_group() { rule ip "$input" 'log group 5'; }
#: nft.queue nftables to a program
queue() { rule ip "$input" 'queue num 3 bypass'; }
#: nft.counter nftables counters have names
counter() { nft 'add table ip kseal; add counter ip kseal n; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c counter name n'; ping -c 1 -W 2 127.0.0.1; nft list counter ip kseal n | grep -q 'packets [1-9]'; }
#: nft.sets kubeadm a set of addresses
sets() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr; }; add element ip kseal s { 10.0.0.1, 10.0.0.2 }'; nft get element ip kseal s '{ 10.0.0.2 }'; }
#: nft.set_interval nftables a set of networks
set_interval() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr; flags interval; }; add element ip kseal s { 10.0.0.0/8, 192.168.0.0-192.168.9.0 }'; nft get element ip kseal s '{ 10.3.2.1 }'; }
#: nft.set_concat nftables a set of addresses with ports
set_concat() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr . inet_service; flags interval; }; add element ip kseal s { 10.0.0.0/8 . 80-90 }'; }
#: nft.set_timeout nftables elements that go
set_timeout() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr; timeout 1s; }; add element ip kseal s { 10.0.0.1 }'; await sh -c '! nft list set ip kseal s | grep -q 10.0.0.1'; }
#: nft.dynset nftables elements from packets
dynset() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr; size 16; flags dynamic; }; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c add @s { ip saddr }'; ping -c 1 -W 2 127.0.0.1; nft list set ip kseal s | grep -q 127.0.0.1; }
#: nft.meter nftables a limit for each address
meter() { nft 'add table ip kseal; add set ip kseal s { type ipv4_addr; size 16; flags dynamic,timeout; timeout 60s; }; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c add @s { ip saddr limit rate 10/second } accept'; }
#: nft.verdict_map kubeadm a map to verdicts
verdict_map() { nft 'add table ip kseal; add chain ip kseal d; add map ip kseal m { type inet_service : verdict; }; add element ip kseal m { 80 : accept, 81 : goto d }; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c tcp dport vmap @m'; }
#: nft.numgen kubeadm a random choice of back ends
numgen() { rule ip "$nat_pre" 'tcp dport 80 dnat to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }'; }
#: nft.jhash nftables a choice by hash
jhash() { rule ip "$nat_pre" 'tcp dport 80 dnat to jhash ip saddr mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }'; }
#: nft.fib kubeadm the routing table is asked
fib() { rule ip "$nat_pre" 'fib daddr type local accept'; }
#: nft.fib_oif nftables reverse path
fib_oif() { rule inet "$prerouting" 'fib saddr . iif oif missing drop'; }
#: nft.fib6 nftables the IPv6 routing table is asked
fib6() { rule ip6 "$prerouting" 'fib daddr type local accept'; }
#: nft.meta_mark kubeadm marks of packets
meta_mark() { rule ip "$prerouting" 'meta mark set 0x4000'; nft add rule ip kseal c meta mark and 0x4000 == 0x4000 accept; }
#: nft.skuid observability the user of a local packet
skuid() { rule ip "$output" 'meta skuid 1000 drop'; }
#: nft.cgroup systemd the control group of a local packet
cgroup() { rule inet "$output" 'socket cgroupv2 level 1 "system.slice" accept'; }
#: nft.socket nftables the socket of a packet
socket() { rule inet "$prerouting" 'socket transparent 1 accept'; }
#: nft.tproxy cilium transparent proxy
tproxy() { rule inet "$prerouting" 'meta l4proto tcp tproxy ip to 127.0.0.1:5000'; }
#: nft.synproxy nftables SYN proxy
synproxy() { rule ip "$input" 'tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm'; }
#: nft.osf nftables passive fingerprints
osf() { rule inet "$input" 'osf name "Linux"'; }
#: nft.rt nftables the route's MSS
rt() { rule inet "$forward" 'tcp flags syn tcp option maxseg size set rt mtu'; }
#: nft.exthdr nftables IPv6 extension headers
exthdr() { rule ip6 "$input" 'exthdr hbh exists drop'; }
#: nft.tcp_option nftables TCP options
tcp_option() { rule inet "$forward" 'tcp flags syn tcp option maxseg size set 1400'; }
#: nft.ipsec nftables a packet that came through xfrm
ipsec() { rule inet "$input" 'meta secpath exists accept'; }
#: nft.ipsec_spi nftables its SPI
ipsec_spi() { rule ip "$input" 'ipsec in spi 1 accept'; }
#: nft.payload_set nftables headers are written
payload_set() { rule ip "$prerouting" 'ip dscp set cs3'; }
#: nft.dup nftables a copy to another host
dup() { rule ip "$prerouting" 'dup to 10.1.1.9'; }
#: nft.bridge nftables the bridge family
bridge() { rule bridge "$forward" 'ether type ip counter drop'; }
#: nft.bridge_ct nftables connection tracking in a bridge
bridge_ct() { rule bridge "$forward" 'ct state established accept'; }
#: nft.bridge_reject nftables reject in a bridge
bridge_reject() { rule bridge "$input" 'ip protocol tcp reject with tcp reset'; }
#: nft.arp nftables the arp family
arp() { rule arp "$input" 'arp operation request counter'; }
#: nft.ingress nftables the netdev family, ingress
ingress() { ip link add d0 type dummy; rule netdev 'type filter hook ingress device d0 priority 0' 'ip saddr 10.0.0.1 drop'; }
#: nft.egress nftables the netdev family, egress
egress() { ip link add d0 type dummy; rule netdev 'type filter hook egress device d0 priority 0' 'ip saddr 10.0.0.1 drop'; }
#: nft.fwd nftables to another device
fwd() { ip link add d0 type dummy; ip link add d1 type dummy; rule netdev 'type filter hook ingress device d0 priority 0' 'fwd to d1'; }
#: nft.inet_ingress nftables ingress in the inet family
inet_ingress() { ip link add d0 type dummy; rule inet 'type filter hook ingress device d0 priority 0' 'ip saddr 10.0.0.1 drop'; }
#: nft.flowtable nftables a flow table
flowtable() { ip link add d0 type dummy; nft 'add table inet kseal; add flowtable inet kseal f { hook ingress priority 0; devices = { d0 }; }; add chain inet kseal c { type filter hook forward priority 0; }; add rule inet kseal c ip protocol tcp flow add @f'; }
#: nft.route_chain nftables a chain that routes again
route_chain() { rule ip 'type route hook output priority 0' 'meta mark set 1'; }
#: nft.objref nftables stateful objects by map
objref() { nft 'add table ip kseal; add quota ip kseal q { over 10 mbytes }; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c quota name q drop'; }
#: nft.connlimit_object nftables a limit with a name
connlimit_object() { nft 'add table ip kseal; add limit ip kseal l { rate 5/second }; add chain ip kseal c { type filter hook input priority 0; }; add rule ip kseal c limit name l accept'; }
#: nft.vlan nftables VLAN headers in a bridge
vlan() { rule bridge "$forward" 'vlan id 5 drop'; }
#: nft.trace nftables trace of a packet
trace() { rule ip "$prerouting" 'meta nftrace set 1'; }
#: nft.owner nftables a table that belongs to a process
owner() { nft 'add table ip kseal { flags owner; }'; }

main "$@"
