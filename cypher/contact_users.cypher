// name: contact_users
// summary: Accounts that show one contact, in which role and when.
// param contact: string = id of the contact, e.g. tel:+8613800138000 or wechat:abc_123

MATCH (a:Account)-[:POSTED]->(p:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE c.id = $contact AND m.candidate_of IS NULL
RETURN a.id AS account, a.name AS name, m.role AS role, count(DISTINCT p.id) AS ads,
       min(p.seen_at) AS first_seen, max(p.seen_at) AS last_seen
ORDER BY ads DESC, account, role
