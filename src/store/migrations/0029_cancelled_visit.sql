-- A drawn firm whose visit was cancelled is given out again: only visits that stand fill the place of the pick.

-- engine: both
DROP INDEX inspection_one_a_pick;

CREATE UNIQUE INDEX inspection_one_a_pick ON inspection (pick_id) WHERE pick_id <> 0 AND state <> 'cancelled';
