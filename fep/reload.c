// SPDX-License-Identifier: Apache-2.0
/*
 * A reload, step by step: parse all; give new names their numbers; remove what goes, everywhere; tell the
 * committer and the publisher of the new list; add what comes; free the old list when nobody points to it any
 * more. Until the first removal nothing has changed, so an error up to there costs nothing.
 */
#include "fep/daemon_state.h"
#include "fep/io/clock.h"
#include "fep/sdnotify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMOVE_MS = 2000, ERRORS_TOLD = 20, LOOK_MS = 10 };

static void give_orders(struct daemon *d, struct order *(*which)(struct plan_part *), struct plan *plan)
{
    for (uint32_t i = 0; i < plan->workers; i++) {
        struct order *order = which(&plan->parts[i]);
        order->asker = &d->wake;
        order->deadline_ms = clock_now_ms() + REMOVE_MS;
        worker_order(d->workers[i], order);
    }
    for (uint32_t i = 0; i < plan->workers; i++)
        daemon_await(d, &which(&plan->parts[i])->done);
}

static struct order *the_remove(struct plan_part *part)
{
    return &part->remove;
}

static struct order *the_apply(struct plan_part *part)
{
    return &part->apply;
}

static void reload_remove(struct daemon *d, struct plan *plan)
{
    give_orders(d, the_remove, plan);
}

void reload_apply(struct daemon *d, struct plan *plan)
{
    give_orders(d, the_apply, plan);
}

void reload_tell_errors(struct daemon *d, const struct config_errors *errors)
{
    for (size_t i = 0; i < errors->len && i < ERRORS_TOLD; i++) {
        const struct config_error *e = &errors->list[i];
        LOG(d->log, LOG_LEVEL_ERROR, "configuration_error", e->text, log_text("file", e->file),
            log_number("line", e->line), log_number("column", e->column));
    }
}

/* False where anything in the configuration, or in the files of the API that it names, is wrong. */
static bool load(struct daemon *d, struct config **config, struct publisher_secrets **secrets)
{
    struct config_errors errors = {0};
    *secrets = NULL;
    *config = config_load(d->options.config_path, &errors);
    if (*config)
        *secrets = publisher_secrets_load(&(*config)->fep.api, &errors);
    if (*secrets)
        return true;
    reload_tell_errors(d, &errors);
    LOG(d->log, LOG_LEVEL_ERROR, "reload_failed", "the configuration has errors; nothing was changed",
        log_number("errors", (int64_t)(errors.len + errors.dropped)));
    config_errors_free(&errors);
    config_free(*config);
    return false;
}

/* NULL where the store refuses. */
static struct catalog *build(struct daemon *d, struct config *config)
{
    uint32_t *numbers = calloc(config->stations_len + 1, sizeof(*numbers));
    if (!numbers)
        abort();
    struct committer_order order = {.kind = COMMITTER_REGISTER, .config = config, .numbers = numbers};
    daemon_committer(d, &order);
    struct catalog *catalog = NULL;
    if (order.result == STORE_OK)
        catalog = catalog_build(config, numbers, d->catalog->generation + 1, d->workers_len);
    else
        LOG(d->log, LOG_LEVEL_ERROR, "reload_failed",
            "the store does not take the station names; nothing was changed", log_text("error", order.error));
    free(numbers);
    return catalog;
}

static void tell_fixed(struct daemon *d, const struct config_fep *before, const struct config_fep *after)
{
    const struct {
        const char *key;
        bool differs;
    } fixed[] = {
        {"workers", before->workers != after->workers},
        {"pin_workers", before->pin_workers != after->pin_workers},
        {"database", strcmp(before->database, after->database) != 0},
        {"listen",
         strcmp(before->listen_host, after->listen_host) != 0 || before->listen_port != after->listen_port},
        {"api (TLS on or off)", !before->api.tls_certificate != !after->api.tls_certificate},
        {"max_consumers", before->max_consumers != after->max_consumers},
        {"commit_interval", before->commit_interval_ms != after->commit_interval_ms},
        {"checkpoint_interval", before->checkpoint_interval_ms != after->checkpoint_interval_ms},
        {"retention", before->retention_age_s != after->retention_age_s ||
                          before->retention_size_mb != after->retention_size_mb},
        {"quarantine", before->quarantine_per_station != after->quarantine_per_station ||
                           before->quarantine_total != after->quarantine_total},
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (fixed[i].differs)
            LOG(d->log, LOG_LEVEL_WARNING, "needs_restart",
                "this setting changes only with a restart of fepd", log_text("setting", fixed[i].key));
}

static void swap(struct daemon *d, struct catalog *catalog)
{
    struct catalog *old = d->catalog;
    struct plan *plan = plan_make(old, catalog, &d->stations, d->workers_len);
    reload_remove(d, plan);
    struct committer_order order = {.kind = COMMITTER_CATALOG, .catalog = catalog};
    daemon_committer(d, &order);
    publisher_set_catalog(d->publisher, catalog);
    reload_apply(d, plan);
    plan_learn(plan, &d->stations);
    while (publisher_catalog_generation(d->publisher) != catalog->generation)
        loop_turn(d->loop, LOOK_MS);
    d->catalog = catalog;
    tell_fixed(d, &old->config->fep, &catalog->config->fep);
    daemon_tell_clock(d);
    LOG(d->log, LOG_LEVEL_INFO, "reloaded", "the station list has been read again",
        log_number("generation", catalog->generation), log_number("stations", (int64_t)catalog->stations_len),
        log_number("added", (int64_t)plan->added), log_number("removed", (int64_t)plan->removed),
        log_number("changed", (int64_t)plan->changed), log_number("kept", (int64_t)plan->kept));
    plan_free(plan);
    catalog_free(old);
}

static bool reload(struct daemon *d)
{
    struct config *config;
    struct publisher_secrets *secrets;
    if (!load(d, &config, &secrets))
        return false;
    struct catalog *catalog = build(d, config);
    if (!catalog) {
        publisher_secrets_free(secrets);
        config_free(config);
        return false;
    }
    bool encrypted = d->catalog->config->fep.api.tls_certificate != NULL;
    swap(d, catalog);
    if (encrypted == (d->catalog->config->fep.api.tls_certificate != NULL))
        publisher_set_secrets(d->publisher, secrets);
    else
        publisher_secrets_free(secrets);
    const struct config_fep *fep = &d->catalog->config->fep;
    atomic_store(&d->log->format, fep->log_format);
    if (d->options.log_level < 0)
        atomic_store(&d->log->level, fep->log_level);
    return true;
}

void reload_run(struct daemon *d)
{
    char text[80];
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_now_us());
    (void)sdnotify_send(d->options.notify_path, text);
    if (reload(d)) {
        metric_add(&d->metrics.daemon.reloads, 1);
        metric_set(&d->metrics.daemon.generation, d->catalog->generation);
        metric_set(&d->metrics.daemon.stations, d->catalog->stations_len);
    } else {
        metric_add(&d->metrics.daemon.reloads_failed, 1);
    }
    (void)sdnotify_send(d->options.notify_path, "READY=1");
}
