// name: species_within_days
// summary: Species and goods offered on one kind of platform within some days (UTC).
// param kind: string [second_hand] = kind of platform
// param since: date = first day (UTC)
// param until: date = the day after the last (UTC)

MATCH (s:Platform {kind: $kind})
MATCH (p:Ad)
WHERE p.platform = s.id AND p.seen_at >= $since AND p.seen_at < $until
MATCH (p)-[:OFFERS]->(k:Commodity)
MATCH (k)-[:OF]->(t:Taxon)
RETURN t.id AS species, t.name_en AS name_en, t.name_zh AS name_zh, k.part AS part, count(DISTINCT p.id) AS ads,
       count(DISTINCT s.id) AS platforms
ORDER BY ads DESC, species, part
