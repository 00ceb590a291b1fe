// name: heaviest_posters
// summary: Accounts that posted most in a period (UTC), with their sellers.
// param kind: string [] = kind of platform, e.g. online_community; empty for all
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)
// param most: int [20] = rows at most

MATCH (s:Platform)
WHERE $kind = '' OR s.kind = $kind
WITH collect(s.id) AS slugs
MATCH (p:Ad)
WHERE p.platform IN slugs AND p.seen_at >= $since AND p.seen_at < $until AND p.account_id IS NOT NULL
WITH p.account_id AS poster, count(*) AS n, min(p.seen_at) AS first_seen, max(p.seen_at) AS last_seen
ORDER BY n DESC, poster
LIMIT $most
MATCH (a:Account {id: poster})
OPTIONAL MATCH (a)-[:RUN_BY]->(r:Seller)
RETURN a.id AS account, a.name AS name, r.id AS seller, n AS ads, first_seen AS first_ad, last_seen AS last_ad
ORDER BY ads DESC, account
