-- The article of the policy that a ban follows from, as it is published.

-- engine: both

ALTER TABLE ban ADD COLUMN article TEXT NOT NULL DEFAULT '';
