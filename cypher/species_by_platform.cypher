// name: species_by_platform
// summary: Advertisements by platform and species.

MATCH (p:Ad)-[:OFFERS]->(c:Commodity)
WITH p, c.taxon_id AS species, count(*) AS parts
WITH p.platform AS site, species, count(*) AS found
MATCH (t:Taxon)
WHERE t.id = species
RETURN site AS platform, species AS taxon, t.name_en AS name_en, t.name_zh AS name_zh, found AS ads
ORDER BY platform, ads DESC, taxon
