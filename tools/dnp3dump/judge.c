// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/judge.h"

#include "tools/dnp3dump/field.h"

enum {
    AT_CONTROL = 3,
    AT_DESTINATION = 4,
    AT_SOURCE = 6,
    AT_USER = 10,
    AT_FUNCTION = 1,
    AT_IIN_2 = 3,
    AT_OBJECTS = 2
};

/* link.md 3.1 and 3.2. */
struct link_rule {
    bool known;
    bool fcv;
    bool data;
};

static const struct link_rule primary_rules[16] = {
    [LINK_RESET_LINK_STATES] = {true, false, false},   [LINK_TEST_LINK_STATES] = {true, true, false},
    [LINK_CONFIRMED_USER_DATA] = {true, true, true},   [LINK_UNCONFIRMED_USER_DATA] = {true, false, true},
    [LINK_REQUEST_LINK_STATUS] = {true, false, false},
};
static const struct link_rule secondary_rules[16] = {
    [LINK_ACK] = {.known = true},
    [LINK_NACK] = {.known = true},
    [LINK_STATUS] = {.known = true},
    [LINK_NOT_SUPPORTED] = {.known = true},
};

static void judge_addresses(const struct link_frame *f, const struct link_rule *rule, struct defects *d)
{
    if (f->source > LINK_ADDRESS_MAX)
        defects_add(d, DEFECT_LINK_ADDRESS, AT_SOURCE, "%u is no source", f->source);
    if (f->destination <= LINK_ADDRESS_MAX)
        return;
    if (f->destination < LINK_SELF_ADDRESS)
        defects_add(d, DEFECT_LINK_ADDRESS, AT_DESTINATION, "%u is reserved", f->destination);
    else if (!(f->control & LINK_DIR))
        defects_add(d, DEFECT_LINK_ADDRESS, AT_DESTINATION, "%u is for outstations only", f->destination);
    else if (f->destination != LINK_SELF_ADDRESS && !rule->data)
        defects_add(d, DEFECT_LINK_ADDRESS, AT_DESTINATION, "%u broadcasts data only", f->destination);
}

void judge_frame(const struct link_frame *f, struct defects *d)
{
    bool primary = f->control & LINK_PRM;
    unsigned function = f->control & LINK_FUNCTION;
    const struct link_rule *rule = &(primary ? primary_rules : secondary_rules)[function];
    if (!rule->known)
        defects_add(d, DEFECT_LINK_FUNCTION, AT_CONTROL, "%s %u", primary ? "primary" : "secondary",
                    function);
    else if (primary && rule->fcv != !!(f->control & LINK_FCV))
        defects_add(d, DEFECT_LINK_FCV, AT_CONTROL, "must be %d", rule->fcv);
    if (!primary && f->control & LINK_FCB)
        defects_add(d, DEFECT_LINK_RESERVED_BIT, AT_CONTROL, "bit 5");
    if (rule->known && !rule->data && f->user_len > 0)
        defects_add(d, DEFECT_LINK_USER_DATA, AT_USER, "%u octets in a function that has none", f->user_len);
    if (rule->data && f->user_len == 0)
        defects_add(d, DEFECT_LINK_USER_DATA, AT_USER, "none in a function that has some");
    judge_addresses(f, rule, d);
}

static void judge_request_control(const struct app_fragment *f, struct defects *d)
{
    bool may_uns = f->function == APP_CONFIRM || f->function == APP_AUTHENTICATE_REQ ||
                   f->function == APP_AUTH_REQ_NO_ACK;
    if ((f->control & (APP_FIR | APP_FIN)) != (APP_FIR | APP_FIN))
        defects_add(d, DEFECT_APP_CONTROL, 0, "a request has FIR and FIN");
    if (f->control & APP_CON)
        defects_add(d, DEFECT_APP_CONTROL, 0, "a request has no CON");
    if (f->control & APP_UNS && !may_uns)
        defects_add(d, DEFECT_APP_CONTROL, 0, "no request but CONFIRM has UNS");
}

static void judge_response_control(const struct app_fragment *f, struct defects *d)
{
    enum { ALL = APP_FIR | APP_FIN | APP_CON | APP_UNS };
    if (f->function == APP_UNSOLICITED_RESPONSE && (f->control & ALL) != ALL)
        defects_add(d, DEFECT_APP_CONTROL, 0, "an unsolicited response has FIR, FIN, CON and UNS");
    if (f->function == APP_RESPONSE && f->control & APP_UNS)
        defects_add(d, DEFECT_APP_CONTROL, 0, "a solicited response has no UNS");
    if (f->iin & 0xC000)
        defects_add(d, DEFECT_APP_IIN, AT_IIN_2, f->iin & 0x4000 ? "IIN2.6" : "IIN2.7");
}

static void judge_function(const struct app_fragment *f, bool from_master, struct defects *d)
{
    if (!app_function_name(f->function))
        defects_add(d, DEFECT_APP_FUNCTION, AT_FUNCTION, "%u", f->function);
    else if (app_is_response(f->function) == from_master)
        defects_add(d, DEFECT_APP_DIRECTION, AT_FUNCTION,
                    from_master ? "a response of a master" : "a request of an outstation");
}

/* Aggressive mode wraps any function in g120 (application.md 4.1). */
static void judge_header(const struct object_header *h, uint8_t mask, struct defects *d)
{
    if (h->type && mask && h->group != GROUP_AUTHENTICATION && !(h->type->functions & mask))
        defects_add(d, DEFECT_APP_PLACE, h->offset, "g%uv%u", h->group, h->variation);
}

static void take_field(void *context, const struct field *f)
{
    if (f->defect == DEFECT_KINDS)
        return;
    defects_add(context, f->defect, f->offset, f->detail[0] ? "%s" : NULL, f->detail);
    if (!f->read)
        defects_span(context, f->len);
}

/* Functions with objects that are not listed in application.md 4.1 are not judged by it: mask 0. */
static void judge_objects(const struct app_fragment *f, struct defects *d)
{
    static const uint8_t none[] = {APP_CONFIRM, APP_COLD_RESTART, APP_WARM_RESTART, APP_DELAY_MEASURE,
                                   APP_RECORD_CURRENT_TIME};
    uint8_t mask = app_function_mask(f->function);
    struct object_walk walk = app_objects(f);
    struct object_header h;
    for (size_t i = 0; i < sizeof none && f->objects_len > 0; i++)
        if (none[i] == f->function && f->objects[0] != GROUP_AUTHENTICATION)
            defects_add(d, DEFECT_APP_NO_OBJECTS, AT_OBJECTS, "in a function that has none");
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        judge_header(&h, mask, d);
}

void judge_fragment(const uint8_t *octets, size_t len, bool from_master, struct defects *d)
{
    struct app_fragment f;
    if (app_parse(octets, len, &f) == APP_OK) {
        judge_function(&f, from_master, d);
        if (app_is_response(f.function))
            judge_response_control(&f, d);
        else
            judge_request_control(&f, d);
        judge_objects(&f, d);
    }
    fields_fragment(octets, len, take_field, d);
}
