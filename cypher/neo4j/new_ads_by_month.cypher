// Neo4j has no date_trunc.
MATCH (p:Ad)
WHERE p.seen_at >= $since AND p.seen_at < $until
WITH p.platform AS slug, localdatetime.truncate('month', p.seen_at) AS m, count(*) AS n
MATCH (s:Platform {id: slug})
WHERE $kind = '' OR s.kind = $kind
RETURN m AS month, s.kind AS kind, sum(n) AS ads
ORDER BY month, kind
