-- Version 1. Columns and units: store/FORMAT.md. `number` is the trial's number inside its study.
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE study (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  name         TEXT NOT NULL UNIQUE,
  note         TEXT NOT NULL DEFAULT '',
  spec_text    TEXT NOT NULL,
  spec         TEXT NOT NULL,
  spec_hash    TEXT NOT NULL,
  seed         INTEGER NOT NULL,
  trials       INTEGER NOT NULL,
  sampler      TEXT NOT NULL,
  strategy     TEXT NOT NULL,
  code_version TEXT NOT NULL,
  host         TEXT NOT NULL,
  created      REAL NOT NULL,
  state        TEXT NOT NULL,
  added        INTEGER NOT NULL DEFAULT 0,
  crc          INTEGER NOT NULL
) STRICT;

CREATE TABLE param (
  study      INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  k          INTEGER NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (study, k)
) STRICT, WITHOUT ROWID;

CREATE TABLE goal (
  study    INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  k        INTEGER NOT NULL,
  metric   TEXT NOT NULL,
  maximize INTEGER NOT NULL,
  PRIMARY KEY (study, k)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
  study    INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  k        INTEGER NOT NULL,
  name     TEXT NOT NULL,
  kind     TEXT NOT NULL,
  maximize INTEGER NOT NULL,
  wide     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (study, k)
) STRICT, WITHOUT ROWID;

CREATE TABLE trial (
  study        INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  number       INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  state        TEXT NOT NULL,
  value        REAL,
  best_step    INTEGER,
  steps        INTEGER NOT NULL DEFAULT 0,
  seconds      REAL NOT NULL DEFAULT 0,
  mark         REAL,
  started      REAL,
  ended        REAL,
  device       TEXT NOT NULL DEFAULT '',
  device_kind  TEXT NOT NULL DEFAULT '',
  reason       TEXT NOT NULL DEFAULT '',
  weights_hash TEXT NOT NULL DEFAULT '',
  parent       INTEGER,
  enqueued     INTEGER NOT NULL,
  seed         INTEGER NOT NULL,
  lease_owner  TEXT,
  fence        INTEGER NOT NULL DEFAULT 0,
  config_crc   INTEGER NOT NULL,
  curve_crc    INTEGER,
  crc          INTEGER,
  config       TEXT NOT NULL,
  PRIMARY KEY (study, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_value ON trial (study, value);

CREATE TABLE objective (
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  k      INTEGER NOT NULL,
  value  REAL,
  PRIMARY KEY (study, number, k),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE epoch_hot (
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  step   INTEGER NOT NULL,
  row    BLOB NOT NULL,
  PRIMARY KEY (study, number, step),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE curve (
  study    INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  metric   INTEGER NOT NULL,
  position INTEGER NOT NULL,
  crc      INTEGER NOT NULL,
  chunk    BLOB NOT NULL,
  PRIMARY KEY (study, number, metric),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE rung (
  id     INTEGER PRIMARY KEY,
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  step   INTEGER NOT NULL,
  value  REAL,
  UNIQUE (study, number, step),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT;

CREATE TABLE fit (
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hyper  BLOB NOT NULL,
  PRIMARY KEY (study, number),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
  study       INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  role        TEXT NOT NULL,
  step        INTEGER NOT NULL,
  device_kind TEXT NOT NULL,
  hash        TEXT NOT NULL,
  bytes       INTEGER NOT NULL,
  crc         INTEGER NOT NULL,
  blob        BLOB,
  PRIMARY KEY (study, number, role),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX checkpoint_hash ON checkpoint (hash);

CREATE TABLE artifact (
  id     INTEGER PRIMARY KEY,
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  step   INTEGER NOT NULL,
  name   TEXT NOT NULL,
  kind   TEXT NOT NULL,
  hash   TEXT NOT NULL,
  bytes  INTEGER NOT NULL,
  crc    INTEGER NOT NULL,
  blob   BLOB,
  UNIQUE (study, number, step, name),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX artifact_hash ON artifact (hash);

CREATE TABLE event (
  id     INTEGER PRIMARY KEY,
  study  INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  wall   REAL NOT NULL,
  number INTEGER,
  kind   TEXT NOT NULL,
  text   TEXT NOT NULL
) STRICT;
CREATE INDEX event_study ON event (study);

CREATE TABLE note (
  study  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (study, number),
  FOREIGN KEY (study, number) REFERENCES trial(study, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- number -1: a tag of the study itself.
CREATE TABLE tag (
  study  INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  tag    TEXT NOT NULL,
  PRIMARY KEY (study, number, tag)
) STRICT, WITHOUT ROWID;

CREATE VIEW studies AS
  SELECT s.name AS study, s.created, s.sampler, s.strategy, s.trials,
         CASE WHEN (SELECT maximize FROM goal WHERE goal.study = s.id AND k = 0)
              THEN (SELECT max(value) FROM trial WHERE trial.study = s.id AND state = 'completed' AND kind = 'search')
              ELSE (SELECT min(value) FROM trial WHERE trial.study = s.id AND state = 'completed' AND kind = 'search')
         END AS best,
         s.state, s.seed, s.note, s.code_version, s.host, s.id,
         (SELECT group_concat(tag, ' ') FROM tag WHERE tag.study = s.id AND number = -1) AS tags
  FROM study s;

CREATE VIEW trials AS
  SELECT s.name AS study, t.number, t.state, t.value, t.steps, t.seconds, t.config AS params, t.kind, t.parent,
         t.best_step, t.device, t.device_kind, t.reason, t.started, t.ended, t.enqueued, t.seed, t.weights_hash,
         (SELECT text FROM note WHERE note.study = t.study AND note.number = t.number) AS note,
         (SELECT group_concat(tag, ' ') FROM tag WHERE tag.study = t.study AND tag.number = t.number) AS tags
  FROM trial t JOIN study s ON s.id = t.study;

CREATE VIEW params AS
  SELECT s.name AS study, t.number, j.key AS name, j.atom AS value
  FROM trial t JOIN study s ON s.id = t.study, json_each(t.config) j;
