// SPDX-License-Identifier: Apache-2.0
#include "fep/daemon.h"
#include "fep/options.h"
#include "fep/publisher/publisher.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int status_of(const struct options *o, bool good)
{
    bool readable = access(o->config_path, R_OK) == 0;
    return good ? EX_OK : readable ? EX_CONFIG : EX_NOINPUT;
}

/* What systemd hands over when the service starts has no path: elsewhere there is nothing to look at. */
static bool only_systemd_has(const char *path)
{
    return path && *path != '/' && !getenv("CREDENTIALS_DIRECTORY") && access(path, F_OK) != 0;
}

static struct publisher_secrets *load_secrets(const struct config *config, struct config_errors *errors)
{
    struct config_api api = config->fep.api;
    if (only_systemd_has(api.tls_certificate) || only_systemd_has(api.tls_key) ||
        only_systemd_has(api.client_ca))
        api.tls_certificate = api.tls_key = api.client_ca = NULL;
    if (only_systemd_has(api.users))
        api.users = NULL;
    return publisher_secrets_load(&api, errors);
}

/* All that a start would read: the files of certificates and users that the configuration names, too. */
static int check(const struct options *o)
{
    struct config_errors errors = {0};
    struct config *config = config_load(o->config_path, &errors);
    struct publisher_secrets *secrets = config ? load_secrets(config, &errors) : NULL;
    bool good = secrets != NULL;
    if (o->json)
        config_errors_print_json(&errors, stdout);
    else if (good)
        printf("%s: no errors, %zu stations\n", o->config_path, config->stations_len);
    else
        config_errors_print(&errors, stderr);
    config_errors_free(&errors);
    publisher_secrets_free(secrets);
    config_free(config);
    return status_of(o, good);
}

/* Set by the crash tests, never in service. */
static void read_test_settings(struct daemon_options *options)
{
    const char *hold = getenv("FEPD_TEST_HOLD_CONFIRM_MS");
    const char *doubt_off = getenv("FEPD_TEST_DOUBT_OFF");
    if (hold)
        options->hold_confirms_ms = (uint32_t)strtoul(hold, NULL, 10);
    options->doubt_off = doubt_off && strcmp(doubt_off, "1") == 0;
}

static int run(const struct options *o)
{
    struct config_errors errors = {0};
    struct config *config = config_load(o->config_path, &errors);
    if (!config) {
        config_errors_print(&errors, stderr);
        config_errors_free(&errors);
        return status_of(o, false);
    }
    struct log log;
    enum log_level level = (enum log_level)(o->log_level < 0 ? config->fep.log_level : o->log_level);
    log_init(&log, STDERR_FILENO, level, (enum log_format)config->fep.log_format,
             getenv("JOURNAL_STREAM") != NULL);
    struct daemon_options options = {.config_path = o->config_path,
                                     .notify_path = getenv("NOTIFY_SOCKET"),
                                     .watchdog_usec = getenv("WATCHDOG_USEC"),
                                     .watchdog_pid = getenv("WATCHDOG_PID"),
                                     .log_level = o->log_level};
    read_test_settings(&options);
    signal(SIGPIPE, SIG_IGN);
    return daemon_run(&options, config, &log);
}

int main(int argc, char **argv)
{
    struct options o = options_parse(argc, argv);
    switch (o.command) {
    case OPTIONS_RUN:
        return run(&o);
    case OPTIONS_CHECK:
        return check(&o);
    case OPTIONS_KEYS:
        config_keys_print(stdout);
        return EX_OK;
    case OPTIONS_SCHEMA:
        config_schema_print(stdout);
        return EX_OK;
    case OPTIONS_VERSION:
        printf("fepd %s\n", FEP_VERSION);
        return EX_OK;
    case OPTIONS_HELP:
        options_help();
        return EX_OK;
    case OPTIONS_WRONG:
        return EX_USAGE;
    }
    return EX_SOFTWARE;
}
