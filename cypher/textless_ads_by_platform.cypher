// name: textless_ads_by_platform
// summary: Advertisements without a word, among all of a platform.

MATCH (p:Ad)
RETURN p.platform AS platform, count(*) AS ads, sum(CASE WHEN p.textless THEN 1 ELSE 0 END) AS textless
ORDER BY platform
