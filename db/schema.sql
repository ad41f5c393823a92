-- SPDX-License-Identifier: Apache-2.0
--
-- The database of fepd, schema version 1. Public: read it with any SQLite tool, best through the views at the
-- end. Open it read only and keep a SELECT short: while one runs, the write-ahead log can't be reset and grows.
--
-- Times are milliseconds since 1970-01-01 UTC. `PRAGMA application_id` is 0x46455044 ("FEPD") and
-- `PRAGMA user_version` the version of the schema. Nothing here is a constraint that an outstation's data could
-- violate.

PRAGMA application_id = 0x46455044;

-- One row (id 1): facts of the whole database.
CREATE TABLE meta (
    id INTEGER PRIMARY KEY,
    journal_id INTEGER,  -- random, made with the database; a cursor is <journal_id>-<seq>
    as_of INTEGER,       -- current_value and station_state reflect the journal at least up to here
    last_seq INTEGER     -- no sequence up to here is given again, even where the journal is empty
);
-- Below 2^53, so that no reader's number type rounds it.
INSERT INTO meta (id, journal_id, as_of, last_seq) VALUES (1, (random() & 0x1ffffffffffffe) + 1, 0, 0);

-- What the numbers of the other tables mean.
CREATE TABLE label (
    kind TEXT,  -- 'type', 'origin', 'time_quality', 'hole'
    number INTEGER,
    name TEXT,
    PRIMARY KEY (kind, number)
) WITHOUT ROWID;
INSERT INTO label (kind, number, name) VALUES
    ('type', 1, 'binary_input'),
    ('type', 2, 'double_bit_input'),
    ('type', 3, 'binary_output_status'),
    ('type', 4, 'counter'),
    ('type', 5, 'frozen_counter'),
    ('type', 6, 'analog_input'),
    ('type', 7, 'analog_output_status'),
    ('type', 8, 'binary_command'),
    ('type', 9, 'frozen_analog_input'),
    ('type', 10, 'analog_command'),
    ('type', 11, 'octet_string'),
    ('type', 100, 'hole'),
    ('origin', 1, 'unsolicited'),  -- an event in an unsolicited response
    ('origin', 2, 'event'),        -- an event in a solicited response
    ('origin', 3, 'static'),       -- a static value that had changed
    ('origin', 4, 'fep'),          -- a record of fepd itself
    ('time_quality', 0, 'none'),
    ('time_quality', 1, 'synchronised'),
    ('time_quality', 2, 'unsynchronised'),
    ('time_quality', 3, 'invalid'),
    ('hole', 1, 'overflow'),    -- the outstation lost events
    ('hole', 2, 'restart'),     -- the outstation restarted: events not yet fetched may be lost
    ('hole', 3, 'comm_lost'),   -- off line from here on
    ('hole', 4, 'comm_back'),   -- on line again
    ('hole', 5, 'discarded'),   -- a fragment was dropped
    ('hole', 6, 'quarantine');  -- a fragment was not readable to its end

-- The names of the flag bits (IEEE 1815; `flags & bit`). A command has a status code in place of flags.
CREATE TABLE flag_label (
    type INTEGER,
    bit INTEGER,
    name TEXT,
    PRIMARY KEY (type, bit)
) WITHOUT ROWID;
INSERT INTO flag_label (type, bit, name)
    SELECT number, bit, flag
    FROM label, (SELECT 1 AS bit, 'online' AS flag
                 UNION ALL SELECT 2, 'restart'
                 UNION ALL SELECT 4, 'comm_lost'
                 UNION ALL SELECT 8, 'remote_forced'
                 UNION ALL SELECT 16, 'local_forced')
    WHERE kind = 'type' AND (number BETWEEN 1 AND 7 OR number = 9);
INSERT INTO flag_label (type, bit, name) VALUES
    (1, 32, 'chatter_filter'), (2, 32, 'chatter_filter'),
    (4, 32, 'rollover'), (4, 64, 'discontinuity'),
    (5, 32, 'rollover'), (5, 64, 'discontinuity'),
    (6, 32, 'over_range'), (6, 64, 'reference_err'),
    (7, 32, 'over_range'), (7, 64, 'reference_err'),
    (9, 32, 'over_range'), (9, 64, 'reference_err');

-- A name has its number for ever, also when the station is taken out of the configuration.
CREATE TABLE station (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    points_digest INTEGER  -- of the rows in `point`, so that a restart need not compare them
);

-- Descriptions of points, from the configuration. Engineering value = value * scale + offset.
CREATE TABLE point (
    station INTEGER,
    type INTEGER,
    point_index INTEGER,
    name TEXT,
    unit TEXT,
    scale REAL,
    offset REAL,
    PRIMARY KEY (station, type, point_index)
) WITHOUT ROWID;

-- The journal. A hole (type 100): point_index = reason, time_ms = from, received_ms = to (0: not known yet).
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    station INTEGER,
    type INTEGER,
    point_index INTEGER,
    value REAL,  -- NaN and -0.0, which SQLite does not keep, as a BLOB: their 8 octets, highest first
    flags INTEGER,
    time_ms INTEGER,       -- of the source; 0 where time_quality is none or invalid
    time_quality INTEGER,
    received_ms INTEGER,
    origin INTEGER,
    marks INTEGER,  -- 1: possible repeat of an earlier row (it has no time, so nobody can tell); 2: history;
                    -- 4: sent without asking for a confirm
    doubt INTEGER   -- for recovery: how many sequences back the station's oldest row lies that was in doubt
);

-- The present value of each point, written behind: true as of meta.as_of or later.
CREATE TABLE current_value (
    station INTEGER,
    type INTEGER,
    point_index INTEGER,
    value REAL,  -- as in event
    flags INTEGER,
    time_ms INTEGER,
    time_quality INTEGER,
    received_ms INTEGER,
    seq INTEGER,
    PRIMARY KEY (station, type, point_index)
) WITHOUT ROWID;

-- The state of each station, written behind.
CREATE TABLE station_state (
    station INTEGER PRIMARY KEY,
    online INTEGER,
    iin INTEGER,  -- the last internal indications: IIN1 in the high octet
    last_heard_ms INTEGER,
    offline_since_ms INTEGER,
    applied_seq INTEGER,
    doubt BLOB  -- for recovery, opaque
);

-- Fragments that could not be read to their end, or that the journal refused. The oldest are replaced.
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    station INTEGER,
    received_ms INTEGER,
    seq INTEGER,  -- the journal row that tells of it
    reason TEXT,
    octets BLOB
);
CREATE INDEX quarantine_of_station ON quarantine (station);

-- How far the named consumers have acknowledged. It never holds retention back.
CREATE TABLE consumer (
    name TEXT PRIMARY KEY,
    seq INTEGER,
    at_ms INTEGER
) WITHOUT ROWID;

-- The journal in words. `value` is in engineering units, `raw_value` as the outstation sent it; NaN is NULL.
-- `station` or `point` is NULL where it has no name.
CREATE VIEW events AS
SELECT e.seq,
       s.name AS station,
       (SELECT name FROM label WHERE kind = 'type' AND number = e.type) AS type,
       e.point_index AS point_index,
       p.name AS point,
       CASE typeof(e.value) WHEN 'blob' THEN iif(e.value = x'8000000000000000', 0.0, NULL) ELSE e.value END
           * coalesce(p.scale, 1.0) + coalesce(p.offset, 0.0) AS value,
       p.unit AS unit,
       CASE typeof(e.value) WHEN 'blob' THEN iif(e.value = x'8000000000000000', 0.0, NULL) ELSE e.value END
           AS raw_value,
       iif(e.type IN (8, 10), 'status ' || e.flags,
           (SELECT group_concat(f.name, ' ') FROM flag_label f WHERE f.type = e.type AND e.flags & f.bit))
           AS flags,
       iif(e.time_quality IN (1, 2), ifnull(strftime('%Y-%m-%dT%H:%M:%fZ', e.time_ms / 1000.0, 'unixepoch'), e.time_ms || ' ms'), NULL)
           AS time,
       (SELECT name FROM label WHERE kind = 'time_quality' AND number = e.time_quality) AS time_quality,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch') AS received,
       (SELECT name FROM label WHERE kind = 'origin' AND number = e.origin) AS origin,
       (e.marks & 1) <> 0 AS possible_repeat,
       (e.marks & 2) <> 0 AS hist
FROM event e
LEFT JOIN station s ON s.number = e.station
LEFT JOIN point p ON p.station = e.station AND p.type = e.type AND p.point_index = e.point_index
WHERE e.type <> 100;

-- Where the journal may lack something, and why.
CREATE VIEW holes AS
SELECT e.seq,
       s.name AS station,
       (SELECT name FROM label WHERE kind = 'hole' AND number = e.point_index) AS reason,
       iif(e.time_ms, ifnull(strftime('%Y-%m-%dT%H:%M:%fZ', e.time_ms / 1000.0, 'unixepoch'), e.time_ms || ' ms'), NULL) AS "from",
       iif(e.received_ms, strftime('%Y-%m-%dT%H:%M:%fZ', e.received_ms / 1000.0, 'unixepoch'), NULL) AS "to"
FROM event e
LEFT JOIN station s ON s.number = e.station
WHERE e.type = 100;

-- Present values in words, behind by fep.checkpoint_interval and a pass. A point of a station that is off line is comm_lost.
CREATE VIEW current_values AS
SELECT s.name AS station,
       (SELECT name FROM label WHERE kind = 'type' AND number = c.type) AS type,
       c.point_index AS point_index,
       p.name AS point,
       CASE typeof(c.value) WHEN 'blob' THEN iif(c.value = x'8000000000000000', 0.0, NULL) ELSE c.value END
           * coalesce(p.scale, 1.0) + coalesce(p.offset, 0.0) AS value,
       p.unit AS unit,
       CASE typeof(c.value) WHEN 'blob' THEN iif(c.value = x'8000000000000000', 0.0, NULL) ELSE c.value END
           AS raw_value,
       iif(c.type IN (8, 10), 'status ' || c.flags,
           (SELECT group_concat(f.name, ' ') FROM flag_label f
            WHERE f.type = c.type AND (c.flags | iif(t.online = 0, 4, 0)) & f.bit)) AS flags,
       iif(c.time_quality IN (1, 2), ifnull(strftime('%Y-%m-%dT%H:%M:%fZ', c.time_ms / 1000.0, 'unixepoch'), c.time_ms || ' ms'), NULL)
           AS time,
       (SELECT name FROM label WHERE kind = 'time_quality' AND number = c.time_quality) AS time_quality,
       strftime('%Y-%m-%dT%H:%M:%fZ', c.received_ms / 1000.0, 'unixepoch') AS received,
       c.seq AS seq
FROM current_value c
LEFT JOIN station s ON s.number = c.station
LEFT JOIN station_state t ON t.station = c.station
LEFT JOIN point p ON p.station = c.station AND p.type = c.type AND p.point_index = c.point_index;

-- Stations, as far behind. `online` is NULL for one that was never heard of.
CREATE VIEW stations AS
SELECT s.number AS number,
       s.name AS station,
       t.online AS online,
       iif(t.iin IS NULL, NULL, printf('%04X', t.iin)) AS iin,
       iif(t.last_heard_ms, strftime('%Y-%m-%dT%H:%M:%fZ', t.last_heard_ms / 1000.0, 'unixepoch'), NULL)
           AS last_heard,
       iif(t.online = 0 AND t.offline_since_ms,
           strftime('%Y-%m-%dT%H:%M:%fZ', t.offline_since_ms / 1000.0, 'unixepoch'), NULL) AS offline_since,
       t.applied_seq AS applied_seq,
       (SELECT count(*) FROM point p WHERE p.station = s.number) AS points
FROM station s
LEFT JOIN station_state t ON t.station = s.number;

-- The quarantine in words.
CREATE VIEW quarantined AS
SELECT q.id,
       s.name AS station,
       strftime('%Y-%m-%dT%H:%M:%fZ', q.received_ms / 1000.0, 'unixepoch') AS received,
       q.seq AS seq,
       q.reason AS reason,
       length(q.octets) AS len,
       hex(q.octets) AS octets
FROM quarantine q
LEFT JOIN station s ON s.number = q.station;
