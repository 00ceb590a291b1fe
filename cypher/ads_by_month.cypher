// name: ads_by_month
// summary: Advertisements by month (UTC) and platform.
// param since: date [1990-01-01] = first day
// param until: date [2100-01-01] = the day after the last

MATCH (p:Ad)
WHERE p.seen_at >= $since AND p.seen_at < $until
RETURN date_trunc('month', p.seen_at) AS month, p.platform AS platform, count(*) AS ads
ORDER BY month, platform
