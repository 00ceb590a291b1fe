// name: why_merged
// summary: Evidence that joins the accounts of one seller, pair by pair, with the weight of each line of it in bits.
// param seller: string = id of the seller, e.g. seller:0123456789ab

MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[m:MATCHES]->(b:Account)
WHERE coalesce(m.joined, true) = true
MATCH (b)-[:RUN_BY]->(s:Seller)
WHERE s.id = $seller
RETURN a.id AS account, b.id AS other, m.probability AS probability, m.weight AS weight, m.evidence_text AS evidence,
       m.evidence_kinds AS comparisons, m.evidence_bits AS weights, m.contact_ids AS contacts
ORDER BY account, other
