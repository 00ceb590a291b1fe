// name: services
// summary: Contacts that stand in ads of many accounts as somebody else's: couriers, hotlines, guarantors, suppliers.
// param more_than: int [2] = number of accounts that a contact must exceed
// param most: int [1000] = rows at most

MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
WHERE u.role <> 'own'
WITH c.id AS service, u.role AS as_role, count(DISTINCT a.id) AS accounts
WHERE accounts > $more_than
RETURN service AS contact, as_role AS role, accounts AS in_ads_of
ORDER BY in_ads_of DESC, contact, role
LIMIT $most
