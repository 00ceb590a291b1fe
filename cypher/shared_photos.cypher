// name: shared_photos
// summary: Photographs that advertisements of several accounts show, in whatever files; alone no evidence of one seller.
// param more_than: int [1] = number of accounts that a photograph must exceed

MATCH (a:Account)-[:POSTED]->(p:Ad)-[:SHOWS]->(i:Image)-[:COPY_OF]->(f:Photo)
WITH f.id AS photograph, f.weak AS plain, count(DISTINCT i.id) AS files, count(DISTINCT a.id) AS accounts,
     count(DISTINCT p.id) AS ads
WHERE accounts > $more_than
RETURN photograph AS photo, plain AS weak, files AS images, accounts AS shown_by, ads AS in_ads
ORDER BY shown_by DESC, photo
