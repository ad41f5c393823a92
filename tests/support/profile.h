// SPDX-License-Identifier: Apache-2.0
/*
 * Parts of a device profile: text that grows, lists of qualifiers, and the proof that a test which a row
 * names does exist.
 */
#ifndef SUPPORT_PROFILE_H
#define SUPPORT_PROFILE_H

#include <stdio.h>

#include "protocol/app.h"
#include "support/cm.h"
#include "support/kept.h"

enum { PROFILE_ROOM = 131072, PROFILE_QUALIFIERS = 22 };

static const uint8_t profile_qualifiers[PROFILE_QUALIFIERS] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                                               0x08, 0x09, 0x17, 0x18, 0x19, 0x27, 0x28, 0x29,
                                                               0x37, 0x38, 0x39, 0x4B, 0x5B, 0x6B};

struct profile {
    char text[PROFILE_ROOM];
    size_t len;
};

/* A statement, and the test that has shown it: "outstation_read_test: read_index_list". */
struct profile_fact {
    const char *what;
    const char *value;
    const char *test;
};

static inline void profile_put(struct profile *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(p->text + p->len, sizeof p->text - p->len, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof p->text - p->len);
    p->len += (size_t)n;
}

/* One of those in the mask; the bits are numbered as in profile_qualifiers. */
static inline void profile_put_qualifiers(struct profile *p, uint32_t mask)
{
    const char *comma = "";
    for (unsigned i = 0; i < PROFILE_QUALIFIERS; i++) {
        if (!(mask >> i & 1))
            continue;
        profile_put(p, "%s%02X", comma, profile_qualifiers[i]);
        comma = " ";
    }
}

static inline unsigned profile_bit(uint8_t qualifier)
{
    const uint8_t *at = memchr(profile_qualifiers, qualifier, PROFILE_QUALIFIERS);
    assert_non_null(at);
    return (unsigned)(at - profile_qualifiers);
}

/* The test's file lies in one of the folders and registers that name. */
static inline bool profile_test_exists(const char *test)
{
    static const char *const folders[] = {"replay", "unit", "simulation"};
    static char text[262144];
    char path[256], wanted[256];
    const char *colon = strstr(test, ": ");
    assert_non_null(colon);
    snprintf(wanted, sizeof wanted, "(%s", colon + 2); /* cmocka_unit_test(NAME), or with setup */
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "tests/%s/%.*s.c", folders[i], (int)(colon - test), test);
        FILE *f = fopen(path, "r");
        if (!f)
            continue;
        size_t len = fread(text, 1, sizeof text - 1, f);
        text[len] = '\0';
        fclose(f);
        for (const char *at = text; (at = strstr(at, wanted)); at++) {
            char behind = at[strlen(wanted)];
            if (behind == ')' || behind == ',')
                return true;
        }
    }
    print_error("no such test: %s\n", test);
    return false;
}

/* A table of facts; false where one names a test that is not there. */
static inline bool profile_put_facts(struct profile *p, const char *head, const struct profile_fact *facts,
                                     size_t n)
{
    bool sound = true;
    profile_put(p, "%s", head);
    for (size_t i = 0; i < n; i++) {
        profile_put(p, "| %s | %s | %s |\n", facts[i].what, facts[i].value, facts[i].test);
        sound = profile_test_exists(facts[i].test) && sound;
    }
    profile_put(p, "\n");
    return sound;
}

#endif
