// SPDX-License-Identifier: Apache-2.0
/* What several scenarios put into their records. */
#include "tools/fepbench/scenarios.h"

const struct bench_list scenario_one_value = {.of = {1}, .len = 1};

void scenario_put_figures(struct record *r, const struct figures *f)
{
    record_put(r, "msg_s", f->messages_per_s);
    record_put(r, "values_s", f->values_per_s);
    record_put(r, "cpu_us", f->cpu_us);
    record_put(r, "user_us", f->user_us);
    record_put(r, "system_us", f->system_us);
    record_put(r, "p50_us", f->p50_us);
    record_put(r, "p99_us", f->p99_us);
    record_put(r, "p999_us", f->p999_us);
    record_put(r, "answer_p99_us", f->answer_p99_us);
    record_put(r, "msg_commit", f->messages_per_commit);
    record_put(r, "calls", f->calls_per_message);
    record_put(r, "worker_pct", f->worker_pct);
    record_put(r, "committer_pct", f->committer_pct);
    record_put(r, "load_us", f->load_cpu_us);
    record_put(r, "rss_mib", f->resident_kib / 1024);
}

void scenario_put_floor(struct record *r, const struct floor_figures *f)
{
    record_put(r, "floor_msg_s", f->messages_per_s);
    record_put(r, "floor_cpu_us", f->cpu_us);
    record_put(r, "floor_p99_us", f->p99_us);
}

void scenario_put_pair(struct record *r, const struct pair *p)
{
    scenario_put_figures(r, &p->figures);
    scenario_put_floor(r, &p->floor);
}
