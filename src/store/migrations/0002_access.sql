-- Log-in and people: what users know and carry, and the registrations that become organisations.
--
-- Only `registration` is audited. The other tables hold secrets, all of them hashed or sealed: they are
-- in no event, no export and no bundle. Sessions and open links do not outlive a restore.

-- engine: both

CREATE TABLE registration (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT '',
    credit_code TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    login TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    filed_day INTEGER NOT NULL DEFAULT 0,
    decided_day INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    org_id INTEGER NOT NULL DEFAULT 0,
    user_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT registration_checker_check CHECK (person_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE INDEX registration_by_code ON registration (credit_code) WHERE credit_code <> '';

CREATE INDEX registration_by_state ON registration (state, id);

-- The status of a registration answers to a secret; the password waits here for the log-in.
CREATE TABLE registration_secret (
    registration_id INTEGER PRIMARY KEY,
    secret_sha256 BLOB NOT NULL,
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE credential (
    user_id INTEGER PRIMARY KEY,
    password_hash TEXT NOT NULL,
    changed_us INTEGER NOT NULL,
    must_change INTEGER NOT NULL DEFAULT 0,
    factor_free INTEGER NOT NULL DEFAULT 0,
    last_us INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT credential_flag_check CHECK (must_change IN (0, 1) AND factor_free IN (0, 1))
) STRICT;

-- Failures in a row; subject is 'login:' or 'address:' and a hash, so that unknown log-ins count alike.
CREATE TABLE login_failure (
    subject TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_failure_by_last ON login_failure (last_us);

CREATE TABLE session (
    token_sha256 BLOB PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL,
    csrf TEXT NOT NULL,
    began_us INTEGER NOT NULL,
    seen_us INTEGER NOT NULL,
    ends_us INTEGER NOT NULL,
    CONSTRAINT session_sane_check CHECK (length(token_sha256) = 32 AND length(csrf) = 43 AND ends_us > began_us)
) STRICT;

CREATE INDEX session_by_user ON session (user_id);

-- The authenticator's secret, sealed. A new one waits beside the active one until a code of it was
-- seen. No step up to last_step is taken again.
CREATE TABLE factor (
    user_id INTEGER NOT NULL,
    active INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    last_step INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, active),
    CONSTRAINT factor_sane_check CHECK (active IN (0, 1) AND length(sealed) = 60)
) STRICT;

-- Used codes stay: whoever has used the last one is not as if they had never had any.
CREATE TABLE printed_code (
    user_id INTEGER NOT NULL,
    code_sha256 BLOB NOT NULL,
    used_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, code_sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE password_link (
    token_sha256 BLOB PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL,
    maker_id INTEGER NOT NULL,
    ends_us INTEGER NOT NULL
) STRICT;

CREATE INDEX password_link_by_user ON password_link (user_id);

-- roles: words with blanks between.
CREATE TABLE api_token (
    id INTEGER PRIMARY KEY,
    token_sha256 BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    made_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    used_day INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT api_token_sane_check CHECK (length(token_sha256) = 32 AND to_day >= made_day)
) STRICT;

CREATE UNIQUE INDEX api_token_sha256_key ON api_token (token_sha256);

CREATE INDEX api_token_by_user ON api_token (user_id);

-- The inviter's user, person, role, programme and organisation: in whose name the role is proposed.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY,
    token_sha256 BLOB NOT NULL,
    role TEXT NOT NULL,
    programme_id INTEGER NOT NULL,
    org_id INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    by_user_id INTEGER NOT NULL,
    by_person_id INTEGER NOT NULL,
    by_role TEXT NOT NULL,
    by_programme_id INTEGER NOT NULL,
    by_org_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    ends_us INTEGER NOT NULL,
    user_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT invitation_state_check CHECK (state IN ('open', 'accepted', 'ended'))
) STRICT;

CREATE UNIQUE INDEX invitation_token_sha256_key ON invitation (token_sha256);

CREATE INDEX invitation_by_inviter ON invitation (by_user_id);

-- engine: sqlite
CREATE TRIGGER registration_no_delete BEFORE DELETE ON registration
BEGIN SELECT RAISE(ABORT, 'registration_no_delete'); END;

-- engine: pg
CREATE SEQUENCE api_token_id;

CREATE SEQUENCE invitation_id;

CREATE TRIGGER registration_no_delete BEFORE DELETE ON registration FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER registration_no_truncate BEFORE TRUNCATE ON registration FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
