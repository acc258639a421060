-- Version 2. rows_crc: CRC-32C over what else belongs to a finished trial (params_N, metrics_N, objective, rung), part of trial.crc; it is filled
-- in for the trials that are there. origin: of deterministic searches. meta 'writer': who may write now.
ALTER TABLE trial ADD COLUMN rows_crc INTEGER;
ALTER TABLE trial ADD COLUMN origin REAL;
INSERT OR REPLACE INTO meta VALUES ('writer', '');
