// Neo4j has no date_trunc.
MATCH (s:Platform {kind: $kind})
MATCH (p:Ad)
WHERE p.platform = s.id AND p.seen_at >= $since AND p.seen_at < $until
MATCH (p)-[:OFFERS]->(k:Commodity)
WITH DISTINCT p AS ad, k.taxon_id AS taxon
WITH localdatetime.truncate('month', ad.seen_at) AS m, taxon, count(*) AS n
MATCH (t:Taxon {id: taxon})
RETURN m AS month, t.id AS species, t.name_en AS name_en, t.name_zh AS name_zh, n AS ads
ORDER BY month, ads DESC, species
