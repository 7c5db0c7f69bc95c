-- Whom an organisation succeeded is asked for at each claim.

-- engine: both
CREATE INDEX organisation_by_successor ON organisation (successor_id) WHERE successor_id <> 0;
