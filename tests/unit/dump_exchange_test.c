// SPDX-License-Identifier: Apache-2.0
/* Response times and sequence anomalies of an association; and that what is kept of flows is bounded. */
#include "support/cm.h"
#include "support/hex.h"
#include "tools/dnp3dump/dump.h"

static void passes(struct exchange *x, const char *hex, int64_t now_ms)
{
    uint8_t octets[64];
    struct app_fragment f;
    assert_int_equal(app_parse(octets, hex_parse(hex, octets, sizeof octets), &f), APP_OK);
    exchange_fragment(x, &f, false, now_ms * 1000000);
}

static void a_clean_exchange(void **state)
{
    (void)state;
    struct exchange x = {0};
    passes(&x, "C3 01 3C 02 06", 0);
    passes(&x, "A3 81 00 00", 20); /* two fragments, confirmed */
    passes(&x, "C3 00", 21);
    passes(&x, "64 81 00 00", 50);
    passes(&x, "C4 00", 51);
    passes(&x, "C5 01 3C 02 06", 100);
    passes(&x, "C5 81 00 00", 130);
    passes(&x, "F0 82 00 00", 140);
    passes(&x, "D0 00", 141);
    passes(&x, "F1 82 00 00", 150);
    passes(&x, "D1 00", 151);
    assert_int_equal(x.requests, 2);
    assert_int_equal(x.responses, 3);
    assert_int_equal(x.unsolicited, 2);
    assert_int_equal(x.confirms, 4);
    assert_int_equal(x.response_time.count, 2);
    assert_int_equal(x.response_time.min_ns, 20000000);
    assert_int_equal(x.response_time.max_ns, 30000000);
    assert_int_equal(x.repeated_requests + x.request_jumps + x.stray_responses + x.unanswered, 0);
    assert_int_equal(x.repeated_unsolicited + x.unsolicited_jumps + x.stray_confirms + x.unconfirmed, 0);
}

static void requests_that_are_odd(void **state)
{
    (void)state;
    struct exchange x = {0};
    passes(&x, "C3 01 3C 02 06", 0);
    passes(&x, "C3 01 3C 02 06", 10); /* again */
    passes(&x, "C9 01 3C 02 06", 20); /* a jump */
    assert_int_equal(x.unanswered, 2);
    assert_int_equal(x.repeated_requests, 1);
    assert_int_equal(x.request_jumps, 1);
    passes(&x, "CA 06 0C 01 06", 30); /* nobody answers that */
    passes(&x, "CB 01 3C 02 06", 40);
    assert_int_equal(x.unanswered, 3);
}

static void responses_that_are_odd(void **state)
{
    (void)state;
    struct exchange x = {0};
    passes(&x, "C3 81 00 00", 0); /* the capture began too late to judge it */
    assert_int_equal(x.stray_responses, 0);
    passes(&x, "C3 01 3C 02 06", 0);
    passes(&x, "C2 81 00 00", 10); /* of the request before */
    assert_int_equal(x.stray_responses, 1);
    assert_int_equal(x.response_time.count, 0);
    passes(&x, "C4 01 3C 02 06", 0);
    passes(&x, "84 81 00 00", 10);
    passes(&x, "46 81 00 00", 20); /* 5 is missing */
    assert_int_equal(x.stray_responses, 2);
    passes(&x, "C7 00", 30); /* nothing wants it */
    assert_int_equal(x.stray_confirms, 1);
    passes(&x, "F0 82 00 00", 40);
    passes(&x, "F0 82 00 00", 50); /* the same again, for want of a confirm */
    passes(&x, "F2 82 00 00", 60);
    assert_int_equal(x.repeated_unsolicited, 1);
    assert_int_equal(x.unsolicited_jumps, 1);
    assert_int_equal(x.unconfirmed, 2);
}

static void quantiles(void **state)
{
    (void)state;
    static struct spread s;
    for (int64_t ms = 1; ms <= 1000; ms++)
        spread_add(&s, ms * 1000000);
    assert_int_equal(s.min_ns, 1000000);
    assert_int_equal(s.max_ns, 1000000000);
    assert_in_range(spread_quantile_ns(&s, 0.5), 440000000, 560000000);
    assert_in_range(spread_quantile_ns(&s, 0.99), 870000000, 1000000000);
    spread_add(&s, -5); /* clocks go back */
    spread_add(&s, INT64_MAX);
    assert_int_equal(spread_quantile_ns(&s, 1), INT64_MAX);
}

static void one_flow_both_ways(void **state)
{
    (void)state;
    static struct flow_table t;
    struct packet p = {.from = {.address = {1}, .port = 7}, .to = {.address = {2}, .port = 20000}};
    struct packet back = {.from = p.to, .to = p.from};
    unsigned side = 9;
    assert_null(flow_find(&t, FLOW_TCP, &p, &side));
    struct flow *f = flow_add(&t, FLOW_TCP, &p);
    assert_ptr_equal(flow_find(&t, FLOW_TCP, &p, &side), f);
    assert_int_equal(side, 0);
    assert_ptr_equal(flow_find(&t, FLOW_TCP, &back, &side), f);
    assert_int_equal(side, 1);
    assert_null(flow_find(&t, FLOW_UDP, &p, &side));
    struct association *a = flow_association(f, 1, 10);
    assert_ptr_equal(flow_association(f, 1, 10), a);
    assert_ptr_not_equal(flow_association(f, 10, 1), a);
    flow_remove(&t, f);
    assert_int_equal(t.count, 0);
    assert_null(t.oldest);
}

/* From ever new ports: the flow used least recently goes. */
static void flows_are_bounded(void **state)
{
    (void)state;
    static struct dump d;
    uint8_t packet[28 + 10];
    hex_parse("45 00 00 26 00 01 00 00 40 11 00 00 0A 00 00 01 0A 00 00 02 00 00 4E 20 00 12 00 00"
              "05 64 05 C9 0A 00 01 00 FE DA",
              packet, sizeof packet);
    dump_begin(&d, &(struct dump_options){.style = OUTPUT_NOTHING}, stdout);
    dump_file(&d, "none");
    for (unsigned port = 0; port < FLOWS_MAX + 100; port++) {
        packet[20] = (uint8_t)(port >> 8);
        packet[21] = (uint8_t)port;
        dump_packet(&d, 12, packet, sizeof packet, (struct stamp){.packet = port});
    }
    assert_int_equal(d.flows.count, FLOWS_MAX);
    assert_int_equal(d.flows.oldest->end[0].port, 100);
    assert_int_equal(d.stats.evicted, 100);
    assert_int_equal(d.stats.frames, FLOWS_MAX + 100);
    dump_file_end(&d);
    assert_int_equal(d.flows.count, 0);
    dump_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_exchange),       cmocka_unit_test(requests_that_are_odd),
        cmocka_unit_test(responses_that_are_odd), cmocka_unit_test(quantiles),
        cmocka_unit_test(one_flow_both_ways),     cmocka_unit_test(flows_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
