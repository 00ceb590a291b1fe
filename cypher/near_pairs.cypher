// name: near_pairs
// summary: Accounts of other sellers that were compared with one seller's and not joined, and why; a piece of evidence a line.
// param seller: string = id of the seller, e.g. seller:0123456789ab
// param most: int [1000] = rows at most

MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[m:MATCHES]-(b:Account)
WHERE coalesce(m.joined, false) = false
MATCH (b)-[:RUN_BY]->(s:Seller)
WHERE s.id <> $seller
RETURN a.id AS account, b.id AS other, s.id AS other_seller, m.probability AS probability, m.evidence_text AS evidence,
       m.evidence_kinds AS comparisons, m.evidence_bits AS weights, m.contact_ids AS contacts, m.cut AS cut,
       m.capped_text AS capped
ORDER BY probability DESC, account, other
LIMIT $most
