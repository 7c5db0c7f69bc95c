-- Papers taken in at the counter.

-- engine: both
