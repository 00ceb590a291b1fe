// name: contact_decisions
// summary: Whose one contact is, as decided for each account that shows it: its role, how surely the account's own, and why.
// param contact: string = id of the contact, e.g. tel:+8613800138000 or wechat:abc_123

MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
WHERE c.id = $contact
RETURN a.id AS account, a.name AS name, u.role AS role, u.own_probability AS own_probability, u.tenure AS turn,
       u.ads AS ads, u.first_seen AS first_seen, u.last_seen AS last_seen, u.reason AS reason
ORDER BY turn, own_probability DESC, account
