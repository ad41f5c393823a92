// SPDX-License-Identifier: Apache-2.0
/*
 * What fepd consists of, stage by stage. Each is started after those before it and stopped before them; one
 * that can't be started has cleaned up behind itself and says what exit status that means. The table is at
 * the end.
 */
#include "fep/command_recover.h"
#include "fep/daemon_state.h"
#include "fep/io/clock.h"
#include "fep/io/thread.h"
#include "fep/registration.h"
#include "fep/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

enum {
    BATCHES_ROOM = 4096,
    COMMITTED_ROOM = 256,
    REQUESTS_ROOM = 256,
    STOP_WORKERS_MS = 2800 /* of the STOP_ALL_MS */
};

static int fail(struct daemon *d, int status, const char *event, const char *text, const char *error)
{
    LOG(d->log, LOG_LEVEL_ERROR, event, text, log_text("error", error));
    return status;
}

static void main_woken(struct loop_watch *watch, unsigned what)
{
    (void)what;
    wake_clear(&LOOP_OWNER(watch, struct daemon, wake_watch)->wake);
}

/* --- plumbing --- */

static bool open_mailboxes(struct daemon *d)
{
    for (uint32_t i = 0; i < d->workers_len; i++)
        if (!mailbox_open(&d->batches[i], BATCHES_ROOM))
            return false;
    return mailbox_open(&d->requests, REQUESTS_ROOM) && mailbox_open(&d->answers, REQUESTS_ROOM) &&
           mailbox_open(&d->committed, COMMITTED_ROOM);
}

static int plumbing_start(struct daemon *d)
{
    const struct config_fep *fep = &d->config->fep;
    uint32_t workers = fep->workers ? fep->workers : thread_cores();
    d->workers_len = workers < METRICS_WORKERS_MAX ? workers : METRICS_WORKERS_MAX;
    d->metrics.workers_len = d->workers_len;
    d->database = strdup(fep->database);
    d->listen_host = strdup(fep->listen_host);
    d->loop = loop_open();
    trace_board_init(&d->traces, &d->publisher_wake);
    d->wake_kind = (struct loop_kind){d->loop, main_woken};
    if (d->database && d->listen_host && d->loop && open_mailboxes(d) && wake_open(&d->wake) &&
        wake_open(&d->committer_wake) && wake_open(&d->publisher_wake) &&
        loop_watch_start(&d->wake_kind, &d->wake_watch, d->wake.fd, LOOP_READ))
        return EX_OK;
    return fail(d, EX_OSERR, "start_failed", "the system gives no descriptors or memory", strerror(errno));
}

static void plumbing_stop(struct daemon *d)
{
    loop_watch_stop(&d->wake_watch);
    trace_board_free(&d->traces);
    loop_close(d->loop);
    wake_close(&d->wake);
    wake_close(&d->committer_wake);
    wake_close(&d->publisher_wake);
    for (uint32_t i = 0; i < d->workers_len; i++)
        mailbox_close(&d->batches[i]);
    mailbox_close(&d->requests);
    mailbox_close(&d->answers);
    mailbox_close(&d->committed);
    free(d->database);
    free(d->listen_host);
}

/* --- signals, and how many connections the system allows --- */

static void raise_descriptors(struct daemon *d)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    rlim_t wanted = d->config->stations_len + d->config->fep.max_consumers + 64;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted)
        LOG(d->log, LOG_LEVEL_WARNING, "few_descriptors",
            "the system allows fewer open files than the station list needs (LimitNOFILE=, ulimit -n)",
            log_number("allowed", (int64_t)limit.rlim_cur), log_number("needed", (int64_t)wanted));
}

static int signals_start(struct daemon *d)
{
    raise_descriptors(d);
    if (control_start(&d->control, d->loop))
        return EX_OK;
    return fail(d, EX_OSERR, "start_failed", "signals can't be taken in", strerror(errno));
}

static void signals_stop(struct daemon *d)
{
    control_stop(&d->control);
}

/* --- store --- */

static const int status_of_store[] = {
    [STORE_OK] = EX_OK,
    [STORE_BUSY] = EX_TEMPFAIL,
    [STORE_FULL] = EX_IOERR,
    [STORE_IO] = EX_IOERR,
    [STORE_REFUSED] = EX_SOFTWARE,
    [STORE_CORRUPT] = EX_CONFIG,
    [STORE_NEWER] = EX_CONFIG,
    [STORE_NOT_A_DATABASE] = EX_CONFIG,
    [STORE_FOREIGN] = EX_CONFIG,
    [STORE_CANNOT_OPEN] = EX_CANTCREAT,
};

static int store_start(struct daemon *d)
{
    char error[512];
    struct store_options options = {0};
    enum store_result result = store_open(&d->store, d->config->fep.database, &options, error, sizeof(error));
    if (result == STORE_OK)
        return EX_OK;
    LOG(d->log, LOG_LEVEL_ERROR, "database_failed", error, log_text("database", d->config->fep.database),
        log_text("reason", store_result_text(result)));
    return status_of_store[result];
}

static void store_stop(struct daemon *d)
{
    store_close(d->store);
}

/* --- station list --- */

static int stations_start(struct daemon *d)
{
    char error[512];
    uint32_t *numbers = calloc(d->config->stations_len + 1, sizeof(*numbers));
    if (!numbers)
        return fail(d, EX_OSERR, "start_failed", "no memory", strerror(ENOMEM));
    enum store_result result = registration_write(d->store, d->config, numbers, error, sizeof(error));
    if (result == STORE_OK) {
        d->catalog = catalog_build(d->config, numbers, 1, d->workers_len);
        d->config = NULL;
    }
    free(numbers);
    if (result != STORE_OK)
        return fail(d, status_of_store[result], "database_failed", "the station names can't be stored",
                    error);
    metric_set(&d->metrics.daemon.generation, d->catalog->generation);
    metric_set(&d->metrics.daemon.stations, d->catalog->stations_len);
    metric_set(&d->metrics.daemon.started_ms, (uint64_t)clock_wall_ms());
    return EX_OK;
}

static void stations_stop(struct daemon *d)
{
    catalog_free(d->catalog);
    free(d->stations.by_number);
}

/* --- workers' memory --- */

static int workers_make(struct daemon *d)
{
    const struct config_fep *fep = &d->catalog->config->fep;
    for (uint32_t i = 0; i < d->workers_len; i++) {
        struct worker_options options = {.index = i,
                                         .workers = d->workers_len,
                                         .core = fep->pin_workers ? (int)i : -1,
                                         .fep = fep,
                                         .hold_confirms_ms = d->options.hold_confirms_ms,
                                         .log = d->log,
                                         .traces = &d->traces,
                                         .metrics = &d->metrics.workers[i],
                                         .batches = &d->batches[i],
                                         .committer_wake = &d->committer_wake};
        d->workers[i] = worker_new(&options);
        if (!d->workers[i]) {
            int error = errno;
            while (i--)
                worker_free(d->workers[i]);
            return fail(d, EX_OSERR, "start_failed", "a worker can't be made", strerror(error));
        }
    }
    return EX_OK;
}

static void workers_free(struct daemon *d)
{
    for (uint32_t i = 0; i < d->workers_len; i++)
        worker_free(d->workers[i]);
}

/* --- committer --- */

static struct committer_options committer_settings(const struct daemon *d)
{
    const struct config_fep *fep = &d->catalog->config->fep;
    return (struct committer_options){.workers = d->workers_len,
                                      .commit_interval_ms = fep->commit_interval_ms,
                                      .checkpoint_interval_ms = fep->checkpoint_interval_ms,
                                      .retention_age_s = fep->retention_age_s,
                                      .retention_size_mb = fep->retention_size_mb,
                                      .quarantine_per_station = fep->quarantine_per_station,
                                      .quarantine_total = fep->quarantine_total,
                                      .publish = true,
                                      .doubt_off = d->options.doubt_off};
}

static int commands_start(struct daemon *d, int64_t wall_ms)
{
    size_t open;
    enum store_result result = command_recover(d->store, wall_ms, &open);
    if (result != STORE_OK)
        return fail(d, status_of_store[result], "database_failed",
                    "what became of the last commands can't be stored", store_error(d->store));
    if (open)
        LOG(d->log, LOG_LEVEL_WARNING, "commands_unknown",
            "commands were under way when fepd ended: nobody knows whether they acted",
            log_number("commands", (int64_t)open));
    struct audit_head head;
    store_audit_head(d->store, &head);
    d->audit_at_start = head.id;
    return EX_OK;
}

/* What was asked for while fepd stopped, and came too late for its worker. */
static void commands_stop(struct daemon *d)
{
    size_t untaken;
    bool all_told = true;
    for (uint32_t i = 0; i < d->workers_len; i++)
        all_told = all_told && worker_has_told_all(d->workers[i]);
    if (!all_told)
        return; /* some may have left: the next start says that nobody knows */
    enum store_result result = command_refuse_untaken(d->store, d->audit_at_start, clock_wall_ms(), &untaken);
    if (result == STORE_OK && untaken)
        LOG(d->log, LOG_LEVEL_INFO, "commands_refused",
            "commands came while fepd stopped: they were not sent", log_number("commands", (int64_t)untaken));
}

static int committer_start(struct daemon *d)
{
    struct committer_options settings = committer_settings(d);
    struct instant at = {.now_ms = clock_now_ms(), .wall_ms = clock_wall_ms()};
    int status = commands_start(d, at.wall_ms);
    if (status != EX_OK)
        return status;
    d->committer = committer_new(d->store, &settings, &at);
    if (!d->committer)
        return fail(d, EX_IOERR, "database_failed", "what was stored can't be read back",
                    store_error(d->store));
    committer_catalog(d->committer, d->catalog);
    struct committer_thread_options options = {.store = d->store,
                                               .committer = d->committer,
                                               .database = d->database,
                                               .workers_len = d->workers_len,
                                               .workers = d->workers,
                                               .batches = d->batches,
                                               .requests = &d->requests,
                                               .answers = &d->answers,
                                               .committed = &d->committed,
                                               .publisher_wake = &d->publisher_wake,
                                               .wake = &d->committer_wake,
                                               .metrics = &d->metrics.committer,
                                               .log = d->log};
    d->committer_thread = committer_thread_start(&options);
    if (d->committer_thread)
        return EX_OK;
    committer_free(d->committer);
    return fail(d, EX_OSERR, "start_failed", "the committer's thread can't be started", strerror(errno));
}

static void committer_stop(struct daemon *d)
{
    struct committer_order order = {.kind = COMMITTER_FINISH, .deadline_ms = d->stop_by_ms};
    daemon_committer(d, &order);
    committer_thread_join(d->committer_thread);
    if (order.result != STORE_OK)
        LOG(d->log, LOG_LEVEL_ERROR, "not_stored",
            "the last batches could not be stored; they are not confirmed, so their stations repeat them",
            log_text("error", order.error));
    committer_free(d->committer);
    if (order.result == STORE_OK)
        commands_stop(d);
    void *left;
    for (uint32_t i = 0; i < d->workers_len; i++)
        while ((left = mailbox_take(&d->batches[i])))
            free(left);
    while ((left = mailbox_take(&d->requests)))
        snapshot_free(left);
    while ((left = mailbox_take(&d->answers)))
        snapshot_free(left);
    while ((left = mailbox_take(&d->committed)))
        free(left);
}

/* --- publisher --- */

static bool send_command(void *daemon, uint32_t worker, struct command *command)
{
    struct daemon *d = daemon;
    return worker_command(d->workers[worker], command);
}

static int publishing_start(struct daemon *d)
{
    char error[512] = "";
    const struct config_fep *fep = &d->catalog->config->fep;
    struct config_errors errors = {0};
    struct publisher_secrets *secrets = publisher_secrets_load(&fep->api, &errors);
    if (!secrets) {
        reload_tell_errors(d, &errors);
        config_errors_free(&errors);
        return fail(d, EX_CONFIG, "listen_failed", "consumers can't be served",
                    "certificates or users can't be read");
    }
    struct publisher_options options = {.listen_host = d->listen_host,
                                        .listen_port = fep->listen_port,
                                        .database = d->database,
                                        .max_consumers = fep->max_consumers,
                                        .metrics = &d->metrics,
                                        .committed = &d->committed,
                                        .answers = &d->answers,
                                        .requests = &d->requests,
                                        .wake = &d->publisher_wake,
                                        .committer_wake = &d->committer_wake,
                                        .send_command = send_command,
                                        .send_context = d,
                                        .traces = &d->traces,
                                        .reload = &d->reload_asked,
                                        .main_wake = &d->wake,
                                        .log = d->log,
                                        .secrets = secrets,
                                        .catalog = d->catalog};
    d->publisher = publisher_start(&options, error, sizeof(error));
    if (!d->publisher) {
        publisher_secrets_free(secrets);
        return fail(d, EX_UNAVAILABLE, "listen_failed", "consumers can't be served", error);
    }
    LOG(d->log, LOG_LEVEL_INFO, "listening",
        fep->api.tls_certificate ? "consumers are served over HTTPS" : "consumers are served over HTTP",
        log_text("host", fep->listen_host), log_number("port", publisher_port(d->publisher)));
    return EX_OK;
}

static void publishing_stop(struct daemon *d)
{
    publisher_stop(d->publisher);
}

/* --- workers --- */

static void workers_drain(struct daemon *d, uint32_t len)
{
    struct order *orders = calloc(len + 1, sizeof(*orders));
    if (!orders)
        abort();
    int64_t deadline_ms = clock_now_ms() + STOP_WORKERS_MS;
    for (uint32_t i = 0; i < len; i++) {
        orders[i] = (struct order){.kind = ORDER_DRAIN, .deadline_ms = deadline_ms, .asker = &d->wake};
        worker_order(d->workers[i], &orders[i]);
    }
    for (uint32_t i = 0; i < len; i++) {
        daemon_await(d, &orders[i].done);
        worker_join(d->workers[i]);
    }
    free(orders);
}

static int working_start(struct daemon *d)
{
    for (uint32_t i = 0; i < d->workers_len; i++) {
        if (!worker_start(d->workers[i])) {
            int error = errno;
            workers_drain(d, i);
            return fail(d, EX_OSERR, "start_failed", "a worker's thread can't be started", strerror(error));
        }
    }
    struct plan *plan = plan_make(NULL, d->catalog, &d->stations, d->workers_len);
    reload_apply(d, plan);
    plan_learn(plan, &d->stations);
    plan_free(plan);
    return EX_OK;
}

static void working_stop(struct daemon *d)
{
    workers_drain(d, d->workers_len);
}

static const struct stage {
    int (*start)(struct daemon *d); /* an exit status; has cleaned up behind itself where it is not EX_OK */
    void (*stop)(struct daemon *d);
} stages[] = {
    {plumbing_start, plumbing_stop},     {signals_start, signals_stop}, {store_start, store_stop},
    {stations_start, stations_stop},     {workers_make, workers_free},  {committer_start, committer_stop},
    {publishing_start, publishing_stop}, {working_start, working_stop},
};
enum { STAGES = sizeof(stages) / sizeof(stages[0]) };

int daemon_start(struct daemon *d)
{
    int status = EX_OK;
    while (d->started < STAGES && (status = stages[d->started].start(d)) == EX_OK)
        d->started++;
    if (status != EX_OK && d->started == 0)
        plumbing_stop(d);
    return status;
}

void daemon_stop(struct daemon *d)
{
    while (d->started)
        stages[--d->started].stop(d);
}
