// name: misread_contacts
// summary: Contacts read in pictures that seem to be another contact of the same account, one character off.

MATCH (p:Ad)-[m:MENTIONS]->(c:Phone|Handle)
WHERE m.candidate_of IS NOT NULL
RETURN p.account_id AS account, c.id AS read_as, m.candidate_of AS seems_to_be, m.raw AS raw, m.score AS score,
       p.id AS ad, m.image_id AS image
ORDER BY account, read_as, ad, image
