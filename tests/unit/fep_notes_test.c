// SPDX-License-Identifier: Apache-2.0
/* What is told to the audit: with the rows of the same turn, in order, once; and never what can't be stored.
 */
#include "fep/command.h"
#include "fep/outbox.h"
#include "support/committer_rig.h"

static struct note *note_of(int64_t command, enum command_state state)
{
    struct audit_record record = {.at_ms = 1735689600000,
                                  .command = command,
                                  .who = "anna",
                                  .action = "operate",
                                  .station = "north",
                                  .state = command_state_name(state)};
    return note_new(&record);
}

static void turn(struct rig *r, int64_t ms)
{
    r->at.now_ms += ms;
    (void)committer_step(r->committer, &r->at);
}

/* A worker's batch with these records of one command. */
static void hand_over(struct rig *r, uint64_t number, int64_t command, const enum command_state *states,
                      size_t len)
{
    struct outbox box;
    outbox_init(&box, 0, 1 << 20);
    box.next_number = number;
    for (size_t i = 0; i < len; i++) {
        struct note *n = note_of(command, states[i]);
        outbox_audit(&box, 1, &n->record, &r->at);
        note_free(n);
    }
    committer_take(r->committer, outbox_close(&box));
    outbox_free(&box);
}

struct heard {
    char text[256];
    int64_t last;
};

static bool hear(void *context, const struct audit_record *record, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct heard *h = context;
    size_t len = strlen(h->text);
    (void)hash;
    snprintf(h->text + len, sizeof h->text - len, "%s%lld %s", len ? ", " : "", (long long)record->command,
             record->state);
    h->last = record->id;
    return true;
}

static void expect_audit(struct rig *r, const char *expected)
{
    char error[256];
    struct heard h = {0};
    struct journal_reader *reader;
    struct audit_head head;
    struct audit_verdict verdict;
    assert_int_equal(reader_open(&reader, DATABASE, r->name, error, sizeof error), STORE_OK);
    assert_int_equal(reader_audit(reader, 0, 1000, hear, &h), STORE_OK);
    assert_string_equal(h.text, expected);
    store_audit_head(r->store, &head);
    assert_int_equal(head.id, h.last);
    assert_int_equal(audit_verify(reader, &head, &verdict), STORE_OK);
    assert_int_equal(verdict.finding, AUDIT_INTACT);
    reader_close(reader);
}

static void a_note_is_durable_when_it_is_done(void **state)
{
    struct rig *r = *state;
    struct note *n = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
    committer_put_note(r->committer, n);
    assert_false(n->done);
    turn(r, 10);
    assert_true(n->done);
    assert_int_equal(n->result, STORE_OK);
    assert_int_equal(n->record.command, 1);
    expect_audit(r, "1 requested");
    struct committed *news = committer_next_published(r->committer);
    assert_non_null(news);
    assert_int_equal(news->len, 0);
    assert_int_equal(news->audit, 1);
    free(news);
    note_free(n);
}

static void workers_tell_theirs_in_order(void **state)
{
    struct rig *r = *state;
    struct note *n = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
    committer_put_note(r->committer, n);
    turn(r, 10);
    static const enum command_state states[] = {COMMAND_OPERATING, COMMAND_OPERATED,
                                                COMMAND_FEEDBACK_AWAITED};
    hand_over(r, 1, 1, states, 3);
    turn(r, 10);
    assert_int_equal(committer_durable(r->committer, 0), 1);
    expect_audit(r, "1 requested, 1 operating, 1 operated, 1 feedback_awaited");
    note_free(n);
}

/* A note is given up at once, so that nobody acts on it later; a worker's record is tried until it is there.
 */
static void a_full_disk_refuses_notes_and_keeps_records(void **state)
{
    struct rig *r = *state;
    struct note *first = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
    committer_put_note(r->committer, first);
    turn(r, 10);
    cutvfs_full_at(r->disk, 1);
    static const enum command_state states[] = {COMMAND_OPERATING};
    hand_over(r, 1, 1, states, 1);
    struct note *refused = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
    committer_put_note(r->committer, refused);
    turn(r, 10);
    assert_true(refused->done);
    assert_int_not_equal(refused->result, STORE_OK);
    assert_int_equal(committer_durable(r->committer, 0), 0);
    expect_audit(r, "1 requested");
    cutvfs_give_space(r->disk);
    struct note *later = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
    committer_put_note(r->committer, later);
    turn(r, 2000);
    assert_int_equal(later->result, STORE_OK);
    assert_int_equal(later->record.command, 3);
    expect_audit(r, "1 requested, 1 operating, 3 requested");
    note_free(first), note_free(refused), note_free(later);
}

static void what_was_under_way_is_unknown_after_the_end(void **state)
{
    struct rig *r = *state;
    for (int i = 0; i < 4; i++) {
        struct note *n = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
        committer_put_note(r->committer, n);
        turn(r, 10);
        note_free(n);
    }
    hand_over(r, 1, 1, (const enum command_state[]){COMMAND_OPERATING, COMMAND_OPERATED}, 2);
    hand_over(r, 2, 2, (const enum command_state[]){COMMAND_SELECTING}, 1);
    hand_over(r, 3, 3,
              (const enum command_state[]){COMMAND_OPERATING, COMMAND_OPERATED, COMMAND_FEEDBACK_AWAITED}, 3);
    turn(r, 10);
    close_store(r);
    open_store(r);
    expect_audit(r,
                 "1 requested, 2 requested, 3 requested, 4 requested, 1 operating, 1 operated, 2 selecting, "
                 "3 operating, 3 operated, 3 feedback_awaited, 4 unknown, 2 unknown, 3 unknown");
    close_store(r);
    open_store(r); /* once */
    expect_audit(r,
                 "1 requested, 2 requested, 3 requested, 4 requested, 1 operating, 1 operated, 2 selecting, "
                 "3 operating, 3 operated, 3 feedback_awaited, 4 unknown, 2 unknown, 3 unknown");
}

/* At the end of a run that told of all that left: what nobody has taken did not. */
static void what_nobody_took_is_refused_at_the_end(void **state)
{
    struct rig *r = *state;
    size_t len;
    for (int i = 0; i < 4; i++) {
        struct note *n = note_of(AUDIT_COMMAND_NEW, COMMAND_REQUESTED);
        committer_put_note(r->committer, n);
        turn(r, 10);
        note_free(n);
    }
    hand_over(r, 1, 2, (const enum command_state[]){COMMAND_OPERATING, COMMAND_UNKNOWN}, 2);
    hand_over(r, 2, 3, (const enum command_state[]){COMMAND_OPERATING}, 1);
    turn(r, 10);
    committer_free(r->committer);
    assert_int_equal(command_refuse_untaken(r->store, 1, r->at.wall_ms, &len), STORE_OK);
    assert_int_equal(len, 1);
    expect_audit(r,
                 "1 requested, 2 requested, 3 requested, 4 requested, 2 operating, 2 unknown, 3 operating, "
                 "4 refused");
    store_close(r->store);
    open_store(r); /* of the run before that one, and of what may have left, nobody knows */
    expect_audit(r,
                 "1 requested, 2 requested, 3 requested, 4 requested, 2 operating, 2 unknown, 3 operating, "
                 "4 refused, 1 unknown, 3 unknown");
}

static bool count_tag(void *context, const struct stored_tag *tag)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 128 - len, "%lld/%u/%u:%u by %s: %s;", (long long)tag->id, tag->station, tag->type,
             tag->index, tag->who, tag->text);
    return true;
}

static void expect_tags(struct rig *r, const char *expected)
{
    char error[256], text[128] = "";
    struct journal_reader *reader;
    assert_int_equal(reader_open(&reader, DATABASE, r->name, error, sizeof error), STORE_OK);
    assert_int_equal(reader_tags(reader, count_tag, text), STORE_OK);
    assert_string_equal(text, expected);
    reader_close(reader);
}

static void a_tag_comes_and_goes_with_its_record(void **state)
{
    struct rig *r = *state;
    struct note *place = note_of(0, COMMAND_REQUESTED);
    place->change = NOTE_TAG;
    place->tag = (struct stored_tag){.station = 3, .type = 3, .index = 5, .kind = "block", .text = "x"};
    cutvfs_full_at(r->disk, 1);
    committer_put_note(r->committer, place);
    turn(r, 10);
    assert_int_not_equal(place->result, STORE_OK);
    expect_tags(r, "");
    cutvfs_give_space(r->disk);
    committer_put_note(r->committer, place);
    turn(r, 2000);
    assert_int_equal(place->result, STORE_OK);
    expect_tags(r, "1/3/3:5 by anna: x;");
    close_store(r);
    open_store(r);
    expect_tags(r, "1/3/3:5 by anna: x;");
    struct note *remove = note_of(0, COMMAND_REQUESTED);
    remove->change = NOTE_UNTAG;
    remove->tag.id = 1;
    committer_put_note(r->committer, remove);
    turn(r, 10);
    expect_tags(r, "");
    note_free(place), note_free(remove);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_note_is_durable_when_it_is_done),           TEST(workers_tell_theirs_in_order),
        TEST(a_full_disk_refuses_notes_and_keeps_records), TEST(what_was_under_way_is_unknown_after_the_end),
        TEST(what_nobody_took_is_refused_at_the_end),      TEST(a_tag_comes_and_goes_with_its_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
