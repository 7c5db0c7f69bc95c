-- Proofs of the log and who read a case.

-- engine: both
