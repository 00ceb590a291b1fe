// name: sellers_by_species
// summary: Sellers who offer parts or animals of one species, by number of advertisements.
// param taxon: string = id of the species, e.g. elephant
// param most: int [100] = rows at most

MATCH (:Taxon {id: $taxon})<-[:OF]-(k:Commodity)<-[:OFFERS]-(p:Ad)<-[:POSTED]-(a:Account)-[:RUN_BY]->(s:Seller)
RETURN s.id AS seller, s.name AS name, count(DISTINCT p.id) AS ads, count(DISTINCT a.id) AS accounts,
       count(DISTINCT k.id) AS commodities, min(p.seen_at) AS first_seen, max(p.seen_at) AS last_seen
ORDER BY ads DESC, seller
LIMIT $most
