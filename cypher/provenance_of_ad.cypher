// name: provenance_of_ad
// summary: The captured files that one advertisement was read from.
// param ad: string = id of the advertisement, e.g. xianyu|123

MATCH (:Ad {id: $ad})-[r:CAPTURED_IN]->(f:Capture)
RETURN f.id AS capture, f.name AS name, f.path AS path, f.format AS format, r.line AS line,
       r.posted_at_raw AS posted_at_raw, r.captured_at_raw AS captured_at_raw
ORDER BY capture, line
