// name: forum_species_by_month
// summary: Advertisements in online communities (or on another kind of platform) by month (UTC) and species.
// param kind: string [online_community] = kind of platform
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)

MATCH (s:Platform {kind: $kind})
MATCH (p:Ad)
WHERE p.platform = s.id AND p.seen_at >= $since AND p.seen_at < $until
MATCH (p)-[:OFFERS]->(k:Commodity)
WITH DISTINCT p AS ad, k.taxon_id AS taxon
WITH date_trunc('month', ad.seen_at) AS m, taxon, count(*) AS n
MATCH (t:Taxon {id: taxon})
RETURN m AS month, t.id AS species, t.name_en AS name_en, t.name_zh AS name_zh, n AS ads
ORDER BY month, ads DESC, species
