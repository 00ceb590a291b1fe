// name: seller_ties
// summary: Sellers who seem to work together with one seller, and why; never evidence that they are one.
// param seller: string = id of the seller, e.g. seller:0123456789ab

MATCH (:Seller {id: $seller})-[t:TIED_TO]-(o:Seller)
OPTIONAL MATCH (o)-[m:MEMBER_OF]->(n:Network)
RETURN o.id AS other, o.name AS name, t.kinds_text AS kinds, t.weight AS weight, t.reasons_text AS reasons, n.id AS network,
       m.role AS role
ORDER BY weight DESC, other
