// name: species_by_platform
// summary: Advertisements by platform and species.

MATCH (p:Ad)-[:OFFERS]->(:Commodity)-[:OF]->(t:Taxon)
RETURN p.platform AS platform, t.id AS taxon, t.name_en AS name_en, t.name_zh AS name_zh, count(DISTINCT p.id) AS ads
ORDER BY platform, ads DESC, taxon
