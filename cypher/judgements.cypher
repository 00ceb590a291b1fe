// name: judgements
// summary: Every judgement on two accounts, whether it stands or was taken back, in the order in which they were made.

MATCH (j:Judgement)
RETURN j.id AS judgement, j.left_id AS account, j.right_id AS other, j.verdict AS verdict,
       CASE WHEN j.retracted_at IS NULL THEN 'stands' ELSE 'taken back' END AS status, j.author AS author,
       j.reason AS reason, j.made_at AS made_at, j.retracted_at AS retracted_at, j.retracted_by AS retracted_by,
       j.retracted_reason AS retracted_reason
ORDER BY made_at, judgement
