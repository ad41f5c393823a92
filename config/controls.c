// SPDX-License-Identifier: Apache-2.0
#include "config/controls.h"

enum { BINARY = 1, ANALOG = 2 };

/* What each key is for; those not named here are for both. */
static const struct {
    const char *key;
    unsigned kind;
} own_keys[] = {
    {"operations", BINARY}, {"codes", BINARY}, {"count", BINARY}, {"on_time", BINARY},   {"off_time", BINARY},
    {"longest", BINARY},    {"min", ANALOG},   {"max", ANALOG},   {"variation", ANALOG},
};

static unsigned kind_of(uint8_t type)
{
    return type == CONFIG_BINARY_OUTPUT_STATUS ? BINARY : type == CONFIG_ANALOG_OUTPUT_STATUS ? ANALOG : 0;
}

/* What can tell that an output of this kind has moved. */
static bool tells(uint8_t type, unsigned kind)
{
    static const unsigned kinds[] = {
        [CONFIG_BINARY_INPUT] = BINARY,         [CONFIG_DOUBLE_BIT_INPUT] = BINARY,
        [CONFIG_BINARY_OUTPUT_STATUS] = BINARY, [CONFIG_ANALOG_INPUT] = ANALOG,
        [CONFIG_ANALOG_OUTPUT_STATUS] = ANALOG,
    };
    return type < sizeof(kinds) / sizeof(kinds[0]) && kinds[type] == kind;
}

static void check_keys(struct schema_doc *doc, const struct schema_node *node, uint8_t type, unsigned kind)
{
    for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++)
        if (own_keys[i].kind != kind && schema_get(node, own_keys[i].key))
            schema_error(doc, schema_place(node, own_keys[i].key), "'%s' is not allowed for a %s",
                         own_keys[i].key, config_point_types[type - 1]);
}

static void check_analog(struct schema_doc *doc, const struct schema_node *node,
                         const struct config_control *control)
{
    for (const char *const *key = (const char *const[]){"min", "max", NULL}; *key; key++)
        if (!schema_get(node, *key))
            schema_error(doc, node,
                         "'%s' is missing. Allowed: the limits of what an analog output may be set to", *key);
    if (schema_get(node, "min") && schema_get(node, "max") && control->min > control->max)
        schema_error(doc, schema_place(node, "max"), "'min' is above 'max' (%g, %g). Allowed: not above it",
                     control->min, control->max);
}

static void check_binary(struct schema_doc *doc, const struct schema_node *node,
                         const struct config_control *control)
{
    if (!control->operations)
        schema_error(doc, schema_place(node, "operations"), "'operations' is empty. Allowed: at least one");
    if (!control->codes)
        schema_error(doc, schema_place(node, "codes"), "'codes' is empty. Allowed: at least one");
    if (control->on_ms > control->longest_ms || control->off_ms > control->longest_ms)
        schema_error(doc, schema_place(node, "longest"),
                     "'longest' is %u ms, below 'on_time' or 'off_time'. Allowed: not below them",
                     control->longest_ms);
}

static void check_modes(struct schema_doc *doc, const struct schema_node *node,
                        const struct config_control *control)
{
    if (!control->modes)
        schema_error(doc, schema_place(node, "modes"), "'modes' is empty. Allowed: at least one");
    else if (!(control->modes & 1u << control->mode))
        schema_error(doc, schema_place(node, schema_get(node, "mode") ? "mode" : "modes"),
                     "'mode' is not among the 'modes'. Allowed: one of them");
}

static void read_feedback(struct schema_doc *doc, const struct keys_control *keys, unsigned kind,
                          struct config_arena *arena, struct config_control *control)
{
    schema_defaults(&keys_feedback, &control->feedback, arena);
    if (!schema_read(doc, keys->feedback, &keys_feedback, &control->feedback))
        return;
    control->has_feedback = true;
    if (!tells(control->feedback.type, kind))
        schema_error(doc, schema_place(keys->feedback, "type"),
                     "a %s can't tell that this output has moved. Allowed: %s",
                     config_point_types[control->feedback.type - 1],
                     kind == BINARY ? "binary_input, double_bit_input, binary_output_status"
                                    : "analog_input, analog_output_status");
}

const struct config_control *controls_build(struct schema_doc *doc, const struct keys_point *point,
                                            struct config_arena *arena)
{
    const struct schema_node *node = point->control;
    unsigned kind = kind_of(point->type);
    struct keys_control keys = {0};
    if (!kind) {
        schema_error(doc, node,
                     "'control' is not allowed for a %s. Allowed: for a binary_output_status or "
                     "analog_output_status",
                     config_point_types[point->type - 1]);
        return NULL;
    }
    schema_defaults(&keys_control, &keys, arena);
    if (!schema_read(doc, node, &keys_control, &keys))
        return NULL;
    check_keys(doc, node, point->type, kind);
    check_modes(doc, node, &keys.is);
    if (kind == BINARY)
        check_binary(doc, node, &keys.is);
    else
        check_analog(doc, node, &keys.is);
    if (keys.feedback)
        read_feedback(doc, &keys, kind, arena, &keys.is);
    struct config_control *control = config_arena_take(arena, sizeof(*control));
    *control = keys.is;
    return control;
}
