// name: links_by_host
// summary: Hosts that advertisements link to.
// param most: int [100] = rows at most

MATCH (p:Ad)-[:MENTIONS]->(l:Link)
RETURN l.host AS host, count(DISTINCT l.id) AS links, count(DISTINCT p.id) AS ads, count(DISTINCT p.account_id) AS accounts
ORDER BY ads DESC, host
LIMIT $most
