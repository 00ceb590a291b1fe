// name: platform_handovers
// summary: How many advertisements of one platform send buyers to another, and by what.

MATCH (p:Ad)-[l:LEADS_TO]->(q:Platform)
RETURN p.platform AS source, q.id AS target, l.carrier_kind AS carrier_kind, count(DISTINCT p.id) AS ads,
       count(DISTINCT l.carrier) AS carriers, min(p.id) AS example
ORDER BY ads DESC, source, target, carrier_kind
