import { POD_SUBNET, SERVICE_SUBNET } from './cluster-config.ts'

export interface EgressRules {
  /** The nodes' addresses on their own network. */
  nodes: readonly string[]
  /** The host's addresses: as the nodes' gateway, and all its others that are known. */
  host: readonly string[]
}

/** One bit of a packet's mark that neither kube-proxy (0x4000, 0x8000) nor kindnet uses. */
const MARK = '0x10000/0x10000'

/**
 * A script for a node's root that keeps what is forwarded, which is all that Pods send and all that comes through a Service,
 * inside the cluster.
 *
 * It is judged by where it goes, after Services' addresses were replaced: a Service may well name an address outside. Judged
 * and marked in mangle, refused at once in filter, and, should kube-proxy ever put an ACCEPT of its own before that,
 * dropped in mangle's POSTROUTING, which nothing else uses and which comes last.
 *
 * The node itself may go out, as it pulls images, but not to the host or to link-local addresses (a cloud's metadata):
 * a reader can have it ask there, by an image's name. Names it may ask for anywhere: Docker's resolver runs in its name.
 *
 * What still goes to a Service's address has met no rule of kube-proxy's, and what goes to a Pod's address has met no route:
 * nothing of it may stray to the world, where someone might answer.
 */
export function egressScript({ nodes, host }: EgressRules): string {
  const inside = [POD_SUBNET, ...nodes]
  return `set -e
iptables() { command iptables -w 10 "$@"; }
iptables -t mangle -N QUAYSIDE-EGRESS 2>/dev/null || iptables -t mangle -F QUAYSIDE-EGRESS
iptables -t mangle -A QUAYSIDE-EGRESS -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
${inside.map((address) => `iptables -t mangle -A QUAYSIDE-EGRESS -d ${address} -j RETURN`).join('\n')}
iptables -t mangle -A QUAYSIDE-EGRESS -j MARK --set-xmark ${MARK}
iptables -N QUAYSIDE-REFUSE 2>/dev/null || iptables -F QUAYSIDE-REFUSE
iptables -A QUAYSIDE-REFUSE -p tcp -j REJECT --reject-with tcp-reset
iptables -A QUAYSIDE-REFUSE -j REJECT --reject-with icmp-admin-prohibited
iptables -N QUAYSIDE-NODE 2>/dev/null || iptables -F QUAYSIDE-NODE
iptables -A QUAYSIDE-NODE -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
iptables -A QUAYSIDE-NODE -p udp --dport 53 -j RETURN
iptables -A QUAYSIDE-NODE -p tcp --dport 53 -j RETURN
${[...host, '169.254.0.0/16', SERVICE_SUBNET].map((address) => `iptables -A QUAYSIDE-NODE -d ${address} -j QUAYSIDE-REFUSE`).join('\n')}
iptables -t mangle -C FORWARD -j QUAYSIDE-EGRESS 2>/dev/null || iptables -t mangle -A FORWARD -j QUAYSIDE-EGRESS
iptables -C FORWARD -m mark --mark ${MARK} -j QUAYSIDE-REFUSE 2>/dev/null || iptables -I FORWARD 1 -m mark --mark ${MARK} -j QUAYSIDE-REFUSE
iptables -t mangle -C POSTROUTING -m mark --mark ${MARK} -j DROP 2>/dev/null || iptables -t mangle -A POSTROUTING -m mark --mark ${MARK} -j DROP
ip route replace unreachable ${POD_SUBNET}
iptables -C OUTPUT -j QUAYSIDE-NODE 2>/dev/null || iptables -I OUTPUT 1 -j QUAYSIDE-NODE
`
}
