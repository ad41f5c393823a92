// SPDX-License-Identifier: Apache-2.0
#include "protocol/decode_value.h"

#include "protocol/decode.h"
#include "protocol/decode_fields.h"

static const char *const binary_states[] = {"OFF", "ON"};
static const char *const double_bit_states[] = {"INTERMEDIATE", "OFF", "ON", "INDETERMINATE"};

struct date {
    uint64_t year;
    unsigned month;
    unsigned day;
};

/* Days since 1970-01-01 to a date, in years that begin in March, so that a leap day is the last of its year.
 */
static struct date date_of(uint64_t days)
{
    enum { ERA_DAYS = 146097, DAYS_TO_1970 = 719468 };
    uint64_t z = days + DAYS_TO_1970;
    uint64_t era = z / ERA_DAYS;
    uint64_t day_of_era = z % ERA_DAYS;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned march_month = (unsigned)((5 * day_of_year + 2) / 153);
    struct date d;
    d.day = (unsigned)(day_of_year - (153 * march_month + 2) / 5 + 1);
    d.month = march_month < 10 ? march_month + 3 : march_month - 9;
    d.year = era * 400 + year_of_era + (d.month <= 2 ? 1 : 0);
    return d;
}

void decode_value_time(struct text *t, uint64_t time_ms)
{
    enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000, SECOND_MS = 1000 };
    struct date d = date_of(time_ms / DAY_MS);
    uint64_t ms = time_ms % DAY_MS;
    text_padded(t, d.year, 4);
    text_char(t, '-');
    text_padded(t, d.month, 2);
    text_char(t, '-');
    text_padded(t, d.day, 2);
    text_char(t, 'T');
    text_padded(t, ms / HOUR_MS, 2);
    text_char(t, ':');
    text_padded(t, ms / MINUTE_MS % 60, 2);
    text_char(t, ':');
    text_padded(t, ms / SECOND_MS % 60, 2);
    text_char(t, '.');
    text_padded(t, ms % SECOND_MS, 3);
    text_char(t, 'Z');
}

void decode_value_iin(struct text *t, uint16_t iin)
{
    bool first = true;
    for (unsigned bit = 0; bit < 16; bit++) {
        if (!(iin >> bit & 1))
            continue;
        const char *name = app_iin_name(bit);
        text_put(t, first ? "" : ", ");
        text_put(t, name ? name : bit == 14 ? "IIN2.6 reserved" : "IIN2.7 reserved");
        first = false;
    }
}

const char *decode_flag_name(uint8_t type, unsigned bit)
{
    static const char *const common[] = {"ONLINE", "RESTART", "COMM_LOST", "REMOTE_FORCED", "LOCAL_FORCED"};
    static const char *const upper[POINT_TYPES][3] = {
        [POINT_BINARY_INPUT] = {"CHATTER_FILTER", NULL, "STATE"},
        [POINT_DOUBLE_BIT_INPUT] = {"CHATTER_FILTER", "STATE_LOW", "STATE_HIGH"},
        [POINT_BINARY_OUTPUT_STATUS] = {NULL, NULL, "STATE"},
        [POINT_COUNTER] = {"ROLLOVER", "DISCONTINUITY", NULL},
        [POINT_FROZEN_COUNTER] = {"ROLLOVER", "DISCONTINUITY", NULL},
        [POINT_ANALOG_INPUT] = {"OVER_RANGE", "REFERENCE_ERR", NULL},
        [POINT_ANALOG_OUTPUT_STATUS] = {"OVER_RANGE", "REFERENCE_ERR", NULL},
        [POINT_FROZEN_ANALOG_INPUT] = {"OVER_RANGE", "REFERENCE_ERR", NULL},
    };
    if (bit > 7 || point_type_has_status(type) || type == POINT_OCTET_STRING)
        return NULL;
    if (bit < 5)
        return common[bit];
    return type < POINT_TYPES ? upper[type][bit - 5] : NULL;
}

static void put_status(struct text *t, uint8_t status)
{
    const char *name = command_status_name(status);
    if (name) {
        text_put(t, name);
        return;
    }
    text_put(t, "status ");
    text_uint(t, status);
}

void decode_value_flags(struct text *t, uint8_t type, uint8_t flags)
{
    if (point_type_has_status(type)) {
        put_status(t, flags);
        return;
    }
    if (flags == 0)
        text_put(t, "OFFLINE");
    bool first = true;
    for (unsigned bit = 0; bit < 8; bit++) {
        if (!(flags >> bit & 1))
            continue;
        const char *name = decode_flag_name(type, bit);
        text_put(t, first ? "" : "|");
        first = false;
        if (name) {
            text_put(t, name);
            continue;
        }
        text_put(t, "bit");
        text_uint(t, bit);
    }
}

static void put_index(struct text *t, uint32_t index)
{
    text_char(t, '[');
    text_uint(t, index);
    text_put(t, "] ");
}

static void put_value(struct text *t, const struct measurement *m)
{
    bool two_states = m->type == POINT_BINARY_INPUT || m->type == POINT_BINARY_OUTPUT_STATUS ||
                      m->type == POINT_BINARY_COMMAND;
    if (two_states)
        text_put(t, binary_states[m->value != 0]);
    else if (m->type == POINT_DOUBLE_BIT_INPUT && m->value >= 0 && m->value <= 3)
        text_put(t, double_bit_states[(unsigned)m->value]);
    else
        text_double(t, m->value);
}

void decode_value_measurement(struct text *t, const struct measurement *m)
{
    put_index(t, m->index);
    put_value(t, m);
    text_char(t, ' ');
    decode_value_flags(t, m->type, m->flags);
    if (m->time_quality == TIME_NONE)
        return;
    text_char(t, ' ');
    if (m->time_quality == TIME_INVALID) {
        text_put(t, "(relative time without base)");
        return;
    }
    decode_value_time(t, m->time_ms);
    if (m->time_quality == TIME_UNSYNCHRONISED)
        text_put(t, " unsynchronised");
}

void decode_value_octets(struct text *t, const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        text_put(t, i ? " " : "");
        text_hex(t, octets[i]);
    }
}

/* Quoted where all of it can be read, else as octets. */
void decode_value_string(struct text *t, const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (octets[i] < 0x20 || octets[i] > 0x7E || octets[i] == '"') {
            decode_value_octets(t, octets, len);
            return;
        }
    }
    text_char(t, '"');
    for (size_t i = 0; i < len; i++)
        text_char(t, (char)octets[i]);
    text_char(t, '"');
}

static void put_command_status(struct text *t, uint8_t status, bool response)
{
    if (!response && status == 0)
        return;
    text_char(t, ' ');
    put_status(t, status & 0x7F);
}

void decode_value_crob_code(struct text *t, uint8_t code)
{
    static const char *const operations[] = {"NUL", "PULSE_ON", "PULSE_OFF", "LATCH_ON", "LATCH_OFF"};
    static const char *const trip_close[] = {"", "|CLOSE", "|TRIP", "|TCC3"};
    unsigned operation = code & 0x0F;
    if (operation < sizeof operations / sizeof operations[0]) {
        text_put(t, operations[operation]);
    } else {
        text_put(t, "operation ");
        text_uint(t, operation);
    }
    text_put(t, trip_close[code >> 6]);
    text_put(t, code & 0x20 ? "|CLEAR" : "");
    text_put(t, code & 0x10 ? "|QUEUE" : "");
}

static void put_crob(struct text *t, const uint8_t *octets, bool response)
{
    struct crob crob = crob_decode(octets);
    decode_value_crob_code(t, crob.code);
    text_put(t, " count ");
    text_uint(t, crob.count);
    text_put(t, " on ");
    text_uint(t, crob.on_ms);
    text_put(t, " ms off ");
    text_uint(t, crob.off_ms);
    text_put(t, " ms");
    put_command_status(t, crob.status, response);
}

static void put_command(struct text *t, const struct object_type *type, const struct object_at *at,
                        bool response)
{
    if (type->group == 12) {
        put_crob(t, at->data, response);
        return;
    }
    text_double(t, analog_decode(type, at->data));
    put_command_status(t, at->data[at->len - 1], response);
}

static void put_time(struct text *t, const struct object_type *type, const struct object_at *at)
{
    struct reader r = reader_over(at->data, at->len);
    if (type->group == 52) {
        text_uint(t, read_u16(&r));
        text_put(t, type->variation == 1 ? " s" : " ms");
    } else {
        decode_value_time(t, read_u48(&r));
        if (type->group == 50 && type->variation == 2) {
            text_put(t, " every ");
            text_uint(t, read_u32(&r));
            text_put(t, " ms");
        }
    }
}

static void put_packed(struct text *t, const struct object_type *type, const struct object_at *at, uint32_t i)
{
    unsigned state = at->data[i / 8] >> (i % 8) & 1;
    const char *name = type->kind == OBJECT_IIN ? app_iin_name(at->index) : NULL;
    if (!name) {
        put_index(t, at->index);
        text_put(t, binary_states[state]);
        return;
    }
    text_put(t, name);
    text_put(t, state ? "=1" : "=0");
}

/* The line above an object's fields in a tree: its index, or its size where that stands before it. */
static void put_head(struct text *t, const struct object_header *h, const struct object_at *at)
{
    if (h->ranged || (h->prefix_len && !h->sized)) {
        text_char(t, '[');
        text_uint(t, at->index);
        text_char(t, ']');
        return;
    }
    text_uint(t, at->len);
    text_put(t, at->len == 1 ? " octet" : " octets");
}

static void put_plain(struct text *t, const struct object_header *h, const struct object_at *at,
                      bool response)
{
    const struct object_type *type = h->sized ? NULL : h->type;
    if (type && type->kind == OBJECT_COMMAND)
        put_command(t, type, at, response);
    else if (type && type->kind == OBJECT_TIME)
        put_time(t, type, at);
    else if (type && type->kind == OBJECT_DEADBAND)
        text_double(t, analog_decode(type, at->data));
    else if (type && type->is_string)
        decode_value_string(t, at->data, at->len);
    else
        decode_value_octets(t, at->data, at->len);
}

void decode_value_object(struct text *t, const struct object_header *h, uint32_t i,
                         const struct decode_manner *manner)
{
    struct object_at at = object_header_at(h, i);
    size_t offset = (size_t)(at.data - manner->fragment);
    if (!h->sized && h->type->packed_bits) {
        put_packed(t, h->type, &at, i);
        return;
    }
    const struct layout *layout = layout_find(h->group, h->variation);
    if (layout && manner->tree)
        put_head(t, h, &at);
    else if (h->ranged || (h->prefix_len && !h->sized))
        put_index(t, at.index);
    if (layout) {
        decode_fields(t, layout, at.data, at.len, offset, manner->tree);
    } else if (h->type && h->type->kind == OBJECT_ATTRIBUTE) {
        decode_attribute(t, h, i, offset);
    } else {
        put_plain(t, h, &at, manner->response);
    }
}
