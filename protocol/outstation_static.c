// SPDX-License-Identifier: Apache-2.0
/*
 * Static objects of a READ (outstation.md 7): one header for each run of consecutive indexes in one
 * variation. A header that does not fit is cut and goes on in the next fragment; sol.read_next is where.
 */
#include "protocol/outstation_parts.h"

enum { GROUP_DEADBAND = 34, GROUP_TIME = 50, GROUP_IIN = 80, IIN_BITS = 16 };

/* The points that a header means: positions [begin, end), or its list. */
struct pick {
    uint32_t begin;
    uint32_t end;
    uint8_t type;      /* enum point_type, where it is one */
    uint8_t variation; /* 0: the default of each point */
    bool deadband;     /* of analog inputs, instead of their values */
    bool class_0;
    const struct object_header *list;
};

static uint8_t point_type_of(const struct object_header *h)
{
    return h->type->kind == OBJECT_DEADBAND ? POINT_ANALOG_INPUT : h->type->point;
}

static struct pick pick_of(const struct outstation *o, const struct object_header *h)
{
    if (h->type->kind == OBJECT_CLASS)
        return (struct pick){.end = o->points_len, .class_0 = true};
    uint8_t type = point_type_of(h);
    struct pick pick = {
        .type = type, .variation = h->variation, .deadband = h->type->kind == OBJECT_DEADBAND};
    if (h->prefix_len) {
        pick.list = h;
        pick.end = h->count;
        return pick;
    }
    pick.begin = points_lower_bound(o, type, h->start);
    uint32_t stop = h->all ? UINT32_MAX : h->start + (h->count - 1);
    pick.end = stop == UINT32_MAX ? points_lower_bound(o, (uint8_t)(type + 1), 0)
                                  : points_lower_bound(o, type, stop + 1);
    return pick;
}

static uint8_t group_of(const struct pick *pick, const struct outstation_point *p)
{
    return pick->deadband ? GROUP_DEADBAND : point_type_static_group(p->type);
}

static uint8_t variation_of(const struct outstation *o, const struct pick *pick,
                            const struct outstation_point *p)
{
    if (p->type == POINT_OCTET_STRING)
        return string_variation(o, string_of(o, p)->len);
    if (pick->variation)
        return pick->variation;
    if (p->static_variation && !pick->deadband)
        return p->static_variation;
    return point_group_find(group_of(pick, p))->default_variation;
}

static bool is_picked(const struct pick *pick, const struct outstation_point *p)
{
    return point_type_static_group(p->type) && (!pick->class_0 || p->in_class_0);
}

/* How many points from `at` on share type and variation and have consecutive indexes. */
static uint32_t run_len(const struct outstation *o, const struct pick *pick, uint32_t at, uint32_t end)
{
    const struct outstation_point *first = &o->points[at];
    uint8_t variation = variation_of(o, pick, first);
    uint32_t n = 1;
    while (at + n < end) {
        const struct outstation_point *p = &first[n];
        if (p->type != first->type || p->index != first->index + n || !is_picked(pick, p) ||
            variation_of(o, pick, p) != variation)
            break;
        n++;
    }
    return n;
}

/* Packed variations have no flags: with any other than ONLINE they give way to variation 2 (objects.md 1). */
static const struct object_type *run_object(const struct pick *pick, const struct outstation_point *first,
                                            uint32_t n, uint8_t *variation)
{
    uint8_t group = group_of(pick, first);
    const struct object_type *type = object_type_find(group, *variation);
    for (uint32_t i = 0; type->packed_bits && i < n; i++)
        if (first[i].flags != FLAG_ONLINE)
            return object_type_find(group, *variation = 2);
    return type;
}

static void put_packed(struct writer *w, const struct outstation_point *first, uint32_t n, uint8_t bits)
{
    for (uint32_t i = 0; i < n;) {
        uint8_t octet = 0;
        for (unsigned shift = 0; shift < 8 && i < n; shift += bits, i++)
            octet = (uint8_t)(octet | (unsigned)first[i].value << shift);
        write_u8(w, octet);
    }
}

static void put_strings(const struct outstation *o, struct writer *w, const struct outstation_point *first,
                        uint32_t n, uint8_t variation)
{
    for (uint32_t i = 0; i < n; i++)
        string_put(w, string_of(o, &first[i]), variation);
}

static void put_objects(struct writer *w, const struct object_type *type,
                        const struct outstation_point *first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (type->kind == OBJECT_DEADBAND) {
            analog_encode(w, type, first[i].deadband);
            continue;
        }
        struct measurement m = {
            .value = first[i].value, .index = first[i].index, .type = first[i].type, .flags = first[i].flags};
        if (type->time == OBJECT_TIME_ABSOLUTE)
            m.time_ms = (uint64_t)first[i].reported;
        object_encode(w, type, &m, 0);
    }
}

/* How many of n objects fit behind a header of so many octets. */
static uint32_t fitting(const struct object_type *type, uint8_t variation, size_t room, size_t header,
                        uint32_t n)
{
    if (room <= header)
        return 0;
    size_t size = object_size(type, variation);
    if (!type->packed_bits && size == 0)
        return n; /* strings of length 0 */
    size_t fit = type->packed_bits ? (room - header) * 8 / type->packed_bits : (room - header) / size;
    return fit < n ? (uint32_t)fit : n;
}

/* Writes as many of the run's points as fit; returns their number. */
static uint32_t put_run(const struct outstation *o, struct writer *w, const struct pick *pick,
                        const struct outstation_point *first, uint32_t n)
{
    uint8_t variation = variation_of(o, pick, first);
    const struct object_type *type = run_object(pick, first, n, &variation);
    n = fitting(type, variation, writer_room(w), first[n - 1].index > UINT8_MAX ? 7 : 5, n);
    if (n == 0)
        return 0;
    object_write_range(w, type->group, variation, first->index, first[n - 1].index);
    if (type->packed_bits)
        put_packed(w, first, n, type->packed_bits);
    else if (first->type == POINT_OCTET_STRING)
        put_strings(o, w, first, n, variation);
    else
        put_objects(w, type, first, n);
    return n;
}

static bool write_positions(struct outstation *o, struct writer *w, const struct pick *pick)
{
    uint32_t at;
    while ((at = pick->begin + o->sol.read_next) < pick->end) {
        if (!is_picked(pick, &o->points[at])) {
            o->sol.read_next++;
            continue;
        }
        uint32_t n = run_len(o, pick, at, pick->end);
        uint32_t written = put_run(o, w, pick, &o->points[at], n);
        o->sol.read_next += written;
        if (written < n)
            return false;
    }
    return true;
}

/* The positions that entries `i`, i+1 ... of the list name, as long as they follow each other. */
static uint32_t list_run(const struct outstation *o, const struct pick *pick, uint32_t i, uint32_t at)
{
    uint32_t n = 1;
    while (i + n < pick->end && at + n < o->points_len &&
           object_header_at(pick->list, i + n).index == o->points[at].index + n)
        n++;
    return run_len(o, pick, at, at + n);
}

static bool write_list(struct outstation *o, struct writer *w, const struct pick *pick)
{
    while (o->sol.read_next < pick->end) {
        uint32_t i = o->sol.read_next;
        const struct outstation_point *p =
            outstation_point_find(o, pick->type, object_header_at(pick->list, i).index);
        if (!p) {
            o->sol.read_next++;
            continue;
        }
        uint32_t n = list_run(o, pick, i, (uint32_t)(p - o->points));
        uint32_t written = put_run(o, w, pick, p, n);
        o->sol.read_next += written;
        if (written < n)
            return false;
    }
    return true;
}

static bool write_time(struct outstation *o, struct writer *w, const struct instant *at)
{
    if (writer_room(w) < 4 + 6)
        return false;
    object_write_count(w, GROUP_TIME, 1, 1);
    write_u48(w, outstation_time_ms(o, at));
    return true;
}

static bool write_iin(struct outstation *o, struct writer *w, const struct object_header *h)
{
    uint32_t stop = h->all ? IIN_BITS - 1 : h->start + (h->count - 1);
    if (writer_room(w) < 5 + 2)
        return false;
    uint32_t bits = outstation_iin(o);
    object_write_range(w, GROUP_IIN, 1, h->start, stop);
    bits = bits >> h->start & ((1u << (stop - h->start + 1)) - 1);
    write_uint(w, bits, (stop - h->start) / 8 + 1);
    return true;
}

bool static_write(struct outstation *o, struct writer *w, const struct object_header *h,
                  const struct instant *at)
{
    if (h->group == GROUP_TIME)
        return write_time(o, w, at);
    if (h->group == GROUP_IIN)
        return write_iin(o, w, h);
    if (h->type->kind == OBJECT_ATTRIBUTE)
        return attributes_write(o, w, h);
    if (h->type->kind == OBJECT_FILE)
        return file_block_put(o, w, h, at);
    struct pick pick = pick_of(o, h);
    return pick.list ? write_list(o, w, &pick) : write_positions(o, w, &pick);
}

static bool check_list(const struct outstation *o, const struct object_header *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t index = object_header_at(h, i).index;
        uint32_t at = points_lower_bound(o, point_type_of(h), index);
        if (at == o->points_len || o->points[at].type != point_type_of(h) || o->points[at].index != index)
            return false;
    }
    return true;
}

static bool check_points(const struct outstation *o, const struct object_header *h, uint16_t *errors)
{
    uint8_t type = point_type_of(h);
    const struct point_group *g = point_group_find(h->group);
    uint32_t first = points_lower_bound(o, type, 0), end = points_lower_bound(o, (uint8_t)(type + 1), 0);
    if (!g || !point_group_has(g, h->variation) || first == end) {
        *errors |= IIN_OBJECT_UNKNOWN;
        return false;
    }
    bool installed = true; /* what is not installed is flagged, the rest is answered (application.md 6) */
    if (h->ranged)
        installed =
            h->start >= o->points[first].index && h->start + (h->count - 1) <= o->points[end - 1].index;
    else if (h->prefix_len)
        installed = check_list(o, h);
    bool readable = !h->ranged || h->qualifier < 3; /* strings have indexes, and no addresses */
    if (!installed || !readable)
        *errors |= IIN_PARAMETER_ERROR;
    return readable;
}

/* Adds the IIN2 bits of a header that asks for static data; false: nothing can be written for it. */
bool static_check(const struct outstation *o, const struct object_header *h, uint16_t *errors)
{
    if (point_type_of(h))
        return check_points(o, h, errors);
    if (h->type->kind == OBJECT_ATTRIBUTE)
        return attributes_readable(o, h, errors);
    if (h->type->kind == OBJECT_FILE)
        return file_block_readable(o, h, errors);
    bool bits = h->ranged && h->start < IIN_BITS && h->count <= IIN_BITS - h->start;
    bool known = h->type->kind == OBJECT_CLASS || (h->group == GROUP_TIME && h->variation == 1) ||
                 (h->group == GROUP_IIN && h->variation <= 1);
    bool fits = h->all || (h->group == GROUP_TIME && h->count == 1) || (h->group == GROUP_IIN && bits);
    if (!known)
        *errors |= IIN_OBJECT_UNKNOWN;
    else if (!fits)
        *errors |= IIN_PARAMETER_ERROR;
    return known && fits;
}
