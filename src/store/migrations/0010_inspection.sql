-- Inspections and their findings, and credit.

-- engine: both
