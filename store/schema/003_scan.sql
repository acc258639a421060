-- Version 3. trial_scan: what filters read of every trial, in the order of their numbers, without the rest of its row.
CREATE INDEX trial_scan ON trial (study, number, state, value, steps, seconds);
