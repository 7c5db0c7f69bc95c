-- Until when a decision may be appealed against, and urgent inquiries, whose papers come later.

-- engine: both

ALTER TABLE violation_case ADD COLUMN appeal_by_day INTEGER NOT NULL DEFAULT 0;

ALTER TABLE inquiry ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;

ALTER TABLE inquiry ADD COLUMN papers_by_day INTEGER NOT NULL DEFAULT 0;

ALTER TABLE inquiry ADD COLUMN papers_day INTEGER NOT NULL DEFAULT 0;

ALTER TABLE inquiry_private ADD COLUMN papers TEXT NOT NULL DEFAULT '';
