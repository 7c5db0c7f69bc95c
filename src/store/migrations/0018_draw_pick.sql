-- The picks of one draw in their order.

-- engine: both

CREATE INDEX draw_pick_by_draw ON draw_pick (draw_id, place);
