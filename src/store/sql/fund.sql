-- Money of the programme: sources, movements, the end of a year.

-- name: event_count mode: read
SELECT COUNT(*) FROM event
