// name: hub_contacts
// summary: Contacts that more accounts use than one operator would have: hotlines, couriers, guarantors.
// param more_than: int [10] = number of accounts that a contact must exceed

MATCH (p:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE m.candidate_of IS NULL AND p.account_id IS NOT NULL
WITH c, p.account_id AS account, count(*) AS times
WITH c, count(*) AS accounts
WHERE accounts > $more_than
OPTIONAL MATCH (q:Ad)-[n:MENTIONS]->(c)
WHERE n.candidate_of IS NULL AND q.account_id IS NOT NULL
RETURN c.id AS hub, accounts AS used_by, count(DISTINCT q.id) AS in_ads, count(DISTINCT q.platform) AS on_platforms
ORDER BY used_by DESC, hub
