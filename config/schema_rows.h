// SPDX-License-Identifier: Apache-2.0
/*
 * Rows of the usual kinds in a table of keys, for the files that hold such a table (config/schema.h):
 *
 *     DURATION("period", struct config_poll, period_ms, 10, DAY_MS, "1h", "From one poll to the next."),
 *
 * key, struct and field, the least and the most, the default as in YAML, help; durations are in ms.
 */
#ifndef CONFIG_SCHEMA_ROWS_H
#define CONFIG_SCHEMA_ROWS_H

#include "config/schema.h"

#define DURATION(text, type, field, least, most, standard, about)                                            \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_DURATION, FIELD(type, field), .min = least, .max = most,                 \
        .fallback = standard, .unit = "ms", .help = about                                                    \
    }
#define NUMBER(text, type, field, least, most, standard, of, about)                                          \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_UNSIGNED, FIELD(type, field), .min = least, .max = most,                 \
        .fallback = standard, .unit = of, .help = about                                                      \
    }
#define SWITCH(text, type, field, standard, about)                                                           \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_BOOL, FIELD(type, field), .fallback = standard, .help = about            \
    }
#define CHOICE(text, type, field, list, standard, about)                                                     \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_ENUM, FIELD(type, field), .names = list, .fallback = standard,           \
        .help = about                                                                                        \
    }

#endif
