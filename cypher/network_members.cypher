// name: network_members
// summary: Sellers of one network with their roles and why they have them, the largest first.
// param network: string = id of the network, e.g. network:0123456789ab

MATCH (s:Seller)-[m:MEMBER_OF]->(:Network {id: $network})
RETURN s.id AS seller, s.name AS name, m.role AS role, m.reason AS reason, s.accounts AS accounts, s.ads AS ads
ORDER BY ads DESC, seller
