// SPDX-License-Identifier: Apache-2.0
/* One row a key: what it allows, its default, its help. `fepd --keys` prints them. */
#include "config/keys.h"

#include "config/schema_rows.h"

static const char *const clocks[] = {"system", "ntp", NULL};
static const char *const log_formats[] = {"logfmt", "json", NULL};
static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};
/* Bit by bit as enum master_quirk of the protocol library, which this library does not know. */
static const char *const quirks[] = {"no_unsolicited",      "bare_g50v1",     "tcc_swapped", "sticky_iin",
                                     "zero_length_strings", "no_link_status", "g52_count",   NULL};
/* In the order of enum control_mode, enum crob_operation and CROB_CLOSE, CROB_TRIP of the protocol library.
 */
static const char *const control_modes[] = {"select", "direct", "direct_no_ack", NULL};
static const char *const operations[] = {"nul", "pulse_on", "pulse_off", "latch_on", "latch_off", NULL};
static const char *const codes[] = {"nul", "close", "trip", NULL};
static const char *const actions[] = {"poll",    "time_sync",    "enable",   "freeze",
                                      "restart", "assign_class", "deadband", NULL};
static const char *const loopbacks[] = {"read", "write", "closed", NULL};
static const char *const time_syncs[] = {"none", "lan", "non_lan", "direct", NULL};

const char *const config_point_types[] = {
    "binary_input",        "double_bit_input", "binary_output_status", "counter",
    "frozen_counter",      "analog_input",     "analog_output_status", "binary_command",
    "frozen_analog_input", "analog_command",   "octet_string",         NULL};

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    DAY_S = 24 * 3600,
    ALL_CLASSES = CONFIG_CLASS_0 | CONFIG_CLASS_1 | CONFIG_CLASS_2 | CONFIG_CLASS_3,
    EVENT_CLASSES = CONFIG_CLASS_1 | CONFIG_CLASS_2 | CONFIG_CLASS_3,
    LAST_ADDRESS = 0xFFEF, /* those above are reserved and broadcasts: dnp3-reference/link.md */
    LONGEST_NAME = 128
};

#define SECRET(text, field, about)                                                                           \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_STRING, FIELD(struct config_api, field), .min = 1, .max = 4000,          \
        .help = about                                                                                        \
    }

static const struct schema_row api_rows[] = {
    SECRET("tls_certificate", tls_certificate,
           "PEM file: own certificate, then those between it and the root. A name without / at its beginning "
           "is looked for in $CREDENTIALS_DIRECTORY (systemd), where that is set. All of these files are "
           "read again on reload."),
    SECRET("tls_key", tls_key, "PEM file: its key; only fepd may read it."),
    SECRET("client_ca", client_ca,
           "PEM file: who signs client certificates. Without it nobody can show one in place of a token."),
    SECRET("users", users,
           "File of users, with the hashes of their tokens: a list `users:`, whose keys are below."),
    CHOICE("loopback", struct config_api, loopback, loopbacks, "read",
           "Without TLS: anybody on this machine reads and nobody writes; anybody reads, and writing needs a "
           "token where there are users; or nothing goes without a token."),
};
static const struct schema keys_api = SCHEMA("api", struct config_api, api_rows);

static const struct schema_row fep_rows[] = {
    NUMBER("workers", struct config_fep, workers, 0, 256, "0", "threads",
           "Threads that talk to stations; 0 is one a core."),
    SWITCH("pin_workers", struct config_fep, pin_workers, "false", "Bind each worker to a core of its own."),
    {.key = "database",
     .kind = SCHEMA_STRING,
     FIELD(struct config_fep, database),
     .min = 1,
     .max = 4000,
     .fallback = "/var/lib/fepd/fepd.db",
     .help = "The SQLite file that events are stored in."},
    {.key = "listen_host",
     .kind = SCHEMA_STRING,
     FIELD(struct config_fep, listen_host),
     .min = 1,
     .max = 45,
     .fallback = "127.0.0.1",
     .help = "Address of the HTTP interface; loopback only, unless `api:` has TLS."},
    NUMBER("listen_port", struct config_fep, listen_port, 0, 65535, "8080", NULL,
           "Port of the HTTP interface; 0 is any free one, printed at start."),
    NUMBER("connects_per_s", struct config_fep, connects_per_s, 1, 100000, "500", "1/s",
           "Connection attempts over all stations."),
    DURATION("commit_interval", struct config_fep, commit_interval_ms, 0, 1000, "2ms",
             "Commits begin at least this far apart; the first after a quiet moment at once."),
    DURATION(
        "checkpoint_interval", struct config_fep, checkpoint_interval_ms, 100, HOUR_MS, "10s",
        "Between two passes that write current values and station states behind; a crash costs reading the "
        "journal of that time again."),
    {.key = "retention_age",
     .kind = SCHEMA_DURATION,
     FIELD(struct config_fep, retention_age_s),
     .min = 0,
     .max = 100.0 * 365 * DAY_S,
     .fallback = "0",
     .unit = "s",
     .help = "Events older than this are deleted; 0 is never."},
    NUMBER("retention_size_mb", struct config_fep, retention_size_mb, 0, 1e9, "0", "MB",
           "The oldest events are deleted while the database file is larger; 0 is no limit."),
    NUMBER("quarantine_per_station", struct config_fep, quarantine_per_station, 1, 100000, "16", "fragments",
           "Unreadable fragments kept for each station, the oldest replaced."),
    NUMBER("quarantine_total", struct config_fep, quarantine_total, 1, 10000000, "10000", "fragments",
           "Unreadable fragments kept over all stations."),
    NUMBER("batch_memory_mb", struct config_fep, batch_memory_mb, 1, 65536, "64", "MB",
           "What may wait for a stalled store, for each worker; then stations keep their events."),
    NUMBER("max_consumers", struct config_fep, max_consumers, 1, 10000, "200", "connections",
           "HTTP connections at a time."),
    {.key = "api",
     .kind = SCHEMA_MAPPING,
     FIELD(struct config_fep, api),
     .sub = &keys_api,
     .help = "Who may use the HTTP interface, and how it is encrypted."},
    CHOICE("clock", struct config_fep, clock, clocks, "system",
           "Whether the own clock is good enough to set a station's: always, or only while NTP says so."),
    CHOICE("log_format", struct config_fep, log_format, log_formats, "logfmt", "Of the lines on stderr."),
    CHOICE("log_level", struct config_fep, log_level, log_levels, "info",
           "The least important line written."),
    NUMBER("log_lines_per_station", struct config_fep, log_lines_per_station, 1, 100000, "20", "lines/min",
           "At most so many lines a minute about one station."),
};
const struct schema keys_fep = SCHEMA("fep", struct config_fep, fep_rows);

static const struct schema_row poll_rows[] = {
    {.key = "period",
     .kind = SCHEMA_DURATION,
     FIELD(struct config_poll, period_ms),
     .min = 10,
     .max = DAY_MS,
     .required = true,
     .unit = "ms",
     .help = "From one poll to the next."},
    {.key = "classes",
     .kind = SCHEMA_CLASSES,
     FIELD(struct config_poll, classes),
     .max = ALL_CLASSES,
     .help = "Classes to read; all four make the periodic integrity poll."},
    NUMBER("group", struct config_poll, group, 1, 255, NULL, NULL,
           "Instead of classes: the object group to read, all points, e.g. 30 for analog inputs."),
    NUMBER("variation", struct config_poll, variation, 0, 255, "0", NULL,
           "Of the group; 0 leaves the choice to the station."),
};
const struct schema keys_poll = SCHEMA("poll", struct config_poll, poll_rows);

static const struct schema_row session_rows[] = {
    DURATION("response_timeout", struct config_session, response_timeout_ms, 10, 10 * MINUTE_MS, "5s",
             "For each fragment of a response."),
    DURATION("confirm_timeout", struct config_session, confirm_timeout_ms, 10, 10 * MINUTE_MS, "5s",
             "How long the station itself waits for our confirm: as configured there."),
    DURATION("link_idle", struct config_session, link_idle_ms, 0, DAY_MS, "60s",
             "Silence after which the link is tested; 0 is never."),
    DURATION("link_timeout", struct config_session, link_timeout_ms, 10, 10 * MINUTE_MS, "5s",
             "For the answer to that test; without one the connection is closed."),
    DURATION("connect_timeout", struct config_session, connect_timeout_ms, 10, 10 * MINUTE_MS, "10s",
             "For a TCP connection to come about."),
    DURATION("reconnect_min", struct config_session, reconnect_min_ms, 10, HOUR_MS, "1s",
             "Pause before the first attempt to connect again; it doubles."),
    DURATION("reconnect_max", struct config_session, reconnect_max_ms, 10, DAY_MS, "60s",
             "The longest such pause."),
    DURATION("task_retry_min", struct config_session, task_retry_min_ms, 10, HOUR_MS, "5s",
             "Pause before a failed request is made again; it doubles."),
    DURATION("task_retry_max", struct config_session, task_retry_max_ms, 10, DAY_MS, "60s",
             "The longest such pause."),
    DURATION("offline_poll", struct config_session, offline_poll_ms, 10, DAY_MS, "60s",
             "Pace of attempts while the station is off line."),
    DURATION("time_sync_period", struct config_session, time_sync_period_ms, 0, 30.0 * DAY_MS, "0",
             "How often the station's clock is set unasked; 0 is only when it asks (IIN1.4)."),
    NUMBER("max_fragment", struct config_session, max_fragment, 2048, 65535, "2048", "octets",
           "The longest response fragment accepted."),
    NUMBER("request_retries", struct config_session, request_retries, 0, 1, "0", NULL,
           "Immediate repetitions of an unanswered request."),
    NUMBER("offline_after", struct config_session, offline_after, 1, 255, "3", "timeouts",
           "So many in a row make a station off line."),
    {.key = "unsolicited_classes",
     .kind = SCHEMA_CLASSES,
     FIELD(struct config_session, unsolicited_classes),
     .max = EVENT_CLASSES,
     .fallback = "[1, 2, 3]",
     .help = "Classes that the station shall report by itself; [] leaves that disabled."},
    {.key = "event_scan_classes",
     .kind = SCHEMA_CLASSES,
     FIELD(struct config_session, event_scan_classes),
     .max = EVENT_CLASSES,
     .fallback = "[]",
     .help = "Classes polled at once when the station says that it has events (IIN1.1 to IIN1.3) and is not "
             "expected to report them by itself."},
    CHOICE("time_sync", struct config_session, time_sync, time_syncs, "lan",
           "How the station's clock is set: not at all, LAN, non-LAN with delay measurement, or written at "
           "once."),
    SWITCH("disable_unsolicited_first", struct config_session, disable_unsolicited_first, "true",
           "Silence unsolicited responses at start-up until the integrity poll is complete."),
    SWITCH("integrity_on_overflow", struct config_session, integrity_on_overflow, "true",
           "Read everything when the station has lost events (IIN2.3)."),
    {.key = "quirks",
     .kind = SCHEMA_FLAGS,
     FIELD(struct config_session, quirks),
     .names = quirks,
     .fallback = "[]",
     .help =
         "What the station does against the rules and is borne with: knows no unsolicited responses; takes "
         "the time by g50v1 alone; has close and trip swapped; leaves IIN bits set; has strings without "
         "octets; answers no link status request; counts g52 in another way. Each use is counted."},
    {.key = "controls",
     .kind = SCHEMA_FLAGS,
     FIELD(struct config_session, controls),
     .names = control_modes,
     .fallback = "[select]",
     .help =
         "How outputs of the station may be operated: select before operate, direct operate, direct operate "
         "without acknowledgement."},
    {.key = "actions",
     .kind = SCHEMA_FLAGS,
     FIELD(struct config_session, actions),
     .names = actions,
     .fallback = "[poll, time_sync, enable]",
     .help = "What operators and engineers may ask of the whole station."},
    DURATION("command_deadline", struct config_session, command_deadline_ms, 100, 10 * MINUTE_MS, "10s",
             "From a command to its leaving, where it does not say; afterwards it is never sent."),
    {.key = "polls",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct config_session, polls, polls_len),
     .max = 32,
     .sub = &keys_poll,
     .fallback = "[{classes: [0, 1, 2, 3], period: 1h}]",
     .help = "Polls on a schedule. A list given here replaces the default, or the template's."},
};
const struct schema keys_session = SCHEMA("session", struct config_session, session_rows);

static const struct schema_row feedback_rows[] = {
    {.key = "type",
     .kind = SCHEMA_ENUM,
     FIELD(struct config_feedback, type),
     .names = config_point_types,
     .first_name = CONFIG_BINARY_INPUT,
     .required = true,
     .help = "Of the point that tells that the output has moved."},
    {.key = "index",
     .kind = SCHEMA_UNSIGNED,
     FIELD(struct config_feedback, index),
     .max = UINT32_MAX,
     .required = true,
     .help = "Of that point."},
    DURATION("within", struct config_feedback, within_ms, 100, HOUR_MS, "10s",
             "From the operation to its feedback; half way the point is read."),
    {.key = "tolerance",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct config_feedback, tolerance),
     .max = 1e300,
     .fallback = "0",
     .help = "Of an analog, in its engineering unit: how far from the value asked for still counts."},
    SWITCH("inverted", struct config_feedback, inverted, "false", "Of a binary: on shows as off."),
};
const struct schema keys_feedback = SCHEMA("feedback", struct config_feedback, feedback_rows);

static const struct schema_row control_rows[] = {
    {.key = "modes",
     .kind = SCHEMA_FLAGS,
     FIELD(struct keys_control, is.modes),
     .names = control_modes,
     .fallback = "[select, direct, direct_no_ack]",
     .help = "How it may be operated, as far as the session's `controls` allow it."},
    CHOICE("mode", struct keys_control, is.mode, control_modes, "select", "Where the command does not say."),
    {.key = "operations",
     .kind = SCHEMA_FLAGS,
     FIELD(struct keys_control, is.operations),
     .names = operations,
     .fallback = "[latch_on, latch_off]",
     .help = "Of a binary output."},
    {.key = "codes",
     .kind = SCHEMA_FLAGS,
     FIELD(struct keys_control, is.codes),
     .names = codes,
     .fallback = "[nul]",
     .help = "Of a binary output: trip and close codes that may go with the operation."},
    NUMBER("count", struct keys_control, is.count, 1, 255, "1", NULL,
           "Of a binary output: at most so many repetitions."),
    DURATION("on_time", struct keys_control, is.on_ms, 0, DAY_MS, "100ms",
             "Of a binary output: on-time of a pulse where the command does not say."),
    DURATION("off_time", struct keys_control, is.off_ms, 0, DAY_MS, "100ms",
             "Of a binary output: off-time likewise."),
    DURATION("longest", struct keys_control, is.longest_ms, 0, DAY_MS, "10s",
             "Of a binary output: the longest on- and off-time that a command may ask for."),
    {.key = "min",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct keys_control, is.min),
     .help = "Of an analog output, in its engineering unit; needed."},
    {.key = "max",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct keys_control, is.max),
     .help = "Of an analog output, in its engineering unit; needed."},
    NUMBER("variation", struct keys_control, is.variation, 1, 4, "3", NULL,
           "Of an analog output: 1 is 32 bits, 2 is 16 bits, 3 is single, 4 double precision."),
    {.key = "feedback",
     .kind = SCHEMA_ANY,
     FIELD(struct keys_control, feedback),
     .sub = &keys_feedback,
     .help = "The point that tells that the output has moved."},
};
const struct schema keys_control = SCHEMA("control", struct keys_control, control_rows);

static const struct schema_row point_rows[] = {
    {.key = "type",
     .kind = SCHEMA_ENUM,
     FIELD(struct keys_point, type),
     .names = config_point_types,
     .first_name = CONFIG_BINARY_INPUT,
     .required = true,
     .help = "Of the point."},
    {.key = "index",
     .kind = SCHEMA_RANGE,
     FIELD(struct keys_point, index),
     .max = UINT32_MAX,
     .required = true,
     .help = "Of the point, or of up to 10,000 alike points: 0..31."},
    {.key = "name",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_point, name),
     .min = 1,
     .max = LONGEST_NAME,
     .fallback = "\"{type} {index}\"",
     .help = "Unique in the station; {index} and {type} are replaced."},
    {.key = "unit",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_point, unit),
     .max = 32,
     .fallback = "\"\"",
     .help = "Of the engineering value."},
    {.key = "scale",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct keys_point, scale),
     .fallback = "1",
     .help = "Engineering value = raw value * scale + offset. Not 0."},
    {.key = "offset",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct keys_point, offset),
     .fallback = "0",
     .help = "See scale."},
    {.key = "static_deadband",
     .kind = SCHEMA_DOUBLE,
     FIELD(struct keys_point, static_deadband),
     .min = 0,
     .max = 1e300,
     .fallback = "0",
     .unit = "raw",
     .help = "A polled analog value is stored when it moves by more than this, or its flags change."},
    {.key = "states",
     .kind = SCHEMA_STRINGS,
     LIST_FIELD(struct keys_point, states, states_len),
     .max = 4,
     .help =
         "Labels by value: two for binaries; four for double-bits (intermediate, off, on, indeterminate)."},
    {.key = "control",
     .kind = SCHEMA_ANY,
     FIELD(struct keys_point, control),
     .sub = &keys_control,
     .help = "How a binary_output_status or analog_output_status may be operated; {} is with the defaults. "
             "Without it, nobody may."},
};
const struct schema keys_point = SCHEMA("point", struct keys_point, point_rows);

static const struct schema_row template_rows[] = {
    {.key = "name",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_template, name),
     .min = 1,
     .max = LONGEST_NAME,
     .required = true,
     .help = "What stations refer to."},
    {.key = "session",
     .kind = SCHEMA_ANY,
     FIELD(struct keys_template, session),
     .sub = &keys_session,
     .help = "How to talk to the stations."},
    {.key = "points",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct keys_template, points, points_len),
     .sub = &keys_point,
     .help = "What they have to say."},
};
const struct schema keys_template = SCHEMA("template", struct keys_template, template_rows);

static const struct schema_row station_rows[] = {
    {.key = "name",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_station, name),
     .min = 1,
     .max = LONGEST_NAME,
     .required = true,
     .help = "Unique; the station's identity in the database."},
    {.key = "host",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_station, host),
     .min = 1,
     .max = 45,
     .required = true,
     .help = "IP address, v4 or v6."},
    NUMBER("port", struct keys_station, port, 1, 65535, "20000", NULL, "TCP port."),
    {.key = "outstation_address",
     .kind = SCHEMA_UNSIGNED,
     FIELD(struct keys_station, outstation_address),
     .max = LAST_ADDRESS,
     .required = true,
     .help = "DNP3 address of the station; unique among those with the same host and port."},
    NUMBER("master_address", struct keys_station, master_address, 0, LAST_ADDRESS, "1", NULL,
           "DNP3 address of this end."),
    {.key = "template",
     .kind = SCHEMA_STRING,
     FIELD(struct keys_station, template),
     .min = 1,
     .max = LONGEST_NAME,
     .help = "Session settings and points to begin with."},
    SWITCH("enabled", struct keys_station, enabled, "true", "Whether to connect to it at all."),
    {.key = "session",
     .kind = SCHEMA_ANY,
     FIELD(struct keys_station, session),
     .sub = &keys_session,
     .help = "Settings other than the template's."},
    {.key = "points",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct keys_station, points, points_len),
     .sub = &keys_point,
     .help = "Points beside the template's; one of the same type and index replaces the template's."},
};
const struct schema keys_station = SCHEMA("station", struct keys_station, station_rows);

static const struct schema_row file_rows[] = {
    {.key = "fep",
     .kind = SCHEMA_ANY,
     FIELD(struct keys_file, fep),
     .sub = &keys_fep,
     .help = "The process itself; in one file only."},
    {.key = "templates",
     .kind = SCHEMA_ANY,
     .many = true,
     FIELD(struct keys_file, templates),
     .sub = &keys_template,
     .help = "What many stations share; known in all files."},
    {.key = "stations",
     .kind = SCHEMA_ANY,
     .many = true,
     FIELD(struct keys_file, stations),
     .sub = &keys_station,
     .help = "The outstations to connect to."},
    {.key = "include",
     .kind = SCHEMA_STRINGS,
     LIST_FIELD(struct keys_file, include, include_len),
     .help = "More files, relative to this one; * ? [ ] match several, in the order of their names."},
};
const struct schema keys_file = SCHEMA("file", struct keys_file, file_rows);

void config_keys_print(FILE *to)
{
    static const struct {
        const char *title;
        const struct schema *schema;
    } parts[] = {
        {"A file", &keys_file},
        {"`fep:`", &keys_fep},
        {"Each of `templates:`", &keys_template},
        {"Each of `stations:`", &keys_station},
        {"`session:`", &keys_session},
        {"Each of `polls:`", &keys_poll},
        {"Each of `points:`", &keys_point},
        {"`control:`", &keys_control},
        {"`feedback:`", &keys_feedback},
        {"Each of `users:`, in the file that `api.users` names", &keys_user},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        fprintf(to, "%s### %s\n\n", i ? "\n" : "", parts[i].title);
        schema_print(parts[i].schema, to);
    }
}

void config_schema_print(FILE *to)
{
    schema_print_json(&keys_file, "A configuration file of fepd", to);
}
