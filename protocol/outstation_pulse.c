// SPDX-License-Identifier: Apache-2.0
/*
 * Pulse trains of binary outputs (controls.md 1): active for on-time, inactive for off-time, as many times as
 * the count says, inactive in the end; each change is seen at the status point. Times count from the change
 * before as it happened: a late tick makes a pulse longer, never shorter, and no burst of changes.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

/* OUTSTATION_PULSES where none runs. */
static size_t slot_of(const struct outstation *o, uint32_t index)
{
    size_t i = 0;
    while (i < OUTSTATION_PULSES && !(o->pulses[i].left && o->pulses[i].index == index))
        i++;
    return i;
}

bool pulse_runs(const struct outstation *o, uint32_t index)
{
    return slot_of(o, index) < OUTSTATION_PULSES;
}

uint32_t pulse_room(const struct outstation *o)
{
    uint32_t n = 0;
    for (size_t i = 0; i < OUTSTATION_PULSES; i++)
        n += o->pulses[i].left == 0;
    return n;
}

/* The output is left as it is. */
bool pulse_cancel(struct outstation *o, uint32_t index)
{
    size_t slot = slot_of(o, index);
    if (slot == OUTSTATION_PULSES)
        return false;
    o->pulses[slot].left = 0;
    return true;
}

/* The output is active already. There is room. */
void pulse_start(struct outstation *o, uint32_t index, const struct crob *crob, const struct instant *at)
{
    size_t slot = 0;
    while (slot < OUTSTATION_PULSES && o->pulses[slot].left)
        slot++;
    assert(slot < OUTSTATION_PULSES);
    o->pulses[slot] = (struct outstation_pulse){
        .change_ms = at->now_ms + crob->on_ms,
        .on_ms = crob->on_ms,
        .off_ms = crob->off_ms,
        .index = (uint16_t)index,
        .left = crob->count,
        .active = true,
    };
}

static void change(struct outstation *o, struct outstation_pulse *pulse, const struct instant *at)
{
    pulse->active = !pulse->active;
    pulse->left = (uint8_t)(pulse->left - !pulse->active);
    pulse->change_ms = at->now_ms + (pulse->active ? pulse->on_ms : pulse->off_ms);
    control_feedback(o, outstation_point_find(o, POINT_BINARY_OUTPUT_STATUS, pulse->index), pulse->active,
                     at);
}

void pulse_tick(struct outstation *o, const struct instant *at)
{
    for (size_t i = 0; i < OUTSTATION_PULSES; i++)
        if (o->pulses[i].left && at->now_ms >= o->pulses[i].change_ms)
            change(o, &o->pulses[i], at);
}

int64_t pulse_due_ms(const struct outstation *o)
{
    int64_t due = NEVER_MS;
    for (size_t i = 0; i < OUTSTATION_PULSES; i++)
        if (o->pulses[i].left && o->pulses[i].change_ms < due)
            due = o->pulses[i].change_ms;
    return due;
}

/* Without events: a restarted outstation's outputs are at rest. */
void pulse_drop_all(struct outstation *o)
{
    for (size_t i = 0; i < OUTSTATION_PULSES; i++) {
        if (o->pulses[i].left)
            outstation_point_find(o, POINT_BINARY_OUTPUT_STATUS, o->pulses[i].index)->value = 0;
        o->pulses[i].left = 0;
    }
}
