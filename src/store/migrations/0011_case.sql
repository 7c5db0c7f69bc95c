-- What a case brings besides money: hearing, appeal, instalments, who asked of a ban, the register handed in.

-- engine: both
