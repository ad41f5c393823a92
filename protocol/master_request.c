// SPDX-License-Identifier: Apache-2.0
#include "protocol/master_request.h"

#include "protocol/strings.h"

static void write_all(struct writer *w, const struct request_item *item)
{
    object_write_all(w, item->group, item->variation);
}

static void write_range(struct writer *w, const struct request_item *item)
{
    if (item->last < item->first) {
        w->failed = true;
        return;
    }
    object_write_range(w, item->group, item->variation, item->first, item->last);
    write_octets(w, item->octets, item->octets_len);
}

/* A count of 0 has no meaning (application.md 4). */
static void write_count(struct writer *w, const struct request_item *item)
{
    if (!item->count) {
        w->failed = true;
        return;
    }
    object_write_count(w, item->group, item->variation, item->count);
    write_octets(w, item->octets, item->octets_len);
}

static unsigned width_of(const struct request_item *item)
{
    uint32_t highest = (uint32_t)item->indexes_len;
    for (size_t i = 0; i < item->indexes_len; i++)
        highest = item->indexes[i] > highest ? item->indexes[i] : highest;
    return highest <= UINT8_MAX ? 0 : highest <= UINT16_MAX ? 1 : 2;
}

/* A deadband that is not what was meant is none: nothing is saturated, nothing below zero or without end. */
static void write_value(struct writer *w, const struct request_item *item, double value)
{
    const struct object_type *type = object_type_find(item->group, item->variation);
    bool fits = type && type->kind == OBJECT_DEADBAND && item->variation && value >= 0 && value - value == 0;
    if (!fits || analog_encode(w, type, value))
        w->failed = true;
}

static void write_indexes(struct writer *w, const struct request_item *item)
{
    size_t n = item->indexes_len;
    if (!n || n > UINT16_MAX || item->octets_len % n) {
        w->failed = true;
        return;
    }
    unsigned width = width_of(item);
    size_t share = item->octets_len / n;
    write_u8(w, item->group);
    write_u8(w, item->variation);
    write_u8(w, (uint8_t)(0x17 + 0x11 * width));
    write_uint(w, n, 1U << width);
    for (size_t i = 0; i < n && !w->failed; i++) {
        write_uint(w, item->indexes[i], 1U << width);
        if (item->values)
            write_value(w, item, item->values[i]);
        else if (share)
            write_octets(w, item->octets + i * share, share);
    }
}

static void write_sized(struct writer *w, const struct request_item *item)
{
    if (item->octets_len > UINT16_MAX)
        w->failed = true;
    write_octets(w, (const uint8_t[]){item->group, item->variation, 0x5B, 1}, 4);
    write_u16(w, (uint16_t)item->octets_len);
    write_octets(w, item->octets, item->octets_len);
}

static void write_string(struct writer *w, const struct request_item *item)
{
    if ((item->group != 110 && item->group != 112) || item->octets_len > UINT8_MAX)
        w->failed = true;
    else
        string_write(w, item->group, item->first, item->octets, item->octets_len);
}

void request_write_item(struct writer *w, const struct request_item *item)
{
    static void (*const writers[])(struct writer *, const struct request_item *) = {
        [ITEM_ALL] = write_all,         [ITEM_RANGE] = write_range, [ITEM_COUNT] = write_count,
        [ITEM_INDEXES] = write_indexes, [ITEM_SIZED] = write_sized, [ITEM_STRING] = write_string,
    };
    if (item->form < sizeof writers / sizeof *writers)
        writers[item->form](w, item);
    else
        w->failed = true;
}
