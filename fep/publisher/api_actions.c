// SPDX-License-Identifier: Apache-2.0
/* What may be asked of a whole station, in one table. */
#include "fep/publisher/commands.h"

#include "config/config.h"

#include <stdio.h>

struct action {
    const char *name;
    uint8_t allowed; /* CONFIG_ACTION_... */
    uint8_t role;
    uint8_t kind;    /* enum command_kind */
    uint8_t request; /* enum request_kind */
    bool (*fill)(struct asking *a, const struct action *action);
};

static bool fill_nothing(struct asking *a, const struct action *action)
{
    (void)a, (void)action;
    return true;
}

static bool request(struct asking *a, enum request_kind kind, size_t items_len)
{
    request_init(&a->command->request, kind, a->command->items, items_len);
    return true;
}

static bool fill_bare(struct asking *a, const struct action *action)
{
    return request(a, action->request, 0);
}

static bool fill_classes(struct asking *a, const struct action *action)
{
    static const uint8_t variations[] = {2, 3, 4, 1};
    size_t len = strcmp(action->name, "integrity_poll") == 0 ? 4 : 3;
    for (size_t i = 0; i < len; i++)
        a->command->items[i] =
            (struct request_item){.group = 60, .variation = variations[i], .form = ITEM_ALL};
    return request(a, REQUEST_READ, len);
}

/* As the station is configured; one that is to be measured first gets the time as it leaves. */
static bool fill_time(struct asking *a, const struct action *action)
{
    (void)action;
    bool lan = a->entry->config->session->time_sync == CONFIG_TIME_LAN;
    return request(a, lan ? REQUEST_SYNC_TIME : REQUEST_WRITE_TIME, 0);
}

/* All points of a type, or those from `first` to `last`. */
static bool take_range(struct asking *a, uint8_t group, struct request_item *item)
{
    int64_t first, last;
    *item = (struct request_item){.group = group, .form = ITEM_ALL};
    if (!json_object_get(a->body, "first") && !json_object_get(a->body, "last"))
        return true;
    if (!asking_number(a, a->body, "first", 0, UINT32_MAX, 0, &first) ||
        !asking_number(a, a->body, "last", first, UINT32_MAX, first, &last))
        return false;
    item->form = ITEM_RANGE;
    item->first = (uint32_t)first;
    item->last = (uint32_t)last;
    snprintf(a->subject + strlen(a->subject), sizeof a->subject - strlen(a->subject), ":%u..%u", item->first,
             item->last);
    return true;
}

static bool fill_freeze(struct asking *a, const struct action *action)
{
    static const char *const types[] = {"counter", "analog_input", NULL};
    int type;
    if (!asking_word(a, a->body, "type", types, 0, &type))
        return false;
    if (type && action->request == REQUEST_FREEZE_CLEAR)
        return asking_problem(a, 422, "type", "only counters can be cleared");
    snprintf(a->subject, sizeof a->subject, "%s", types[type]);
    return take_range(a, type ? 30 : 20, &a->command->items[0]) && request(a, action->request, 1);
}

static bool fill_class(struct asking *a, const struct action *action)
{
    int64_t class;
    int type;
    (void)action;
    if (!asking_number(a, a->body, "class", 0, 3, -1, &class) ||
        !asking_word(a, a->body, "type", config_point_types, -1, &type))
        return false;
    uint8_t group = point_type_static_group((uint8_t)(type + CONFIG_BINARY_INPUT));
    if (!group)
        return asking_problem(a, 422, "type", "points of this type have no class of their own");
    snprintf(a->subject, sizeof a->subject, "%s", config_point_types[type]);
    a->command->items[0] =
        (struct request_item){.group = 60, .variation = (uint8_t)(class + 1), .form = ITEM_ALL};
    json_object_set_new(a->told, "class", json_integer(class));
    return take_range(a, group, &a->command->items[1]) && request(a, REQUEST_ASSIGN_CLASS, 2);
}

static bool fill_deadband(struct asking *a, const struct action *action)
{
    int64_t index, variation;
    const json_t *value = json_object_get(a->body, "value");
    struct command *c = a->command;
    (void)action;
    if (!asking_number(a, a->body, "index", 0, UINT32_MAX, -1, &index) ||
        !asking_number(a, a->body, "variation", 1, 3, 3, &variation))
        return false;
    static const double largest[] = {0, 65535, 4294967295.0, 3.4e38};
    c->value = json_number_value(value);
    if (!json_is_number(value) || !(c->value >= 0 && c->value <= largest[variation]))
        return asking_problem(a, 422, "value", "a raw deadband from 0 to %g", largest[variation]);
    c->index = (uint32_t)index;
    c->items[0] = (struct request_item){.group = 34,
                                        .variation = (uint8_t)variation,
                                        .form = ITEM_INDEXES,
                                        .indexes = &c->index,
                                        .indexes_len = 1,
                                        .values = &c->value};
    snprintf(a->subject, sizeof a->subject, "analog_input:%u", c->index);
    json_object_set_new(a->told, "value", json_real(c->value));
    return request(a, REQUEST_WRITE, 1);
}

static const struct action actions[] = {
    {"integrity_poll", CONFIG_ACTION_POLL, ACCESS_OPERATOR, COMMAND_REQUEST, REQUEST_READ, fill_classes},
    {"event_poll", CONFIG_ACTION_POLL, ACCESS_OPERATOR, COMMAND_REQUEST, REQUEST_READ, fill_classes},
    {"time_sync", CONFIG_ACTION_TIME_SYNC, ACCESS_OPERATOR, COMMAND_REQUEST, REQUEST_SYNC_TIME, fill_time},
    {"enable", CONFIG_ACTION_ENABLE, ACCESS_OPERATOR, COMMAND_ENABLE, 0, fill_nothing},
    {"disable", CONFIG_ACTION_ENABLE, ACCESS_OPERATOR, COMMAND_DISABLE, 0, fill_nothing},
    {"freeze", CONFIG_ACTION_FREEZE, ACCESS_OPERATOR, COMMAND_REQUEST, REQUEST_FREEZE, fill_freeze},
    {"freeze_clear", CONFIG_ACTION_FREEZE, ACCESS_OPERATOR, COMMAND_REQUEST, REQUEST_FREEZE_CLEAR,
     fill_freeze},
    {"cold_restart", CONFIG_ACTION_RESTART, ACCESS_ENGINEER, COMMAND_REQUEST, REQUEST_COLD_RESTART,
     fill_bare},
    {"warm_restart", CONFIG_ACTION_RESTART, ACCESS_ENGINEER, COMMAND_REQUEST, REQUEST_WARM_RESTART,
     fill_bare},
    {"assign_class", CONFIG_ACTION_ASSIGN_CLASS, ACCESS_ENGINEER, COMMAND_REQUEST, REQUEST_ASSIGN_CLASS,
     fill_class},
    {"deadband", CONFIG_ACTION_DEADBAND, ACCESS_ENGINEER, COMMAND_REQUEST, REQUEST_WRITE, fill_deadband},
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static const struct action *find_action(struct asking *a)
{
    const char *name = json_string_value(json_object_get(a->body, "action"));
    for (size_t i = 0; name && i < ACTIONS; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    char allowed[200] = "";
    for (size_t i = 0; i < ACTIONS; i++)
        snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s%s", i ? ", " : "",
                 actions[i].name);
    (void)asking_problem(a, 422, "action", "one of %s", allowed);
    return NULL;
}

static bool prepare(struct asking *a, const char *station)
{
    static const char *const keys[] = {"action", "reason", "deadline_ms", "type",      "first", "last",
                                       "class",  "index",  "value",       "variation", NULL};
    const struct action *action = find_action(a);
    if (action)
        a->action = action->name;
    if (!action || !asking_role(a, action->role) || !asking_keys(a, a->body, keys, "no such field") ||
        !asking_reason(a, false) || !asking_station(a, station))
        return false;
    if (!(a->entry->config->session->actions & action->allowed))
        return asking_problem(a, 422, "action", "%s is not allowed for this station (session: actions)",
                              action->name);
    asking_command(a, action->kind, 0);
    if (!action->fill(a, action) || !asking_deadline(a))
        return false;
    return action->request == REQUEST_READ && action->kind == COMMAND_REQUEST ? true : asking_untagged(a);
}

void api_station_action(struct publisher *p, struct evhttp_request *request_, const char *name,
                        const struct param *params)
{
    struct asking a;
    (void)params;
    if (!asking_begin(&a, p, request_, "action", ACCESS_OPERATOR))
        return;
    if (prepare(&a, name))
        asking_send(&a);
    else
        asking_refuse(&a);
}
