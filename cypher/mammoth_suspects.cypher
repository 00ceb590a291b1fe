// name: mammoth_suspects
// summary: Advertisements that offer mammoth and show marks of elephant ivory, newest first.
// param most: int [1000] = rows at most

MATCH (p:Ad)-[:OFFERS]->(k:Commodity)
WHERE k.taxon_id = 'mammoth' AND 'elephant_marks' IN p.claims
WITH DISTINCT p AS ad
RETURN ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account, ad.seen_at AS seen_at, ad.title AS title,
       ad.url AS url
ORDER BY seen_at DESC, ad_id
LIMIT $most
