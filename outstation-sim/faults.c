// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/faults.h"
#include "protocol/app.h"
#include "protocol/crc.h"
#include "protocol/transport.h"
#include <math.h>

enum { STREAM_FAULTS = 3 };

/* Of the first frame on the wire: header with its CRC, then a block of user data with its own. */
enum { AT_TRANSPORT = LINK_HEADER_LEN, AT_CONTROL = LINK_HEADER_LEN + 1, BLOCK_MAX = 16, CRC_LEN = 2 };

static const char *const names[FAULTS] = {
    [FAULT_NO_ANSWER] = "no_answer",         [FAULT_LOST_CONFIRM] = "lost_confirm",
    [FAULT_WRONG_CRC] = "wrong_crc",         [FAULT_WRONG_SEQUENCE] = "wrong_sequence",
    [FAULT_DUPLICATE] = "duplicate",         [FAULT_RESTART_MID_FRAGMENT] = "restart_mid_fragment",
    [FAULT_PARTIAL_WRITE] = "partial_write", [FAULT_RESTART] = "restart",
    [FAULT_OVERFLOW] = "overflow",           [FAULT_CUT] = "cut",
    [FAULT_HALF_OPEN] = "half_open",
};

const char *fault_name(enum fault fault)
{
    return names[fault];
}

void faults_init(struct faults *f, const struct scenario_faults *settings, uint64_t seed, uint32_t station)
{
    *f = (struct faults){.settings = settings};
    f->random = random_stream(seed, (uint64_t)station * 8 + STREAM_FAULTS);
}

void faults_count(struct faults *f, enum fault fault)
{
    f->happened[fault]++;
}

static bool strikes(struct faults *f, enum fault fault, double probability)
{
    bool yes = random_chance(&f->random, probability);
    f->happened[fault] += yes;
    return yes;
}

/* A confirm fits into one segment: transport header, control, function. */
static bool is_confirm(const struct link_frame *frame)
{
    return frame->user_len >= 3 && (frame->user[0] & TRANSPORT_FIR) && frame->user[2] == APP_CONFIRM;
}

bool faults_ignore_frame(struct faults *f, const struct link_frame *frame)
{
    if (is_confirm(frame))
        return strikes(f, FAULT_LOST_CONFIRM, f->settings->lost_confirm);
    return strikes(f, FAULT_NO_ANSWER, f->settings->no_answer);
}

/* User octets of the frame that begins here. The length octet counts control and addresses too. */
static size_t user_len(const uint8_t *frame)
{
    return frame[2] - 5u;
}

/* Only in a solicited response can a master tell that the sequence number is wrong. */
static bool is_solicited(const uint8_t *wire, size_t len)
{
    return len > AT_CONTROL && user_len(wire) >= 2 && !(wire[AT_CONTROL] & APP_UNS);
}

/* The frame stays sound: the CRC of its first block is made anew. */
static void change_sequence(struct faults *f, uint8_t *wire)
{
    uint8_t away = (uint8_t)(1 + random_below(&f->random, 15));
    uint8_t control = wire[AT_CONTROL];
    wire[AT_CONTROL] = (uint8_t)((control & 0xF0) | ((control + away) & 0x0F));
    size_t block = user_len(wire) < BLOCK_MAX ? user_len(wire) : BLOCK_MAX;
    uint16_t crc = crc_dnp(&wire[AT_TRANSPORT], block);
    wire[AT_TRANSPORT + block] = (uint8_t)crc;
    wire[AT_TRANSPORT + block + 1] = (uint8_t)(crc >> 8);
}

static void damage(struct faults *f, uint8_t *wire, size_t len)
{
    /* Behind the start octets, so that the receiver sees a frame and its wrong CRC. */
    size_t at = 2 + random_below(&f->random, (uint32_t)(len - 2));
    wire[at] ^= (uint8_t)(1u << random_below(&f->random, 8));
}

struct fault_plan faults_for_fragment(struct faults *f, uint8_t *wire, size_t len)
{
    const struct scenario_faults *s = f->settings;
    struct fault_plan plan = {.first = len};
    if (len > LINK_FRAME_MAX && strikes(f, FAULT_RESTART_MID_FRAGMENT, s->restart_mid_fragment)) {
        plan.first = LINK_FRAME_MAX + random_below(&f->random, (uint32_t)(len - LINK_FRAME_MAX));
        plan.restart = true;
        plan.cut = faults_restart_cuts(f);
        return plan;
    }
    if (is_solicited(wire, len) && strikes(f, FAULT_WRONG_SEQUENCE, s->wrong_sequence))
        change_sequence(f, wire);
    if (strikes(f, FAULT_WRONG_CRC, s->wrong_crc))
        damage(f, wire, len);
    if (strikes(f, FAULT_DUPLICATE, s->duplicate))
        plan.twice = true;
    else if (strikes(f, FAULT_PARTIAL_WRITE, s->partial_write))
        plan.first = 1 + random_below(&f->random, (uint32_t)(len - 1));
    return plan;
}

int64_t faults_wait_ms(struct faults *f, uint32_t mean_ms)
{
    return mean_ms ? 1 + (int64_t)random_wait(&f->random, mean_ms) : NEVER_MS;
}

int64_t faults_span_ms(struct faults *f, const struct scenario_span *span)
{
    if (span->max_ms == span->min_ms)
        return span->min_ms;
    return span->min_ms + random_below(&f->random, span->max_ms - span->min_ms + 1);
}

bool faults_restart_cuts(struct faults *f)
{
    return random_chance(&f->random, f->settings->restart_cuts);
}
