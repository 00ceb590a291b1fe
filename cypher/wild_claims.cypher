// name: wild_claims
// summary: Accounts that say that their animals are from the wild, by species.
// param most: int [1000] = rows at most

MATCH (p:Ad)-[:OFFERS]->(k:Commodity)
WHERE 'wild' IN p.claims
WITH DISTINCT p AS ad, k.taxon_id AS taxon
WITH taxon, ad.platform AS slug, ad.account_id AS poster, count(*) AS n, min(ad.seen_at) AS first_seen,
     max(ad.seen_at) AS last_seen
ORDER BY n DESC, taxon, poster, slug
LIMIT $most
MATCH (t:Taxon {id: taxon})
OPTIONAL MATCH (a:Account {id: poster})
OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
RETURN t.id AS species, t.name_en AS name_en, slug AS platform, poster AS account, a.name AS name, s.id AS seller,
       n AS ads, first_seen AS first_ad, last_seen AS last_ad
ORDER BY ads DESC, species, account, platform
