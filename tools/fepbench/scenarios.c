// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/scenarios.h"

static const struct scenario scenarios[] = {
    {"unsolicited", SCENARIO_QUICK, scenario_unsolicited,
     "each station sends as fast as it is confirmed; floors by turns with fepd"},
    {"flat", SCENARIO_QUICK, scenario_flat, "the same rate over few stations and over many"},
    {"poll", SCENARIO_QUICK, scenario_poll, "event polls and integrity polls on a period"},
    {"connect", SCENARIO_QUICK, scenario_connect,
     "all stations at once, until all are on line with a full picture"},
    {"idle", SCENARIO_QUICK, scenario_idle, "memory of a session and of a point; CPU while nothing is due"},
    {"small", SCENARIO_QUICK, scenario_small, "memory with 100 stations of 100 points"},
    {"fat", SCENARIO_ALL, scenario_fat, "few stations that send full fragments"},
    {"half", SCENARIO_ALL, scenario_half, "delay at half the maximum rate, with checkpoints and retention"},
    {"storm", SCENARIO_ALL, scenario_storm, "one station floods: the delay of the others with and without"},
    {"consumers", SCENARIO_ALL, scenario_consumers,
     "1, 10, 100 consumers of the stream, one of them stalled"},
    {"simulator", SCENARIO_ALL, scenario_simulator, "what outstation-sim itself costs"},
    {"growth", SCENARIO_ALL, scenario_growth, "memory over 25 minutes of steady load"},
    {"floor", SCENARIO_NAMED, scenario_floor, "the floors alone"},
};

const struct scenario *scenarios_all(size_t *len)
{
    *len = sizeof scenarios / sizeof *scenarios;
    return scenarios;
}
