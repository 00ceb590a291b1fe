// name: mentions_of_ad
// summary: Every contact that one advertisement shows: where it was read, how, and in which role.
// param ad: string = id of the advertisement, e.g. xianyu|123

MATCH (:Ad {id: $ad})-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link)
RETURN c.id AS contact, m.place AS place, m.span_start AS span_start, m.span_end AS span_end, m.raw AS raw,
       m.method AS method, m.role AS role, m.cue AS cue, m.confidence AS confidence,
       m.box AS box, m.candidate_of AS candidate_of
ORDER BY place, span_start, contact
