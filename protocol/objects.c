// SPDX-License-Identifier: Apache-2.0
#include "protocol/objects.h"

static int compare(const struct object_type *row, uint8_t group, uint8_t variation)
{
    return (row->group << 8 | row->variation) - (group << 8 | variation);
}

static const struct object_type *find_exactly(uint8_t group, uint8_t variation)
{
    size_t high;
    const struct object_type *rows = object_types(&high);
    size_t low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&rows[middle], group, variation);
        if (order == 0)
            return &rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct object_type *object_type_find(uint8_t group, uint8_t variation)
{
    bool string = group >= 110 && group <= 113 && variation > 0;
    bool attribute = group == 0 && variation > 0 && variation < 254;
    return find_exactly(group, string || attribute ? 1 : variation);
}

bool object_group_is_known(uint8_t group)
{
    size_t n;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n && rows[i].group <= group; i++) {
        if (rows[i].group == group)
            return true;
    }
    return false;
}

size_t object_size(const struct object_type *type, uint8_t variation)
{
    return type->is_string ? variation : type->size;
}

size_t object_self_size(uint8_t type, uint8_t len)
{
    enum { EXTENDED_LIST = 255 }; /* whose length counts from 256 (attributes.md 1) */
    return 2U + len + (type == EXTENDED_LIST ? 256U : 0U);
}

struct point_row {
    const char *name;
    uint8_t static_group;
    uint8_t event_group;
    bool has_status;
};

static const struct point_row points[POINT_TYPES] = {
    [0] = {"?", 0, 0, false},
    [POINT_BINARY_INPUT] = {"binary_input", 1, 2, false},
    [POINT_DOUBLE_BIT_INPUT] = {"double_bit_input", 3, 4, false},
    [POINT_BINARY_OUTPUT_STATUS] = {"binary_output_status", 10, 11, false},
    [POINT_COUNTER] = {"counter", 20, 22, false},
    [POINT_FROZEN_COUNTER] = {"frozen_counter", 21, 23, false},
    [POINT_ANALOG_INPUT] = {"analog_input", 30, 32, false},
    [POINT_ANALOG_OUTPUT_STATUS] = {"analog_output_status", 40, 42, false},
    [POINT_BINARY_COMMAND] = {"binary_command", 0, 13, true},
    [POINT_FROZEN_ANALOG_INPUT] = {"frozen_analog_input", 31, 33, false},
    [POINT_ANALOG_COMMAND] = {"analog_command", 0, 43, true},
    [POINT_OCTET_STRING] = {"octet_string", 110, 111, false},
};

static const struct point_row *point_row(uint8_t type)
{
    return &points[type < POINT_TYPES ? type : 0];
}

const char *point_type_name(uint8_t type)
{
    return point_row(type)->name;
}

uint8_t point_type_static_group(uint8_t type)
{
    return point_row(type)->static_group;
}

uint8_t point_type_event_group(uint8_t type)
{
    return point_row(type)->event_group;
}

bool point_type_has_status(uint8_t type)
{
    return point_row(type)->has_status;
}

const char *command_status_name(uint8_t status)
{
    static const char *const names[128] = {
        [0] = "SUCCESS",
        [1] = "TIMEOUT",
        [2] = "NO_SELECT",
        [3] = "FORMAT_ERROR",
        [4] = "NOT_SUPPORTED",
        [5] = "ALREADY_ACTIVE",
        [6] = "HARDWARE_ERROR",
        [7] = "LOCAL",
        [8] = "TOO_MANY_OBJS",
        [9] = "NOT_AUTHORIZED",
        [10] = "AUTOMATION_INHIBIT",
        [11] = "PROCESSING_LIMITED",
        [12] = "OUT_OF_RANGE",
        [13] = "DOWNSTREAM_LOCAL",
        [14] = "ALREADY_COMPLETE",
        [15] = "BLOCKED",
        [16] = "CANCELLED",
        [17] = "BLOCKED_OTHER_MASTER",
        [18] = "DOWNSTREAM_FAIL",
        [126] = "NON_PARTICIPATING",
        [127] = "UNDEFINED",
    };
    return status < 128 ? names[status] : NULL;
}
