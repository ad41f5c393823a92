// SPDX-License-Identifier: Apache-2.0
/* Liberal receiving: dnp3-reference/master.md 5, 10, objects.md 6; one odd object does not kill a poll. */
#include "support/cm.h"

#include "support/orders.h"

static const struct measure_summary *summary_of(struct script *s, const char *objects)
{
    char fragment[400];
    script_polling(s);
    snprintf(fragment, sizeof fragment, "E3 81 00 00 %s", objects);
    gets(s, fragment);
    return &s->fragment.summary;
}

/* What was asked for as class 1 may come in any variation, qualifier or place; all of it is taken. */
static void other_variations_and_qualifiers(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m =
        summary_of(&s, "02 02 28 01 00 03 00 81 00 7C 29 1F 94 01 "       /* with time, by two octets */
                       "20 05 39 01 00 00 00 07 00 00 00 01 00 00 80 3F " /* four octets */
                       "1E 02 01 02 00 02 00 01 05 00 " /* static, by a range of two octets */
                       "01 02 17 01 09 81");            /* static, by index */
    assert_int_equal(m->events, 2);
    assert_int_equal(m->statics, 2);
    assert_int_equal(m->defect, WALK_END);
    releases(&s, 1);
    sends(&s, "C3 00");
}

/* An unknown object that tells its size is passed over and counted; what is behind it is not lost. */
static void unknown_of_known_size(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m = summary_of(&s, EVENT " C8 01 5B 01 03 00 AA BB CC " EVENT2);
    assert_int_equal(m->events, 2);
    assert_int_equal(m->unknown, 1);
    assert_int_equal(m->defect, WALK_END);
    releases(&s, 1);
    sends(&s, "C3 00");
}

/* One of unknown size ends the fragment; what came before it is told, and the whole is confirmed all the
 * same. */
static void unknown_of_unknown_size(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m = summary_of(&s, EVENT " C8 01 17 01 03 81 " EVENT2);
    assert_int_equal(m->events, 1);
    assert_int_equal(m->defect, WALK_UNKNOWN_OBJECT);
    assert_int_equal(m->defect_offset, 10);
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "C3 00");
}

/* A variation that the group does not have, a qualifier that is none: as an unknown size. */
static void known_group_gone_wrong(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m = summary_of(&s, EVENT " 02 63 17 01 03 81");
    assert_int_equal(m->events, 1);
    assert_int_equal(m->defect, WALK_UNKNOWN_OBJECT);
    m = summary_of(&s, EVENT " 02 01 7F 01 03 81");
    assert_int_equal(m->events, 1);
    assert_int_equal(m->defect, WALK_BAD_QUALIFIER);
}

/* Objects that are cut off: those that are whole count. */
static void cut_off(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m = summary_of(&s, "02 01 17 03 03 81 04 81");
    assert_int_equal(m->events, 2);
    assert_int_equal(m->defect, WALK_TRUNCATED);
}

/* What belongs to no poll does no harm in one: a time, a file's status, an echo. */
static void objects_out_of_place(void **state)
{
    (void)state;
    struct script s;
    const struct measure_summary *m =
        summary_of(&s, "32 01 07 01 00 7C 29 1F 94 01 " RELAY " 34 02 07 01 05 00 " EVENT);
    assert_int_equal(m->events, 1);
    assert_int_equal(m->defect, WALK_END);
    assert_true(m->other);
}

/* Function codes that only a secured station sends are decoded, not taken (application.md 2). */
static void functions_that_are_decoded_only(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "C3 83 00 00 78 01 5B 01 02 00 01 02");
    tells(&s, "refused function");
    gets(&s, "C3 20 78 02 5B 01 02 00 01 02");
    tells(&s, "refused function");
    gets(&s, "C3 21 78 07 5B 01 02 00 01 02");
    tells(&s, "refused function");
    gets(&s, "C3 81 00 00");
    tells(&s, "done poll ok");
}

/* application.md 2: each function that a master may send is at hand; 25 to 30 are those of master_file.h. */
static void every_function_can_be_sent(void **state)
{
    (void)state;
    static const struct request_item item = {.group = 20, .form = ITEM_ALL};
    bool sent[256] = {0};
    for (int i = 0; i < 2 * REQUEST_KINDS + 3; i++) {
        struct script s;
        struct control_order control;
        struct control_point point = close_relay();
        struct request_order request;
        struct master_order *order = &control.order;
        script_online(&s, master_defaults());
        if (i < 2 * REQUEST_KINDS) {
            request_init(&request, (enum request_kind)(i / 2), &item, 1);
            request.no_ack = i % 2;
            request.items_len =
                strstr("write_time sync_time record_time delay_measure cold_restart warm_restart "
                       "save_config",
                       request_kind_name(request.kind))
                    ? 0
                    : 1;
            order = &request.order;
            if (request.kind == REQUEST_WRITE)
                request.items_len = 1;
        } else {
            control_order_init(&control, (enum control_mode)(i - 2 * REQUEST_KINDS), &point, 1);
        }
        orders(&s, order);
        assert_int_equal(s.sent_tail, 1);
        sent[order->function] = true;
        if (order->function == APP_SELECT) {
            s.sent_head++;
            gets(&s, "C3 81 00 00 " RELAY);
            sent[order->function] = true;
        }
    }
    for (int function = APP_READ; function <= APP_ACTIVATE_CONFIG; function++) {
        bool file = function >= APP_OPEN_FILE && function <= APP_ABORT_FILE;
        if (sent[function] == file)
            fail_msg("%s", app_function_name((uint8_t)function));
    }
    assert_false(sent[APP_CONFIRM] || sent[APP_AUTHENTICATE_REQ] || sent[APP_AUTH_REQ_NO_ACK]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_variations_and_qualifiers),
        cmocka_unit_test(unknown_of_known_size),
        cmocka_unit_test(unknown_of_unknown_size),
        cmocka_unit_test(known_group_gone_wrong),
        cmocka_unit_test(cut_off),
        cmocka_unit_test(objects_out_of_place),
        cmocka_unit_test(functions_that_are_decoded_only),
        cmocka_unit_test(every_function_can_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
