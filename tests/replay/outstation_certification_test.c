// SPDX-License-Identifier: Apache-2.0
/*
 * The requests of a recorded certification run (conformance-exchanges.tsv of the corpora), put to an
 * outstation with a similar point set. The recorded device had other values and other events, so that the
 * structure is compared: whether there is an answer, its function, SEQ and UNS, the IIN2 bits that judge the
 * request, and for commands every octet behind the IIN.
 */
#include "support/outstation_rig.h"

enum { TYPES = 7, PER_TYPE = 20, LINE_MAX_LEN = 8192, EXCHANGES_MAX = 800 };

struct exchange {
    char procedure[24];
    bool from_master;
    uint8_t control;
    uint16_t to;
    uint8_t user[512];
    size_t len;
};

struct recording {
    struct exchange exchanges[EXCHANGES_MAX];
    size_t len;
};

/* Left out: what rests on the device's configuration (controls switched off: IIN2.1 and 2.2 both pass; local
 * switch), on its events (unsolicited, overflow), and the tests of the link layer. */
static const char *const left_out[] = {"6.", "8.2.1.2.10", "8.2.2.2.3", "8.4.2.2.3", "8.11.", "8.9.2.2"};

static bool is_left_out(const char *procedure)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (strncmp(procedure, left_out[i], strlen(left_out[i])) == 0)
            return true;
    return false;
}

static FILE *open_corpus(void)
{
    const char *folder = getenv("FEP_CORPORA");
    char path[1024];
    snprintf(path, sizeof path, "%s/conformance-exchanges.tsv", folder ? folder : "../shared/corpora");
    return fopen(path, "r");
}

static void read_line(struct recording *rec, char *line)
{
    struct exchange *x = &rec->exchanges[rec->len];
    char *field[8] = {0};
    for (size_t i = 0; i < 8 && line; i++)
        field[i] = strsep(&line, "\t\n");
    if (!field[6] || strcmp(field[0], "procedure") == 0)
        return;
    assert_true(rec->len < EXCHANGES_MAX);
    snprintf(x->procedure, sizeof x->procedure, "%s", field[0]);
    x->from_master = strcmp(field[2], "m2o") == 0;
    x->control = (uint8_t)strtoul(field[3], NULL, 16);
    x->to = (uint16_t)strtoul(field[4], NULL, 10);
    x->len = rig_hex(field[6], x->user, NULL, sizeof x->user);
    rec->len++;
}

static void setup(struct rig *r, struct outstation_point *points)
{
    static const uint8_t types[TYPES] = {
        POINT_BINARY_INPUT,   POINT_DOUBLE_BIT_INPUT, POINT_BINARY_OUTPUT_STATUS, POINT_COUNTER,
        POINT_FROZEN_COUNTER, POINT_ANALOG_INPUT,     POINT_ANALOG_OUTPUT_STATUS};
    rig_setup(r);
    r->config.address = 1024;
    r->config.max_controls = 4;
    for (size_t i = 0; i < TYPES * PER_TYPE; i++)
        points[i] = (struct outstation_point){.index = (uint32_t)(i % PER_TYPE),
                                              .type = types[i / PER_TYPE],
                                              .flags = FLAG_ONLINE,
                                              .in_class_0 = true,
                                              .operable = true};
    outstation_init(&r->o, &r->config, points, TYPES * PER_TYPE, r->events, r->events_room, r->tx,
                    sizeof r->tx);
    outstation_connected(&r->o, &r->at);
}

/* The recorded answer to exchange `i`: the first segment of a response before the next request. */
static const struct exchange *recorded_answer(const struct recording *rec, size_t i)
{
    for (size_t j = i + 1; j < rec->len; j++) {
        const struct exchange *x = &rec->exchanges[j];
        if (x->from_master || strcmp(x->procedure, rec->exchanges[i].procedure) != 0)
            return NULL;
        if (x->len > 4 && (x->user[0] & TRANSPORT_FIR) && x->user[2] == APP_RESPONSE)
            return x;
    }
    return NULL;
}

/* Our answer: the first fragment; link frames are passed over. */
static bool answer(struct rig *r, uint8_t *fragment, size_t *len)
{
    *len = 0;
    for (int i = 0; i < 16 && rig_receive(r); i++) {
        if (r->out_len == 0 || *len)
            continue;
        memcpy(fragment, r->out, r->out_len);
        *len = r->out_len;
    }
    return *len > 0;
}

static void compare(const struct exchange *request, const struct exchange *want, const uint8_t *got,
                    size_t got_len)
{
    const uint8_t *w = want->user + 1;
    uint8_t function = request->user[2];
    assert_true(got_len >= 4);
    assert_int_equal(got[1], w[1]);
    assert_int_equal(got[0] & (APP_UNS | APP_SEQ | APP_FIR), w[0] & (APP_UNS | APP_SEQ | APP_FIR));
    assert_int_equal(got[3] & 0x07, w[3] & 0x07);
    if (function >= APP_SELECT && function <= APP_DIRECT_OPERATE) {
        assert_int_equal(got_len, want->len - 1);
        assert_memory_equal(got + 4, w + 4, got_len - 4);
    }
    if (function != APP_READ)
        assert_int_equal(got[0], w[0]);
}

static size_t replay(const struct recording *rec)
{
    static struct rig r;
    static struct outstation_point points[TYPES * PER_TYPE];
    static uint8_t got[8192];
    size_t compared = 0, len;
    for (size_t i = 0; i < rec->len; i++) {
        const struct exchange *x = &rec->exchanges[i];
        if (i == 0 || strcmp(x->procedure, rec->exchanges[i - 1].procedure) != 0)
            setup(&r, points);
        if (!x->from_master || is_left_out(x->procedure))
            continue;
        if (strcmp(x->procedure, "8.2.1.2.4") == 0) /* the tester waited for the select timeout */
            rig_wait(&r, 60000);
        r.to = x->to;
        rig_frame(&r, x->control, x->user, x->len);
        bool data = x->len > 2 && x->user[2] != APP_CONFIRM;
        const struct exchange *want = recorded_answer(rec, i);
        bool answered = answer(&r, got, &len);
        if (!data)
            continue;
        if (answered != (want != NULL) && i + 1 < rec->len)
            print_error("%s, exchange %zu of the file\n", x->procedure, i);
        assert_true(answered == (want != NULL));
        if (want) {
            compare(x, want, got, len);
            compared++;
        }
    }
    return compared;
}

static void conformance_recorded_requests_are_answered_in_the_same_structure(void **state)
{
    (void)state;
    static struct recording rec;
    static char line[LINE_MAX_LEN];
    FILE *file = open_corpus();
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        read_line(&rec, line);
    fclose(file);
    size_t compared = replay(&rec);
    print_message("%zu exchanges, %zu answers compared\n", rec.len, compared);
    assert_true(compared > 100);
}

int main(void)
{
    FILE *file = open_corpus();
    if (!file) {
        printf("skipped: no corpora (FEP_CORPORA or ../shared/corpora)\n");
        return 77;
    }
    fclose(file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance_recorded_requests_are_answered_in_the_same_structure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
