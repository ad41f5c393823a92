// SPDX-License-Identifier: Apache-2.0
/* The fields of frames and fragments: every row of the object table, what breaks a rule, and words to the
 * letter. */
#include <stdio.h>

#include "support/cm.h"
#include "support/hex.h"
#include "tools/dnp3dump/field.h"
#include "tools/dnp3dump/judge.h"

enum { ROOM = 4096 };

/* "name=value; " of each field, and whether they follow each other. */
struct told {
    char text[ROOM];
    size_t at;
    size_t unread;
    size_t unnamed; /* "octets" */
};

static void take(void *context, const struct field *f)
{
    struct told *t = context;
    size_t len = strlen(t->text);
    assert_int_equal(f->offset, t->at);
    t->at += f->len;
    t->unread += !f->read;
    t->unnamed += strcmp(f->name, "octets") == 0;
    snprintf(t->text + len, ROOM - len, "%s%s%s%s%s; ", f->name, f->value[0] ? "=" : "", f->value,
             f->defect != DEFECT_KINDS ? " !" : "",
             f->defect != DEFECT_KINDS ? defect_types[f->defect].id : "");
}

static struct told fields_of(const uint8_t *octets, size_t len)
{
    struct told t = {.text = ""};
    fields_fragment(octets, len, take, &t);
    assert_int_equal(t.at, len);
    return t;
}

/* Those behind the header of a response; `begin` is what all of them begin with. */
static void tells(const char *hex, const char *wanted)
{
    static const char begin[] = "control=seq 0 FIR FIN; function=129 RESPONSE; iin; ";
    uint8_t octets[512];
    size_t len = hex_parse("C0 81 00 00", octets, sizeof octets);
    len += hex_parse(hex, octets + len, sizeof octets - len);
    struct told t = fields_of(octets, len);
    assert_memory_equal(t.text, begin, sizeof begin - 1);
    assert_string_equal(t.text + sizeof begin - 1, wanted);
}

static void every_field_has_its_words(void **state)
{
    (void)state;
    tells("02 01 17 01 03 81", "group=2; variation=1 Binary input event - without time; qualifier=17 1-octet "
                               "index 1-octet count; count=1; index=3; flags=ON ONLINE; ");
    tells("33 01 07 01 00 00 00 00 00 00 02 03 28 01 00 06 00 01 0B 00",
          "group=51; variation=1 Common time of occurrence - synchronised; qualifier=07 1-octet count; "
          "count=1; "
          "time=1970-01-01T00:00:00.000Z; group=2; variation=3 Binary input event - with relative time; "
          "qualifier=28 2-octet index 2-octet count; count=1; index=6; flags=OFF ONLINE; relative_ms=11; ");
    tells("0C 01 17 01 0A 41 01 FA 00 00 00 00 00 00 00 04",
          "group=12; variation=1 Control relay output block; qualifier=17 1-octet index 1-octet count; "
          "count=1; "
          "index=10; code=PULSE_ON|CLOSE; operations=1; on_ms=250; off_ms=0; status=NOT_SUPPORTED; ");
    tells("2B 02 17 01 01 04 FF FF",
          "group=43; variation=2 Analog command event - 16-bit without time; qualifier=17 1-octet "
          "index 1-octet count; count=1; index=1; status=NOT_SUPPORTED; value=-1; ");
    tells("03 01 00 00 02 1B", "group=3; variation=1 Double-bit input - packed; qualifier=00 1-octet range; "
                               "start=0; stop=2; states=[0] INDETERMINATE [1] ON [2] OFF; ");
    tells("00 F2 00 00 00 01 02 41 42",
          "group=0; variation=242 Device attribute; qualifier=00 1-octet range; "
          "start=0; stop=0; type=1 VSTR; length=2; value=\"AB\"; ");
    tells("70 03 17 01 05 41 42 43",
          "group=112; variation=3 Virtual terminal output; qualifier=17 1-octet index "
          "1-octet count; count=1; index=5; text=\"ABC\"; ");
    tells("46 04 5B 01 0D 00 01 00 00 00 0A 00 00 00 00 04 01 00 03",
          "group=70; variation=4 File - command status; qualifier=5B 2-octet size 1-octet count; count=1; "
          "size=13; "
          "handle=1; size=10; block_size=1024; request=1; status=FILE_NOT_FOUND; ");
    tells("78 01 5B 01 0C 00 07 00 00 00 01 00 04 01 AA BB CC DD",
          "group=120; variation=1 Authentication - challenge; qualifier=5B 2-octet size 1-octet count; "
          "count=1; "
          "size=12; challenge_seq=7; user=1; mac_algorithm=HMAC_SHA_256_16; reason=CRITICAL; "
          "challenge=AA BB CC DD; ");
    tells("7A 02 17 01 00 01 02 00 05 00 00 00 E8 03 00 00 00 00",
          "group=122; variation=2 Security statistic event - 32-bit with flag and time; qualifier=17 1-octet "
          "index "
          "1-octet count; count=1; index=0; flags=ONLINE; association=2; count=5; "
          "time=1970-01-01T00:00:01.000Z; ");
}

static void what_breaks_a_rule_is_marked(void **state)
{
    (void)state;
    tells("63 01 06", "group=99 !app_object; variation=1; qualifier=06 all; ");
    tells("01 07 06", "group=1; variation=7 !app_variation; qualifier=06 all; ");
    tells("01 07 00 00 00 81", "not read !app_variation; ");
    tells("63 01 00 00 00 81", "not read !app_object; ");
    tells("01 01 00 00 02 0F",
          "group=1; variation=1 Binary input - packed; qualifier=00 1-octet range; start=0; "
          "stop=2; states=[0] ON [1] ON [2] ON !app_padding; ");
    tells("01 02 17 01 00 C1",
          "group=1; variation=2 Binary input - with flags; qualifier=17 1-octet index 1-octet "
          "count; count=1; index=0; flags=ON ONLINE|bit6 !app_reserved; ");
    tells("02 03 17 01 00 01 05 00",
          "group=2; variation=3 Binary input event - with relative time; qualifier=17 "
          "1-octet index 1-octet count; count=1; index=0; flags=OFF ONLINE; "
          "relative_ms=5 !app_base; ");
    tells("22 03 17 01 00 00 00 80 BF",
          "group=34; variation=3 Analog input deadband - single precision; "
          "qualifier=17 1-octet index 1-octet count; count=1; index=0; value=-1 "
          "!app_value; ");
    tells("46 04 5B 01 03 00 01 02 03",
          "group=70; variation=4 File - command status; qualifier=5B 2-octet size "
          "1-octet count; count=1; size=3; not read !app_file; ");
    tells("78 02 5B 01 05 00 07 00 00 00 01",
          "group=120; variation=2 Authentication - reply; qualifier=5B 2-octet "
          "size 1-octet count; count=1; size=5; challenge_seq=7; not read "
          "!app_security; ");
    tells("00 F2 00 00 00 02 03 41 42 43",
          "group=0; variation=242 Device attribute; qualifier=00 1-octet range; "
          "start=0; stop=0; type=2 UINT; length=3; not read !app_attribute; ");
    tells("65 01 00 00 00 FF FF",
          "group=101; variation=1 Packed decimal - 4 digits; qualifier=00 1-octet range; "
          "start=0; stop=0; not read !app_field; ");
    tells("1E 02 28 02 00 01 00 01 05 00 02 00 01",
          "group=30; variation=2 Analog input - 16-bit with flag; "
          "qualifier=28 2-octet index 2-octet count; count=2; index=1; "
          "flags=ONLINE; value=5; not read !app_truncated; ");
}

/* What is marked is what is judged, with the same place, and the octets that have no field. */
static void judged_as_marked(void **state)
{
    (void)state;
    uint8_t octets[64];
    struct defects d = {.count = 0};
    size_t len = hex_parse("C0 81 00 00 1E 02 28 02 00 01 00 01 05 00 02 00 01", octets, sizeof octets);
    judge_fragment(octets, len, false, &d);
    assert_int_equal(d.count, 1);
    assert_int_equal(d.list[0].kind, DEFECT_APP_TRUNCATED);
    assert_int_equal(d.list[0].offset, 14);
    assert_int_equal(d.list[0].octets, 3);
    assert_string_equal(d.list[0].detail, "g30v2 qualifier 28, 3 octets not read");
}

static bool has_no_layout(const struct object_type *type)
{
    return type->group >= 85 && type->group <= 88;
}

/* Two objects of each row, all octets 0: nothing is left over, and nothing is without a name. */
static void every_row_has_fields(void **state)
{
    (void)state;
    size_t n, checked = 0;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n; i++) {
        uint8_t octets[128] = {0xC0, 0x81, 0, 0, rows[i].group, rows[i].variation};
        size_t size = rows[i].packed_bits ? 1 : object_size(&rows[i], rows[i].variation), at = 6;
        if (size == 0)
            continue; /* of a size of its own, or none: the tests above */
        bool ranged = rows[i].qualifiers & OBJECT_Q_RANGE, prefixed = rows[i].qualifiers & OBJECT_Q_PREFIX;
        octets[at++] = ranged ? 0x00 : prefixed ? 0x17 : 0x07;
        octets[at++] = ranged ? 0 : 1;
        at += ranged || prefixed; /* its stop, or the index */
        struct told t = fields_of(octets, at + size);
        if (t.unread > 0 || (t.unnamed > 0 && !has_no_layout(&rows[i])))
            fail_msg("g%uv%u: %s", rows[i].group, rows[i].variation, t.text);
        checked++;
    }
    assert_true(checked > 120);
}

static void frames_to_the_last_crc(void **state)
{
    (void)state;
    uint8_t user[20] = {0xC0}, raw[LINK_FRAME_MAX];
    struct told t = {.text = ""};
    size_t len = link_encode(0xC4, 10, 1, user, sizeof user, raw, sizeof raw);
    fields_frame(raw, len, take, &t);
    assert_int_equal(t.at, len);
    assert_string_equal(
        t.text, "start; length=25; control=4 UNCONFIRMED_USER_DATA DIR PRM; destination=10; source=1; "
                "crc; transport=seq 0 FIR FIN; segment; crc; segment; crc; ");
    t = (struct told){.text = ""};
    len = link_encode(0x00, 1, 10, user, 1, raw, sizeof raw);
    fields_frame(raw, len, take, &t);
    assert_string_equal(t.text, "start; length=6; control=0 ACK; destination=1; source=10; crc; "
                                "not read !link_user_data; crc; ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_has_its_words), cmocka_unit_test(what_breaks_a_rule_is_marked),
        cmocka_unit_test(judged_as_marked),          cmocka_unit_test(every_row_has_fields),
        cmocka_unit_test(frames_to_the_last_crc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
