// name: named_accounts
// summary: Accounts whose names advertisements give as a contact, and the accounts that posted those.

MATCH (p:Ad)-[:MENTIONS]->(h:Handle)-[:IDENTIFIES]->(n:Account)
RETURN n.id AS account, h.id AS handle, p.account_id AS posted_by, count(DISTINCT p.id) AS ads
ORDER BY account, handle, posted_by
