// SPDX-License-Identifier: Apache-2.0
/* Readers beside the writer: bounds, filters, gaps, names; and a WAL that stays small under both. */
#include "support/database.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { ROOM = 30000 };

static struct journal_row rows[ROOM];

static struct journal_bounds bounds_of(struct journal_reader *reader)
{
    struct journal_bounds bounds = {0};
    assert_int_equal(reader_bounds(reader, &bounds), STORE_OK);
    return bounds;
}

static void retain_all(struct database *db, uint32_t max_rows)
{
    const struct store_limits limits = {.before_ms = INT64_MAX, .max_rows = max_rows};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_set_as_of(db->store, store_next_seq(db->store) - 1), STORE_OK);
    assert_int_equal(store_retain(db->store, &limits, NULL), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
}

static void bounds_follow_the_journal(void **state)
{
    struct database *db = *state;
    struct journal_reader *reader = database_reader(db);
    struct journal_bounds bounds = bounds_of(reader);
    assert_int_equal(bounds.journal_id, store_journal_id(db->store));
    assert_int_equal(bounds.newest, 0);
    assert_int_equal(bounds.oldest, 1);
    database_store_numbered(db, 50);
    bounds = bounds_of(reader);
    assert_int_equal(bounds.oldest, 1);
    assert_int_equal(bounds.newest, 50);
    retain_all(db, 20);
    assert_int_equal(bounds_of(reader).oldest, 21);
    database_sql(db, "DELETE FROM event");
    bounds = bounds_of(reader);
    assert_int_equal(bounds.newest, 50);
    assert_int_equal(bounds.oldest, 51);
    reader_close(reader);
}

static void a_transaction_shows_with_its_commit(void **state)
{
    struct database *db = *state;
    struct journal_reader *reader = database_reader(db);
    struct journal_row row = {.seq = 1};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(bounds_of(reader).newest, 0);
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_int_equal(bounds_of(reader).newest, 1);
    reader_close(reader);
}

static void rows_come_in_order_and_in_portions(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 25);
    struct journal_reader *reader = database_reader(db);
    int64_t after = 0;
    int64_t expected = 1;
    for (int portion = 0; portion < 3; portion++) {
        size_t len = 10;
        assert_int_equal(reader_rows(reader, after, NULL, rows, &len, &after), STORE_OK);
        assert_int_equal(len, portion < 2 ? 10 : 5);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(rows[i].seq, expected++);
    }
    assert_int_equal(after, 25);
    size_t len = 10;
    assert_int_equal(reader_rows(reader, after, NULL, rows, &len, &after), STORE_OK);
    assert_int_equal(len, 0);
    assert_int_equal(after, 25);
    /* After retention the rows begin where the bounds say; what lacks is for the caller to tell. */
    retain_all(db, 12);
    len = 10;
    assert_int_equal(reader_rows(reader, 3, NULL, rows, &len, &after), STORE_OK);
    assert_int_equal(rows[0].seq, bounds_of(reader).oldest);
    assert_int_equal(rows[0].seq, 13);
    reader_close(reader);
}

static void filters_pass_what_they_name(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 60);
    struct journal_reader *reader = database_reader(db);
    static const struct {
        struct journal_filter filter;
        size_t len;
    } cases[] = {{{0, 0}, 60}, {{2, 0}, 20}, {{0, 6}, 30}, {{2, 6}, 10}, {{9, 0}, 0}, {{0, ROW_HOLE}, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct journal_filter *f = &cases[c].filter;
        size_t len = ROOM;
        int64_t end = 0;
        assert_int_equal(reader_rows(reader, 0, f, rows, &len, &end), STORE_OK);
        assert_int_equal(len, cases[c].len);
        assert_int_equal(end, 60); /* also where the last rows did not pass */
        for (size_t i = 0; i < len; i++) {
            assert_true(f->station == 0 || rows[i].station == f->station);
            assert_true(f->type == 0 || rows[i].type == f->type);
        }
    }
    reader_close(reader);
}

static void a_call_looks_at_a_bounded_number_of_rows(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 25000);
    struct journal_reader *reader = database_reader(db);
    struct journal_filter nobody = {.station = 77};
    size_t len = ROOM;
    int64_t end = 0;
    assert_int_equal(reader_rows(reader, 0, &nobody, rows, &len, &end), STORE_OK);
    assert_int_equal(len, 0);
    assert_int_equal(end, 20000);
    len = ROOM;
    assert_int_equal(reader_rows(reader, end, &nobody, rows, &len, &end), STORE_OK);
    assert_int_equal(end, 25000);
    reader_close(reader);
}

static void names_and_numbers_of_stations(void **state)
{
    struct database *db = *state;
    uint32_t number = 0;
    assert_int_equal(store_register_station(db->store, "Nord", &number), STORE_OK);
    struct journal_reader *reader = database_reader(db);
    char name[8];
    assert_true(reader_station_name(reader, number, name, sizeof name));
    assert_string_equal(name, "Nord");
    assert_true(reader_station_name(reader, number, name, 3));
    assert_string_equal(name, "No");
    assert_false(reader_station_name(reader, number + 1, name, sizeof name));
    assert_int_equal(reader_station_number(reader, "Nord"), number);
    assert_int_equal(reader_station_number(reader, "nord"), 0);
    reader_close(reader);
}

static void a_reader_needs_no_writer(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 5);
    store_close(db->store);
    db->store = NULL;
    struct journal_reader *reader = database_reader(db);
    assert_int_equal(bounds_of(reader).newest, 5);
    reader_close(reader);
    database_open(db);
    assert_int_equal(store_next_seq(db->store), 6);
}

/* --- the WAL ----------------------------------------------------------------------------------------- */

static off_t wal_octets(const struct database *db)
{
    char path[128];
    snprintf(path, sizeof path, "%s-wal", db->path);
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : 0;
}

struct reading {
    struct database *db;
    atomic_bool stop;
    int64_t rows;
    bool in_order;
};

static void *read_on(void *context)
{
    static struct journal_row portion[1000];
    struct reading *r = context;
    char error[300];
    struct journal_reader *reader = NULL;
    if (reader_open(&reader, r->db->path, NULL, error, sizeof error) != STORE_OK)
        return NULL;
    r->in_order = true;
    int64_t after = 0;
    for (;;) { /* to the end, however far behind it is when nothing more comes */
        bool stopping = atomic_load(&r->stop);
        size_t len = 1000;
        if (reader_rows(reader, after, NULL, portion, &len, &after) != STORE_OK)
            break;
        for (size_t i = 0; i < len; i++)
            r->in_order &= portion[i].seq == ++r->rows;
        if (stopping && len == 0)
            break;
    }
    reader_close(reader);
    return NULL;
}

/* A writer that checkpoints as the committer does, and a reader that never rests; the most octets of the WAL.
 */
static off_t most_wal_beside_a_reader(unsigned *resets)
{
    struct database *db = database_new();
    struct reading reading = {.db = db};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_on, &reading), 0);
    off_t largest = 0;
    *resets = 0;
    for (int i = 0; i < 600; i++) {
        database_store_numbered(db, 100);
        if (store_wal_pages(db->store) >= 200) {
            enum store_result result = store_checkpoint(db->store);
            assert_true(result == STORE_OK || result == STORE_BUSY);
            *resets += result == STORE_OK;
        }
        off_t octets = wal_octets(db);
        largest = octets > largest ? octets : largest;
    }
    atomic_store(&reading.stop, true);
    pthread_join(thread, NULL);
    assert_true(reading.in_order);
    assert_int_equal(reading.rows, 60000);
    database_free(db);
    return largest;
}

/* A reader that the machine lets stand still in the middle of a portion holds the WAL up: tried again then.
 */
static void the_wal_stays_small_beside_a_reader(void **state)
{
    (void)state;
    unsigned resets;
    off_t largest = most_wal_beside_a_reader(&resets);
    for (int i = 0; i < 5 && (largest > 4 << 20 || resets <= 2); i++)
        largest = most_wal_beside_a_reader(&resets);
    assert_true(resets > 2);
    if (largest > 4 << 20) /* 60,000 rows are some 3 MB, and several times that in the WAL */
        fail_msg("the WAL grew to %lld octets", (long long)largest);
}

/* A person's long SELECT blocks the reset, nothing else; when it is over the WAL shrinks again. */
static void a_long_select_blocks_only_the_reset(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 10);
    sqlite3 *person = database_connect(db);
    assert_int_equal(sqlite3_exec(person, "BEGIN; SELECT count(*) FROM event", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 60; i++)
        database_store_numbered(db, 10000);
    assert_true(store_wal_pages(db->store) > 4096);
    assert_int_equal(store_checkpoint(db->store), STORE_BUSY);
    assert_true(store_wal_pages(db->store) > 4096);
    off_t grown = wal_octets(db);
    sqlite3_close(person);
    assert_int_equal(store_checkpoint(db->store), STORE_OK);
    assert_int_equal(store_wal_pages(db->store), 0);
    database_store_numbered(db, 1);
    assert_true(store_wal_pages(db->store) < 10);
    assert_true(grown > 16 << 20);
    assert_true(wal_octets(db) <= 16 << 20);
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DATABASE(bounds_follow_the_journal),
        WITH_DATABASE(a_transaction_shows_with_its_commit),
        WITH_DATABASE(rows_come_in_order_and_in_portions),
        WITH_DATABASE(filters_pass_what_they_name),
        WITH_DATABASE(a_call_looks_at_a_bounded_number_of_rows),
        WITH_DATABASE(names_and_numbers_of_stations),
        WITH_DATABASE(a_reader_needs_no_writer),
        cmocka_unit_test(the_wal_stays_small_beside_a_reader),
        WITH_DATABASE(a_long_select_blocks_only_the_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
