// SPDX-License-Identifier: Apache-2.0
/* The audit's chain: what is changed, taken out, put in or cut off shows. */
#include "support/database.h"

#include "db/audit.h"

static struct audit_record said(const char *who, const char *state)
{
    return (struct audit_record){.at_ms = 1700000000000,
                                 .command = AUDIT_COMMAND_NEW,
                                 .who = who,
                                 .role = "operator",
                                 .action = "operate",
                                 .station = "Mill Road 17",
                                 .subject = "binary_output_status:3",
                                 .state = state,
                                 .detail = "{\"op\":\"latch_on\"}"};
}

static void add(struct database *db, int len)
{
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (int i = 0; i < len; i++) {
        struct audit_record r = said("anna", i % 2 ? "operated" : "requested");
        assert_int_equal(store_audit(db->store, &r), STORE_OK);
        assert_int_equal(r.command, r.id);
    }
    assert_int_equal(store_commit(db->store), STORE_OK);
}

static struct audit_verdict verify(struct database *db, const struct audit_head *noted)
{
    struct audit_verdict verdict;
    struct journal_reader *reader = database_reader(db);
    assert_int_equal(audit_verify(reader, noted, &verdict), STORE_OK);
    reader_close(reader);
    return verdict;
}

/* What somebody does who has the file and takes the triggers away first. */
static void tamper(struct database *db, const char *sql)
{
    database_sql(db, "DROP TRIGGER audit_is_not_changed");
    database_sql(db, "DROP TRIGGER audit_is_not_deleted");
    database_sql(db, sql);
}

static void a_chain_is_intact(void **state)
{
    struct database *db = *state;
    assert_int_equal(verify(db, NULL).finding, AUDIT_INTACT);
    add(db, 2500); /* more than one read of the verifier */
    struct audit_head head;
    store_audit_head(db->store, &head);
    struct audit_verdict verdict = verify(db, &head);
    assert_int_equal(verdict.finding, AUDIT_INTACT);
    assert_int_equal(verdict.head.id, 2500);
    assert_memory_equal(verdict.head.hash, head.hash, AUDIT_HASH_LEN);
}

/* Independent of our code: SHA-256 of 32 zeros, 1, 1700000000000, 1 and the texts, by another program. */
static void the_hash_is_as_documented(void **state)
{
    struct database *db = *state;
    add(db, 1);
    assert_string_equal(database_text(db, "SELECT lower(hex(hash)) FROM audit"),
                        "11d55aa5db6df75460b46c32bc21371518c9e0ff2951bee5e2fb13e3501610f2");
}

static void it_goes_on_after_a_restart_and_a_rollback(void **state)
{
    struct database *db = *state;
    add(db, 3);
    database_reopen(db);
    assert_int_equal(store_begin(db->store), STORE_OK);
    struct audit_record lost = said("bert", "requested");
    assert_int_equal(store_audit(db->store, &lost), STORE_OK);
    assert_int_equal(lost.id, 4);
    store_rollback(db->store);
    add(db, 2);
    struct audit_verdict verdict = verify(db, NULL);
    assert_int_equal(verdict.finding, AUDIT_INTACT);
    assert_int_equal(verdict.head.id, 5);
}

static void a_changed_record_is_found(void **state)
{
    struct database *db = *state;
    add(db, 10);
    tamper(db, "UPDATE audit SET who = 'carl' WHERE id = 7");
    struct audit_verdict verdict = verify(db, NULL);
    assert_int_equal(verdict.finding, AUDIT_CHANGED);
    assert_int_equal(verdict.id, 7);
}

/* The border between two texts is part of what is hashed. */
static void a_moved_letter_is_found(void **state)
{
    struct database *db = *state;
    add(db, 2);
    tamper(db, "UPDATE audit SET who = 'ann', role = 'aoperator' WHERE id = 1");
    assert_int_equal(verify(db, NULL).finding, AUDIT_CHANGED);
}

static void a_missing_record_is_found(void **state)
{
    struct database *db = *state;
    add(db, 10);
    tamper(db, "DELETE FROM audit WHERE id = 4");
    struct audit_verdict verdict = verify(db, NULL);
    assert_int_equal(verdict.finding, AUDIT_MISSING);
    assert_int_equal(verdict.id, 4);
}

static void a_cut_end_shows_against_a_noted_head(void **state)
{
    struct database *db = *state;
    add(db, 10);
    struct audit_head head;
    store_audit_head(db->store, &head);
    tamper(db, "DELETE FROM audit WHERE id > 8");
    assert_int_equal(verify(db, NULL).finding, AUDIT_INTACT); /* nothing in it says that it was longer */
    struct audit_verdict verdict = verify(db, &head);
    assert_int_equal(verdict.finding, AUDIT_CUT);
    assert_int_equal(verdict.head.id, 8);
}

static void a_chain_written_anew_shows_against_a_noted_head(void **state)
{
    struct database *db = *state;
    add(db, 3);
    struct audit_head head;
    store_audit_head(db->store, &head);
    head.hash[31] ^= 1;
    assert_int_equal(verify(db, &head).finding, AUDIT_OTHER_HEAD);
}

static void the_table_itself_refuses_changes(void **state)
{
    struct database *db = *state;
    add(db, 1);
    sqlite3 *connection = database_connect(db);
    assert_int_equal(sqlite3_exec(connection, "UPDATE audit SET who = 'carl'", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(connection, "DELETE FROM audit", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(connection);
}

static void a_head_is_text_and_back(void **state)
{
    (void)state;
    struct audit_head head = {.id = 42}, back;
    for (int i = 0; i < AUDIT_HASH_LEN; i++)
        head.hash[i] = (uint8_t)(i * 7);
    char text[AUDIT_HEAD_TEXT];
    audit_head_print(&head, text);
    assert_true(audit_head_parse(text, &back));
    assert_int_equal(back.id, 42);
    assert_memory_equal(back.hash, head.hash, AUDIT_HASH_LEN);
    static const char *const wrong[] = {"", "42", "42:", "42:00", ":00", "-1:00", "x:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(audit_head_parse(wrong[i], &back));
    text[5] = 'G';
    assert_false(audit_head_parse(text, &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chain_is_intact, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(the_hash_is_as_documented, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(it_goes_on_after_a_restart_and_a_rollback, database_setup,
                                        database_teardown),
        cmocka_unit_test_setup_teardown(a_changed_record_is_found, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(a_moved_letter_is_found, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(a_missing_record_is_found, database_setup, database_teardown),
        cmocka_unit_test_setup_teardown(a_cut_end_shows_against_a_noted_head, database_setup,
                                        database_teardown),
        cmocka_unit_test_setup_teardown(a_chain_written_anew_shows_against_a_noted_head, database_setup,
                                        database_teardown),
        cmocka_unit_test_setup_teardown(the_table_itself_refuses_changes, database_setup, database_teardown),
        cmocka_unit_test(a_head_is_text_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
