// name: hub_contacts
// summary: Contacts that more accounts use than one operator would have: hotlines, couriers, guarantors.
// param more_than: int [10] = number of accounts that a contact must exceed

MATCH (a:Account)-[:POSTED]->(p:Ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
WHERE m.candidate_of IS NULL
WITH c.id AS contact, count(DISTINCT a.id) AS accounts, count(DISTINCT p.id) AS ads, count(DISTINCT p.platform) AS platforms
WHERE accounts > $more_than
RETURN contact AS hub, accounts AS used_by, ads AS in_ads, platforms AS on_platforms
ORDER BY used_by DESC, hub
