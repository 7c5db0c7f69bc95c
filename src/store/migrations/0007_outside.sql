-- Sign-in at an outside provider: which account there opens which log-in here, and proofs on their way.
-- Like all that lets people in, none of it is in an event, an export or a bundle; that a link was made
-- or ended is an event. `subject` is a hash keyed with the site's secret, so the table names nobody.

-- engine: both

-- 1: the provider has shown a second factor, and the configuration takes its word for it.
ALTER TABLE session ADD COLUMN factor_shown INTEGER NOT NULL DEFAULT 0;

CREATE TABLE outside_link (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    made_us INTEGER NOT NULL,
    used_us INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX outside_link_subject_key ON outside_link (subject);

CREATE UNIQUE INDEX outside_link_of_user_key ON outside_link (user_id, provider);

-- A proof that was brought, under the hash of the browser's secret. It is kept for its ten minutes
-- also when it has done its work: the same visit lets nobody in twice. user_id: whose second factor is waited for;
-- 0 with a subject: it may still be linked.
CREATE TABLE outside_visit (
    visit_sha256 BLOB PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    people TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    ends_us INTEGER NOT NULL,
    CONSTRAINT outside_visit_sane_check CHECK (length(visit_sha256) = 32 AND people IN ('staff', 'organisation'))
) STRICT;

CREATE INDEX outside_visit_by_end ON outside_visit (ends_us);

-- engine: pg
CREATE SEQUENCE outside_link_id;
