// SPDX-License-Identifier: Apache-2.0
#include "config/session.h"
#include <string.h>

static void check_order(struct schema_doc *doc, const struct schema_node *node, const char *low,
                        uint32_t min_ms, const char *high, uint32_t max_ms)
{
    const struct schema_node *place = schema_place(node, schema_get(node, high) ? high : low);
    if (min_ms > max_ms)
        schema_error(doc, place, "'%s' is above '%s' (%u ms, %u ms). Allowed: not above it", low, high,
                     min_ms, max_ms);
}

static void check_poll(struct schema_doc *doc, const struct schema_node *node, const struct config_poll *poll)
{
    bool by_class = schema_get(node, "classes");
    bool by_group = schema_get(node, "group");
    if (node->kind != SCHEMA_NODE_MAPPING)
        return;
    if (by_class && by_group)
        schema_error(doc, node, "a poll with both 'classes' and 'group'. Allowed: one of them");
    else if (!by_class && !by_group)
        schema_error(doc, node, "a poll with neither 'classes' nor 'group'. Allowed: one of them");
    else if (by_class && !poll->classes && !schema_get(node, "classes")->child)
        schema_error(doc, schema_get(node, "classes"),
                     "'classes' is an empty list. Allowed: at least one class");
    if (!by_group && schema_get(node, "variation"))
        schema_error(doc, schema_get(node, "variation"), "'variation' is allowed only beside 'group'");
}

static void check_polls(struct schema_doc *doc, const struct schema_node *polls,
                        const struct config_session *session)
{
    const struct schema_node *node = polls && polls->kind == SCHEMA_NODE_LIST ? polls->child : NULL;
    for (size_t i = 0; node && i < session->polls_len; i++, node = node->next)
        check_poll(doc, node, &session->polls[i]);
}

const struct config_session *session_build(struct schema_doc *doc, const struct schema_node *node,
                                           const struct config_session *base, struct config_arena *arena)
{
    struct config_session *session = config_arena_take(arena, sizeof(*session));
    *session = *base;
    if (schema_read(doc, node, &keys_session, session)) {
        check_order(doc, node, "reconnect_min", session->reconnect_min_ms, "reconnect_max",
                    session->reconnect_max_ms);
        check_order(doc, node, "task_retry_min", session->task_retry_min_ms, "task_retry_max",
                    session->task_retry_max_ms);
    }
    check_polls(doc, schema_get(node, "polls"), session);
    if (session->polls != base->polls) {
        size_t size = session->polls_len * sizeof(*session->polls);
        struct config_poll *polls = config_arena_take(arena, size + 1);
        if (size)
            memcpy(polls, session->polls, size);
        session->polls = polls;
    }
    return session;
}
