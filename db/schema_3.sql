-- SPDX-License-Identifier: Apache-2.0
--
-- Version 3: the audit. Who asked for what, and each thing that came of it. Only ever appended to. And the tags that
-- block controls.
--
-- hash = SHA-256 of: the hash of the record before (32 octets; zeros for the first), then id, at_ms and command as
-- 8 octets each, highest first, then who, role, action, station, subject, state and detail in UTF-8, each after its
-- length in octets as 8 octets. So a record can't be changed, taken out or put in without all later hashes changing;
-- that the last ones were cut off shows against a head (`ID:HASH`) that was noted elsewhere: the log has one a day.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,  -- 1, 2, 3 ... without a gap
    at_ms INTEGER,
    command INTEGER,  -- records of one command have its number in common: the id of its first record; else 0
    who TEXT,         -- name of the token or certificate; 'fepd' for what it does by itself
    role TEXT,
    action TEXT,      -- operate, freeze, tag, login_failed ...
    station TEXT,
    subject TEXT,     -- the points, the tag, the consumer: what it was done to
    state TEXT,       -- what became of it
    detail TEXT,      -- JSON, or ''
    hash BLOB
);
CREATE INDEX audit_of_command ON audit (command) WHERE command <> 0;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only appended to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only appended to'); END;

CREATE VIEW audits AS
SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', at_ms / 1000.0, 'unixepoch') AS at, command, who, role, action, station,
       subject, state, detail, lower(hex(hash)) AS hash
FROM audit;

-- While there is one, nobody operates the point, or anything of the station.
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,  -- of the record in the audit that tells of its placing
    station INTEGER NOT NULL,
    type INTEGER NOT NULL,  -- of the point; 0: the whole station
    point_index INTEGER NOT NULL,
    kind TEXT,
    text TEXT,  -- why
    who TEXT,
    at_ms INTEGER
);

-- How many holes came in the last day, without a look at the whole journal.
CREATE INDEX hole_by_time ON event (max(time_ms, received_ms)) WHERE type = 100;

CREATE VIEW tags AS
SELECT t.id, s.name AS station, (SELECT name FROM label WHERE kind = 'type' AND number = t.type) AS type,
       iif(t.type = 0, NULL, t.point_index) AS point_index, t.kind, t.text, t.who,
       strftime('%Y-%m-%dT%H:%M:%fZ', t.at_ms / 1000.0, 'unixepoch') AS at
FROM tag t LEFT JOIN station s ON s.number = t.station;
