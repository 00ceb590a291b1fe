// name: species_shares
// summary: Share of each species in all that is offered in a period (UTC); an advertisement that offers two counts for both.
// param kind: string [] = kind of platform, e.g. website; empty for all
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)

MATCH (p:Ad)-[:OFFERS]->(k:Commodity)
WHERE p.seen_at >= $since AND p.seen_at < $until
WITH DISTINCT p AS ad, k.taxon_id AS taxon
WITH ad.platform AS slug, taxon, count(*) AS n
MATCH (s:Platform {id: slug})
WHERE $kind = '' OR s.kind = $kind
WITH taxon, sum(n) AS n
MATCH (t:Taxon {id: taxon})
WITH sum(n) AS whole, collect({taxon_id: t.id, name_en: t.name_en, name_zh: t.name_zh, ads: n}) AS found
UNWIND found AS x
RETURN x.taxon_id AS species, x.name_en AS name_en, x.name_zh AS name_zh, x.ads AS ads, 1.0 * x.ads / whole AS share
ORDER BY ads DESC, species
