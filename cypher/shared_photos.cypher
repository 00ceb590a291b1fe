// name: shared_photos
// summary: Photographs that advertisements of several accounts show, in whatever files; alone no evidence of one seller.
// param more_than: int [1] = number of accounts that a photograph must exceed
// param most: int [1000] = rows at most

MATCH (p:Ad)-[:SHOWS]->(:Image)-[:COPY_OF]->(f:Photo)
WHERE p.account_id IS NOT NULL
WITH f, p.account_id AS account, count(*) AS times
WITH f, count(*) AS accounts
WHERE accounts > $more_than
WITH f, accounts ORDER BY accounts DESC, f.id LIMIT $most
MATCH (q:Ad)-[:SHOWS]->(i:Image)-[:COPY_OF]->(f)
WHERE q.account_id IS NOT NULL
RETURN f.id AS photo, f.weak AS weak, count(DISTINCT i.id) AS images, accounts AS shown_by, count(DISTINCT q.id) AS in_ads
ORDER BY shown_by DESC, photo
