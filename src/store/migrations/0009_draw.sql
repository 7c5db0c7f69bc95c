-- Draws of firms to inspect, their populations and picks.

-- engine: both
