// SPDX-License-Identifier: Apache-2.0
/*
 * Somebody who operates the outstations' outputs while all goes wrong, by the publisher's way: a record in
 * the audit, and only where that is durable the command goes to its session. Each has a mark, the value that
 * the output is set to, by which the outstation's side tells what it did.
 */
#include "simulation/world_parts.h"

#include "db/reader.h"
#include "fep/command.h"
#include "fep/command_recover.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMMAND_EVERY_MS = 300, ARRIVES_MS = 20, OUTPUT = 0 };

static void command_fill(struct world *w, struct command *c, uint32_t mark)
{
    struct instant at = world_instant(w);
    enum control_mode mode = (enum control_mode)random_below(&w->seed, 3);
    c->points[0] = (struct control_point){.group = 41, .variation = 1, .index = OUTPUT, .value = mark};
    control_order_init(&c->control, mode, c->points, 1);
    c->order.deadline_ms = at.now_ms + 20 + (int64_t)random_below(&w->seed, 4000);
    if (random_chance(&w->seed, 40)) {
        c->feedback[0] = (struct command_feedback){
            .type = POINT_ANALOG_OUTPUT_STATUS, .index = OUTPUT, .low = mark, .high = mark};
        c->feedback_ms = 200 + (uint32_t)random_below(&w->seed, 3000);
    }
}

static void ask(struct world *w)
{
    char subject[32];
    uint32_t mark = ++w->asked;
    assert(mark < COMMANDS_MAX);
    snprintf(subject, sizeof subject, "%u", mark);
    struct pending *p = calloc(1, sizeof *p);
    assert(p);
    p->peer = random_below(&w->seed, PEERS);
    p->command = command_new((uint32_t)p->peer + 1, COMMAND_CONTROL, 1);
    command_fill(w, p->command, mark);
    static const char *const modes[] = {"select", "direct", "direct_no_ack"};
    struct audit_record asked = {.at_ms = world_instant(w).wall_ms,
                                 .command = AUDIT_COMMAND_NEW,
                                 .who = "operator",
                                 .action = modes[p->command->control.mode],
                                 .subject = subject,
                                 .state = command_state_name(COMMAND_REQUESTED)};
    p->note = note_new(&asked);
    command_ask(p->command, &asked);
    committer_put_note(w->committer, p->note);
    w->commit_ms = earlier_ms(w->commit_ms, w->now_ms + (int64_t)random_below(&w->seed, 10));
    p->next = w->pending;
    w->pending = p;
    w->next_command_ms = w->now_ms + (int64_t)random_below(&w->seed, 2 * COMMAND_EVERY_MS);
}

static void deliver(struct world *w, struct pending *p)
{
    struct instant at = world_instant(w);
    struct peer *peer = &w->peers[p->peer];
    p->command->number = p->note->record.command;
    int64_t number = p->command->number;
    session_command(&peer->session, p->command, &at, &w->box);
    p->command = NULL;
    fepd_transmit(w, peer);
    if (!random_chance(&w->seed, 5))
        return;
    struct command *cancel = command_new((uint32_t)p->peer + 1, COMMAND_CANCEL, 0);
    cancel->target = number;
    session_command(&peer->session, cancel, &at, &w->box);
}

static void pending_free(struct pending *p)
{
    command_free(p->command);
    note_free(p->note);
    free(p);
}

static bool go_on(struct world *w, struct pending *p)
{
    if (w->options.rash && p->command)
        deliver(w, p);
    if (!p->note->done)
        return false;
    if (p->note->result != STORE_OK || !p->command)
        return true; /* refused: nothing is sent */
    if (!p->due_ms)
        p->due_ms = w->now_ms + (int64_t)random_below(&w->seed, ARRIVES_MS);
    if (w->now_ms < p->due_ms)
        return false;
    deliver(w, p);
    return true;
}

void operator_turn(struct world *w)
{
    if (w->asked < w->options.commands && w->now_ms >= w->next_command_ms)
        ask(w);
    for (struct pending **at = &w->pending; *at;) {
        struct pending *p = *at;
        if (!go_on(w, p)) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        pending_free(p);
    }
}

void operator_stop(struct world *w)
{
    while (w->pending) {
        struct pending *next = w->pending->next;
        pending_free(w->pending);
        w->pending = next;
    }
}

int64_t operator_deadline_ms(const struct world *w)
{
    int64_t due = w->asked < w->options.commands ? w->next_command_ms : INT64_MAX;
    for (const struct pending *p = w->pending; p; p = p->next)
        due = earlier_ms(due, p->due_ms ? p->due_ms : w->now_ms + 1);
    return due;
}

bool operator_is_done(const struct world *w)
{
    for (size_t i = 0; i < PEERS; i++)
        if (w->peers[i].session.commands)
            return false;
    return !w->pending;
}

/* --- the account --- */

/* What the audit says of one mark. */
struct told {
    int64_t command;
    uint32_t ends;
    uint32_t after_end; /* records behind the first end */
    bool no_ack;
    char state[24]; /* the last one */
};

static bool take(void *context, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct told *t = (struct told *)context + strtoul(r->subject, NULL, 10);
    (void)hash;
    bool feedback_follows = strcmp(t->state, "operated") == 0 && strcmp(r->state, "feedback_awaited") == 0;
    t->after_end += t->command && t->command != r->command; /* one mark is one command */
    if (feedback_follows)
        t->ends--;
    else
        t->after_end += t->ends > 0;
    t->command = r->command;
    t->no_ack = strcmp(r->action, "direct_no_ack") == 0;
    t->ends += command_state_is_final(r->state);
    snprintf(t->state, sizeof t->state, "%s", r->state);
    return true;
}

static bool is(const struct told *t, const char *state)
{
    return strcmp(t->state, state) == 0;
}

static void account_one(const struct world *w, uint32_t mark, const struct told *t,
                        struct command_tally *tally)
{
    uint64_t acted = 0;
    for (size_t i = 0; i < PEERS; i++)
        acted += w->peers[i].acted[mark];
    bool feedback = is(t, "feedback_ok") || is(t, "feedback_missing");
    bool must = is(t, "operated") || (feedback && !t->no_ack);
    bool may = must || is(t, "unknown") || feedback;
    tally->acted += acted;
    tally->twice += acted > 1;
    tally->recorded += t->command != 0;
    tally->operated += is(t, "operated");
    tally->unknown += is(t, "unknown");
    tally->feedback += feedback;
    tally->others += t->command && !may;
    tally->unrecorded += acted && !t->command;
    tally->against_outcome += t->command && ((must && !acted) || (!may && acted));
    tally->without_end += t->command && !t->ends;
    tally->several_ends += t->ends > 1 || t->after_end;
}

void world_account_commands(struct world *w, struct command_tally *tally)
{
    char error[256];
    struct store *store;
    struct journal_reader *reader;
    size_t open;
    struct store_options options = {.vfs = w->disk_name};
    enum store_result result = store_open(&store, "fepd.db", &options, error, sizeof error);
    assert(result == STORE_OK);
    result = command_recover(store, 0, &open);
    assert(result == STORE_OK);
    struct audit_head head;
    store_audit_head(store, &head);
    store_close(store);
    result = reader_open(&reader, "fepd.db", w->disk_name, error, sizeof error);
    assert(result == STORE_OK);
    struct told *told = calloc(COMMANDS_MAX, sizeof *told);
    assert(told);
    result = reader_audit(reader, 0, UINT32_MAX, take, told);
    assert(result == STORE_OK);
    struct audit_verdict verdict;
    result = audit_verify(reader, &head, &verdict);
    assert(result == STORE_OK);
    reader_close(reader);
    tally->broken_chain += verdict.finding != AUDIT_INTACT;
    tally->asked += w->asked;
    for (uint32_t mark = 1; mark <= w->asked; mark++)
        account_one(w, mark, &told[mark], tally);
    free(told);
}
