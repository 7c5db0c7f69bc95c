-- Whose case a debt is of is asked for each payee of a run.

-- engine: both
CREATE INDEX violation_case_by_org ON violation_case (org_id);
