// SPDX-License-Identifier: Apache-2.0
/* The main thread between start and stop: signals, reloads, a line to the service manager. */
#include "fep/daemon.h"

#include "fep/daemon_state.h"
#include "fep/io/clock.h"
#include "fep/sdnotify.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    LOOK_MS = 100,
    STATUS_MS = 10000,
    GIVE_BACK_MS = 5000, /* between two times that free memory goes to the system */
    STOP_ALL_MS = 4000   /* of the five seconds that stopping may take */
};

static_assert((int)CONFIG_LOG_ERROR == LOG_LEVEL_ERROR && (int)CONFIG_LOG_DEBUG == LOG_LEVEL_DEBUG &&
                  (int)CONFIG_LOG_JSON == LOG_FORMAT_JSON,
              "the configuration's numbers are the log's");

void daemon_await(struct daemon *d, const _Atomic bool *done)
{
    while (!atomic_load_explicit(done, memory_order_acquire))
        loop_turn(d->loop, LOOK_MS);
}

void daemon_committer(struct daemon *d, struct committer_order *order)
{
    order->asker = &d->wake;
    committer_thread_order(d->committer_thread, order);
    daemon_await(d, &order->done);
}

static void tell_status(struct daemon *d, int64_t now_ms)
{
    char text[160];
    uint64_t online = 0;
    for (uint32_t i = 0; i < d->workers_len; i++)
        online += metric_get(&d->metrics.workers[i].online);
    snprintf(text, sizeof(text), "STATUS=%" PRIu64 " of %zu stations on line, journal at %" PRIu64 "%s",
             online, d->catalog->stations_len, metric_get(&d->metrics.committer.newest_seq),
             metric_get(&d->metrics.committer.failing) ? ", the store fails" : "");
    (void)sdnotify_send(d->options.notify_path, text);
    d->status_due_ms = now_ms + STATUS_MS;
}

/* Each thread is woken, and has to have turned by the next time. */
static void watch_threads(struct daemon *d, int64_t now_ms)
{
    uint64_t turns[WATCHDOG_THREADS];
    size_t len = 0;
    if (!watchdog_due(&d->watchdog, now_ms))
        return;
    turns[len++] = metric_get(&d->metrics.committer.turns);
    turns[len++] = metric_get(&d->metrics.publisher.turns);
    for (uint32_t i = 0; i < d->workers_len; i++)
        turns[len++] = metric_get(&d->metrics.workers[i].turns);
    if (watchdog_look(&d->watchdog, turns, len, now_ms))
        (void)sdnotify_send(d->options.notify_path, "WATCHDOG=1");
    wake_up(&d->committer_wake);
    wake_up(&d->publisher_wake);
    for (uint32_t i = 0; i < d->workers_len; i++)
        worker_wake(d->workers[i]);
}

/* What reading the stations took, or was in flight at the worst moment, is not kept for ever. */
static void give_back(struct daemon *d, int64_t now_ms)
{
    (void)malloc_trim(0);
    d->give_back_due_ms = now_ms + GIVE_BACK_MS;
}

void daemon_tell_clock(const struct daemon *d)
{
    if (d->catalog->config->fep.clock == CONFIG_CLOCK_NTP && !clock_is_told())
        LOG(d->log, LOG_LEVEL_WARNING, "clock_unknown",
            "the system does not let fepd ask whether the clock is right (adjtimex): no station's clock is "
            "set; allow it, or set fep.clock to system",
            log_text("error", strerror(errno)));
}

static void daemon_serve(struct daemon *d)
{
    LOG(d->log, LOG_LEVEL_INFO, "ready", "fepd is at work", log_text("version", FEP_VERSION),
        log_number("stations", (int64_t)d->catalog->stations_len), log_number("workers", d->workers_len),
        log_text("database", d->catalog->config->fep.database));
    daemon_tell_clock(d);
    (void)sdnotify_send(d->options.notify_path, "READY=1");
    watchdog_init(&d->watchdog, d->options.watchdog_usec, d->options.watchdog_pid, clock_now_ms());
    while (!d->control.stop) {
        int64_t now_ms = clock_now_ms();
        if (now_ms >= d->status_due_ms)
            tell_status(d, now_ms);
        if (now_ms >= d->give_back_due_ms)
            give_back(d, now_ms);
        watch_threads(d, now_ms);
        int64_t due_ms = earlier_ms(d->status_due_ms, d->give_back_due_ms);
        if (d->watchdog.every_ms)
            due_ms = earlier_ms(due_ms, d->watchdog.due_ms);
        loop_turn(d->loop, due_ms > now_ms ? due_ms - now_ms : 0);
        if (atomic_exchange(&d->reload_asked, false))
            d->control.reload = true;
        if (d->control.reload && !d->control.stop) {
            d->control.reload = false;
            reload_run(d);
        }
    }
    LOG(d->log, LOG_LEVEL_INFO, "stopping",
        "fepd stops: what is stored is confirmed, then all connections end",
        log_number("stations", (int64_t)d->catalog->stations_len));
    (void)sdnotify_send(d->options.notify_path, "STOPPING=1");
}

static void tell_test_settings(struct daemon *d)
{
    if (d->options.hold_confirms_ms)
        LOG(d->log, LOG_LEVEL_WARNING, "test_setting", "FEPD_TEST_HOLD_CONFIRM_MS is set: for tests only",
            log_number("hold_ms", d->options.hold_confirms_ms));
    if (d->options.doubt_off)
        LOG(d->log, LOG_LEVEL_WARNING, "test_setting",
            "FEPD_TEST_DOUBT_OFF is set: repeated events are stored twice; for tests only",
            log_number("doubt", 0));
}

int daemon_run(const struct daemon_options *options, struct config *config, struct log *log)
{
    struct daemon *d = aligned_alloc(_Alignof(struct daemon), sizeof(*d));
    if (!d) {
        config_free(config);
        return EX_OSERR;
    }
    memset(d, 0, sizeof(*d));
    d->options = *options;
    d->config = config;
    d->log = log;
    d->wake.fd = d->committer_wake.fd = d->publisher_wake.fd = -1;
    tell_test_settings(d);
    int status = daemon_start(d);
    if (status == EX_OK)
        daemon_serve(d);
    d->stop_by_ms = (d->control.stop ? d->control.stop_ms : clock_now_ms()) + STOP_ALL_MS;
    daemon_stop(d);
    if (status == EX_OK)
        LOG(log, LOG_LEVEL_INFO, "stopped", "fepd has stopped", log_number("status", status));
    config_free(d->config);
    free(d);
    return status;
}
