// name: accounts_sharing_contact
// summary: Other accounts whose advertisements show a contact of this account as their own.
// param account: string = id of the account, e.g. xianyu|u123

MATCH (:Account {id: $account})-[:POSTED]->(:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE m.role = 'own' AND m.candidate_of IS NULL
WITH DISTINCT c
MATCH (p:Ad)-[n:MENTIONS]->(c)
WHERE n.role = 'own' AND n.candidate_of IS NULL AND p.account_id <> $account
RETURN p.account_id AS other, c.id AS shared, count(DISTINCT p.id) AS ads
ORDER BY other, shared
