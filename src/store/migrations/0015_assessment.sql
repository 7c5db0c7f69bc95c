-- What townships and indicators are measured by.

-- engine: both
