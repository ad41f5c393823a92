// SPDX-License-Identifier: Apache-2.0
/*
 * The groups that hold points, and what this outstation reports of them (objects.md 2 and 5). Delta counters
 * are obsolete and not offered. Deadbands (g34) belong to the analog inputs. Analog input events default to
 * the variation with time; without a time they fall back to g32v1.
 */
#include "protocol/outstation_parts.h"

#define V(n) (1 << (n))

enum {
    V_1_2 = V(1) | V(2),
    V_1_3 = V(1) | V(2) | V(3),
    V_COUNTER = V(1) | V(2) | V(5) | V(6),
    V_1_4 = V(1) | V(2) | V(3) | V(4),
    V_1_6 = V_1_4 | V(5) | V(6),
    V_1_8 = V_1_6 | V(7) | V(8)
};

#define STATIC(g, point, def, vars)                                                                          \
    {                                                                                                        \
        g, point, false, def, vars,                                                                          \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }
#define EVENT(g, point, def, vars, ...)                                                                      \
    {                                                                                                        \
        g, point, true, def, vars,                                                                           \
        {                                                                                                    \
            0, __VA_ARGS__                                                                                   \
        }                                                                                                    \
    }

static const struct point_group groups[] = {
    STATIC(1, POINT_BINARY_INPUT, 2, V_1_2),
    EVENT(2, POINT_BINARY_INPUT, 2, V_1_3, 1, 1, 1),
    STATIC(3, POINT_DOUBLE_BIT_INPUT, 2, V_1_2),
    EVENT(4, POINT_DOUBLE_BIT_INPUT, 2, V_1_3, 1, 1, 1),
    STATIC(10, POINT_BINARY_OUTPUT_STATUS, 2, V_1_2),
    EVENT(11, POINT_BINARY_OUTPUT_STATUS, 2, V_1_2, 1, 1),
    EVENT(13, POINT_BINARY_COMMAND, 2, V_1_2, 1, 1),
    STATIC(20, POINT_COUNTER, 1, V_COUNTER),
    STATIC(21, POINT_FROZEN_COUNTER, 1, V_COUNTER | V(9) | V(10)),
    EVENT(22, POINT_COUNTER, 1, V_COUNTER, 1, 2, 1, 2, 1, 2),
    EVENT(23, POINT_FROZEN_COUNTER, 1, V_COUNTER, 1, 2, 1, 2, 1, 2),
    STATIC(30, POINT_ANALOG_INPUT, 1, V_1_6),
    EVENT(32, POINT_ANALOG_INPUT, 3, V_1_8, 1, 2, 1, 2, 5, 6, 5, 6),
    STATIC(31, POINT_FROZEN_ANALOG_INPUT, 1, V_1_8),
    EVENT(33, POINT_FROZEN_ANALOG_INPUT, 1, V_1_8, 1, 2, 1, 2, 5, 6, 5, 6),
    STATIC(34, POINT_ANALOG_INPUT, 3, V_1_3),
    STATIC(40, POINT_ANALOG_OUTPUT_STATUS, 1, V_1_4),
    EVENT(42, POINT_ANALOG_OUTPUT_STATUS, 1, V_1_8, 1, 2, 1, 2, 5, 6, 5, 6),
    EVENT(43, POINT_ANALOG_COMMAND, 1, V_1_8, 1, 2, 1, 2, 5, 6, 5, 6),
    STATIC(GROUP_STRING, POINT_OCTET_STRING, 1, 0),
    EVENT(GROUP_STRING_EVENT, POINT_OCTET_STRING, 1, 0, 1),
};

#undef STATIC
#undef EVENT

const struct point_group *point_group_find(uint8_t group)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (groups[i].group == group)
            return &groups[i];
    return NULL;
}

const struct point_group *point_group_of(uint8_t type, bool event)
{
    return point_group_find(event ? point_type_event_group(type) : point_type_static_group(type));
}
