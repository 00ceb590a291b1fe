// Neo4j has no date_trunc.
MATCH (p:Ad)
WHERE p.seen_at >= $since AND p.seen_at < $until
RETURN localdatetime.truncate('month', p.seen_at) AS month, p.platform AS platform, count(*) AS ads
ORDER BY month, platform
