// SPDX-License-Identifier: Apache-2.0
/* One row a key: what it allows, its default, its help. */
#include "outstation-sim/scenario_keys.h"

#include "config/config.h"
#include "config/schema_rows.h"

const char *const scenario_quirk_names[] = {
    "no_unsolicited",      "bare_g50v1",     "tcc_swapped", "sticky_iin",
    "zero_length_strings", "no_link_status", "g52_count",   NULL};
static const char *const shapes[] = {"sine", "ramp", "random_walk", "steps", NULL};
static const char *const encodings[] = {"int16", "int32", "float", "double", NULL};
static const char *const unsolicited[] = {"polled_only", "identical", "regenerated", NULL};
static const char *const arrivals[] = {"poisson", "regular", NULL};

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    LAST_ADDRESS = 0xFFEF /* dnp3-reference/link.md 4 */
};

#define REAL(text, type, field, least, most, standard, of, about)                                            \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_DOUBLE, FIELD(type, field), .min = least, .max = most,                   \
        .fallback = standard, .unit = of, .help = about                                                      \
    }
#define SHARE(text, type, field, standard, about) REAL(text, type, field, 0, 1, standard, NULL, about)
#define TEXT(text, type, field, least, most, standard, about)                                                \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_STRING, FIELD(type, field), .min = least, .max = most,                   \
        .fallback = standard, .help = about                                                                  \
    }
#define PART(text, type, field, schema, about)                                                               \
    {                                                                                                        \
        .key = text, .kind = SCHEMA_MAPPING, FIELD(type, field), .sub = schema, .help = about                \
    }

#define P struct scenario_point
static const struct schema_row point_rows[] = {
    {.key = "type",
     .kind = SCHEMA_ENUM,
     FIELD(P, type),
     .names = config_point_types,
     .first_name = CONFIG_BINARY_INPUT,
     .required = true,
     .help = "Of the points. A frozen point freezes the counter or analog input of the same index; a command "
             "point makes events of the commands to the output of the same index."},
    NUMBER("count", P, count, 1, SCENARIO_POINTS_MAX, "1", "points", "So many alike points."),
    NUMBER("first_index", P, first_index, 0, 65535, "0", NULL, "Index of the first of them."),
    NUMBER("class", P, class, 0, 3, "1", NULL, "Event class; 0 makes no events."),
    CHOICE("shape", P, shape, shapes, "random_walk",
           "How an analog value moves. Binaries toggle and counters count."),
    CHOICE("encoding", P, encoding, encodings, "float",
           "Of analogs, and int16 or int32 of counters: decides the variations."),
    REAL("min", P, min, -1e300, 1e300, "0", NULL, "Lowest analog value."),
    REAL("max", P, max, -1e300, 1e300, "1000", NULL, "Highest analog value."),
    REAL("step", P, step, 0, 1e300, "1", NULL,
         "Longest step of a random walk, distance of steps, most that a counter advances."),
    DURATION("period", P, period_ms, 100, DAY_MS, "10min", "Of a sine or ramp."),
    REAL("deadband", P, deadband, 0, 1e300, "0", NULL,
         "Analogs: smaller changes make no event, so that fewer events come than the rate says."),
    SHARE("odd_flags", P, odd_flags, "0.01", "Share of events with more or other flags than ONLINE."),
    SHARE("odd_value", P, odd_value, "0", "Share of NaN and infinities; float and double only."),
    NUMBER("length", P, length, 1, 200, "16", "octets", "Of an octet string."),
    SWITCH("in_class_0", P, in_class_0, "true", "Part of the answer to a poll of class 0."),
    SWITCH("writable", P, writable, "false", "The master may write it; octet strings."),
    TEXT("name", P, name, 0, 100, "\"\"", "For the station list; {index} is replaced."),
    TEXT("unit", P, unit, 0, 32, "\"\"", "For the station list."),
};
static const struct schema point_schema = SCHEMA("point", P, point_rows);
#undef P

#define S struct scenario_storm
static const struct schema_row storm_rows[] = {
    DURATION("every", S, every_ms, 0, DAY_MS, "0", "From one storm to the next; 0 is never."),
    NUMBER("events", S, events, 1, 1000000, "100", "events", "At each station that is hit, 8 a millisecond."),
    SHARE("stations", S, stations, "1", "Share of the stations that a storm hits."),
};
static const struct schema storm_schema = SCHEMA("storm", S, storm_rows);
#undef S

#define S struct scenario_span
static const struct schema_row latency_rows[] = {
    DURATION("min", S, min_ms, 0, 10 * MINUTE_MS, "0", "At least."),
    DURATION("max", S, max_ms, 0, 10 * MINUTE_MS, "0", "At most."),
};
static const struct schema latency_schema = SCHEMA("latency", S, latency_rows);
static const struct schema_row half_open_rows[] = {
    DURATION("min", S, min_ms, 1, HOUR_MS, "5s", "At least."),
    DURATION("max", S, max_ms, 1, HOUR_MS, "30s", "At most."),
};
static const struct schema half_open_schema = SCHEMA("half_open_for", S, half_open_rows);
#undef S

#define F struct scenario_faults
static const struct schema_row fault_rows[] = {
    SHARE("no_answer", F, no_answer, "0", "Share of received frames, confirms apart, that are not heard."),
    SHARE("lost_confirm", F, lost_confirm, "0",
          "Share of confirms that are not heard although later frames are: more than TCP ever loses."),
    SHARE("wrong_crc", F, wrong_crc, "0", "Share of fragments sent with one octet damaged."),
    SHARE("wrong_sequence", F, wrong_sequence, "0",
          "Share of solicited responses with another sequence number."),
    SHARE("duplicate", F, duplicate, "0", "Share of fragments whose octets are sent twice."),
    SHARE("restart_mid_fragment", F, restart_mid_fragment, "0",
          "Share of fragments of several frames that a restart breaks off."),
    SHARE("restart_cuts", F, restart_cuts, "0.5", "Share of restarts that close the connection too."),
    SHARE("partial_write", F, partial_write, "0",
          "Share of fragments that leave in two pieces, milliseconds apart."),
    DURATION("restart_every", F, restart_every_ms, 0, 30.0 * DAY_MS, "0", "Mean; cold, unasked."),
    DURATION("overflow_every", F, overflow_every_ms, 0, 30.0 * DAY_MS, "0",
             "Mean; so many events at once that the buffer overflows."),
    DURATION("cut_every", F, cut_every_ms, 0, 30.0 * DAY_MS, "0", "Mean; the connection is closed."),
    DURATION("half_open_every", F, half_open_every_ms, 0, 30.0 * DAY_MS, "0",
             "Mean; the station neither reads nor writes for a while."),
    PART("half_open_for", F, half_open_for, &half_open_schema, "That while."),
    NUMBER("sticky_iin", F, sticky_iin, 0, 0xFFFF, "0", NULL,
           "IIN bits that are always set, IIN1 in the low octet: 0x0080 is IIN1.7."),
};
static const struct schema fault_schema = SCHEMA("faults", F, fault_rows);
#undef F

#define M struct scenario_master
static const struct schema_row master_rows[] = {
    DURATION("event_poll", M, event_poll_ms, 0, DAY_MS, "0", "Period of the class 1, 2, 3 poll; 0 is none."),
    DURATION("integrity_poll", M, integrity_poll_ms, 100, DAY_MS, "1h", "Period of the poll of all classes."),
    DURATION("response_timeout", M, response_timeout_ms, 100, 10 * MINUTE_MS, "5s", "As in a station list."),
    DURATION("reconnect_min", M, reconnect_min_ms, 10, HOUR_MS, "1s", "As in a station list."),
    DURATION("reconnect_max", M, reconnect_max_ms, 10, DAY_MS, "60s", "As in a station list."),
    DURATION("task_retry_min", M, task_retry_min_ms, 100, HOUR_MS, "5s", "As in a station list."),
    DURATION("task_retry_max", M, task_retry_max_ms, 100, DAY_MS, "60s", "As in a station list."),
    DURATION("offline_poll", M, offline_poll_ms, 100, DAY_MS, "60s", "As in a station list."),
    DURATION("link_idle", M, link_idle_ms, 0, DAY_MS, "60s", "As in a station list."),
    DURATION("link_timeout", M, link_timeout_ms, 100, 10 * MINUTE_MS, "5s", "As in a station list."),
};
static const struct schema master_schema = SCHEMA("master", M, master_rows);
#undef M

#define F struct scenario_files
static const struct schema_row file_set_rows[] = {
    TEXT("directory", F, directory, 0, 400, "\"\"",
         "Whose files can be listed, read, written and deleted: plain files in it, no deeper, whose names "
         "do not begin with a dot. It is made where it is not there. Empty: there are no files."),
    TEXT("user", F, user, 0, 64, "\"\"", "Who may open and delete; empty: everybody."),
    TEXT("password", F, password, 0, 64, "\"\"", "Of that user."),
    NUMBER("max_size", F, max_size, 1, 1u << 30, "1048576", "octets", "Of a file that is written."),
    NUMBER("max_files", F, max_files, 1, 10000, "100", "files", "Written ones make no more than these."),
    DURATION("timeout", F, timeout_ms, 100, DAY_MS, "60s", "A file that is not used is closed."),
};
static const struct schema files_schema = SCHEMA("files", F, file_set_rows);
#undef F

#define A struct scenario_attributes
static const struct schema_row attribute_rows[] = {
    TEXT("manufacturer", A, manufacturer, 0, 64, "fepd", "Manufacturer name."),
    TEXT("model", A, model, 0, 64, "outstation-sim", "Product name and model."),
    TEXT("software", A, software, 0, 64, FEP_VERSION, "Software version."),
    TEXT("hardware", A, hardware, 0, 64, "none", "Hardware version."),
    TEXT("serial", A, serial, 0, 64, "\"\"", "Serial number; the station's name follows."),
    TEXT("owner", A, owner, 0, 64, "\"\"", "Owner name."),
    TEXT("location", A, location, 0, 64, "\"\"", "User-assigned location; the master may write it."),
    TEXT("id", A, id, 0, 64, "\"\"", "User-assigned identification; the master may write it."),
};
static const struct schema attributes_schema = SCHEMA("attributes", A, attribute_rows);
#undef A

#define G struct scenario_group
static const struct schema_row group_rows[] = {
    TEXT("name", G, name, 1, 64, NULL, "Of the template in the station list."),
    NUMBER("stations", G, stations, 1, SCENARIO_STATIONS_MAX, "1", "stations",
           "In this group; --stations scales all groups."),
    {.key = "points",
     .kind = SCHEMA_LIST,
     LIST_FIELD(G, points, points_len),
     .min = 1,
     .max = 100,
     .required = true,
     .sub = &point_schema,
     .help = "Of each station."},
    REAL("rate", G, rate, 0, 100000, "1", "events/s", "Of one station, storms not counted."),
    CHOICE("arrival", G, arrival, arrivals, "poisson", "Of events: at random, or evenly spaced."),
    SHARE("timed", G, timed, "1", "Share of the events that carry a time."),
    SHARE("twins", G, twins, "0", "Share of the events that come twice, alike in all, time included."),
    PART("storm", G, storm, &storm_schema, "Many events at once, on top of the rate."),
    NUMBER("buffer", G, buffer, 1, 1000000, "500", "events", "Room for events not yet confirmed."),
    SWITCH("drop_newest", G, drop_newest, "false", "An overflow drops the new event, not the oldest."),
    SWITCH("keep_events", G, keep_events, "true", "Events outlive a restart."),
    NUMBER("fragment", G, fragment, 249, 65535, "2048", "octets", "Longest fragment sent."),
    CHOICE("unsolicited", G, unsolicited, unsolicited, "identical",
           "Unsolicited responses, and what a repeat of one is like; or none."),
    NUMBER("unsolicited_count", G, unsolicited_count, 1, 10000, "1", "events", "That start a response."),
    DURATION("unsolicited_hold", G, unsolicited_hold_ms, 0, HOUR_MS, "0",
             "Longest wait for that number after the first."),
    NUMBER("unsolicited_retries", G, unsolicited_retries, 0, 65535, "65535", NULL, "65535 is without end."),
    DURATION("unsolicited_offline", G, unsolicited_offline_ms, 100, DAY_MS, "30s",
             "Pause once these are used up."),
    DURATION("confirm_timeout", G, confirm_ms, 10, 10 * MINUTE_MS, "5s", "Wait for a confirm."),
    NUMBER("master_address", G, master_address, 0, LAST_ADDRESS, "1", NULL, "DNP3 address of the front end."),
    NUMBER("outstation_address", G, outstation_address, 0, LAST_ADDRESS, "10", NULL,
           "DNP3 address of the group's first station."),
    NUMBER("outstation_address_step", G, outstation_address_step, 0, LAST_ADDRESS, "1", NULL,
           "From one station to the next; begins again after the highest."),
    PART("latency", G, latency, &latency_schema, "Before a request is looked at."),
    SWITCH("need_time", G, need_time, "false", "IIN1.4 after a restart."),
    SWITCH("null_on_connect", G, null_on_connect, "false", "A null unsolicited on each connection."),
    SWITCH("refuse_link_status", G, refuse_link_status, "false", "Link status requests are not answered."),
    SWITCH("self_address", G, self_address, "false", "Frames to address 0xFFFC are taken, too."),
    PART("attributes", G, attributes, &attributes_schema, "What g0 says of the device."),
    PART("files", G, files, &files_schema, "File transfer."),
    {.key = "applications",
     .kind = SCHEMA_STRINGS,
     LIST_FIELD(G, applications, applications_len),
     .max = 16,
     .help = "Names that FC 16 to 18 initialise, start and stop."},
    NUMBER("refused_functions", G, refused_functions, 0, 0xFFFFFFFE, "0", NULL,
           "Function codes that are answered with IIN2.0: bit n is FC n."),
    {.key = "quirks",
     .kind = SCHEMA_FLAGS,
     FIELD(G, quirks),
     .names = scenario_quirk_names,
     .fallback = "[]",
     .help = "What the stations do against the rules: know no unsolicited responses; take the time by g50v1 "
             "alone; have close and trip swapped; leave IIN1.7 set; send strings without octets; answer no "
             "link status request; send g52 with other qualifiers. The station list names them, too."},
    PART("faults", G, faults, &fault_schema, "What goes wrong."),
    PART("master", G, master, &master_schema, "For the station list that --write-config makes."),
};
static const struct schema group_schema = SCHEMA("group", G, group_rows);
#undef G

static const struct schema_row file_rows[] = {
    TEXT("name", struct scenario_file, name, 1, 100, "scenario", "Of the scenario, for the ledger."),
    NUMBER("seed", struct scenario_file, seed, 0, 0, "1", NULL, "Makes a run repeatable."),
    TEXT("first_address", struct scenario_file, first_address, 7, 15, "127.0.1.1",
         "Of the first station, in 127.0.0.0/8."),
    NUMBER("port", struct scenario_file, port, 1, 65535, "20000", NULL,
           "TCP port of the first station at each address."),
    NUMBER("ports", struct scenario_file, ports, 1, 1000, "1", "ports",
           "Stations at one address, on consecutive ports."),
    REAL("rate", struct scenario_file, rate, 0, 1e7, "0", "events/s",
         "Over all stations, in proportion to the groups' rates; 0 leaves these as they are."),
    {.key = "groups",
     .kind = SCHEMA_LIST,
     LIST_FIELD(struct scenario_file, groups, groups_len),
     .min = 1,
     .max = 1000,
     .required = true,
     .sub = &group_schema,
     .help = "Stations that are alike."},
};
const struct schema scenario_schema = SCHEMA("scenario", struct scenario_file, file_rows);

void scenario_keys_print(FILE *to)
{
    static const struct {
        const char *title;
        const struct schema *schema;
    } parts[] = {
        {"A scenario", &scenario_schema},
        {"Each of `groups:`", &group_schema},
        {"Each of `points:`", &point_schema},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        fprintf(to, "%s### %s\n\n", i ? "\n" : "", parts[i].title);
        schema_print(parts[i].schema, to);
    }
}
