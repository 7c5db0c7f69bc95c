-- Signals before payment and what became of them.

-- engine: both
