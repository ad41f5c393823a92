// SPDX-License-Identifier: Apache-2.0
#include "fep/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text {
    char *octets;
    size_t len;
};

static void put(void *context, const char *octets, size_t len)
{
    struct text *t = context;
    t->octets = realloc(t->octets, t->len + len + 1);
    memcpy(t->octets + t->len, octets, len);
    t->len += len;
    t->octets[t->len] = '\0';
}

static struct metrics *metrics_make(uint32_t workers)
{
    struct metrics *m = aligned_alloc(_Alignof(struct metrics), sizeof(*m));
    memset(m, 0, sizeof(*m));
    m->workers_len = workers;
    return m;
}

static void test_buckets_cover_and_are_narrow(void **state)
{
    (void)state;
    unsigned last = 0;
    for (uint64_t us = 0; us < UINT64_C(1) << 33; us += 1 + us / 50) {
        unsigned b = delay_bucket(us);
        assert_true(b >= last);
        assert_true(delay_bucket_us(b) <= us);
        assert_true(b == DELAY_BUCKETS - 1 || delay_bucket_us(b + 1) > us);
        assert_true(us - delay_bucket_us(b) <= us / 16);
        last = b;
    }
    assert_int_equal(delay_bucket(UINT64_MAX), DELAY_BUCKETS - 1);
    for (unsigned b = 0; b < DELAY_BUCKETS; b++)
        assert_int_equal(delay_bucket(delay_bucket_us(b)), b);
}

static void test_quantiles(void **state)
{
    (void)state;
    static const struct {
        double q;
        uint64_t us;
    } wanted[] = {{0, 1000}, {0.5, 1000}, {0.97, 1000}, {0.98, 1000}, {0.99, 500000}, {1, 500000}};
    struct metrics *m = metrics_make(2);
    uint64_t counts[DELAY_BUCKETS], us;
    metrics_delays(m, counts);
    assert_false(delay_quantile_us(counts, 0.5, &us));
    for (int i = 0; i < 98; i++)
        metric_add(&m->workers[i % 2].delay[delay_bucket(1000)], 1);
    metric_add(&m->workers[0].delay[delay_bucket(500000)], 2);
    metrics_delays(m, counts);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_true(delay_quantile_us(counts, wanted[i].q, &us));
        assert_int_equal(delay_bucket(us), delay_bucket(wanted[i].us));
    }
    free(m);
}

/* What promtool check metrics asks for: HELP and TYPE before each family, counters end in _total, no family
 * twice. */
static void check_families(char *text)
{
    char seen[200][64];
    size_t families = 0;
    char family[64] = "", kind[16] = "";
    for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n")) {
        if (sscanf(l, "# HELP %63s", family) == 1) {
            for (size_t i = 0; i < families; i++)
                assert_string_not_equal(seen[i], family);
            memcpy(seen[families++], family, sizeof(family));
            continue;
        }
        if (strncmp(l, "# TYPE ", 7) == 0) {
            char typed[64];
            assert_int_equal(sscanf(l, "# TYPE %63s %15s", typed, kind), 2);
            assert_string_equal(typed, family);
            size_t len = strlen(typed);
            assert_int_equal(strcmp(kind, "counter") == 0, len > 6 && strcmp(typed + len - 6, "_total") == 0);
            continue;
        }
        assert_memory_equal(l, family, strlen(family));
        assert_memory_equal(l, "fep_", 4);
    }
    assert_true(families > 40);
}

static void test_text(void **state)
{
    (void)state;
    struct metrics *m = metrics_make(2);
    struct text t = {0};
    metric_add(&m->workers[1].events, 7);
    metric_set(&m->committer.newest_seq, 123);
    metric_add(&m->workers[0].delay[delay_bucket(100)], 3);
    metric_add(&m->workers[1].delay[delay_bucket(UINT64_MAX)], 1);
    metrics_print(m, put, &t);
    assert_non_null(strstr(t.octets, "\nfep_received_events_total{worker=\"0\"} 0\n"));
    assert_non_null(strstr(t.octets, "\nfep_received_events_total{worker=\"1\"} 7\n"));
    assert_null(strstr(t.octets, "worker=\"2\""));
    assert_non_null(strstr(t.octets, "\nfep_journal_newest_sequence 123\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"0.000064\"} 0\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"0.000096\"} 0\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"0.000112\"} 3\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"0.000128\"} 3\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"67.108864\"} 3\n"));
    assert_non_null(strstr(t.octets, "_bucket{le=\"+Inf\"} 4\n"));
    assert_non_null(strstr(t.octets, "fep_confirm_delay_seconds_count 4\n"));
    check_families(t.octets);
    free(t.octets);
    free(m);
}

static void test_quirks_have_names(void **state)
{
    (void)state;
    struct metrics *m = metrics_make(2);
    struct text t = {0};
    metric_add(&m->workers[0].quirks[5], 3);
    metric_add(&m->workers[1].quirks[5], 4);
    metrics_print(m, put, &t);
    assert_non_null(strstr(t.octets, "# TYPE fep_quirks_total counter\n"));
    assert_non_null(strstr(t.octets, "fep_quirks_total{quirk=\"no_link_status\"} 7\n"));
    assert_non_null(strstr(t.octets, "fep_quirks_total{quirk=\"g52_count\"} 0\n"));
    assert_non_null(strstr(t.octets, "fep_unknown_objects_total{worker=\"1\"} 0\n"));
    free(t.octets);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quirks_have_names),
        cmocka_unit_test(test_buckets_cover_and_are_narrow),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
