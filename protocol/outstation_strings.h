// SPDX-License-Identifier: Apache-2.0
/*
 * The octet strings of an outstation (dnp3-reference/objects.md 4): g110, and g111 for their changes. Their
 * points stand in the outstation's table as all others (POINT_OCTET_STRING; `value` has no meaning,
 * `operable` lets masters write them); the octets are kept here.
 *
 *     struct outstation_strings strings = {now, points, waiting, 16};
 *     config.strings = &strings;                                     before outstation_init()
 *     outstation_update_string(o, index, "abc", 3, UPDATE_EVENT, at)
 */
#ifndef PROTOCOL_OUTSTATION_STRINGS_H
#define PROTOCOL_OUTSTATION_STRINGS_H

#include "protocol/outstation.h"

enum { OUTSTATION_TEXTS_MAX = 255 };

struct outstation_text {
    uint8_t len;
    bool in_use; /* of an event's: by an event that is buffered */
    uint8_t octets[255];
};

struct outstation_strings {
    struct outstation_text *now; /* one for each point, in their order */
    size_t now_len;
    struct outstation_text *waiting; /* of the events; where all are in use the next event is lost */
    size_t waiting_len;              /* up to OUTSTATION_TEXTS_MAX; 0: no events */
};

/* The longest string that a fragment has room for. */
size_t outstation_string_max(const struct outstation *o);
/* As outstation_update(). `len` up to outstation_string_max(); 0 is sent as one octet 0 (objects.md 4). */
uint64_t outstation_update_string(struct outstation *o, uint32_t index, const void *octets, size_t len,
                                  enum outstation_update_mode mode, const struct instant *at);
/* What the string is now; NULL where there is no such point. */
const struct outstation_text *outstation_string(const struct outstation *o, uint32_t index);
/* Of an event that is buffered or has just been told as news: valid until the next update. NULL where the
 * event has none: it was lost for want of room. */
const struct outstation_text *outstation_event_string(const struct outstation *o,
                                                      const struct outstation_event *e);

#endif
