// name: shared_images
// summary: Picture files that advertisements of several accounts show.
// param more_than: int [1] = number of accounts that a picture must exceed
// param most: int [1000] = rows at most

MATCH (p:Ad)-[:SHOWS]->(i:Image)
WHERE p.account_id IS NOT NULL
WITH i, p.account_id AS account, count(*) AS times
WITH i, count(*) AS accounts
WHERE accounts > $more_than
WITH i, accounts ORDER BY accounts DESC, i.id LIMIT $most
MATCH (q:Ad)-[:SHOWS]->(i)
WHERE q.account_id IS NOT NULL
RETURN i.id AS image, i.path AS path, accounts AS shown_by, count(DISTINCT q.id) AS in_ads
ORDER BY shown_by DESC, image
