// Neo4j has no date_trunc.
MATCH (p:Ad)-[:OFFERS]->(k:Commodity)
WHERE p.seen_at >= $since AND p.seen_at < $until
WITH DISTINCT p AS ad, k.taxon_id AS taxon
WITH ad.platform AS slug, localdatetime.truncate('month', ad.seen_at) AS m, taxon, count(*) AS n
MATCH (:Platform {id: slug, kind: $kind})
WITH m, taxon, sum(n) AS n
MATCH (t:Taxon {id: taxon})
RETURN m AS month, t.id AS species, t.name_en AS name_en, t.name_zh AS name_zh, n AS ads
ORDER BY month, ads DESC, species
