// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/dump.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tools/dnp3dump/hunt.h"
#include "tools/dnp3dump/judge.h"

void dump_begin(struct dump *d, const struct dump_options *options, FILE *to)
{
    *d = (struct dump){.options = *options};
    d->output = (struct output){.to = to,
                                .style = options->style,
                                .hex = options->hex,
                                .colour = options->colour,
                                .fields = options->fields,
                                .width = options->width};
    stats_begin(&d->stats);
}

void dump_end(struct dump *d)
{
    assert(d->flows.count == 0);
    stats_end(&d->stats);
    output_end(&d->output);
    free(d->scratch);
}

static void recognise(struct dump *d, struct flow *f)
{
    f->dnp3 = true;
    if (f->id == 0 && f->kind != FLOW_HEX)
        f->id = ++d->last_id;
}

static void tell(struct dump *d, struct report *r)
{
    if (r->flow)
        recognise(d, r->flow);
    stats_defects(&d->stats, &r->defects);
    output_report(&d->output, r);
}

/* The two ends of one flow can't both be masters; an end that speaks first says what it is (link.md 3). */
static void judge_direction(struct flow *f, unsigned side, const struct link_frame *frame, struct defects *d)
{
    bool from_master = frame->control & LINK_DIR;
    int8_t master = (int8_t)(from_master ? side : 1 - side);
    if (f->kind == FLOW_HEX)
        return;
    if (f->master < 0)
        f->master = master;
    else if (f->master != master)
        defects_add(d, DEFECT_LINK_DIR, 3, "DIR is %d from the %s's end", from_master,
                    from_master ? "outstation" : "master");
}

static struct association *association_of(struct dump *d, struct flow *f, const struct link_frame *frame)
{
    bool from_master = frame->control & LINK_DIR;
    if (f->association_count >= FLOW_ASSOCIATIONS_MAX) {
        d->stats.evicted += f->association_count;
        flow_forget_associations(f);
    }
    return flow_association(f, from_master ? frame->source : frame->destination,
                            from_master ? frame->destination : frame->source);
}

static void lend_buffer(struct flow *f, struct half *half, uint8_t header)
{
    if (half->rx.buf || !(header & TRANSPORT_FIR) || header & TRANSPORT_FIN)
        return;
    uint8_t *buffer = malloc(FLOW_FRAGMENT_MAX);
    if (!buffer)
        abort();
    transport_lend(&half->rx, buffer, FLOW_FRAGMENT_MAX);
    f->series++;
}

/* What a segment that was not accepted breaks. */
static void judge_segment(enum transport_result result, bool was_active, uint8_t expected,
                          const struct link_frame *frame, struct defects *d)
{
    uint8_t header = frame->user[0];
    if (was_active && frame->user_len > 1 && header & TRANSPORT_FIR)
        defects_add(d, DEFECT_TRANSPORT_ABANDONED, LINK_HEADER_LEN, NULL);
    if (result == TRANSPORT_EMPTY)
        defects_add(d, DEFECT_TRANSPORT_EMPTY, LINK_HEADER_LEN, NULL);
    else if (result == TRANSPORT_DUPLICATE)
        defects_add(d, DEFECT_TRANSPORT_DUPLICATE, LINK_HEADER_LEN, NULL);
    else if (result == TRANSPORT_TOO_LONG)
        defects_add(d, DEFECT_TRANSPORT_TOO_LONG, LINK_HEADER_LEN, "more than %d octets", FLOW_FRAGMENT_MAX);
    else if (result == TRANSPORT_UNEXPECTED && was_active)
        defects_add(d, DEFECT_TRANSPORT_GAP, LINK_HEADER_LEN, "seq %u, not %u", header & TRANSPORT_SEQ,
                    expected);
    else if (result == TRANSPORT_UNEXPECTED)
        defects_add(d, DEFECT_TRANSPORT_NO_FIRST, LINK_HEADER_LEN, NULL);
}

static void take_fragment(struct dump *d, struct association *a, struct report *r)
{
    const struct link_frame *frame = r->frame;
    struct app_fragment f;
    judge_fragment(r->fragment, r->fragment_len, frame->control & LINK_DIR, &r->defects);
    stats_fragment(&d->stats, r->fragment, r->fragment_len);
    if (app_parse(r->fragment, r->fragment_len, &f) == APP_OK)
        exchange_fragment(&a->exchange, &f, frame->destination >= LINK_BROADCAST_NO_CONFIRM, r->at.time_ns);
}

static void take_segment(struct dump *d, struct report *r)
{
    const struct link_frame *frame = r->frame;
    struct association *a = association_of(d, r->flow, frame);
    struct half *half = &a->half[!!(frame->control & LINK_DIR)];
    bool was_active = half->rx.active;
    uint8_t expected = half->rx.expected;
    lend_buffer(r->flow, half, frame->user[0]);
    enum transport_result result =
        transport_receive(&half->rx, frame->user, frame->user_len, &r->fragment, &r->fragment_len);
    if (result == TRANSPORT_FRAGMENT || result == TRANSPORT_MORE)
        half->segments = frame->user[0] & TRANSPORT_FIR ? 1 : half->segments + 1;
    if (half->segments == 1) {
        half->side = (uint8_t)r->side;
        half->begin = r->offset;
    }
    r->segments = half->segments;
    judge_segment(result, was_active, expected, frame, &r->defects);
    if (result == TRANSPORT_FRAGMENT)
        take_fragment(d, a, r);
    else
        r->fragment = NULL;
    tell(d, r);
    uint8_t *buffer = transport_take_back(&half->rx);
    r->flow->series -= buffer != NULL;
    free(buffer);
}

static void take_frame(struct dump *d, struct report *r)
{
    unsigned function = r->frame->control & LINK_FUNCTION;
    bool data = r->frame->control & LINK_PRM &&
                (function == LINK_CONFIRMED_USER_DATA || function == LINK_UNCONFIRMED_USER_DATA);
    d->stats.frames++;
    judge_frame(r->frame, &r->defects);
    judge_direction(r->flow, r->side, r->frame, &r->defects);
    if (data && r->frame->user_len > 0)
        take_segment(d, r);
    else
        tell(d, r);
}

static void describe_find(enum hunt_kind kind, const struct hunt_find *find, struct report *r)
{
    struct defects *d = &r->defects;
    if (kind == HUNT_NOISE)
        defects_add(d, DEFECT_LINK_NOISE, r->offset, "%zu octet%s", find->len, find->len == 1 ? "" : "s");
    else if (kind == HUNT_HEADER_CRC)
        defects_add(d, DEFECT_LINK_HEADER_CRC, r->offset, "%zu octets passed over", find->len);
    else if (kind == HUNT_LENGTH)
        defects_add(d, DEFECT_LINK_LENGTH, r->offset, "%u, %zu octets passed over", r->raw[2], find->len);
    else if (kind == HUNT_BODY_CRC)
        defects_add(d, DEFECT_LINK_BODY_CRC, r->offset, "block %zu of a frame of %zu octets, %zu passed over",
                    find->block, find->wanted, find->len);
    else if (find->wanted > 0)
        defects_add(d, DEFECT_LINK_CUT, r->offset, "%zu of %zu octets", find->len, find->wanted);
    else
        defects_add(d, DEFECT_LINK_CUT, r->offset, "%zu octet%s", find->len, find->len == 1 ? "" : "s");
}

static void tell_quiet(struct dump *d, const struct report *r)
{
    struct direction *dir = &r->flow->direction[r->side];
    if (dir->quiet == 0)
        return;
    struct report noise = {.flow = r->flow, .side = r->side, .at = r->at};
    defects_add(&noise.defects, DEFECT_LINK_NOISE, 0, "%llu octets before the first frame",
                (unsigned long long)dir->quiet);
    defects_span(&noise.defects, dir->quiet);
    dir->quiet = 0;
    tell(d, &noise);
}

static void take_find(struct dump *d, enum hunt_kind kind, struct hunt_find *find, struct report *r)
{
    r->raw_len = find->len;
    if (kind == HUNT_FRAME) {
        recognise(d, r->flow);
        tell_quiet(d, r);
        r->frame = &find->frame;
        take_frame(d, r);
    } else if (r->flow->dnp3) {
        describe_find(kind, find, r);
        defects_span(&r->defects, find->len);
        tell(d, r);
    } else {
        r->flow->direction[r->side].quiet += find->len;
    }
}

/* Takes frames and defects off the octets; returns how many are done with. */
static size_t hunt(struct dump *d, struct flow *f, unsigned side, const uint8_t *octets, size_t len,
                   bool last, struct stamp at)
{
    struct direction *dir = &f->direction[side];
    struct hunt_find find;
    enum hunt_kind kind;
    size_t done = 0;
    while ((kind = hunt_next(octets + done, len - done, last, &find)) != HUNT_MORE) {
        struct report r = {.flow = f, .side = side, .at = at, .offset = dir->offset, .raw = octets + done};
        take_find(d, kind, &find, &r);
        done += find.len;
        dir->offset += find.len;
    }
    return done;
}

static uint8_t *scratch(struct dump *d, size_t len)
{
    if (d->scratch_room < len) {
        free(d->scratch);
        d->scratch = malloc(len);
        d->scratch_room = len;
        if (!d->scratch)
            abort();
    }
    return d->scratch;
}

static void take_octets(struct dump *d, struct flow *f, unsigned side, const struct stream_chunk *chunk)
{
    struct direction *dir = &f->direction[side];
    size_t len = dir->tail_len + chunk->len;
    uint8_t *octets = scratch(d, len);
    memcpy(octets, dir->tail, dir->tail_len);
    memcpy(octets + dir->tail_len, chunk->octets, chunk->len);
    if (!f->dnp3 && dir->offset == 0 && len >= 2 && octets[0] == 0x05 && octets[1] == 0x64)
        recognise(d, f);
    size_t done = hunt(d, f, side, octets, len, false, chunk->at);
    assert(len - done <= sizeof dir->tail);
    dir->tail_len = (uint16_t)(len - done);
    memcpy(dir->tail, octets + done, dir->tail_len);
}

/* No more octets follow the tail: what it is must be told now. */
static void end_tail(struct dump *d, struct flow *f, unsigned side, struct stamp at)
{
    struct direction *dir = &f->direction[side];
    hunt(d, f, side, dir->tail, dir->tail_len, true, at);
    dir->tail_len = 0;
}

static void take_gap(struct dump *d, struct flow *f, unsigned side, const struct stream_chunk *chunk)
{
    struct direction *dir = &f->direction[side];
    end_tail(d, f, side, chunk->at);
    struct report r = {.flow = f, .side = side, .at = chunk->at, .offset = dir->offset};
    if (chunk->len > 0)
        defects_add(&r.defects, DEFECT_TCP_GAP, dir->offset, "%zu", chunk->len);
    else
        defects_add(&r.defects, DEFECT_TCP_GAP, dir->offset, "a number not known");
    defects_span(&r.defects, chunk->len);
    dir->offset += chunk->len;
    if (f->dnp3)
        tell(d, &r);
}

static void drain(struct dump *d, struct flow *f, unsigned side)
{
    struct stream *s = &f->direction[side].stream;
    struct stream_chunk chunk;
    while (stream_next(s, &chunk)) {
        if (chunk.gap)
            take_gap(d, f, side, &chunk);
        else
            take_octets(d, f, side, &chunk);
    }
}

static void finish_direction(struct dump *d, struct flow *f, unsigned side)
{
    stream_finish(&f->direction[side].stream);
    drain(d, f, side);
    end_tail(d, f, side, f->seen);
    if (f->dnp3 && f->kind == FLOW_TCP)
        tell_quiet(d, &(struct report){.flow = f, .side = side, .at = f->seen});
}

static void tell_unfinished(struct dump *d, struct flow *f, const struct half *half)
{
    struct report r = {.flow = f, .side = half->side, .at = f->seen};
    if (!half->rx.active)
        return;
    defects_add(&r.defects, DEFECT_TRANSPORT_UNFINISHED, half->begin, "%u segment%s", half->segments,
                half->segments == 1 ? "" : "s");
    tell(d, &r);
}

static void end_flow(struct dump *d, struct flow *f)
{
    finish_direction(d, f, 0);
    finish_direction(d, f, 1);
    for (const struct association *a = f->associations; a; a = a->next) {
        tell_unfinished(d, f, &a->half[0]);
        tell_unfinished(d, f, &a->half[1]);
    }
    stats_flow(&d->stats, f);
    flow_remove(&d->flows, f);
}

static bool is_wanted(const struct dump_options *o, const struct packet *p)
{
    for (size_t i = 0; i < o->port_count; i++)
        if (o->ports[i] == p->from.port || o->ports[i] == p->to.port)
            return true;
    return o->port_count == 0;
}

static void evict(struct dump *d)
{
    d->stats.evicted += d->flows.oldest->dnp3;
    end_flow(d, d->flows.oldest);
}

/* A flow that was just used may keep what it holds: that is bounded by itself. */
static void mind_memory(struct dump *d)
{
    flow_count_memory(&d->flows, d->flows.newest);
    while (d->flows.memory > FLOWS_MEMORY_MAX && d->flows.oldest != d->flows.newest)
        evict(d);
}

static struct flow *flow_of(struct dump *d, enum flow_kind kind, const struct packet *p, unsigned *side)
{
    struct flow *f = flow_find(&d->flows, kind, p, side);
    if (f) {
        flow_touch(&d->flows, f);
        return f;
    }
    if (d->flows.count >= FLOWS_MAX)
        evict(d);
    *side = 0;
    f = flow_add(&d->flows, kind, p);
    if (d->options.port_count > 0 || p->from.port == DUMP_DEFAULT_PORT || p->to.port == DUMP_DEFAULT_PORT)
        f->dnp3 = true;
    return f;
}

/* A SYN on ports that were in use: another connection. */
static struct flow *begin_connection(struct dump *d, struct flow *f, const struct packet *p, unsigned *side)
{
    const struct stream *s = &f->direction[*side].stream;
    if (s->started && s->next != p->seq + 1 && !(p->tcp_flags & PACKET_ACK)) {
        end_flow(d, f);
        f = flow_of(d, FLOW_TCP, p, side);
    }
    stream_syn(&f->direction[*side].stream, p->seq);
    return f;
}

static void tell_packet(struct dump *d, struct flow *f, unsigned side, struct stamp at, enum defect_kind kind,
                        const char *why)
{
    struct report r = {.flow = f, .side = side, .at = at};
    defects_add(&r.defects, kind, 0, why ? "%s" : NULL, why);
    tell(d, &r);
}

/* A segment that is held, `ahead` octets behind those that are done with, has come again with other octets.
 */
static void tell_conflict(struct dump *d, struct flow *f, unsigned side, struct stamp at, uint32_t ahead)
{
    const struct direction *dir = &f->direction[side];
    struct report r = {.flow = f, .side = side, .at = at};
    defects_add(&r.defects, DEFECT_TCP_CONFLICT, dir->offset + dir->tail_len + ahead, NULL);
    tell(d, &r);
}

static void take_tcp(struct dump *d, const struct packet *p, struct stamp at)
{
    unsigned side;
    struct flow *f = flow_of(d, FLOW_TCP, p, &side);
    uint32_t seq = p->seq;
    f->seen = at;
    if (p->tcp_flags & PACKET_SYN) {
        f = begin_connection(d, f, p, &side);
        f->seen = at;
        seq++;
    }
    struct stream *s = &f->direction[side].stream;
    if (p->tcp_flags & PACKET_ACK) {
        stream_acknowledged(&f->direction[1 - side].stream, p->ack, at.time_ns);
        drain(d, f, 1 - side);
    }
    uint64_t conflicts = s->conflicts;
    stream_add(s, seq, p->payload, p->len, at);
    if (s->conflicts > conflicts && f->dnp3)
        tell_conflict(d, f, side, at, seq - s->next);
    drain(d, f, side);
    if (p->missing > 0 && f->dnp3)
        tell_packet(d, f, side, at, DEFECT_PACKET_CUT, NULL);
    if (p->tcp_flags & PACKET_RST)
        finish_direction(d, f, side);
}

/* A datagram has whole frames only (udp.md 1). */
static void take_udp(struct dump *d, const struct packet *p, struct stamp at)
{
    unsigned side;
    struct flow *f = flow_of(d, FLOW_UDP, p, &side);
    f->seen = at;
    f->direction[side].offset = 0;
    if (p->len >= 2 && p->payload[0] == 0x05 && p->payload[1] == 0x64)
        recognise(d, f);
    hunt(d, f, side, p->payload, p->len, true, at);
    if (p->missing > 0 && f->dnp3)
        tell_packet(d, f, side, at, DEFECT_PACKET_CUT, NULL);
}

void dump_file(struct dump *d, const char *name)
{
    d->output.file = name;
    d->output.day[0] = '\0';
}

void dump_packet(struct dump *d, int datalink, const uint8_t *octets, size_t len, struct stamp at)
{
    struct packet p;
    enum packet_verdict verdict = packet_parse(datalink, octets, len, &p);
    d->stats.packets++;
    if (verdict == PACKET_FRAGMENT)
        tell_packet(d, NULL, 0, at, DEFECT_IP_FRAGMENT, NULL);
    else if (verdict == PACKET_DAMAGED)
        tell_packet(d, NULL, 0, at, DEFECT_PACKET_DAMAGED, p.why);
    else if (verdict == PACKET_OTHER || !is_wanted(&d->options, &p))
        d->stats.other_packets++;
    else {
        if (verdict == PACKET_TCP)
            take_tcp(d, &p, at);
        else
            take_udp(d, &p, at);
        mind_memory(d);
    }
}

void dump_file_end(struct dump *d)
{
    while (d->flows.oldest)
        end_flow(d, d->flows.oldest);
}

void dump_octets(struct dump *d, const uint8_t *octets, size_t len)
{
    const struct packet nobody = {0};
    unsigned side;
    struct flow *f = flow_find(&d->flows, FLOW_HEX, &nobody, &side);
    if (!f)
        f = flow_add(&d->flows, FLOW_HEX, &nobody);
    f->dnp3 = true;
    f->direction[0].offset = 0;
    hunt(d, f, 0, octets, len, true, (struct stamp){0});
}

void dump_fragment(struct dump *d, const uint8_t *octets, size_t len)
{
    struct report r = {.fragment = octets, .fragment_len = len, .segments = 1, .raw = octets, .raw_len = len};
    struct app_fragment f;
    bool parsed = app_parse(octets, len, &f) == APP_OK;
    judge_fragment(octets, len, !parsed || !app_is_response(f.function), &r.defects);
    stats_fragment(&d->stats, octets, len);
    tell(d, &r);
}
