// name: new_ads_by_month
// summary: New advertisements by month (UTC) and kind of platform.
// param kind: string [] = kind of platform, e.g. website; empty for all
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)

MATCH (p:Ad)
WHERE p.seen_at >= $since AND p.seen_at < $until
WITH p.platform AS slug, date_trunc('month', p.seen_at) AS m, count(*) AS n
MATCH (s:Platform {id: slug})
WHERE $kind = '' OR s.kind = $kind
RETURN m AS month, s.kind AS kind, sum(n) AS ads
ORDER BY month, kind
