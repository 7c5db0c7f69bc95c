-- A dossier holds more of a case (domain/case_rows.h): the index of the log is made again over these tables.

-- engine: both

CREATE INDEX ban_by_case ON ban (case_id) WHERE case_id <> 0;

DELETE FROM log_row;

UPDATE log_done SET seq = 0;
