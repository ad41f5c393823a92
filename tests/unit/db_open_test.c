// SPDX-License-Identifier: Apache-2.0
/* Opening: the settings, the schema and its versions, and every file that is not ours to use. */
#include "support/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "db/connection.h"
#include "db/schema.h"

/* --- files as octets --------------------------------------------------------------------------------- */

static char *octets_of(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *len = (size_t)ftell(f);
    rewind(f);
    char *octets = malloc(*len + 1);
    assert_non_null(octets);
    assert_int_equal(fread(octets, 1, *len, f), *len);
    fclose(f);
    return octets;
}

static void overwrite(const char *path, long at, int octet, size_t len)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    for (size_t i = 0; i < len; i++)
        fputc(octet, f);
    fclose(f);
}

/* Opening must give `result` with a line that names the file and says `hint`, and change no octet. */
static void assert_refused(struct database *db, enum store_result result, const char *hint)
{
    size_t len_before = 0;
    size_t len_after = 0;
    char *before = octets_of(db->path, &len_before);
    assert_int_equal(store_open(&db->store, db->path, NULL, db->error, sizeof db->error), result);
    assert_null(db->store);
    char *after = octets_of(db->path, &len_after);
    assert_int_equal(len_before, len_after);
    assert_memory_equal(before, after, len_before);
    free(before);
    free(after);
    if (strstr(db->error, db->path) == NULL || strstr(db->error, hint) == NULL)
        fail_msg("'%s' lacks the path or '%s'", db->error, hint);
    assert_null(strchr(db->error, '\n'));
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* --- settings and schema ----------------------------------------------------------------------------- */

static int64_t own_setting(struct database *db, const char *pragma)
{
    int64_t value = -1;
    assert_int_equal(sql_integer(db->store->db, pragma, -1, &value), SQLITE_OK);
    return value;
}

static void a_commit_is_synced(void **state)
{
    struct database *db = *state;
    assert_int_equal(own_setting(db, "PRAGMA synchronous"), 2);
    assert_int_equal(own_setting(db, "PRAGMA wal_autocheckpoint"), 0);
    assert_int_equal(own_setting(db, "PRAGMA foreign_keys"), 0);
    assert_int_equal(own_setting(db, "PRAGMA cache_size"), -1 * 1024);
    assert_int_equal(own_setting(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void the_control_experiment_does_not_sync(void **state)
{
    struct database *db = *state;
    struct store_options options = {.sync_off = true, .cache_mb = 2};
    assert_int_equal(store_open(&db->store, db->path, &options, db->error, sizeof db->error), STORE_OK);
    assert_int_equal(own_setting(db, "PRAGMA synchronous"), 0);
    assert_int_equal(own_setting(db, "PRAGMA cache_size"), -2 * 1024);
}

static void the_file_says_whose_it_is(void **state)
{
    struct database *db = *state;
    assert_int_equal(database_integer(db, "PRAGMA application_id"), 0x46455044);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_string_equal(database_text(db, "SELECT group_concat(name, ' ') FROM (SELECT name FROM "
                                          "sqlite_schema WHERE type = 'view' ORDER BY name)"),
                        "audits current_values events holes quarantined stations tags");
    assert_string_equal(database_text(db, "PRAGMA integrity_check"), "ok");
}

static void migrations_lead_to_the_present(void **state)
{
    (void)state;
    assert_true(schema_migration_count > 0);
    for (size_t i = 0; i < schema_migration_count; i++)
        assert_int_equal(schema_migrations[i].version, i + 1);
    assert_int_equal(schema_migrations[schema_migration_count - 1].version, STORE_SCHEMA_VERSION);
}

/* A database of version 1 with rows of its time: they are still there, and strings are shown. */
static void version_1_becomes_the_present_one(void **state)
{
    struct database *db = *state;
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(db->path, &connection), SQLITE_OK);
    assert_int_equal(schema_migrate(connection, schema_migrations, 1), STORE_OK);
    assert_int_equal(sqlite3_exec(connection,
                                  "INSERT INTO event (seq, station, type, point_index, value, flags, "
                                  "time_quality, origin, marks) VALUES (1, 1, 6, 3, 2.5, 1, 0, 1, 0), "
                                  "(2, 1, 6, 3, x'8000000000000000', 1, 0, 1, 0)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(connection);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), 1);
    assert_int_equal(store_open(&db->store, db->path, NULL, db->error, sizeof db->error), STORE_OK);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_int_equal(store_next_seq(db->store), 3);
    assert_string_equal(database_text(db, "SELECT value || flags FROM events WHERE seq = 1"), "2.5online");
    assert_string_equal(database_text(db, "SELECT value FROM events WHERE seq = 2"), "0.0");
    assert_string_equal(database_text(db, "SELECT octets FROM events WHERE seq = 2"), "NULL");
    assert_int_equal(database_integer(db, "SELECT count(*) FROM flag_label WHERE type = 11"), 5);
}

static void migrations_run_in_order_each_whole_or_not_at_all(void **state)
{
    struct database *db = *state;
    static const struct migration steps[] = {
        {STORE_SCHEMA_VERSION, "CREATE TABLE never (a)"}, /* already taken */
        {STORE_SCHEMA_VERSION + 1, "CREATE TABLE two (a); INSERT INTO two VALUES (7)"},
        {STORE_SCHEMA_VERSION + 2, "ALTER TABLE two ADD COLUMN b; UPDATE two SET b = a + 1"},
        {STORE_SCHEMA_VERSION + 3, "CREATE TABLE four (a); INSERT INTO nowhere VALUES (1)"},
        {STORE_SCHEMA_VERSION + 4, "CREATE TABLE five (a)"},
    };
    sqlite3 *connection = database_connect(db);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), STORE_SCHEMA_VERSION);
    assert_int_equal(schema_migrate(connection, steps, 3), STORE_OK);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), STORE_SCHEMA_VERSION + 2);
    assert_int_equal(database_integer(db, "SELECT b FROM two"), 8);
    assert_int_equal(schema_migrate(connection, steps, 5), STORE_IO);
    assert_int_equal(database_integer(db, "PRAGMA user_version"), STORE_SCHEMA_VERSION + 2);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name IN "
                                          "('never', 'four', 'five')"),
                     0);
    assert_int_not_equal(sqlite3_get_autocommit(connection), 0);
    sqlite3_close(connection);
}

/* --- files that are not to be used ------------------------------------------------------------------- */

static void a_newer_version_is_left_alone(void **state)
{
    struct database *db = *state;
    database_sql(db, "PRAGMA user_version = 99");
    store_close(db->store);
    db->store = NULL;
    assert_refused(db, STORE_NEWER, "newer version");
    struct journal_reader *reader = NULL;
    assert_int_equal(reader_open(&reader, db->path, NULL, db->error, sizeof db->error), STORE_NEWER);
    assert_null(reader);
}

static void a_text_is_no_database(void **state)
{
    struct database *db = *state;
    char text[4096];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    write_text(db->path, text);
    assert_refused(db, STORE_NOT_A_DATABASE, "not a database");
    write_text(db->path, "stations: []\n");
    assert_refused(db, STORE_NOT_A_DATABASE, "name another file");
}

static void a_foreign_database_is_left_alone(void **state)
{
    struct database *db = *state;
    database_sql(db, "CREATE TABLE mail (a); INSERT INTO mail VALUES ('dear')");
    assert_refused(db, STORE_FOREIGN, "another application");
    database_sql(db, "DROP TABLE mail; PRAGMA application_id = 0x12345678");
    assert_refused(db, STORE_FOREIGN, "another application");
}

static void an_empty_file_becomes_a_database(void **state)
{
    struct database *db = *state;
    write_text(db->path, "");
    database_open(db);
    database_store_numbered(db, 1);
}

static void ignore_station(void *context, const struct stored_station *state)
{
    (void)context;
    (void)state;
}

static void ignore_value(void *context, const struct stored_value *value)
{
    (void)context;
    (void)value;
}

static void ignore_row(void *context, const struct journal_row *row)
{
    (void)context;
    (void)row;
}

static void a_damaged_file_is_left_as_it_is(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 20000);
    store_close(db->store);
    db->store = NULL;
    struct stat about;
    assert_int_equal(stat(db->path, &about), 0);
    assert_int_equal(truncate(db->path, about.st_size / 2), 0);
    assert_refused(db, STORE_CORRUPT, "damaged");
    assert_non_null(strstr(db->error, ".recover"));
}

static void a_damaged_schema_is_left_as_it_is(void **state)
{
    struct database *db = *state;
    store_close(db->store);
    db->store = NULL;
    overwrite(db->path, 100, 0xff, 900);
    assert_refused(db, STORE_CORRUPT, ".recover");
}

static void damage_in_the_journal_shows_on_recovery(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 20000);
    store_close(db->store);
    struct stat about;
    assert_int_equal(stat(db->path, &about), 0);
    overwrite(db->path, about.st_size / 4096 / 2 * 4096, 0xee, 4096); /* rows in the middle */
    size_t len_before = 0;
    size_t len_after = 0;
    char *before = octets_of(db->path, &len_before);
    database_open(db);
    struct store_recovery sink = {.station = ignore_station, .value = ignore_value, .row = ignore_row};
    assert_int_equal(store_recover(db->store, &sink), STORE_CORRUPT);
    assert_non_null(strstr(store_error(db->store), "damaged"));
    store_close(db->store);
    db->store = NULL;
    char *after = octets_of(db->path, &len_after);
    assert_int_equal(len_before, len_after);
    assert_memory_equal(before, after, len_before);
    free(before);
    free(after);
}

static void a_missing_table_is_damage(void **state)
{
    struct database *db = *state;
    database_sql(db, "DROP VIEW current_values; DROP TABLE current_value");
    store_close(db->store);
    db->store = NULL;
    assert_refused(db, STORE_CORRUPT, "no such table");
}

static void assert_cannot_open(const char *path, const char *hint)
{
    char error[400];
    struct store *store = NULL;
    assert_int_equal(store_open(&store, path, NULL, error, sizeof error), STORE_CANNOT_OPEN);
    assert_null(store);
    if (strstr(error, path) == NULL || strstr(error, hint) == NULL)
        fail_msg("'%s' lacks the path or '%s'", error, hint);
    assert_null(strchr(error, '\n'));
}

static void a_place_that_is_none_is_named(void **state)
{
    struct database *db = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/none/fep.db", db->directory);
    assert_cannot_open(path, "No such file or directory");
    assert_int_equal(mkdir(db->path, 0755), 0);
    assert_cannot_open(db->path, "can't be opened for writing");
    struct journal_reader *reader = NULL;
    assert_int_equal(reader_open(&reader, path, NULL, db->error, sizeof db->error), STORE_CANNOT_OPEN);
    assert_non_null(strstr(db->error, path));
}

/* Root may write anywhere, so a child asks as nobody. It leaves by its number of wrong answers. */
static int ask_as_nobody(struct database *db, const char *hint)
{
    if (geteuid() == 0 && setuid(65534) != 0)
        return 100;
    struct store *store = NULL;
    enum store_result result = store_open(&store, db->path, NULL, db->error, sizeof db->error);
    int wrong = (result != STORE_CANNOT_OPEN) + (store != NULL) + (strstr(db->error, hint) == NULL);
    if (wrong > 0)
        fprintf(stderr, "result %d: %s\n", (int)result, db->error);
    return wrong;
}

static void assert_denied(struct database *db, const char *hint)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(ask_as_nobody(db, hint));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_directory_without_permission_is_named(void **state)
{
    struct database *db = *state;
    assert_int_equal(chmod(db->directory, 0555), 0);
    assert_denied(db, "Permission denied");
}

static void a_file_without_permission_is_named(void **state)
{
    struct database *db = *state;
    store_close(db->store);
    db->store = NULL;
    assert_int_equal(chmod(db->directory, 0777), 0);
    char lock[160];
    snprintf(lock, sizeof lock, "%s.lock", db->path);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(chmod(db->path, 0444), 0);
    assert_denied(db, "can't be opened for writing");
}

static void a_second_writer_is_refused(void **state)
{
    struct database *db = *state;
    assert_cannot_open(db->path, "in use by another fepd");
    char other[160];
    snprintf(other, sizeof other, "%s/other.db", db->directory);
    assert_int_equal(symlink(db->path, other), 0);
    assert_cannot_open(other, "in use by another fepd");
    database_store_numbered(db, 3); /* the first is not disturbed */
    database_reopen(db);            /* and the lock ends with it */
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)
#define WITH_PLACE(test)    cmocka_unit_test_setup_teardown(test, database_setup_place, database_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DATABASE(a_commit_is_synced),
        WITH_PLACE(the_control_experiment_does_not_sync),
        WITH_DATABASE(the_file_says_whose_it_is),
        cmocka_unit_test(migrations_lead_to_the_present),
        WITH_PLACE(version_1_becomes_the_present_one),
        WITH_DATABASE(migrations_run_in_order_each_whole_or_not_at_all),
        WITH_DATABASE(a_newer_version_is_left_alone),
        WITH_PLACE(a_text_is_no_database),
        WITH_PLACE(a_foreign_database_is_left_alone),
        WITH_PLACE(an_empty_file_becomes_a_database),
        WITH_DATABASE(a_damaged_file_is_left_as_it_is),
        WITH_DATABASE(a_damaged_schema_is_left_as_it_is),
        WITH_DATABASE(damage_in_the_journal_shows_on_recovery),
        WITH_DATABASE(a_missing_table_is_damage),
        WITH_PLACE(a_place_that_is_none_is_named),
        WITH_PLACE(a_directory_without_permission_is_named),
        WITH_DATABASE(a_file_without_permission_is_named),
        WITH_DATABASE(a_second_writer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
