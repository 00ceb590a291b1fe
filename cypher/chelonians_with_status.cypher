// name: chelonians_with_status
// summary: Tortoises and turtles offered, with CITES appendix, Red List category and national level of protection.
// param kind: string [live_reptile] = kind of platform; empty for all
// param taxa: string[] [golden_coin_turtle,yellow_pond_turtle,chinese_box_turtle,red_necked_pond_turtle,african_spurred_tortoise,radiated_tortoise,amboina_box_turtle,hermanns_tortoise,red_footed_tortoise,leopard_tortoise,aldabra_giant_tortoise,turtle,hawksbill] = ids of species

MATCH (t:Taxon)<-[:OF]-(k:Commodity)
WHERE t.id IN $taxa
MATCH (p:Ad)-[:OFFERS]->(k)
WITH DISTINCT p AS ad, t.id AS taxon
WITH ad.platform AS slug, taxon, count(*) AS n
MATCH (s:Platform {id: slug})
WHERE $kind = '' OR s.kind = $kind
WITH taxon, sum(n) AS n
MATCH (t:Taxon {id: taxon})
RETURN t.id AS species, t.name_en AS name_en, t.name_zh AS name_zh, t.scientific_name AS scientific_name, n AS ads,
       t.cites AS cites, t.red_list AS red_list, t.national_level AS national_level, t.status_date AS status_date
ORDER BY ads DESC, species
