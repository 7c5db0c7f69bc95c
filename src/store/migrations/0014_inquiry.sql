-- Inquiries, tips, holds and retention.

-- engine: both
