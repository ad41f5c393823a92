// SPDX-License-Identifier: Apache-2.0
/*
 * First the straight way: both sequences are walked side by side. Where it ends in a complaint, values that
 * return (a breaker that opens and closes) may have misled it; then all alignments are weighed, and the
 * kindest one counts. A complaint that survives that is real.
 */
#include "tools/account/compare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
uint64_t compare_digest(const uint8_t *octets, size_t len)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++)
        h = (h ^ octets[i]) * UINT64_C(1099511628211);
    return h;
}

static bool same(const struct generated *g, const struct stored *s)
{
    return g->value_bits == s->value_bits && g->flags == s->flags && g->timed == s->timed &&
           (!g->timed || g->time_ms == s->time_ms);
}

/* matches[i] is the generated event that row i stands for, or NONE. */
enum { NONE = -1 };

static bool straight(const struct generated *g, size_t g_len, const struct stored *s, size_t s_len,
                     long *matches)
{
    size_t at = 0;
    for (size_t i = 0; i < s_len; i++) {
        size_t to = at;
        while (to < g_len && !same(&g[to], &s[i]) && g[to].state != GENERATED_CONFIRMED)
            to++;
        bool found = to < g_len && same(&g[to], &s[i]);
        if (!found && !s[i].marked)
            return false;
        matches[i] = found ? (long)to : NONE;
        at = found ? to + 1 : at;
    }
    for (; at < g_len; at++)
        if (g[at].state == GENERATED_CONFIRMED)
            return false;
    return true;
}

/* Costs of the thorough comparison, worst first: they add up without one reaching into the next for 2^16 of
 * each. */
#define COST_UNEXPLAINED (UINT64_C(1) << 48)
#define COST_LOST        (UINT64_C(1) << 32)
#define COST_IN_DOUBT    (UINT64_C(1) << 16)
#define COST_REPEAT      UINT64_C(1)

enum step { STEP_MATCH = 1, STEP_SKIP_GENERATED, STEP_SKIP_STORED };

static void consider(uint64_t cost, uint8_t step, uint64_t *best, uint8_t *how)
{
    if (cost < *best) {
        *best = cost;
        *how = step;
    }
}

/* The cheapest way to the cell (i rows, j events), given those above and to the left of it. */
static uint64_t cell(const struct generated *g, const struct stored *s, size_t i, size_t j,
                     const uint64_t *above, const uint64_t *row, uint8_t *how)
{
    uint64_t best = UINT64_MAX;
    if (i && j && same(&g[j - 1], &s[i - 1]))
        consider(above[j - 1] + (g[j - 1].state == GENERATED_CONFIRMED ? 0 : COST_IN_DOUBT), STEP_MATCH,
                 &best, how);
    if (j)
        consider(row[j - 1] + (g[j - 1].state == GENERATED_CONFIRMED ? COST_LOST : 0), STEP_SKIP_GENERATED,
                 &best, how);
    if (i)
        consider(above[j] + (s[i - 1].marked ? COST_REPEAT : COST_UNEXPLAINED), STEP_SKIP_STORED, &best, how);
    return best;
}

static void thorough(const struct generated *g, size_t g_len, const struct stored *s, size_t s_len,
                     long *matches)
{
    size_t width = g_len + 1;
    uint8_t *steps = calloc((s_len + 1) * width, 1);
    uint64_t *costs = calloc(2 * width, sizeof *costs);
    assert(steps && costs);
    for (size_t i = 0; i <= s_len; i++) {
        uint64_t *row = costs + (i & 1) * width;
        const uint64_t *above = costs + (~i & 1) * width;
        for (size_t j = 0; j <= g_len; j++)
            row[j] = i || j ? cell(g, s, i, j, above, row, &steps[i * width + j]) : 0;
    }
    for (size_t i = s_len, j = g_len; i || j;) {
        uint8_t step = steps[i * width + j];
        if (step != STEP_SKIP_GENERATED)
            matches[i - 1] = step == STEP_MATCH ? (long)j - 1 : NONE;
        i -= step != STEP_SKIP_GENERATED;
        j -= step != STEP_SKIP_STORED;
    }
    free(steps);
    free(costs);
}

static bool was_generated(const struct generated *g, size_t g_len, const struct stored *s)
{
    for (size_t j = 0; j < g_len; j++)
        if (same(&g[j], s))
            return true;
    return false;
}

static void count_row(const struct generated *g, size_t g_len, const struct stored *s, long match,
                      struct tally *t)
{
    if (match != NONE) {
        t->matched++;
        t->stored_buffered += g[match].state == GENERATED_BUFFERED;
        t->stored_dropped += g[match].state == GENERATED_DROPPED;
    } else if (!was_generated(g, g_len, s)) {
        t->foreign++;
    } else if (s->timed) {
        t->doubles++;
    } else {
        t->marked_repeats += s->marked;
        t->unmarked_repeats += !s->marked;
    }
}

static bool has_stored_twin(const struct generated *g, size_t g_len, const bool *is_stored, size_t of)
{
    for (size_t j = 0; j < g_len; j++)
        if (j != of && is_stored[j] && g[of].timed && g[j].timed && g[j].time_ms == g[of].time_ms &&
            g[j].value_bits == g[of].value_bits && g[j].flags == g[of].flags)
            return true;
    return false;
}

static void count_unmatched(const struct generated *g, size_t g_len, const bool *is_stored, struct tally *t)
{
    for (size_t j = 0; j < g_len; j++) {
        if (is_stored[j])
            continue;
        t->buffered += g[j].state == GENERATED_BUFFERED;
        t->dropped += g[j].state == GENERATED_DROPPED;
        if (g[j].state != GENERATED_CONFIRMED)
            continue;
        bool twin = has_stored_twin(g, g_len, is_stored, j);
        t->twins_lost += twin;
        t->lost += !twin;
    }
}

void compare_point(const struct generated *g, size_t g_len, const struct stored *s, size_t s_len,
                   struct tally *tally)
{
    long *matches = calloc(s_len + 1, sizeof *matches);
    bool *is_stored = calloc(g_len + 1, sizeof *is_stored);
    assert(matches && is_stored);
    if (!straight(g, g_len, s, s_len, matches))
        thorough(g, g_len, s, s_len, matches);
    struct tally t = {.generated = g_len, .stored = s_len};
    for (size_t i = 0; i < s_len; i++) {
        count_row(g, g_len, &s[i], matches[i], &t);
        if (matches[i] != NONE)
            is_stored[matches[i]] = true;
    }
    count_unmatched(g, g_len, is_stored, &t);
    tally_add(tally, &t);
    free(matches);
    free(is_stored);
}

void tally_add(struct tally *into, const struct tally *more)
{
    uint64_t *a = (uint64_t *)into;
    const uint64_t *b = (const uint64_t *)more;
    for (size_t i = 0; i < sizeof *into / sizeof *a; i++)
        a[i] += b[i];
}

bool tally_balances(const struct tally *t)
{
    return !t->lost && !t->doubles && !t->unmarked_repeats && !t->foreign;
}
