-- The case that the closing of an inspection opened (P-37).

-- engine: both

ALTER TABLE violation_case ADD COLUMN inspection_id INTEGER NOT NULL DEFAULT 0;

CREATE INDEX violation_case_by_inspection ON violation_case (inspection_id) WHERE inspection_id > 0;
