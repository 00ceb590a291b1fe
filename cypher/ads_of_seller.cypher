// name: ads_of_seller
// summary: Advertisements of one seller, newest first.
// param seller: string = id of the seller, e.g. seller:0123456789ab
// param most: int [1000] = rows at most

MATCH (:Seller {id: $seller})<-[:RUN_BY]-(a:Account)-[:POSTED]->(p:Ad)
RETURN p.id AS ad, a.id AS account, p.platform AS platform, p.seen_at AS seen_at, p.title AS title,
       p.price_cents AS price_cents, p.currency AS currency, p.url AS url
ORDER BY seen_at DESC, ad
LIMIT $most
