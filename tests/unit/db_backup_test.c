// SPDX-License-Identifier: Apache-2.0
/* Copies of a database that is being written. */
#include "support/database.h"

#include "db/backup.h"

static char *target_of(const struct database *db)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/copy.db", db->directory);
    return path;
}

static void a_copy_holds_what_was_committed(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 5000);
    assert_int_equal(store_begin(db->store), STORE_OK); /* a transaction under way is none of its business */
    struct journal_row row = {
        .seq = store_next_seq(db->store), .value = 1, .station = 1, .type = 6, .origin = ORIGIN_EVENT};
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    uint32_t wal_pages = store_wal_pages(db->store);
    assert_int_equal(store_backup(db->path, target_of(db), db->error, sizeof db->error), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_true(store_wal_pages(db->store) > wal_pages); /* not checkpointed by the copy */

    struct store *copy;
    assert_int_equal(store_open(&copy, target_of(db), NULL, db->error, sizeof db->error), STORE_OK);
    assert_int_equal(store_next_seq(copy), 5001);
    /* Cursors of the one mean other events in the other, as soon as both go on. */
    assert_true(store_journal_id(copy) > 0);
    assert_int_not_equal(store_journal_id(copy), store_journal_id(db->store));
    store_close(copy);
}

static void a_copy_stands_alone(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 10);
    assert_int_equal(store_backup(db->path, target_of(db), db->error, sizeof db->error), STORE_OK);
    char beside[160];
    snprintf(beside, sizeof beside, "%s-wal", target_of(db));
    assert_int_not_equal(access(beside, F_OK), 0);
    snprintf(beside, sizeof beside, "%s.partial", target_of(db));
    assert_int_not_equal(access(beside, F_OK), 0);
}

static void nothing_is_written_over(void **state)
{
    struct database *db = *state;
    FILE *file = fopen(target_of(db), "w");
    assert_non_null(file);
    fputs("mine", file);
    fclose(file);
    assert_int_not_equal(store_backup(db->path, target_of(db), db->error, sizeof db->error), STORE_OK);
    assert_non_null(strstr(db->error, "exists already"));
    char text[8] = "";
    file = fopen(target_of(db), "r");
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "mine");
}

static void what_is_no_database_of_ours_is_not_copied(void **state)
{
    struct database *db = *state;
    char other[128];
    snprintf(other, sizeof other, "%s/other.db", db->directory);
    assert_int_not_equal(store_backup(other, target_of(db), db->error, sizeof db->error), STORE_OK);
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(other, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, "CREATE TABLE a (b)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
    assert_int_equal(store_backup(other, target_of(db), db->error, sizeof db->error), STORE_FOREIGN);
    assert_int_not_equal(access(target_of(db), F_OK), 0);
}

static void no_folder_no_copy(void **state)
{
    struct database *db = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/nowhere/copy.db", db->directory);
    assert_int_not_equal(store_backup(db->path, path, db->error, sizeof db->error), STORE_OK);
    assert_non_null(strstr(db->error, "nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_holds_what_was_committed, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(a_copy_stands_alone, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_written_over, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_database_of_ours_is_not_copied, database_setup,
                                        database_teardown),
        cmocka_unit_test_setup_teardown(no_folder_no_copy, database_setup, database_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
