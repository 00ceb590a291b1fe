// Neo4j has no CAST.
MATCH (s:Platform {kind: $kind})
MATCH (p:Ad)
WHERE p.platform = s.id AND p.captured_at >= $since AND p.captured_at < $until
OPTIONAL MATCH (p)-[r:SHOWS]->(i:Image)
WHERE NOT coalesce(r.name, '') CONTAINS '#t=' OR NOT EXISTS { MATCH (p)-[:SHOWS]->(:Video)<-[:FRAME_OF]-(i) }
WITH p AS ad, count(r.position) AS stills
OPTIONAL MATCH (ad)-[w:SHOWS]->(:Video)
WITH ad, stills, count(w.position) AS films
RETURN date(ad.captured_at) AS day, count(*) AS ads, sum(stills) AS pictures, sum(films) AS videos,
       count(DISTINCT ad.account_id) AS accounts
ORDER BY day
