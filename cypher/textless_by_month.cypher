// name: textless_by_month
// summary: Share of advertisements without a word, by month (UTC) and kind of platform.
// param since: date [1990-01-01] = first day (UTC)
// param until: date [2100-01-01] = the day after the last (UTC)

MATCH (p:Ad)
WHERE p.seen_at >= $since AND p.seen_at < $until
WITH p.platform AS slug, date_trunc('month', p.seen_at) AS m, count(*) AS n,
     sum(CASE WHEN p.textless THEN 1 ELSE 0 END) AS wordless
MATCH (s:Platform {id: slug})
WITH m, s.kind AS sort, sum(n) AS n, sum(wordless) AS wordless
RETURN m AS month, sort AS kind, n AS ads, wordless AS textless, 1.0 * wordless / n AS share
ORDER BY month, kind
