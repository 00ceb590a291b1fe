// name: qr_codes_by_kind
// summary: Machine-readable codes by kind, and the advertisements that show them.

MATCH (c:QRCode)
OPTIONAL MATCH (p:Ad)-[:MENTIONS]->(c)
RETURN c.kind AS kind, count(DISTINCT c.id) AS codes, count(DISTINCT p.id) AS ads
ORDER BY codes DESC, kind
