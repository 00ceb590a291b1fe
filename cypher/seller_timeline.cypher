// name: seller_timeline
// summary: Advertisements of one seller by month (UTC) and platform.
// param seller: string = id of the seller, e.g. seller:0123456789ab

MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[:POSTED]->(p:Ad)
RETURN date_trunc('month', p.seen_at) AS month, p.platform AS platform, count(DISTINCT p.id) AS ads, count(DISTINCT a.id) AS accounts
ORDER BY month, platform
