// name: passed_on
// summary: Contacts that passed from one owner to another: a row each turn, with the accounts that gave it as their own then.

MATCH (:Account)-[t:USES]->(p:Phone|Handle|QRCode|Email|Link)
WHERE t.tenure > 1
WITH DISTINCT p.id AS passed
MATCH (a:Account)-[u:USES]->(c:Phone|Handle|QRCode|Email|Link)
WHERE c.id = passed AND u.role = 'own'
RETURN passed AS contact, u.tenure AS turn, count(DISTINCT a.id) AS accounts, min(u.first_seen) AS first_seen,
       max(u.last_seen) AS last_seen
ORDER BY contact, turn
