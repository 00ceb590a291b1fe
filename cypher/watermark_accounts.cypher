// name: watermark_accounts
// summary: Texts that recur at one place of an account's pictures, and the accounts that mark their pictures so.

MATCH (a:Account)-[:POSTED]->(p:Ad)-[:MENTIONS]->(w:Watermark)
RETURN w.text AS text, a.id AS account, a.name AS name, count(DISTINCT p.id) AS ads
ORDER BY text, ads DESC, account
