// name: shared_images
// summary: Picture files that advertisements of several accounts show.
// param more_than: int [1] = number of accounts that a picture must exceed

MATCH (a:Account)-[:POSTED]->(p:Ad)-[:SHOWS]->(i:Image)
WITH i.id AS file, i.path AS place, count(DISTINCT a.id) AS accounts, count(DISTINCT p.id) AS ads
WHERE accounts > $more_than
RETURN file AS image, place AS path, accounts AS shown_by, ads AS in_ads
ORDER BY shown_by DESC, image
