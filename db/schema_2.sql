-- SPDX-License-Identifier: Apache-2.0
--
-- Version 2: octet strings (type 11). In event and current_value their `value` is a BLOB of 0 to 255 octets.
-- The views show it as `octets`, in hexadecimal, and as `text` where all of it is printable ASCII; `value` and
-- `raw_value`, which are numbers, are NULL.

INSERT INTO flag_label (type, bit, name)
    SELECT 11, bit, name FROM flag_label WHERE type = 1 AND bit < 32;

DROP VIEW events;
CREATE VIEW events AS
SELECT e.seq,
       s.name AS station,
       (SELECT name FROM label WHERE kind = 'type' AND number = e.type) AS type,
       e.point_index AS point_index,
       p.name AS point,
       CASE typeof(e.value) WHEN 'blob' THEN iif(e.type <> 11 AND e.value = x'8000000000000000', 0.0, NULL) ELSE e.value END
           * coalesce(p.scale, 1.0) + coalesce(p.offset, 0.0) AS value,
       p.unit AS unit,
       CASE typeof(e.value) WHEN 'blob' THEN iif(e.type <> 11 AND e.value = x'8000000000000000', 0.0, NULL) ELSE e.value END
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
       (e.marks & 2) <> 0 AS hist,
       iif(e.type = 11 AND NOT instr(e.value, x'00') AND CAST(e.value AS TEXT) NOT GLOB '*[^ -~]*',
           CAST(e.value AS TEXT), NULL) AS text,
       iif(e.type = 11, hex(e.value), NULL) AS octets
FROM event e
LEFT JOIN station s ON s.number = e.station
LEFT JOIN point p ON p.station = e.station AND p.type = e.type AND p.point_index = e.point_index
WHERE e.type <> 100;

DROP VIEW current_values;
CREATE VIEW current_values AS
SELECT s.name AS station,
       (SELECT name FROM label WHERE kind = 'type' AND number = c.type) AS type,
       c.point_index AS point_index,
       p.name AS point,
       CASE typeof(c.value) WHEN 'blob' THEN iif(c.type <> 11 AND c.value = x'8000000000000000', 0.0, NULL) ELSE c.value END
           * coalesce(p.scale, 1.0) + coalesce(p.offset, 0.0) AS value,
       p.unit AS unit,
       CASE typeof(c.value) WHEN 'blob' THEN iif(c.type <> 11 AND c.value = x'8000000000000000', 0.0, NULL) ELSE c.value END
           AS raw_value,
       iif(c.type IN (8, 10), 'status ' || c.flags,
           (SELECT group_concat(f.name, ' ') FROM flag_label f
            WHERE f.type = c.type AND (c.flags | iif(t.online = 0, 4, 0)) & f.bit)) AS flags,
       iif(c.time_quality IN (1, 2), ifnull(strftime('%Y-%m-%dT%H:%M:%fZ', c.time_ms / 1000.0, 'unixepoch'), c.time_ms || ' ms'), NULL)
           AS time,
       (SELECT name FROM label WHERE kind = 'time_quality' AND number = c.time_quality) AS time_quality,
       strftime('%Y-%m-%dT%H:%M:%fZ', c.received_ms / 1000.0, 'unixepoch') AS received,
       c.seq AS seq,
       iif(c.type = 11 AND NOT instr(c.value, x'00') AND CAST(c.value AS TEXT) NOT GLOB '*[^ -~]*',
           CAST(c.value AS TEXT), NULL) AS text,
       iif(c.type = 11, hex(c.value), NULL) AS octets
FROM current_value c
LEFT JOIN station s ON s.number = c.station
LEFT JOIN station_state t ON t.station = c.station
LEFT JOIN point p ON p.station = c.station AND p.type = c.type AND p.point_index = c.point_index;
