// name: contacts_of_seller
// summary: Contacts in the advertisements of one seller, with the role each was read in.
// param seller: string = id of the seller, e.g. seller:0123456789ab

MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[:POSTED]->(p:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE m.candidate_of IS NULL
RETURN c.id AS contact, m.role AS role, count(DISTINCT a.id) AS accounts, count(DISTINCT p.id) AS ads,
       min(p.seen_at) AS first_seen, max(p.seen_at) AS last_seen
ORDER BY ads DESC, contact, role
