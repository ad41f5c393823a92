// SPDX-License-Identifier: Apache-2.0
#include "protocol/strings.h"

#include <assert.h>

struct string_walk string_walk_begin(const struct app_fragment *f)
{
    return (struct string_walk){.objects = app_objects(f), .defect = WALK_END};
}

static bool enter_header(struct string_walk *w)
{
    enum walk_result result;
    while ((result = object_walk_next(&w->objects, &w->header)) == WALK_HEADER) {
        w->next = 0;
        w->in_header = w->header.has_objects && w->header.type && w->header.type->is_string;
        if (w->in_header)
            return true;
    }
    if (result != WALK_END) {
        w->defect = result;
        w->defect_offset = w->header.offset;
    }
    return false;
}

bool string_walk_next(struct string_walk *w, struct object_string *s)
{
    if (w->defect != WALK_END || (!w->in_header && !enter_header(w)))
        return false;
    struct object_at at = object_header_at(&w->header, w->next);
    *s = (struct object_string){
        .octets = at.data,
        .index = at.index,
        .len = (uint8_t)at.len,
        .group = w->header.group,
        .event = w->header.type->kind == OBJECT_EVENT,
    };
    w->next++;
    w->in_header = w->next < w->header.count;
    return true;
}

void string_write(struct writer *w, uint8_t group, uint32_t index, const void *octets, size_t len)
{
    uint8_t header[11];
    struct writer head = writer_over(header, sizeof header);
    uint8_t variation = (uint8_t)(len ? len : 1);
    assert(group >= 110 && group <= 113 && len <= UINT8_MAX);
    if (group == 110) {
        object_write_range(&head, group, variation, index, index);
    } else {
        unsigned wide = index <= UINT8_MAX ? 0 : index <= UINT16_MAX ? 1 : 2;
        write_octets(&head, (const uint8_t[]){group, variation, (uint8_t)(0x17 + 0x11 * wide)}, 3);
        write_uint(&head, 1, 1U << wide);
        write_uint(&head, index, 1U << wide);
    }
    assert(!head.failed);
    if (w->failed || writer_room(w) < writer_len(&head) + variation) {
        w->failed = true;
        return;
    }
    write_octets(w, header, writer_len(&head));
    write_octets(w, len ? octets : "", variation);
}
