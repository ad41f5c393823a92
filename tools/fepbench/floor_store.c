// SPDX-License-Identifier: Apache-2.0
/* The storing thread of the commit floor: one transaction for all that has gathered, then the next. */
#include "tools/fepbench/floor_parts.h"

#include "tools/fepbench/process.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TRANSACTION_MAX = 4096 };

struct store {
    struct floor_process *floor;
    sqlite3 *db;
    sqlite3_stmt *insert;
    int64_t rows;
    uint64_t last_ns; /* when the last transaction began */
};

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000;"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, station INT, type INT, point INT, value REAL, flags INT,"
    " time_ms INT, time_quality INT, received_ms INT, origin INT)";
static const char insert[] = "INSERT INTO event(station, type, point, value, flags, time_ms, time_quality,"
                             " received_ms, origin) VALUES(?,?,?,?,?,?,?,?,?)";

static void must(struct store *s, int result)
{
    if (result == SQLITE_OK || result == SQLITE_DONE)
        return;
    fprintf(stderr, "fepbench: floor: %s: %s\n", s->floor->database, sqlite3_errmsg(s->db));
    _exit(1);
}

void floor_store_remove(const char *database)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[600];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", database, suffixes[i]);
        unlink(path);
    }
}

static void insert_row(struct store *s, const struct floor_held *held, uint32_t point)
{
    int64_t time_ms = 1700000000000 + s->rows;
    sqlite3_bind_int(s->insert, 1, held->fd);
    sqlite3_bind_int(s->insert, 2, 30);
    sqlite3_bind_int(s->insert, 3, (int)point);
    sqlite3_bind_double(s->insert, 4, (double)s->rows * 0.5);
    sqlite3_bind_int(s->insert, 5, 1);
    sqlite3_bind_int64(s->insert, 6, time_ms);
    sqlite3_bind_int(s->insert, 7, 1);
    sqlite3_bind_int64(s->insert, 8, time_ms);
    sqlite3_bind_int(s->insert, 9, 2);
    must(s, sqlite3_step(s->insert));
    sqlite3_reset(s->insert);
    s->rows++;
}

static void keep_pace(struct store *s)
{
    uint64_t next_ns = s->last_ns + (uint64_t)(s->floor->spec.interval_ms * 1e6), now_ns = process_now_ns();
    if (now_ns < next_ns)
        process_sleep_s((double)(next_ns - now_ns) * 1e-9);
    s->last_ns = process_now_ns();
}

static void commit_waiting(struct store *s)
{
    struct floor_ring *from = &s->floor->to_store, *to = &s->floor->to_answer;
    const uint64_t one = 1;
    unsigned head = atomic_load(&from->head), tail = atomic_load(&from->tail), end = head;
    must(s, sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL));
    for (; end != tail && end - head < TRANSACTION_MAX; end++)
        for (uint32_t row = 0; row < s->floor->spec.rows; row++)
            insert_row(s, &from->held[end % FLOOR_RING], row);
    must(s, sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL));
    s->floor->commits++;
    unsigned out = atomic_load(&to->tail);
    for (unsigned i = head; i != end; i++)
        to->held[out++ % FLOOR_RING] = from->held[i % FLOOR_RING];
    atomic_store(&from->head, end);
    atomic_store(&to->tail, out);
    if (write(to->wake, &one, sizeof one) < 0)
        abort();
}

void *floor_store(void *process)
{
    struct store s = {.floor = process};
    struct floor_ring *from = &s.floor->to_store;
    uint64_t count;
    floor_store_remove(s.floor->database);
    must(&s, sqlite3_open(s.floor->database, &s.db));
    must(&s, sqlite3_exec(s.db, schema, NULL, NULL, NULL));
    must(&s, sqlite3_prepare_v2(s.db, insert, -1, &s.insert, NULL));
    for (;;) {
        if (atomic_load(&from->head) == atomic_load(&from->tail)) {
            if (read(from->wake, &count, sizeof count) < 0)
                abort();
            continue;
        }
        keep_pace(&s);
        commit_waiting(&s);
    }
}
