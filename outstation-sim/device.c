// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/device.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRING_EVENTS = 64, ABSENT = -1 };

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

/* Points of a type, and the highest index of them; ABSENT where there is none. */
struct extent {
    uint32_t number;
    int64_t last;
    bool events;
};

static struct extent extent_of(const struct plan *plan, uint8_t type)
{
    struct extent e = {.last = ABSENT};
    for (size_t i = 0; i < plan->points_len; i++) {
        if (plan->points[i]->type != type)
            continue;
        e.number++;
        e.last = plan->indices[i];
        e.events = e.events || plan->points[i]->class;
    }
    return e;
}

static bool has(const struct plan *plan, uint8_t type)
{
    return extent_of(plan, type).number > 0;
}

/* The entries are added in order of their variations. */
static struct outstation_attribute *add(struct device_attributes *a, uint8_t variation, uint8_t type,
                                        const void *octets, size_t len)
{
    assert(a->table.n < sizeof(a->entry) / sizeof(a->entry[0]) && len <= UINT8_MAX);
    struct outstation_attribute *e = &a->entry[a->table.n++];
    *e = (struct outstation_attribute){
        .octets = octets, .variation = variation, .type = type, .len = (uint8_t)len};
    return e;
}

static void add_text(struct device_attributes *a, uint8_t variation, const char *text)
{
    add(a, variation, ATTRIBUTE_VSTR, text, strlen(text));
}

static void add_own_text(struct device_attributes *a, uint8_t variation, enum device_text which,
                         const char *text, const char *more)
{
    char *own = (char *)a->text[which];
    snprintf(own, sizeof(a->text[which]), "%s%s", text, more);
    struct outstation_attribute *e = add(a, variation, ATTRIBUTE_VSTR, own, strlen(own));
    if (which == DEVICE_SERIAL)
        return;
    e->store = a->text[which];
    e->room = DEVICE_TEXT_MAX;
}

static void add_number(struct device_attributes *a, uint8_t variation, uint8_t type, uint32_t value)
{
    uint8_t *octets = a->number[a->table.n];
    struct writer w = writer_over(octets, DEVICE_NUMBER_LEN);
    write_u32(&w, value);
    add(a, variation, type, octets, DEVICE_NUMBER_LEN);
}

/* Attributes 219 to 239 come in threes: events, highest index, number (attributes.md 2). */
static void add_extent(struct device_attributes *a, const struct plan *plan, uint8_t events, uint8_t type)
{
    struct extent e = extent_of(plan, type);
    add_number(a, events, ATTRIBUTE_INT, e.events);
    if (e.number)
        add_number(a, (uint8_t)(events + 1), ATTRIBUTE_UINT, (uint32_t)e.last);
    add_number(a, (uint8_t)(events + 2), ATTRIBUTE_UINT, e.number);
}

static void add_points(struct device_attributes *a, const struct plan *plan)
{
    add_extent(a, plan, 219, POINT_ANALOG_OUTPUT_STATUS);
    add_extent(a, plan, 222, POINT_BINARY_OUTPUT_STATUS);
    add_number(a, 225, ATTRIBUTE_INT, extent_of(plan, POINT_FROZEN_COUNTER).events);
    add_number(a, 226, ATTRIBUTE_INT, has(plan, POINT_FROZEN_COUNTER));
    add_extent(a, plan, 227, POINT_COUNTER);
    add_number(a, 230, ATTRIBUTE_INT, has(plan, POINT_FROZEN_ANALOG_INPUT));
    add_extent(a, plan, 231, POINT_ANALOG_INPUT);
    add_extent(a, plan, 234, POINT_DOUBLE_BIT_INPUT);
    add_extent(a, plan, 237, POINT_BINARY_INPUT);
}

static void open_attributes(struct device *d, const struct plan *plan, const char *name,
                            struct outstation_config *config)
{
    const struct scenario_attributes *says = &plan->group->attributes;
    if (!says->manufacturer)
        return;
    struct device_attributes *a = d->attributes = take(1, sizeof(*a));
    a->table.entry = a->entry;
    config->attributes = &a->table;
    add_number(a, 216, ATTRIBUTE_UINT, config->max_controls);
    add_points(a, plan);
    add_number(a, 240, ATTRIBUTE_UINT, config->tx_fragment_max);
    add_number(a, 241, ATTRIBUTE_UINT, APP_FRAGMENT_MAX);
    add_text(a, 242, says->software);
    add_text(a, 243, says->hardware);
    add_text(a, 244, says->owner);
    add_own_text(a, 245, DEVICE_LOCATION, says->location, "");
    add_own_text(a, 246, DEVICE_ID, says->id, "");
    add_own_text(a, 247, DEVICE_NAME, name, "");
    add_own_text(a, 248, DEVICE_SERIAL, says->serial, name);
    add_text(a, 249, "4:2012");
    add_text(a, 250, says->model);
    add_text(a, 252, says->manufacturer);
}

static void open_files(struct device *d, const struct plan *plan, const char *name, uint64_t seed,
                       struct outstation_config *config)
{
    const struct scenario_files *says = &plan->group->files;
    if (!says->directory || !says->directory[0])
        return;
    struct device_files *f = d->files = take(1, sizeof(*f));
    directory_init(&f->directory, says, name);
    outstation_files_init(&f->files, &directory_file_system, &f->directory, seed);
    f->files.timeout_ms = says->timeout_ms;
    if (says->user[0]) {
        f->user = (struct file_user){says->user, says->password};
        f->files.users = &f->user;
        f->files.users_len = 1;
    }
    config->files = &f->files;
}

size_t device_string(const struct scenario_point *point, uint32_t index, double n, char text[256])
{
    snprintf(text, 256, "string %u, text %.0f ", index, n);
    size_t len = strlen(text);
    memset(text + len, '.', 255 - len);
    text[255] = '\0';
    return point->length;
}

static void open_strings(struct device *d, const struct plan *plan, struct outstation_config *config)
{
    struct extent strings = extent_of(plan, POINT_OCTET_STRING);
    if (!strings.number)
        return;
    size_t waiting = !strings.events                       ? 0
                     : plan->group->buffer < STRING_EVENTS ? plan->group->buffer
                                                           : STRING_EVENTS;
    struct outstation_strings *s = d->strings = take(1, sizeof(*s));
    s->now = take(strings.number, sizeof(*s->now));
    s->waiting = take(waiting, sizeof(*s->waiting));
    s->waiting_len = waiting;
    for (size_t i = 0; i < plan->points_len; i++) {
        char text[256];
        if (plan->points[i]->type != POINT_OCTET_STRING)
            continue;
        struct outstation_text *now = &s->now[s->now_len++];
        now->len = (uint8_t)device_string(plan->points[i], plan->indices[i], 0, text);
        memcpy(now->octets, text, now->len);
    }
    if (config->zero_length_strings)
        s->now[0].len = 0; /* or nobody would see it */
    config->strings = s;
}

static void open_applications(struct device *d, const struct scenario_group *g,
                              struct outstation_config *config)
{
    if (!g->applications_len)
        return;
    d->applications = take(g->applications_len, sizeof(*d->applications));
    for (size_t i = 0; i < g->applications_len; i++)
        d->applications[i] = (struct outstation_application){g->applications[i], APPLICATION_STARTED};
    config->applications = d->applications;
    config->applications_len = g->applications_len;
}

void device_open(struct device *d, const struct plan *plan, const char *name, uint64_t seed,
                 struct outstation_config *config)
{
    *d = (struct device){0};
    open_attributes(d, plan, name, config);
    open_files(d, plan, name, seed, config);
    open_strings(d, plan, config);
    open_applications(d, plan->group, config);
    if (has(plan, POINT_FROZEN_COUNTER) || has(plan, POINT_FROZEN_ANALOG_INPUT))
        config->freezes = d->freezes = take(1, sizeof(*d->freezes));
}

void device_close(struct device *d)
{
    if (d->files)
        directory_free(&d->files->directory);
    if (d->strings) {
        free(d->strings->now);
        free(d->strings->waiting);
    }
    free(d->attributes);
    free(d->files);
    free(d->strings);
    free(d->freezes);
    free(d->applications);
    *d = (struct device){0};
}
