// SPDX-License-Identifier: Apache-2.0
#include "protocol/attributes.h"

#include <assert.h>

/* Ordered by variation (attributes.md 2). */
static const struct attribute_row standard[] = {
    {196, ATTRIBUTE_VSTR, false, "configuration id"},
    {197, ATTRIBUTE_VSTR, false, "configuration version"},
    {198, ATTRIBUTE_TIME, false, "configuration build date"},
    {199, ATTRIBUTE_TIME, false, "configuration last change"},
    {200, ATTRIBUTE_OSTR, false, "configuration digest/signature"},
    {201, ATTRIBUTE_VSTR, false, "digest algorithm"},
    {202, ATTRIBUTE_VSTR, false, "master resource id"},
    {203, ATTRIBUTE_FLT, false, "altitude"},
    {204, ATTRIBUTE_FLT, false, "longitude"},
    {205, ATTRIBUTE_FLT, false, "latitude"},
    {206, ATTRIBUTE_VSTR, false, "secondary operator name"},
    {207, ATTRIBUTE_VSTR, false, "primary operator name"},
    {208, ATTRIBUTE_VSTR, false, "system name"},
    {209, ATTRIBUTE_UINT, false, "secure authentication version"},
    {210, ATTRIBUTE_UINT, false, "security statistics per association"},
    {211, ATTRIBUTE_VSTR, false, "identification of user-specific attributes"},
    {212, ATTRIBUTE_UINT, false, "master-defined data set prototypes"},
    {213, ATTRIBUTE_UINT, false, "outstation-defined prototypes"},
    {214, ATTRIBUTE_UINT, false, "master-defined data sets"},
    {215, ATTRIBUTE_UINT, false, "outstation-defined data sets"},
    {216, ATTRIBUTE_UINT, false, "max binary outputs per request"},
    {217, ATTRIBUTE_UINT, false, "local timing accuracy in us"},
    {218, ATTRIBUTE_UINT, false, "duration of timing accuracy in s"},
    {219, ATTRIBUTE_INT, false, "supports analog output events"},
    {220, ATTRIBUTE_UINT, false, "max analog output index"},
    {221, ATTRIBUTE_UINT, false, "number of analog outputs"},
    {222, ATTRIBUTE_INT, false, "supports binary output events"},
    {223, ATTRIBUTE_UINT, false, "max binary output index"},
    {224, ATTRIBUTE_UINT, false, "number of binary outputs"},
    {225, ATTRIBUTE_INT, false, "supports frozen counter events"},
    {226, ATTRIBUTE_INT, false, "supports frozen counters"},
    {227, ATTRIBUTE_INT, false, "supports counter events"},
    {228, ATTRIBUTE_UINT, false, "max counter index"},
    {229, ATTRIBUTE_UINT, false, "number of counters"},
    {230, ATTRIBUTE_INT, false, "supports frozen analog inputs"},
    {231, ATTRIBUTE_INT, false, "supports analog input events"},
    {232, ATTRIBUTE_UINT, false, "max analog input index"},
    {233, ATTRIBUTE_UINT, false, "number of analog inputs"},
    {234, ATTRIBUTE_INT, false, "supports double-bit events"},
    {235, ATTRIBUTE_UINT, false, "max double-bit index"},
    {236, ATTRIBUTE_UINT, false, "number of double-bit inputs"},
    {237, ATTRIBUTE_INT, false, "supports binary input events"},
    {238, ATTRIBUTE_UINT, false, "max binary input index"},
    {239, ATTRIBUTE_UINT, false, "number of binary inputs"},
    {240, ATTRIBUTE_UINT, true, "max transmit fragment size"},
    {241, ATTRIBUTE_UINT, false, "max receive fragment size"},
    {242, ATTRIBUTE_VSTR, false, "software version"},
    {243, ATTRIBUTE_VSTR, false, "hardware version"},
    {244, ATTRIBUTE_VSTR, false, "owner name"},
    {245, ATTRIBUTE_VSTR, true, "user-assigned location"},
    {246, ATTRIBUTE_VSTR, true, "user-assigned id"},
    {247, ATTRIBUTE_VSTR, true, "user-assigned device name"},
    {248, ATTRIBUTE_VSTR, false, "serial number"},
    {249, ATTRIBUTE_VSTR, false, "subset and conformance"},
    {250, ATTRIBUTE_VSTR, false, "product name and model"},
    {252, ATTRIBUTE_VSTR, false, "manufacturer name"},
};

const struct attribute_row *attribute_find(uint8_t variation)
{
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
        if (standard[i].variation == variation)
            return &standard[i];
    }
    return NULL;
}

const char *attribute_type_name(uint8_t type)
{
    static const char *const names[] = {NULL, "VSTR", "UINT", "INT", "FLT", "OSTR", "BSTR", "TIME"};
    if (type == ATTRIBUTE_LIST || type == ATTRIBUTE_EXTENDED_LIST)
        return type == ATTRIBUTE_LIST ? "LIST" : "EXTENDED_LIST";
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}

const char *attribute_defect_text(enum attribute_defect defect)
{
    static const char *const texts[] = {
        [ATTRIBUTE_OK] = "sound",
        [ATTRIBUTE_BAD_SET] = "a set of attributes above 255",
        [ATTRIBUTE_BAD_TYPE] = "a data type that is not for this attribute",
        [ATTRIBUTE_BAD_LENGTH] = "a length that is not for this data type",
    };
    assert((size_t)defect < sizeof texts / sizeof texts[0]);
    return texts[defect];
}

static bool is_list(uint8_t type)
{
    return type == ATTRIBUTE_LIST || type == ATTRIBUTE_EXTENDED_LIST;
}

/* attributes.md 1. */
static bool length_fits(const struct attribute *a)
{
    switch (a->type) {
    case ATTRIBUTE_UINT:
    case ATTRIBUTE_INT:
        return a->len == 1 || a->len == 2 || a->len == 4;
    case ATTRIBUTE_FLT:
        return a->len == 4 || a->len == 8;
    case ATTRIBUTE_TIME:
        return a->len == 6;
    case ATTRIBUTE_LIST:
    case ATTRIBUTE_EXTENDED_LIST:
        return a->len % 2 == 0;
    default:
        return true;
    }
}

enum attribute_defect attribute_parse(const struct object_header *h, uint32_t i, struct attribute *a)
{
    struct object_at at = object_header_at(h, i);
    *a = (struct attribute){
        .variation = h->variation,
        .set = (uint8_t)at.index,
        .type = at.data[0],
        .len = (uint16_t)(at.len - 2),
        .octets = at.data + 2,
    };
    if (at.index > UINT8_MAX)
        return ATTRIBUTE_BAD_SET;
    if (!attribute_type_name(a->type) || is_list(a->type) != (a->variation == ATTRIBUTE_VARIATIONS))
        return ATTRIBUTE_BAD_TYPE;
    return length_fits(a) ? ATTRIBUTE_OK : ATTRIBUTE_BAD_LENGTH;
}

static uint64_t bits_of(const struct attribute *a)
{
    struct reader r = reader_over(a->octets, a->len);
    return read_uint(&r, a->len);
}

bool attribute_uint(const struct attribute *a, uint32_t *value)
{
    if (a->type != ATTRIBUTE_UINT || !length_fits(a))
        return false;
    *value = (uint32_t)bits_of(a);
    return true;
}

bool attribute_int(const struct attribute *a, int32_t *value)
{
    if (a->type != ATTRIBUTE_INT || !length_fits(a))
        return false;
    uint64_t bits = bits_of(a);
    *value = a->len == 1 ? (int8_t)bits : a->len == 2 ? (int16_t)bits : (int32_t)bits;
    return true;
}

bool attribute_float(const struct attribute *a, double *value)
{
    if (a->type != ATTRIBUTE_FLT || !length_fits(a))
        return false;
    uint64_t bits = bits_of(a);
    if (a->len == 4)
        *value = float_widen((uint32_t)bits);
    else
        memcpy(value, &bits, sizeof *value);
    return true;
}

bool attribute_time(const struct attribute *a, uint64_t *time_ms)
{
    if (a->type != ATTRIBUTE_TIME || !length_fits(a))
        return false;
    *time_ms = bits_of(a);
    return true;
}

size_t attribute_entries(const struct attribute *a)
{
    return is_list(a->type) ? a->len / 2 : 0;
}

struct attribute_entry attribute_entry_at(const struct attribute *a, size_t i)
{
    assert(i < attribute_entries(a));
    return (struct attribute_entry){a->octets[2 * i], a->octets[2 * i + 1]};
}

void attribute_write(struct writer *w, const struct attribute *a)
{
    enum { HEADER_LEN = 5, MOST = UINT8_MAX };
    size_t extended = a->type == ATTRIBUTE_EXTENDED_LIST ? MOST + 1 : 0;
    assert(a->len >= extended && a->len - extended <= MOST);
    if (w->failed || writer_room(w) < HEADER_LEN + 2U + a->len) {
        w->failed = true;
        return;
    }
    object_write_range(w, 0, a->variation, a->set, a->set);
    write_u8(w, a->type);
    write_u8(w, (uint8_t)(a->len - extended));
    write_octets(w, a->octets, a->len);
}

static void write_value(struct writer *w, uint8_t set, uint8_t variation, uint8_t type, uint64_t bits,
                        uint8_t len)
{
    uint8_t octets[8];
    struct writer value = writer_over(octets, sizeof octets);
    write_uint(&value, bits, len);
    attribute_write(w, &(struct attribute){variation, set, type, len, octets});
}

void attribute_write_text(struct writer *w, uint8_t set, uint8_t variation, const char *text, size_t len)
{
    assert(len <= UINT8_MAX);
    attribute_write(
        w, &(struct attribute){variation, set, ATTRIBUTE_VSTR, (uint16_t)len, (const uint8_t *)text});
}

void attribute_write_uint(struct writer *w, uint8_t set, uint8_t variation, uint32_t value)
{
    uint8_t len = value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2 : 4;
    write_value(w, set, variation, ATTRIBUTE_UINT, value, len);
}

void attribute_write_int(struct writer *w, uint8_t set, uint8_t variation, int32_t value)
{
    bool one = value >= INT8_MIN && value <= INT8_MAX;
    bool two = value >= INT16_MIN && value <= INT16_MAX;
    write_value(w, set, variation, ATTRIBUTE_INT, (uint32_t)value, one ? 1 : two ? 2 : 4);
}

void attribute_write_float(struct writer *w, uint8_t set, uint8_t variation, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    write_value(w, set, variation, ATTRIBUTE_FLT, bits, sizeof bits);
}

void attribute_write_time(struct writer *w, uint8_t set, uint8_t variation, uint64_t time_ms)
{
    write_value(w, set, variation, ATTRIBUTE_TIME, time_ms, 6);
}

void attribute_write_list(struct writer *w, uint8_t set, const struct attribute_entry *entries, size_t n)
{
    uint8_t octets[2 * UINT8_MAX];
    assert(n <= UINT8_MAX);
    for (size_t i = 0; i < n; i++) {
        octets[2 * i] = entries[i].variation;
        octets[2 * i + 1] = entries[i].properties;
    }
    uint8_t type = 2 * n <= UINT8_MAX ? ATTRIBUTE_LIST : ATTRIBUTE_EXTENDED_LIST;
    attribute_write(w, &(struct attribute){ATTRIBUTE_VARIATIONS, set, type, (uint16_t)(2 * n), octets});
}
