-- Supplements that a firm owes for a returned application, and the members of a pooled order.

-- engine: both

ALTER TABLE application ADD COLUMN return_by_day INTEGER NOT NULL DEFAULT 0;

CREATE INDEX application_by_return_by_day ON application (return_by_day) WHERE state = 'returned';

CREATE INDEX claim_by_return_by_day ON claim (return_by_day) WHERE state = 'returned';

-- order_id: the order that the others joined; member_order_id: the part of this member, 0 while invited.
CREATE TABLE order_member (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL DEFAULT 0,
    holder_id INTEGER NOT NULL DEFAULT 0,
    contract_fen INTEGER NOT NULL DEFAULT 0,
    member_order_id INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '',
    CONSTRAINT order_member_amount_check CHECK (contract_fen >= 0)
) STRICT;

CREATE INDEX order_member_by_order ON order_member (order_id);

CREATE INDEX order_member_by_holder ON order_member (holder_id) WHERE state = 'invited';

CREATE UNIQUE INDEX order_member_part_key ON order_member (member_order_id) WHERE member_order_id <> 0;

-- engine: sqlite
CREATE TRIGGER order_member_no_delete BEFORE DELETE ON order_member
BEGIN SELECT RAISE(ABORT, 'order_member_no_delete'); END;

-- engine: pg
CREATE TRIGGER order_member_no_delete BEFORE DELETE ON order_member FOR EACH ROW EXECUTE FUNCTION tq_refuse();

CREATE TRIGGER order_member_no_truncate BEFORE TRUNCATE ON order_member FOR EACH STATEMENT EXECUTE FUNCTION tq_refuse();
