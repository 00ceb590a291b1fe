// name: accounts_without_contacts
// summary: Accounts none of whose advertisements shows a contact.

MATCH (a:Account)-[:POSTED]->(p:Ad)
WHERE NOT EXISTS { MATCH (a)-[:POSTED]->(:Ad)-[:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link) }
RETURN a.id AS account, a.platform AS platform, a.name AS name, count(DISTINCT p.id) AS ads
ORDER BY ads DESC, account
