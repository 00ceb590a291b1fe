// name: recruiting_agents
// summary: Accounts whose advertisements look for agents to sell on.
// param most: int [1000] = rows at most

MATCH (p:Ad)
WHERE 'recruiting' IN p.claims
WITH p.platform AS slug, p.account_id AS poster, count(*) AS n, min(p.seen_at) AS first_seen,
     max(p.seen_at) AS last_seen
ORDER BY n DESC, poster, slug
LIMIT $most
OPTIONAL MATCH (a:Account {id: poster})
OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
RETURN slug AS platform, poster AS account, a.name AS name, s.id AS seller, s.name AS seller_name, n AS ads,
       first_seen AS first_ad, last_seen AS last_ad
ORDER BY ads DESC, account, platform
