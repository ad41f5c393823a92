// SPDX-License-Identifier: Apache-2.0
/* What the files of the outstation share. Nobody else includes this. */
#ifndef PROTOCOL_OUTSTATION_PARTS_H
#define PROTOCOL_OUTSTATION_PARTS_H

#include "protocol/app.h"
#include "protocol/outstation.h"
#include "protocol/outstation_attributes.h"
#include "protocol/outstation_files.h"
#include "protocol/outstation_strings.h"

/* A request that has passed the checks of its header. */
struct request {
    struct app_fragment f;
    const struct instant *at;
    uint8_t seq;
    bool broadcast;
};

/* The i-th bit of packed objects. */
static inline bool packed_bit(const struct object_header *h, uint32_t i)
{
    return h->data[i / 8] >> (i % 8) & 1;
}

/* outstation_groups.c: the groups that hold points. */
enum { GROUP_STRING = 110, GROUP_STRING_EVENT = 111 };
struct point_group {
    uint8_t group;
    uint8_t point; /* enum point_type */
    bool event;
    uint8_t default_variation;
    uint16_t variations; /* bit n: variation n is supported */
    uint8_t untimed[9];  /* events: the variation to use instead, where there is no time */
};
const struct point_group *point_group_find(uint8_t group);
const struct point_group *point_group_of(uint8_t type, bool event);
static inline bool point_group_has(const struct point_group *g, uint8_t variation)
{
    if (g->point == POINT_OCTET_STRING)
        return true; /* the length that is asked for says nothing (objects.md 4) */
    return variation < 16 && (variation == 0 || (g->variations >> variation & 1));
}

/* outstation_events.c: the ring. */
struct outstation_event *ring_at(const struct outstation_ring *ring, uint32_t offset);
uint8_t ring_waiting_classes(const struct outstation_ring *ring);
uint32_t ring_waiting(const struct outstation_ring *ring, uint8_t classes);
uint64_t ring_add(struct outstation *o, struct outstation_event *e); /* m, point, class_mask, text are set */
uint64_t ring_add_lost(struct outstation_ring *ring,
                       struct outstation_event *e);              /* there is no room for it */
void ring_replace(struct outstation_ring *ring, uint32_t point); /* a newer event of the point is to come */
void ring_select(struct outstation_ring *ring, uint32_t offset, uint8_t variation);
void ring_mark_written(struct outstation_ring *ring, struct outstation_event *e);
void ring_confirm(struct outstation_ring *ring); /* what was written leaves */
void ring_release(struct outstation *o);         /* what was selected or written waits again */
void ring_lose_all(struct outstation_ring *ring);
bool ring_report(struct outstation_ring *ring, struct outstation_news *news);

/* outstation_points.c */
uint32_t points_lower_bound(const struct outstation *o, uint8_t type, uint32_t index);
uint8_t event_variation(const struct outstation *o, const struct outstation_event *e);
struct measurement point_stamp(const struct outstation *o, uint8_t type, uint32_t index, double value,
                               uint8_t flags, const struct instant *at);
uint8_t point_event_class(const struct outstation_point *p); /* 0: it has no events */
/* The event of a point that has changed; 0 where none could be made. */
uint64_t point_make_event(struct outstation *o, struct outstation_point *p, struct outstation_event *e,
                          const struct instant *at);
/* What points_each() is to do with each point. */
struct point_order {
    void (*act)(struct outstation *o, struct outstation_point *p, const struct point_order *order);
    bool clear;         /* freeze */
    uint8_t class_mask; /* assign class */
    const struct instant *at;
};
/* Those of a type that a header without objects names; returns the IIN2 bits. */
uint16_t points_each(struct outstation *o, uint8_t type, const struct object_header *h,
                     const struct point_order *order);
/* False where there is none from `start` to `stop`. */
bool points_within(struct outstation *o, uint8_t type, uint32_t start, uint32_t stop,
                   const struct point_order *order);
uint16_t service_assign_class(struct outstation *o, const struct request *q);

/* outstation_freeze.c */
static inline bool point_is_frozen(uint8_t type)
{
    return type == POINT_FROZEN_COUNTER || type == POINT_FROZEN_ANALOG_INPUT;
}
uint16_t service_freeze(struct outstation *o, const struct request *q);
uint16_t service_freeze_at_time(struct outstation *o, const struct request *q);
void freezes_tick(struct outstation *o, const struct instant *at);
void freezes_clock_set(struct outstation *o, const struct instant *at);
int64_t freezes_due_ms(const struct outstation *o);

/* outstation_strings.c */
const struct outstation_text *string_of(const struct outstation *o, const struct outstation_point *p);
uint8_t string_variation(const struct outstation *o, size_t len);
void string_put(struct writer *w, const struct outstation_text *text, uint8_t variation);
void strings_check(const struct outstation *o); /* the caller's tables: asserts */
void strings_release(struct outstation *o, const struct outstation_event *e);
uint16_t write_strings(struct outstation *o, const struct object_header *h, const struct request *q);

/* outstation_attributes.c */
void attributes_check(const struct outstation *o); /* asserts */
bool attributes_readable(const struct outstation *o, const struct object_header *h, uint16_t *errors);
bool attributes_write(struct outstation *o, struct writer *w, const struct object_header *h);
uint16_t write_attributes(struct outstation *o, const struct object_header *h, const struct request *q);

/* outstation_files.c: services; their objects are in files->answer. */
uint16_t service_file(struct outstation *o, const struct request *q);
uint16_t service_activate(struct outstation *o, const struct request *q);
uint16_t write_file_block(struct outstation *o, const struct object_header *h, const struct request *q);
bool file_block_readable(const struct outstation *o, const struct object_header *h, uint16_t *errors);
bool file_block_put(struct outstation *o, struct writer *w, const struct object_header *h,
                    const struct instant *at);
void files_tick(struct outstation *o, const struct instant *at);
void files_drop_all(struct outstation *o);
int64_t files_due_ms(const struct outstation *o);

/* outstation_applications.c */
uint16_t service_application(struct outstation *o, const struct request *q);

/* outstation_fragment.c: event objects into a fragment. */
struct event_run {
    const struct outstation *o;
    struct writer *w;
    const struct object_type *type; /* of the open header, NULL where none */
    size_t size;                    /* of its objects */
    uint8_t variation;
    uint8_t *header;
    uint32_t count;
    bool wide;
    bool have_base;
    bool base_synchronised;
    uint64_t base_ms;
};
bool event_run_put(struct event_run *run, const struct outstation_event *e); /* false: full */

/* outstation_read.c */
bool read_keep(struct outstation *o, const struct request *q); /* false: too long to be kept */
void read_begin(struct outstation *o, uint8_t seq);
void read_abandon(struct outstation *o);
size_t read_write_fragment(struct outstation *o, const struct instant *at);
/* outstation_static.c: true when all is written, false when the fragment is full. */
bool static_write(struct outstation *o, struct writer *w, const struct object_header *h,
                  const struct instant *at);
bool static_check(const struct outstation *o, const struct object_header *h, uint16_t *errors);

/* outstation_services.c, outstation_write.c, outstation_control.c: one function each (application.md 2). They
 * return the IIN2 bits of the request. */
uint16_t service_write(struct outstation *o, const struct request *q);
bool write_is_known(const struct outstation *o, const struct object_header *h); /* there is such a thing */
uint16_t service_controls(struct outstation *o, const struct request *q);
bool control_set_output(struct outstation *o, uint32_t index, bool on, const struct instant *at);
void control_echo(struct outstation *o, const struct request *q, struct writer *w);
bool control_report(struct outstation *o, struct outstation_news *news);
void control_feedback(struct outstation *o, struct outstation_point *p, double value,
                      const struct instant *at);

/* outstation_pulse.c: pulse trains of binary outputs, by index. */
bool pulse_runs(const struct outstation *o, uint32_t index);
uint32_t pulse_room(const struct outstation *o);         /* trains that may still be started */
bool pulse_cancel(struct outstation *o, uint32_t index); /* true: one ran */
void pulse_start(struct outstation *o, uint32_t index, const struct crob *crob, const struct instant *at);
void pulse_tick(struct outstation *o, const struct instant *at);
int64_t pulse_due_ms(const struct outstation *o);
void pulse_drop_all(struct outstation *o);

/* outstation_services.c */
/* The IIN2 bits of how a walk ended. The object is judged before its qualifier and range (application.md 6):
 * whether a walk that broke off means IIN2.1 or 2.2 is told by broken_walk_errors(), once for a request. */
enum { WALK_BROKEN = 0x8000 }; /* IIN2.7, which is never sent */
uint16_t walk_errors(enum walk_result result);
uint16_t broken_walk_errors(uint16_t errors, bool object_known);
void services_request(struct outstation *o, const struct request *q);

/* outstation_unsolicited.c */
size_t unsolicited_write_fragment(struct outstation *o, const struct instant *at);
void unsolicited_confirmed(struct outstation *o);
void unsolicited_timeout(struct outstation *o, const struct instant *at);
void unsolicited_abandon(struct outstation *o);
void unsolicited_event_came(struct outstation *o, uint8_t class_mask, bool first, const struct instant *at);
void unsolicited_enable(struct outstation *o, uint8_t classes, const struct instant *at);
int64_t unsolicited_due_ms(const struct outstation *o);

/* outstation.c */
uint16_t outstation_iin(const struct outstation *o);
static inline uint8_t broadcast_con(const struct outstation *o)
{
    return o->broadcast == LINK_BROADCAST_CONFIRM ? APP_CON : 0;
}

#endif
