// Neo4j has no date_trunc.
MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[:POSTED]->(p:Ad)
RETURN localdatetime.truncate('month', p.seen_at) AS month, p.platform AS platform, count(DISTINCT p.id) AS ads, count(DISTINCT a.id) AS accounts
ORDER BY month, platform
