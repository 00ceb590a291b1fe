// name: media_by_day
// summary: Advertisements, pictures, videos and active accounts by day of capture (UTC).
// param kind: string [social_media] = kind of platform
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)

MATCH (s:Platform {kind: $kind})
MATCH (p:Ad)
WHERE p.platform = s.id AND p.captured_at >= $since AND p.captured_at < $until
OPTIONAL MATCH (p)-[r:SHOWS]->(i:Image)
WHERE NOT coalesce(r.name, '') CONTAINS '#t=' OR NOT EXISTS { MATCH (p)-[:SHOWS]->(:Video)<-[:FRAME_OF]-(i) }
WITH p AS ad, count(r.position) AS stills
OPTIONAL MATCH (ad)-[w:SHOWS]->(:Video)
WITH ad, stills, count(w.position) AS films
RETURN CAST(ad.captured_at AS DATE) AS day, count(*) AS ads, sum(stills) AS pictures, sum(films) AS videos,
       count(DISTINCT ad.account_id) AS accounts
ORDER BY day
