// SPDX-License-Identifier: Apache-2.0
/* The table-driven reader by itself, with a table that has every kind. */
#include "config/schema.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct leaf {
    uint32_t after_ms;
    double rate;
};

struct tree {
    uint64_t u64;
    uint64_t long_ms;
    uint32_t u32;
    uint32_t age_s;
    uint16_t u16;
    uint8_t u8;
    uint8_t shape;
    uint8_t classes;
    uint8_t odd;
    bool yes;
    double number;
    const char *text;
    const char *const *texts;
    size_t texts_len;
    struct schema_range range;
    struct leaf calm;
    const struct leaf *storms;
    size_t storms_len;
    const struct schema_node *any;
};

static const char *const shapes[] = {"sine", "ramp", "steps", NULL};

static const struct schema_row leaf_rows[] = {
    {.key = "after", .kind = SCHEMA_DURATION, FIELD(struct leaf, after_ms), .max = 3600e3, .fallback = "5s"},
    {.key = "rate",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct leaf, rate),
     .max = 1e6,
     .unit = "1/s",
     .required = true},
};
static const struct schema leaf_schema = SCHEMA("leaf", struct leaf, leaf_rows);

static const struct schema_row tree_rows[] = {
    {.key = "u64", .kind = SCHEMA_UNSIGNED, FIELD(struct tree, u64), .fallback = "7"},
    {.key = "u32", .kind = SCHEMA_UNSIGNED, FIELD(struct tree, u32)},
    {.key = "u16", .kind = SCHEMA_UNSIGNED, FIELD(struct tree, u16)},
    {.key = "u8", .kind = SCHEMA_UNSIGNED, FIELD(struct tree, u8)},
    {.key = "long", .kind = SCHEMA_DURATION, FIELD(struct tree, long_ms)},
    {.key = "age", .kind = SCHEMA_DURATION, FIELD(struct tree, age_s), .unit = "s"},
    {.key = "shape",
     .kind = SCHEMA_ENUM,
     FIELD(struct tree, shape),
     .names = shapes,
     .first_name = 10,
     .fallback = "ramp"},
    {.key = "classes", .kind = SCHEMA_CLASSES, FIELD(struct tree, classes), .max = 15, .fallback = "[1, 2]"},
    {.key = "odd", .kind = SCHEMA_FLAGS, FIELD(struct tree, odd), .names = shapes, .fallback = "[]"},
    {.key = "yes", .kind = SCHEMA_BOOL, FIELD(struct tree, yes), .fallback = "true"},
    {.key = "number", .kind = SCHEMA_DOUBLE, FIELD(struct tree, number), .fallback = "-1.5"},
    {.key = "text", .kind = SCHEMA_STRING, FIELD(struct tree, text), .max = 5, .fallback = "\"a: b\""},
    {.key = "texts",
     .kind = SCHEMA_STRINGS,
     LIST_FIELD(struct tree, texts, texts_len),
     .max = 3,
     .fallback = "[x, y]"},
    {.key = "range", .kind = SCHEMA_RANGE, FIELD(struct tree, range), .max = 100},
    {.key = "calm", .kind = SCHEMA_MAPPING, FIELD(struct tree, calm), .sub = &leaf_schema},
    {.key = "storms",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct tree, storms, storms_len),
     .min = 1,
     .max = 3,
     .sub = &leaf_schema},
    {.key = "any", .kind = SCHEMA_ANY, FIELD(struct tree, any)},
};
static const struct schema tree_schema = SCHEMA("tree", struct tree, tree_rows);

struct reading {
    struct config_arena *arena;
    struct config_errors errors;
    struct schema_doc *doc;
    struct tree tree;
    bool good;
};

static void begin(struct reading *r, const char *yaml)
{
    *r = (struct reading){.arena = config_arena_new()};
    schema_defaults(&tree_schema, &r->tree, r->arena);
    r->doc = schema_parse("t.yaml", yaml, strlen(yaml), 0, r->arena, &r->errors);
    assert_non_null(r->doc);
    r->good = schema_read(r->doc, schema_root(r->doc), &tree_schema, &r->tree);
    assert_int_equal(r->good, r->errors.len == 0);
}

static void end(struct reading *r)
{
    schema_close(r->doc);
    config_arena_free(r->arena);
    config_errors_free(&r->errors);
}

static void defaults_as_in_a_file(void **state)
{
    (void)state;
    struct reading r;
    begin(&r, "");
    assert_true(r.good);
    assert_int_equal(r.tree.u64, 7);
    assert_int_equal(r.tree.shape, 11);
    assert_int_equal(r.tree.classes, 6);
    assert_true(r.tree.yes);
    assert_true(r.tree.number == -1.5);
    assert_string_equal(r.tree.text, "a: b");
    assert_int_equal(r.tree.texts_len, 2);
    assert_string_equal(r.tree.texts[1], "y");
    assert_int_equal(r.tree.calm.after_ms, 5000);
    assert_int_equal(r.tree.storms_len, 0);
    assert_null(r.tree.any);
    end(&r);
}

static void every_kind(void **state)
{
    (void)state;
    struct reading r;
    begin(&r,
          "u64: 18446744073709551615\nu32: 4294967295\nu16: 0xffff\nu8: 255\nlong: 40000d\nage: 1.5min\n"
          "shape: steps\nclasses: [0, 3]\nyes: false\nnumber: 1e-3\ntext: \"\"\ntexts: alone\nrange: 3..5\n"
          "calm: {rate: 2}\nstorms: [{after: 250ms, rate: 0.5}, {rate: 1}]\nany: {a: [1, 2]}\n");
    config_errors_print(&r.errors, stderr);
    assert_true(r.good);
    assert_true(r.tree.u64 == UINT64_MAX);
    assert_int_equal(r.tree.u32, UINT32_MAX);
    assert_int_equal(r.tree.u16, UINT16_MAX);
    assert_int_equal(r.tree.u8, UINT8_MAX);
    assert_true(r.tree.long_ms == UINT64_C(40000) * 86400000);
    assert_int_equal(r.tree.age_s, 90);
    assert_int_equal(r.tree.shape, 12);
    assert_int_equal(r.tree.classes, 9);
    assert_false(r.tree.yes);
    assert_true(r.tree.number == 1e-3);
    assert_string_equal(r.tree.text, "");
    assert_int_equal(r.tree.texts_len, 1);
    assert_string_equal(r.tree.texts[0], "alone");
    assert_int_equal(r.tree.range.first, 3);
    assert_int_equal(r.tree.range.last, 5);
    assert_int_equal(r.tree.calm.after_ms, 5000);
    assert_int_equal(r.tree.storms_len, 2);
    assert_int_equal(r.tree.storms[0].after_ms, 250);
    assert_int_equal(r.tree.storms[1].after_ms, 5000);
    const struct schema_node *list = schema_get(r.tree.any, "a");
    assert_int_equal(list->kind, SCHEMA_NODE_LIST);
    assert_string_equal(list->child->next->text, "2");
    end(&r);
}

/* One value that is not allowed; the field keeps what it had. */
static void refused_values(void **state)
{
    (void)state;
    static const char *const yaml[] = {
        "u8: 256",
        "u64: 18446744073709551616",
        "u8: -1",
        "u8: 1.0",
        "u8: +1",
        "u8: 0x",
        "u8: 1_000",
        "u64: 0x1ffffffffffffffff",
        "u8: {}",
        "long: 5",
        "long: 5 s",
        "long: s",
        "long: 1.s",
        "long: .5s",
        "long: 1.5.5s",
        "long: 1.0001s",
        "long: 5sec",
        "long: 999999999999999999999s",
        "long: \"5s\"",
        "age: 1500ms",
        "shape: sines",
        "shape: [sine]",
        "classes: 1",
        "classes: [4]",
        "classes: [1, 1]",
        "classes: [[1]]",
        "odd: sine",
        "odd: [sinus]",
        "odd: [sine, sine]",
        "odd: [[sine]]",
        "yes: 1",
        "yes: \"true\"",
        "number: 0x10",
        "number: nan",
        "number: 1e999",
        "number: \"1\"",
        "number: 1,5",
        "text: 123456",
        "text: ~",
        "text: [a]",
        "texts: [a, b, c, d]",
        "texts: [[a]]",
        "texts: {}",
        "range: 5..3",
        "range: 0..101",
        "range: 1...2",
        "range: 1..",
        "range: -1",
        "calm: 5",
        "calm: {}",
        "storms: []",
        "storms: {}",
        "storms: [5]",
        "storms: [{rate: 1}, {rate: x}]",
        "any: 1\nany: 2",
    };
    for (size_t i = 0; i < sizeof(yaml) / sizeof(yaml[0]); i++) {
        struct reading r;
        begin(&r, yaml[i]);
        if (r.errors.len != 1)
            fail_msg("%s: %zu errors", yaml[i], r.errors.len);
        assert_int_equal(r.tree.u8, 0);
        assert_int_equal(r.tree.u64, 7);
        assert_int_equal(r.tree.long_ms, 0);
        assert_int_equal(r.tree.classes, 6);
        assert_true(r.tree.number == -1.5);
        assert_string_equal(r.tree.text, "a: b");
        end(&r);
    }
}

static void entries_keep_their_places(void **state)
{
    (void)state;
    struct reading r;
    begin(&r, "storms: [{rate: 1}, 5, {rate: 3}]\n");
    assert_false(r.good);
    assert_int_equal(r.tree.storms_len, 3);
    assert_true(r.tree.storms[0].rate == 1);
    assert_true(r.tree.storms[1].rate == 0);
    assert_int_equal(r.tree.storms[1].after_ms, 5000);
    assert_true(r.tree.storms[2].rate == 3);
    end(&r);
}

static void own_errors_at_a_node(void **state)
{
    (void)state;
    struct reading r;
    begin(&r, "calm:\n  rate: 2\n");
    const struct schema_node *rate = schema_get(schema_get(schema_root(r.doc), "calm"), "rate");
    schema_error(r.doc, rate, "too %s", "calm");
    schema_error(r.doc, NULL, "all of it");
    config_errors_sort(&r.errors);
    assert_int_equal(r.errors.len, 2);
    assert_int_equal(r.errors.list[0].line, 0);
    assert_string_equal(r.errors.list[1].text, "too calm");
    assert_int_equal(r.errors.list[1].line, 2);
    assert_int_equal(r.errors.list[1].column, 9);
    end(&r);
}

static struct tree load(const char *path, struct config_arena *arena, struct config_errors *errors)
{
    struct tree tree;
    schema_defaults(&tree_schema, &tree, arena);
    struct schema_doc *doc = schema_open(path, 0, arena, errors);
    if (doc)
        assert_false(schema_read(doc, schema_root(doc), &tree_schema, &tree));
    schema_close(doc);
    config_errors_sort(errors);
    return tree;
}

static void from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/fep-schema-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "u8: 5\nu88: 1\n", 13), 13);
    close(fd);
    struct config_arena *arena = config_arena_new();
    struct config_errors errors = {0};
    struct tree tree = load(path, arena, &errors);
    assert_int_equal(errors.len, 1);
    assert_string_equal(errors.list[0].file, path);
    assert_int_equal(errors.list[0].line, 2);
    assert_int_equal(tree.u8, 5);
    unlink(path);
    (void)load(path, arena, &errors);
    assert_int_equal(errors.len, 2);
    config_errors_free(&errors);
    config_arena_free(arena);
}

static void suggestions(void **state)
{
    (void)state;
    static const char *const names[] = {"response_timeout", "confirm_timeout", "link_idle", NULL};
    char text[64];
    schema_suggest("respnose_timeout", names, text, sizeof(text));
    assert_string_equal(text, " Did you mean 'response_timeout'?");
    schema_suggest("idle", names, text, sizeof(text));
    assert_string_equal(text, " Did you mean 'link_idle'?");
    schema_suggest("colour", names, text, sizeof(text));
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_as_in_a_file), cmocka_unit_test(every_kind),
        cmocka_unit_test(refused_values),        cmocka_unit_test(entries_keep_their_places),
        cmocka_unit_test(own_errors_at_a_node),  cmocka_unit_test(from_a_file),
        cmocka_unit_test(suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
