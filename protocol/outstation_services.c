// SPDX-License-Identifier: Apache-2.0
/*
 * What a request does and how it is answered (application.md 2, outstation.md 3). A row for each function;
 * what has none is answered with IIN2.0. A service returns the IIN2 bits of the request.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { GROUP_DELAY = 52 };

enum {
    NEEDS_OBJECTS = 0x01,
    NO_OBJECTS = 0x02,
    BROADCAST = 0x04, /* accepted as a broadcast (outstation.md 6) */
    SILENT = 0x08,    /* never answered */
    ECHO = 0x10,      /* answered with its own objects */
    ANEW = 0x20,      /* executed again when repeated */
    FILED = 0x40      /* answered with objects that the files keep */
};

struct service {
    uint8_t function;
    uint8_t rules;
    uint16_t (*execute)(struct outstation *o, const struct request *q);
};

uint16_t walk_errors(enum walk_result result)
{
    if (result == WALK_END)
        return 0;
    return result == WALK_UNKNOWN_OBJECT ? IIN_OBJECT_UNKNOWN : WALK_BROKEN;
}

uint16_t broken_walk_errors(uint16_t errors, bool object_known)
{
    assert(errors & WALK_BROKEN);
    return (uint16_t)((errors & ~WALK_BROKEN) | (object_known ? IIN_PARAMETER_ERROR : IIN_OBJECT_UNKNOWN));
}

/* Whether the header that a walk broke off at is of an object that the function takes, or is none itself. */
static bool breaks_at_known(const struct outstation *o, const struct request *q)
{
    enum { HEADER_LEN = 3, GROUP_APPLICATION = 90, GROUP_FILE = 70 };
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        ;
    if (q->f.len - h.offset < HEADER_LEN)
        return true;
    if (q->f.function == APP_WRITE)
        return write_is_known(o, &h);
    uint8_t mask = app_function_mask(q->f.function);
    if (mask)
        return h.type && (h.type->functions & mask);
    return h.type && h.group == (q->f.function <= APP_STOP_APPL ? GROUP_APPLICATION : GROUP_FILE);
}

static uint16_t service_restart(struct outstation *o, const struct request *q)
{
    o->restart_leaving = true;
    o->restart_cold = q->f.function == APP_COLD_RESTART;
    return 0;
}

static uint16_t service_delay(struct outstation *o, const struct request *q)
{
    (void)o;
    (void)q;
    return 0;
}

/* Executed anew by a repeat: the master measures from the repeat, too (time.md 3). */
static uint16_t service_record_time(struct outstation *o, const struct request *q)
{
    o->recorded = true;
    o->recorded_seq = q->seq;
    o->recorded_ms = q->at->now_ms;
    return 0;
}

/* FC 20 and 21. */
static uint16_t service_unsolicited(struct outstation *o, const struct request *q)
{
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    uint8_t classes = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        if (h.group != 60 || h.variation < 2 || h.variation > 4)
            errors |= IIN_OBJECT_UNKNOWN;
        else if (!h.all)
            errors |= IIN_PARAMETER_ERROR;
        else
            classes = (uint8_t)(classes | 1 << (h.variation - 1));
    }
    if (q->f.function == APP_ENABLE_UNSOLICITED)
        unsolicited_enable(o, classes, q->at);
    else
        o->unsol.enabled = (uint8_t)(o->unsol.enabled & ~classes);
    return errors | walk_errors(result);
}

/* Secure authentication is not spoken here; what asks for no answer gets none. */
static uint16_t service_refuse(struct outstation *o, const struct request *q)
{
    (void)o;
    (void)q;
    return IIN_NO_FUNC_CODE_SUPPORT;
}

static const struct service services[] = {
    {APP_WRITE, NEEDS_OBJECTS | BROADCAST | FILED, service_write},
    {APP_SELECT, NEEDS_OBJECTS | ECHO, service_controls},
    {APP_OPERATE, NEEDS_OBJECTS | ECHO, service_controls},
    {APP_DIRECT_OPERATE, NEEDS_OBJECTS | ECHO, service_controls},
    {APP_DIRECT_OPERATE_NR, NEEDS_OBJECTS | BROADCAST | SILENT, service_controls},
    {APP_IMMED_FREEZE, NEEDS_OBJECTS, service_freeze},
    {APP_IMMED_FREEZE_NR, NEEDS_OBJECTS | BROADCAST | SILENT, service_freeze},
    {APP_FREEZE_CLEAR, NEEDS_OBJECTS, service_freeze},
    {APP_FREEZE_CLEAR_NR, NEEDS_OBJECTS | BROADCAST | SILENT, service_freeze},
    {APP_FREEZE_AT_TIME, NEEDS_OBJECTS, service_freeze_at_time},
    {APP_FREEZE_AT_TIME_NR, NEEDS_OBJECTS | BROADCAST | SILENT, service_freeze_at_time},
    {APP_COLD_RESTART, NO_OBJECTS, service_restart},
    {APP_WARM_RESTART, NO_OBJECTS, service_restart},
    {APP_INITIALIZE_APPL, NEEDS_OBJECTS, service_application},
    {APP_START_APPL, NEEDS_OBJECTS, service_application},
    {APP_STOP_APPL, NEEDS_OBJECTS, service_application},
    {APP_ENABLE_UNSOLICITED, NEEDS_OBJECTS | BROADCAST, service_unsolicited},
    {APP_DISABLE_UNSOLICITED, NEEDS_OBJECTS | BROADCAST, service_unsolicited},
    {APP_ASSIGN_CLASS, NEEDS_OBJECTS | BROADCAST, service_assign_class},
    {APP_DELAY_MEASURE, NO_OBJECTS, service_delay},
    {APP_RECORD_CURRENT_TIME, NO_OBJECTS | BROADCAST | ANEW, service_record_time},
    {APP_OPEN_FILE, NEEDS_OBJECTS | FILED, service_file},
    {APP_CLOSE_FILE, NEEDS_OBJECTS | FILED, service_file},
    {APP_DELETE_FILE, NEEDS_OBJECTS | FILED, service_file},
    {APP_GET_FILE_INFO, NEEDS_OBJECTS | FILED, service_file},
    {APP_AUTHENTICATE_FILE, NEEDS_OBJECTS | FILED, service_file},
    {APP_ABORT_FILE, NEEDS_OBJECTS | FILED, service_file},
    {APP_ACTIVATE_CONFIG, NEEDS_OBJECTS | FILED, service_activate},
    {APP_AUTH_REQ_NO_ACK, SILENT, service_refuse},
};

static const struct service *service_find(uint8_t function)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (services[i].function == function)
            return &services[i];
    return NULL;
}

static void write_delay_header(uint8_t form, uint8_t variation, struct writer *w)
{
    static const uint8_t counts[][8] = {
        [DELAY_COUNT_1] = {2, 0x07, 1},
        [DELAY_COUNT_2] = {3, 0x08, 1, 0},
        [DELAY_COUNT_4] = {5, 0x09, 1, 0, 0, 0},
        [DELAY_RANGE] = {3, 0x00, 0, 0},
    };
    assert(form < sizeof counts / sizeof counts[0]);
    write_u8(w, GROUP_DELAY);
    write_u8(w, variation);
    write_octets(w, counts[form] + 1, counts[form][0]);
}

static void write_delay(const struct outstation *o, uint8_t function, struct writer *w)
{
    uint32_t ms = function == APP_DELAY_MEASURE ? 0 : o->config->restart_ms;
    bool coarse = function == APP_COLD_RESTART || ms > UINT16_MAX;
    uint32_t value = coarse ? ms / 1000 + (ms % 1000 != 0) : ms;
    write_delay_header(o->config->delay_form, coarse ? 1 : 2, w);
    write_u16(w, value > UINT16_MAX ? UINT16_MAX : (uint16_t)value);
}

/* The answer to anything but READ, from the request and what `last` remembers of its execution. */
static void answer(struct outstation *o, const struct request *q)
{
    uint8_t function = q->f.function;
    uint8_t control = (uint8_t)(APP_FIR | APP_FIN | broadcast_con(o) | q->seq);
    struct writer w = writer_over(o->tx, o->config->tx_fragment_max);
    app_write_response(&w, control, APP_RESPONSE, o->last.iin);
    if (o->last.echo)
        control_echo(o, q, &w);
    if (o->last.filed)
        write_octets(&w, o->config->files->answer, o->config->files->answer_len);
    assert(!w.failed);
    bool delay =
        function == APP_COLD_RESTART || function == APP_WARM_RESTART || function == APP_DELAY_MEASURE;
    if (delay && !(o->last.iin & IIN_REQUEST_ERRORS))
        write_delay(o, function, &w);
    o->sol.seq = q->seq;
    o->tx_len = (uint16_t)writer_len(&w);
}

/* Same SEQ and same octets as the last request: answered again, not executed again (application.md 5.4). */
static bool is_repeat(const struct outstation *o, const struct request *q)
{
    return o->last.len && o->last.len == q->f.len && o->last.digest == octets_digest(q->f.octets, q->f.len);
}

static void remember(struct outstation *o, const struct request *q, const struct service *s, uint16_t errors)
{
    o->last.digest = octets_digest(q->f.octets, q->f.len);
    o->last.len = (uint16_t)q->f.len;
    o->last.iin = outstation_iin(o) | errors;
    o->last.echo = s && (s->rules & ECHO) && !(errors & IIN_OBJECT_UNKNOWN) && o->echo_len;
    o->last.filed = s && (s->rules & FILED) && o->config->files && o->config->files->answer_len;
}

/* What this outstation lacks the parts for, or is told not to know (outstation.md 4, files.md 4). */
static bool is_refused(const struct outstation *o, uint8_t function)
{
    const struct outstation_config *c = o->config;
    if (function < 32 && (c->refused_functions >> function & 1))
        return true;
    if (function == APP_ENABLE_UNSOLICITED || function == APP_DISABLE_UNSOLICITED)
        return !c->unsolicited;
    if (function >= APP_INITIALIZE_APPL && function <= APP_STOP_APPL)
        return !c->applications;
    return function >= APP_OPEN_FILE && function <= APP_ACTIVATE_CONFIG && !c->files;
}

static uint16_t execute(struct outstation *o, const struct request *q, const struct service *s)
{
    o->echo_len = 0;
    if (o->config->files && !q->broadcast && !(s && (s->rules & SILENT)))
        o->config->files->answer_len = 0;
    uint16_t errors = 0;
    if (!s || is_refused(o, q->f.function))
        errors = IIN_NO_FUNC_CODE_SUPPORT;
    else if ((s->rules & NEEDS_OBJECTS) && q->f.objects_len == 0)
        errors = IIN_PARAMETER_ERROR;
    else if ((s->rules & NO_OBJECTS) && q->f.objects_len > 0)
        errors = IIN_PARAMETER_ERROR;
    else
        errors = s->execute(o, q);
    if (errors & WALK_BROKEN)
        errors = broken_walk_errors(errors, breaks_at_known(o, q));
    if (q->f.function != APP_RECORD_CURRENT_TIME)
        o->recorded = false;
    if (errors & IIN_REQUEST_ERRORS)
        o->defect = errors & IIN_NO_FUNC_CODE_SUPPORT ? "function not supported"
                    : errors & IIN_OBJECT_UNKNOWN     ? "object not supported"
                                                      : "parameter error";
    return errors;
}

static void serve_broadcast(struct outstation *o, const struct request *q, uint16_t destination)
{
    const struct service *s = service_find(q->f.function);
    if (!s || !(s->rules & BROADCAST))
        return;
    read_abandon(o);
    o->tx_len = 0;
    o->broadcast = destination;
    o->broadcast_told = 0;
    execute(o, q, s);
}

static void serve_read(struct outstation *o, const struct request *q)
{
    o->last.len = 0;
    o->recorded = false;
    bool refused = is_refused(o, APP_READ);
    bool kept = !refused && read_keep(o, q);
    read_abandon(o);
    o->sol.deferred = false;
    if (!kept) {
        o->last.iin = outstation_iin(o) | (refused ? IIN_NO_FUNC_CODE_SUPPORT : IIN_PARAMETER_ERROR);
        o->last.echo = o->last.filed = false;
        answer(o, q);
        return;
    }
    o->sol.seq = q->seq;
    if (o->unsol.waiting)
        o->sol.deferred = true; /* until the unsolicited exchange has ended */
    else
        read_begin(o, q->seq);
}

/* A request that is not a confirm. */
void services_request(struct outstation *o, const struct request *q)
{
    if (q->broadcast) {
        serve_broadcast(o, q, o->request_to);
        return;
    }
    o->tx_len = 0; /* the newest request wins (outstation.md 3) */
    const struct service *s = service_find(q->f.function);
    bool repeat = is_repeat(o, q) && !(s && (s->rules & (ANEW | SILENT)));
    o->restart_leaving = o->restart_leaving && repeat; /* its answer is still to leave */
    if (q->f.function == APP_READ) {
        serve_read(o, q);
        return;
    }
    read_abandon(o);
    o->sol.deferred = false;
    if (!repeat) {
        uint16_t errors = execute(o, q, s);
        if (s && (s->rules & SILENT))
            return;
        remember(o, q, s, errors);
    }
    answer(o, q);
}
