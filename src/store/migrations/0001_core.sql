-- The first schema: audited tables as domain/audited.def lists them, the event log, legs and balances,
-- and what belongs to the store itself. Tried on both engines by tests/test_store.c, which compares
-- every column with audited.def and makes each constraint and trigger refuse.
--
-- Below the code's own checks this is the second guard for money and authority: numbers that may be
-- given once, amounts that cannot be negative, a maker who cannot check himself, rows that cannot go.
-- A refusal carries the name of the constraint, index or trigger, alike on both engines.

-- engine: both

CREATE TABLE programme (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL DEFAULT '',
    name_zh TEXT NOT NULL DEFAULT '',
    name_en TEXT NOT NULL DEFAULT '',
    division TEXT NOT NULL DEFAULT '',
    currency TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL DEFAULT '',
    fiscal_month INTEGER NOT NULL DEFAULT 0,
    closed_until_day INTEGER NOT NULL DEFAULT 0,
    policy_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX programme_code_key ON programme (code) WHERE code <> '';

CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    doc_no TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT policy_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE INDEX policy_by_programme ON policy (programme_id);

CREATE TABLE calendar_year (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    year INTEGER NOT NULL DEFAULT 0,
    holidays TEXT NOT NULL DEFAULT '',
    workdays TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX calendar_year_programme_id_year_key ON calendar_year (programme_id, year);

CREATE TABLE outage (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT outage_days_check CHECK (from_day <= to_day OR to_day = 0),
    CONSTRAINT outage_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE TABLE counter (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    year INTEGER NOT NULL DEFAULT 0,
    value INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX counter_programme_id_name_year_key ON counter (programme_id, name, year);

CREATE TABLE organisation (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT '',
    credit_code TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    place_id INTEGER NOT NULL DEFAULT 0,
    unit_id INTEGER NOT NULL DEFAULT 0,
    parent_id INTEGER NOT NULL DEFAULT 0,
    successor_id INTEGER NOT NULL DEFAULT 0,
    platform_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    since_day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX organisation_credit_code_key ON organisation (credit_code) WHERE credit_code <> '';

CREATE TABLE org_name (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT org_name_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX org_name_by_org ON org_name (org_id);

CREATE TABLE org_fact (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    number TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT org_fact_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX org_fact_by_org ON org_fact (org_id);

CREATE TABLE org_link (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    other_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    letter TEXT NOT NULL DEFAULT '',
    CONSTRAINT org_link_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX org_link_by_org ON org_link (org_id);

CREATE INDEX org_link_by_other ON org_link (other_id);

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE person_private (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    id_no TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE user_account (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX user_account_by_person ON user_account (person_id);

CREATE UNIQUE INDEX user_account_login_key ON user_account (login) WHERE login <> '';

CREATE TABLE role_grant (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT '',
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT role_grant_days_check CHECK (from_day <= to_day OR to_day = 0),
    CONSTRAINT role_grant_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE INDEX role_grant_by_user ON role_grant (user_id);

CREATE TABLE delegation (
    id INTEGER PRIMARY KEY,
    from_user_id INTEGER NOT NULL DEFAULT 0,
    to_user_id INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL DEFAULT '',
    programme_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    limit_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT delegation_amount_check CHECK (limit_fen >= 0),
    CONSTRAINT delegation_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX delegation_by_to_user ON delegation (to_user_id);

CREATE TABLE bank_account (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    usable_day INTEGER NOT NULL DEFAULT 0,
    tail TEXT NOT NULL DEFAULT '',
    letter TEXT NOT NULL DEFAULT '',
    CONSTRAINT bank_account_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE INDEX bank_account_by_org ON bank_account (org_id);

CREATE TABLE bank_account_private (
    id INTEGER PRIMARY KEY,
    holder TEXT NOT NULL DEFAULT '',
    number TEXT NOT NULL DEFAULT '',
    bank TEXT NOT NULL DEFAULT '',
    bank_code TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE agreement (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    partner TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    platform_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    doc_no TEXT NOT NULL DEFAULT '',
    CONSTRAINT agreement_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX agreement_by_programme ON agreement (programme_id);

CREATE TABLE recognition (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    org_id INTEGER NOT NULL DEFAULT 0,
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT recognition_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX recognition_by_org ON recognition (org_id);

CREATE TABLE voucher_kind (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    name_zh TEXT NOT NULL DEFAULT '',
    name_en TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX voucher_kind_programme_id_code_key ON voucher_kind (programme_id, code);

CREATE TABLE budget_line (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    year INTEGER NOT NULL DEFAULT 0,
    doc_no TEXT NOT NULL DEFAULT '',
    project_code TEXT NOT NULL DEFAULT '',
    function_code TEXT NOT NULL DEFAULT '',
    gov_econ_code TEXT NOT NULL DEFAULT '',
    dept_econ_code TEXT NOT NULL DEFAULT '',
    nature TEXT NOT NULL DEFAULT '',
    pay_mode TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE fund_source (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    kind_id INTEGER NOT NULL DEFAULT 0,
    budget_line_id INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    class TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT '',
    base_fen INTEGER NOT NULL DEFAULT 0,
    replaces TEXT NOT NULL DEFAULT '',
    CONSTRAINT fund_source_amount_check CHECK (base_fen >= 0)
) STRICT;

CREATE INDEX fund_source_by_programme ON fund_source (programme_id);

CREATE TABLE fund_move (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    source_id INTEGER NOT NULL DEFAULT 0,
    budget_line_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    year INTEGER NOT NULL DEFAULT 0,
    to_year INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    doc_no TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT fund_move_amount_check CHECK (amount_fen >= 0),
    CONSTRAINT fund_move_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE TABLE application (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    kind_id INTEGER NOT NULL DEFAULT 0,
    holder_id INTEGER NOT NULL DEFAULT 0,
    voucher_id INTEGER NOT NULL DEFAULT 0,
    way TEXT NOT NULL DEFAULT '',
    asked_fen INTEGER NOT NULL DEFAULT 0,
    granted_fen INTEGER NOT NULL DEFAULT 0,
    purpose TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    filed_day INTEGER NOT NULL DEFAULT 0,
    issued_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT application_amount_check CHECK (asked_fen >= 0 AND granted_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX application_number_key ON application (number) WHERE number <> '';

CREATE INDEX application_by_programme_state ON application (programme_id, state);

CREATE INDEX application_by_holder ON application (holder_id);

CREATE INDEX application_by_voucher ON application (voucher_id);

CREATE TABLE voucher (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    kind_id INTEGER NOT NULL DEFAULT 0,
    holder_id INTEGER NOT NULL DEFAULT 0,
    application_id INTEGER NOT NULL DEFAULT 0,
    policy_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL DEFAULT '',
    issued_fen INTEGER NOT NULL DEFAULT 0,
    issued_day INTEGER NOT NULL DEFAULT 0,
    use_by_day INTEGER NOT NULL DEFAULT 0,
    claim_by_day INTEGER NOT NULL DEFAULT 0,
    extensions INTEGER NOT NULL DEFAULT 0,
    purpose TEXT NOT NULL DEFAULT '',
    code_hash TEXT NOT NULL DEFAULT '',
    CONSTRAINT voucher_amount_check CHECK (issued_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX voucher_number_key ON voucher (number) WHERE number <> '';

CREATE UNIQUE INDEX voucher_code_hash_key ON voucher (code_hash) WHERE code_hash <> '';

CREATE INDEX voucher_by_holder ON voucher (holder_id);

CREATE INDEX voucher_by_application ON voucher (application_id);

CREATE INDEX voucher_by_use_by_day ON voucher (use_by_day) WHERE state = 'active' OR state = 'frozen';

CREATE TABLE service_order (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    voucher_id INTEGER NOT NULL DEFAULT 0,
    holder_id INTEGER NOT NULL DEFAULT 0,
    institution_id INTEGER NOT NULL DEFAULT 0,
    region TEXT NOT NULL DEFAULT '',
    outcome_kind TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    purpose TEXT NOT NULL DEFAULT '',
    contract_fen INTEGER NOT NULL DEFAULT 0,
    voucher_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 0,
    made_day INTEGER NOT NULL DEFAULT 0,
    agreed_day INTEGER NOT NULL DEFAULT 0,
    end_day INTEGER NOT NULL DEFAULT 0,
    delivered_day INTEGER NOT NULL DEFAULT 0,
    confirm_by_day INTEGER NOT NULL DEFAULT 0,
    confirmed_day INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0,
    compulsory INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    CONSTRAINT service_order_amount_check CHECK (contract_fen >= 0 AND voucher_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX service_order_number_key ON service_order (number) WHERE number <> '';

CREATE INDEX service_order_by_voucher ON service_order (voucher_id);

CREATE INDEX service_order_by_institution ON service_order (institution_id);

CREATE INDEX service_order_by_holder ON service_order (holder_id);

CREATE INDEX service_order_by_confirm_by_day ON service_order (confirm_by_day) WHERE state = 'delivered';

-- Orders with something left to do: closed is set when the hold has ended.
CREATE INDEX service_order_by_open ON service_order (programme_id, state) WHERE closed = 0;

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    item TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT order_line_amount_check CHECK (amount_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX order_line_order_id_n_key ON order_line (order_id, n);

CREATE TABLE order_change (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0,
    contract_fen INTEGER NOT NULL DEFAULT 0,
    voucher_fen INTEGER NOT NULL DEFAULT 0,
    end_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    maker_id INTEGER NOT NULL DEFAULT 0,
    maker_org_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT order_change_amount_check CHECK (contract_fen >= 0 AND voucher_fen >= 0)
) STRICT;

CREATE INDEX order_change_by_order ON order_change (order_id);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    outcome_kind TEXT NOT NULL DEFAULT '',
    outcome_count INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0,
    report TEXT NOT NULL DEFAULT '',
    CONSTRAINT delivery_amount_check CHECK (amount_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX delivery_order_id_n_key ON delivery (order_id, n);

CREATE TABLE invoice (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL DEFAULT '',
    seller_id INTEGER NOT NULL DEFAULT 0,
    buyer_id INTEGER NOT NULL DEFAULT 0,
    issued_day INTEGER NOT NULL DEFAULT 0,
    gross_fen INTEGER NOT NULL DEFAULT 0,
    net_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    replaces_id INTEGER NOT NULL DEFAULT 0,
    blob TEXT NOT NULL DEFAULT '',
    CONSTRAINT invoice_amount_check CHECK (gross_fen >= 0 AND net_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX invoice_key_key ON invoice (key);

CREATE UNIQUE INDEX invoice_replaces_id_key ON invoice (replaces_id) WHERE replaces_id <> 0;

CREATE TABLE payment_proof (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    means TEXT NOT NULL DEFAULT '',
    payer TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    reference TEXT NOT NULL DEFAULT '',
    blob TEXT NOT NULL DEFAULT '',
    CONSTRAINT payment_proof_amount_check CHECK (amount_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX payment_proof_org_id_means_reference_key ON payment_proof (org_id, means, reference)
WHERE reference <> '';

CREATE TABLE claim (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    voucher_id INTEGER NOT NULL DEFAULT 0,
    holder_id INTEGER NOT NULL DEFAULT 0,
    claimant_id INTEGER NOT NULL DEFAULT 0,
    payee_id INTEGER NOT NULL DEFAULT 0,
    form TEXT NOT NULL DEFAULT '',
    final INTEGER NOT NULL DEFAULT 0,
    base_fen INTEGER NOT NULL DEFAULT 0,
    asked_fen INTEGER NOT NULL DEFAULT 0,
    adjusted_fen INTEGER NOT NULL DEFAULT 0,
    approved_fen INTEGER NOT NULL DEFAULT 0,
    paid_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    filed_day INTEGER NOT NULL DEFAULT 0,
    cutoff_day INTEGER NOT NULL DEFAULT 0,
    return_by_day INTEGER NOT NULL DEFAULT 0,
    returned_for TEXT NOT NULL DEFAULT '',
    account_id INTEGER NOT NULL DEFAULT 0,
    register_no TEXT NOT NULL DEFAULT '',
    publish_to_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL DEFAULT '',
    CONSTRAINT claim_amount_check CHECK (base_fen >= 0 AND asked_fen >= 0 AND adjusted_fen >= 0
        AND approved_fen >= 0 AND paid_fen >= 0),
    CONSTRAINT claim_order_check CHECK (paid_fen <= approved_fen AND approved_fen <= asked_fen)
) STRICT;

CREATE UNIQUE INDEX claim_number_key ON claim (number) WHERE number <> '';

CREATE UNIQUE INDEX claim_register_no_key ON claim (register_no) WHERE register_no <> '';

CREATE INDEX claim_by_programme_state ON claim (programme_id, state);

CREATE INDEX claim_by_voucher ON claim (voucher_id);

CREATE INDEX claim_by_holder ON claim (holder_id);

CREATE INDEX claim_by_payee ON claim (payee_id);

CREATE TABLE claim_line (
    id INTEGER PRIMARY KEY,
    claim_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    order_id INTEGER NOT NULL DEFAULT 0,
    order_line_id INTEGER NOT NULL DEFAULT 0,
    invoice_id INTEGER NOT NULL DEFAULT 0,
    proof_id INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    freed INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT claim_line_amount_check CHECK (amount_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX claim_line_claim_id_n_key ON claim_line (claim_id, n);

CREATE INDEX claim_line_by_order ON claim_line (order_id);

CREATE INDEX claim_line_by_invoice ON claim_line (invoice_id);

CREATE INDEX claim_line_by_proof ON claim_line (proof_id) WHERE proof_id <> 0;

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    class TEXT NOT NULL DEFAULT '',
    extracted TEXT NOT NULL DEFAULT '',
    typed TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX evidence_by_subject_subject ON evidence (subject, subject_id);

CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    policy_id INTEGER NOT NULL DEFAULT 0,
    facts TEXT NOT NULL DEFAULT '',
    steps TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    paper_no TEXT NOT NULL DEFAULT '',
    paper_day INTEGER NOT NULL DEFAULT 0,
    paper_blob TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX decision_number_key ON decision (number) WHERE number <> '';

CREATE INDEX decision_by_subject_subject ON decision (subject, subject_id);

CREATE TABLE act (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    subject TEXT NOT NULL DEFAULT '',
    subject_id INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT '',
    person_id INTEGER NOT NULL DEFAULT 0,
    user_id INTEGER NOT NULL DEFAULT 0,
    for_user_id INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX act_by_subject_subject ON act (subject, subject_id);

CREATE TABLE publication (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0,
    total_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT publication_amount_check CHECK (total_fen >= 0),
    CONSTRAINT publication_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE UNIQUE INDEX publication_number_key ON publication (number) WHERE number <> '';

CREATE TABLE publication_line (
    id INTEGER PRIMARY KEY,
    publication_id INTEGER NOT NULL DEFAULT 0,
    claim_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX publication_line_publication_id_n_key ON publication_line (publication_id, n);

CREATE INDEX publication_line_by_claim ON publication_line (claim_id);

CREATE TABLE objection (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    claim_id INTEGER NOT NULL DEFAULT 0,
    ground TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    decision_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX objection_by_claim ON objection (claim_id);

CREATE TABLE objection_private (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    contact TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    period TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    repeat_of_id INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0,
    total_fen INTEGER NOT NULL DEFAULT 0,
    list_sha256 TEXT NOT NULL DEFAULT '',
    list_sm3 TEXT NOT NULL DEFAULT '',
    locked_by_id INTEGER NOT NULL DEFAULT 0,
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    released_day INTEGER NOT NULL DEFAULT 0,
    exports INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT batch_amount_check CHECK (total_fen >= 0),
    CONSTRAINT batch_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE UNIQUE INDEX batch_number_key ON batch (number) WHERE number <> '';

-- One run at a time in a programme.
CREATE UNIQUE INDEX batch_run_key ON batch (programme_id) WHERE state IN ('open', 'locked', 'released');

CREATE TABLE batch_line (
    id INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    claim_id INTEGER NOT NULL DEFAULT 0,
    account_id INTEGER NOT NULL DEFAULT 0,
    payment_no TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    set_off_fen INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    result_day INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT batch_line_amount_check CHECK (amount_fen >= 0 AND set_off_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX batch_line_batch_id_n_key ON batch_line (batch_id, n);

CREATE UNIQUE INDEX batch_line_payment_no_key ON batch_line (payment_no) WHERE payment_no <> '';

CREATE INDEX batch_line_by_claim ON batch_line (claim_id);

CREATE TABLE bank_file (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    batch_id INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    lines INTEGER NOT NULL DEFAULT 0,
    matched INTEGER NOT NULL DEFAULT 0,
    unmatched INTEGER NOT NULL DEFAULT 0,
    day INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX bank_file_by_batch ON bank_file (batch_id);

CREATE UNIQUE INDEX bank_file_sha256_key ON bank_file (programme_id, sha256);

CREATE TABLE bank_line (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL DEFAULT 0,
    n INTEGER NOT NULL DEFAULT 0,
    reference TEXT NOT NULL DEFAULT '',
    amount_fen INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    line_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT bank_line_amount_check CHECK (amount_fen >= 0)
) STRICT;

CREATE UNIQUE INDEX bank_line_file_id_n_key ON bank_line (file_id, n);

CREATE INDEX bank_line_by_line ON bank_line (line_id);

CREATE TABLE violation_case (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL DEFAULT '',
    org_id INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '',
    opened_day INTEGER NOT NULL DEFAULT 0,
    heard_day INTEGER NOT NULL DEFAULT 0,
    decision_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX violation_case_number_key ON violation_case (number) WHERE number <> '';

CREATE TABLE ban (
    id INTEGER PRIMARY KEY,
    org_id INTEGER NOT NULL DEFAULT 0,
    programme_id INTEGER NOT NULL DEFAULT 0,
    scope TEXT NOT NULL DEFAULT '',
    from_day INTEGER NOT NULL DEFAULT 0,
    to_day INTEGER NOT NULL DEFAULT 0,
    case_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT ban_days_check CHECK (from_day <= to_day OR to_day = 0)
) STRICT;

CREATE INDEX ban_by_org ON ban (org_id);

CREATE TABLE recovery (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL DEFAULT 0,
    claim_id INTEGER NOT NULL DEFAULT 0,
    voucher_id INTEGER NOT NULL DEFAULT 0,
    amount_fen INTEGER NOT NULL DEFAULT 0,
    collected_fen INTEGER NOT NULL DEFAULT 0,
    set_off_fen INTEGER NOT NULL DEFAULT 0,
    handed_fen INTEGER NOT NULL DEFAULT 0,
    written_off_fen INTEGER NOT NULL DEFAULT 0,
    due_day INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT recovery_amount_check CHECK (amount_fen >= 0 AND collected_fen >= 0 AND set_off_fen >= 0
        AND handed_fen >= 0 AND written_off_fen >= 0)
) STRICT;

CREATE INDEX recovery_by_case ON recovery (case_id);

CREATE UNIQUE INDEX recovery_case_claim_key ON recovery (case_id, claim_id);

CREATE TABLE opening (
    id INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '',
    day INTEGER NOT NULL DEFAULT 0,
    vouchers INTEGER NOT NULL DEFAULT 0,
    claims INTEGER NOT NULL DEFAULT 0,
    invoices INTEGER NOT NULL DEFAULT 0,
    bans INTEGER NOT NULL DEFAULT 0,
    total_fen INTEGER NOT NULL DEFAULT 0,
    maker_id INTEGER NOT NULL DEFAULT 0,
    checker_id INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT opening_amount_check CHECK (total_fen >= 0),
    CONSTRAINT opening_checker_check CHECK (maker_id <> checker_id OR checker_id = 0)
) STRICT;

CREATE UNIQUE INDEX opening_sha256_key ON opening (programme_id, sha256);

-- The log. seq is dense from 1 in commit order: on SQLite it is the id, on PostgreSQL the elected
-- sequencer sets it once; 0 = not yet.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL,
    programme_id INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    leaf_sha256 BLOB NOT NULL,
    leaf_sm3 BLOB NOT NULL,
    CONSTRAINT event_sane_check CHECK (id > 0 AND seq >= 0 AND length(leaf_sha256) = 32 AND length(leaf_sm3) = 32)
) STRICT;

CREATE UNIQUE INDEX event_seq_key ON event (seq) WHERE seq <> 0;

-- What the sequencer still has to number; always empty on SQLite.
CREATE INDEX event_unsequenced ON event (id) WHERE seq = 0;

-- Names, phones, id and account numbers; the public body carries H(salt || body). Erasing is deleting.
CREATE TABLE private_body (
    event_id INTEGER PRIMARY KEY REFERENCES event (id),
    salt BLOB NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE leg (
    event_id INTEGER NOT NULL REFERENCES event (id),
    n INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    kind_id INTEGER NOT NULL,
    voucher_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    programme_id INTEGER NOT NULL,
    PRIMARY KEY (event_id, n),
    CONSTRAINT leg_amount_check CHECK (amount <> 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX leg_by_voucher ON leg (voucher_id);

-- fund is the outside world; how far overcommit may go is policy, checked in the code.
CREATE TABLE balance (
    programme_id INTEGER NOT NULL,
    account TEXT NOT NULL,
    source_id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    kind_id INTEGER NOT NULL,
    voucher_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    line_id INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (programme_id, account, voucher_id, source_id, year, kind_id, order_id, claim_id, line_id),
    CONSTRAINT balance_amount_check CHECK (amount >= 0 OR account IN ('fund', 'overcommit'))
) STRICT, WITHOUT ROWID;

CREATE INDEX balance_by_voucher ON balance (voucher_id);

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_sha256 BLOB NOT NULL,
    answer TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (actor, route, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_at ON idempotency (at_us);

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    args TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    lease_until_us INTEGER NOT NULL DEFAULT 0,
    node TEXT NOT NULL DEFAULT '',
    checkpoint TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    CONSTRAINT job_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed'))
) STRICT;

CREATE INDEX job_by_open ON job (id) WHERE state = 'waiting' OR state = 'running';

CREATE TABLE secret (
    name TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE id_lease (
    table_name TEXT PRIMARY KEY NOT NULL,
    next INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_chunk (
    sha256 BLOB NOT NULL,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (sha256, n)
) STRICT;

CREATE TABLE writes_off (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    CONSTRAINT writes_off_one_check CHECK (id = 1)
) STRICT;

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;

-- Rows that cannot change or go. A refusal carries the trigger's name as its constraint.

-- engine: sqlite
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event_no_update'); END;

CREATE TRIGGER leg_no_update BEFORE UPDATE ON leg
BEGIN SELECT RAISE(ABORT, 'leg_no_update'); END;

CREATE TRIGGER private_body_no_update BEFORE UPDATE ON private_body
BEGIN SELECT RAISE(ABORT, 'private_body_no_update'); END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event_no_delete'); END;

CREATE TRIGGER leg_no_delete BEFORE DELETE ON leg
BEGIN SELECT RAISE(ABORT, 'leg_no_delete'); END;

CREATE TRIGGER balance_no_delete BEFORE DELETE ON balance
BEGIN SELECT RAISE(ABORT, 'balance_no_delete'); END;

CREATE TRIGGER programme_no_delete BEFORE DELETE ON programme
BEGIN SELECT RAISE(ABORT, 'programme_no_delete'); END;

CREATE TRIGGER policy_no_delete BEFORE DELETE ON policy
BEGIN SELECT RAISE(ABORT, 'policy_no_delete'); END;

CREATE TRIGGER calendar_year_no_delete BEFORE DELETE ON calendar_year
BEGIN SELECT RAISE(ABORT, 'calendar_year_no_delete'); END;

CREATE TRIGGER outage_no_delete BEFORE DELETE ON outage
BEGIN SELECT RAISE(ABORT, 'outage_no_delete'); END;

CREATE TRIGGER counter_no_delete BEFORE DELETE ON counter
BEGIN SELECT RAISE(ABORT, 'counter_no_delete'); END;

CREATE TRIGGER organisation_no_delete BEFORE DELETE ON organisation
BEGIN SELECT RAISE(ABORT, 'organisation_no_delete'); END;

CREATE TRIGGER org_name_no_delete BEFORE DELETE ON org_name
BEGIN SELECT RAISE(ABORT, 'org_name_no_delete'); END;

CREATE TRIGGER org_fact_no_delete BEFORE DELETE ON org_fact
BEGIN SELECT RAISE(ABORT, 'org_fact_no_delete'); END;

CREATE TRIGGER org_link_no_delete BEFORE DELETE ON org_link
BEGIN SELECT RAISE(ABORT, 'org_link_no_delete'); END;

CREATE TRIGGER person_no_delete BEFORE DELETE ON person
BEGIN SELECT RAISE(ABORT, 'person_no_delete'); END;

CREATE TRIGGER person_private_no_delete BEFORE DELETE ON person_private
BEGIN SELECT RAISE(ABORT, 'person_private_no_delete'); END;

CREATE TRIGGER user_account_no_delete BEFORE DELETE ON user_account
BEGIN SELECT RAISE(ABORT, 'user_account_no_delete'); END;

CREATE TRIGGER role_grant_no_delete BEFORE DELETE ON role_grant
BEGIN SELECT RAISE(ABORT, 'role_grant_no_delete'); END;

CREATE TRIGGER delegation_no_delete BEFORE DELETE ON delegation
BEGIN SELECT RAISE(ABORT, 'delegation_no_delete'); END;

CREATE TRIGGER bank_account_no_delete BEFORE DELETE ON bank_account
BEGIN SELECT RAISE(ABORT, 'bank_account_no_delete'); END;

CREATE TRIGGER bank_account_private_no_delete BEFORE DELETE ON bank_account_private
BEGIN SELECT RAISE(ABORT, 'bank_account_private_no_delete'); END;

CREATE TRIGGER agreement_no_delete BEFORE DELETE ON agreement
BEGIN SELECT RAISE(ABORT, 'agreement_no_delete'); END;

CREATE TRIGGER recognition_no_delete BEFORE DELETE ON recognition
BEGIN SELECT RAISE(ABORT, 'recognition_no_delete'); END;

CREATE TRIGGER voucher_kind_no_delete BEFORE DELETE ON voucher_kind
BEGIN SELECT RAISE(ABORT, 'voucher_kind_no_delete'); END;

CREATE TRIGGER budget_line_no_delete BEFORE DELETE ON budget_line
BEGIN SELECT RAISE(ABORT, 'budget_line_no_delete'); END;

CREATE TRIGGER fund_source_no_delete BEFORE DELETE ON fund_source
BEGIN SELECT RAISE(ABORT, 'fund_source_no_delete'); END;

CREATE TRIGGER fund_move_no_delete BEFORE DELETE ON fund_move
BEGIN SELECT RAISE(ABORT, 'fund_move_no_delete'); END;

CREATE TRIGGER application_no_delete BEFORE DELETE ON application
BEGIN SELECT RAISE(ABORT, 'application_no_delete'); END;

CREATE TRIGGER voucher_no_delete BEFORE DELETE ON voucher
BEGIN SELECT RAISE(ABORT, 'voucher_no_delete'); END;

CREATE TRIGGER service_order_no_delete BEFORE DELETE ON service_order
BEGIN SELECT RAISE(ABORT, 'service_order_no_delete'); END;

CREATE TRIGGER order_line_no_delete BEFORE DELETE ON order_line
BEGIN SELECT RAISE(ABORT, 'order_line_no_delete'); END;

CREATE TRIGGER order_change_no_delete BEFORE DELETE ON order_change
BEGIN SELECT RAISE(ABORT, 'order_change_no_delete'); END;

CREATE TRIGGER delivery_no_delete BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'delivery_no_delete'); END;

CREATE TRIGGER invoice_no_delete BEFORE DELETE ON invoice
BEGIN SELECT RAISE(ABORT, 'invoice_no_delete'); END;

CREATE TRIGGER payment_proof_no_delete BEFORE DELETE ON payment_proof
BEGIN SELECT RAISE(ABORT, 'payment_proof_no_delete'); END;

CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim
BEGIN SELECT RAISE(ABORT, 'claim_no_delete'); END;

CREATE TRIGGER claim_line_no_delete BEFORE DELETE ON claim_line
BEGIN SELECT RAISE(ABORT, 'claim_line_no_delete'); END;

CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence_no_delete'); END;

CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decision_no_delete'); END;

CREATE TRIGGER act_no_delete BEFORE DELETE ON act
BEGIN SELECT RAISE(ABORT, 'act_no_delete'); END;

CREATE TRIGGER publication_no_delete BEFORE DELETE ON publication
BEGIN SELECT RAISE(ABORT, 'publication_no_delete'); END;

CREATE TRIGGER publication_line_no_delete BEFORE DELETE ON publication_line
BEGIN SELECT RAISE(ABORT, 'publication_line_no_delete'); END;

CREATE TRIGGER objection_no_delete BEFORE DELETE ON objection
BEGIN SELECT RAISE(ABORT, 'objection_no_delete'); END;

CREATE TRIGGER objection_private_no_delete BEFORE DELETE ON objection_private
BEGIN SELECT RAISE(ABORT, 'objection_private_no_delete'); END;

CREATE TRIGGER batch_no_delete BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'batch_no_delete'); END;

CREATE TRIGGER batch_line_no_delete BEFORE DELETE ON batch_line
BEGIN SELECT RAISE(ABORT, 'batch_line_no_delete'); END;

CREATE TRIGGER bank_file_no_delete BEFORE DELETE ON bank_file
BEGIN SELECT RAISE(ABORT, 'bank_file_no_delete'); END;

CREATE TRIGGER bank_line_no_delete BEFORE DELETE ON bank_line
BEGIN SELECT RAISE(ABORT, 'bank_line_no_delete'); END;

CREATE TRIGGER violation_case_no_delete BEFORE DELETE ON violation_case
BEGIN SELECT RAISE(ABORT, 'violation_case_no_delete'); END;

CREATE TRIGGER ban_no_delete BEFORE DELETE ON ban
BEGIN SELECT RAISE(ABORT, 'ban_no_delete'); END;

CREATE TRIGGER recovery_no_delete BEFORE DELETE ON recovery
BEGIN SELECT RAISE(ABORT, 'recovery_no_delete'); END;

CREATE TRIGGER opening_no_delete BEFORE DELETE ON opening
BEGIN SELECT RAISE(ABORT, 'opening_no_delete'); END;

-- engine: pg
CREATE SEQUENCE event_id;

CREATE SEQUENCE job_id;

CREATE FUNCTION tq_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23000', MESSAGE = TG_NAME, CONSTRAINT = TG_NAME;
END $$;

-- The sequencer may set seq, once; the primary key, the unique index and this do the rest.
CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH ROW
WHEN (OLD.seq <> 0 OR NEW.seq <= 0 OR (OLD.id, OLD.kind, OLD.programme_id, OLD.at_us, OLD.user_id, OLD.person_id,
      OLD.body, OLD.leaf_sha256, OLD.leaf_sm3) IS DISTINCT FROM (NEW.id, NEW.kind, NEW.programme_id, NEW.at_us,
      NEW.user_id, NEW.person_id, NEW.body, NEW.leaf_sha256, NEW.leaf_sm3))
EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER leg_no_update BEFORE UPDATE ON leg FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER private_body_no_update BEFORE UPDATE ON private_body FOR EACH ROW EXECUTE FUNCTION tq_refuse();

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'event', 'leg', 'balance', 'programme', 'policy', 'calendar_year', 'outage', 'counter',
        'organisation', 'org_name', 'org_fact', 'org_link', 'person', 'person_private',
        'user_account', 'role_grant', 'delegation', 'bank_account', 'bank_account_private',
        'agreement', 'recognition', 'voucher_kind', 'budget_line', 'fund_source', 'fund_move',
        'application', 'voucher', 'service_order', 'order_line', 'order_change', 'delivery',
        'invoice', 'payment_proof', 'claim', 'claim_line', 'evidence', 'decision', 'act',
        'publication', 'publication_line', 'objection', 'objection_private', 'batch',
        'batch_line', 'bank_file', 'bank_line', 'violation_case', 'ban', 'recovery', 'opening'
    ] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_no_delete BEFORE DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION tq_refuse()', name);
        EXECUTE format('CREATE TRIGGER %1$s_no_truncate BEFORE TRUNCATE ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse()', name);
    END LOOP;
END $$;
