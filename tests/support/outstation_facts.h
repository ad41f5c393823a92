// SPDX-License-Identifier: Apache-2.0
/* What the device profile of the outstation says beside the implementation table, each with its test. */
#ifndef SUPPORT_OUTSTATION_FACTS_H
#define SUPPORT_OUTSTATION_FACTS_H

#include "support/profile.h"

#define EACH "outstation_functions_test: application_2_each_function_of_an_outstation_that_has_all"

/* clang-format off */
static const struct profile_fact functions[] = {
    {"0 confirm", "solicited and unsolicited; with another SEQ ignored", "outstation_unsolicited_test: unsol_wait_wrong_confirms_are_ignored"},
    {"1 read", "points, classes, events, strings, attributes, files, clock, indications; several headers", "outstation_conformance_test: conformance_8_20_many_objects_in_one_read"},
    {"2 write", "clock, indications, outputs, deadbands, strings, attributes, files", EACH},
    {"3 select, 4 operate", "binary, pattern, analog", "outstation_control_test: conformance_8_2_1_2_1_select_and_operate"},
    {"5 direct operate", "executed once, also when repeated", "outstation_control_test: conformance_8_2_2_direct_operate_and_its_repeat"},
    {"6 direct operate, no acknowledgement", "silent", "outstation_control_test: conformance_8_2_3_no_acknowledge_is_silent"},
    {"7 to 10 freeze", "counters; 7 and 8 analog inputs too", "outstation_services_test: conformance_8_16_freeze"},
    {"11, 12 freeze at time", "once, or at every interval", "outstation_freeze_test: at_a_time_and_then_every_interval"},
    {"13, 14 restart", "cold and warm, with the time it takes", "outstation_services_test: conformance_8_8_restart"},
    {"15 initialise data", "IIN2.0", EACH},
    {"16 to 18 applications", "initialise, start, stop", "outstation_functions_test: applications_are_started_and_stopped"},
    {"19 save configuration", "IIN2.0", EACH},
    {"20, 21 unsolicited", "enable and disable, by class", "outstation_conformance_test: conformance_8_11_2_2_to_4_each_class_alone"},
    {"22 assign class", "points of each type", "outstation_services_test: conformance_8_5_6_class_assignment"},
    {"23 delay measurement", "g52v2", "outstation_services_test: conformance_8_7_1_delay_measure"},
    {"24 record current time", "for g50v3", "outstation_services_test: time_3_lan_procedure"},
    {"25 open, 26 close", "read, write, append, directory", "outstation_files_test: files_3_read_in_blocks"},
    {"27 delete, 28 information", "files and the directory", "outstation_files_test: files_3_info_and_delete"},
    {"29 authenticate", "a key for one command", "outstation_files_test: files_3_a_key_opens_once"},
    {"30 abort", "the file is as it was", "outstation_files_test: files_3_abort_and_loss_leave_the_file_as_it_was"},
    {"31 activate configuration", "statuses in g91v1", "outstation_files_test: files_3_activate"},
    {"32, 33 authentication", "32: IIN2.0; 33: silence", EACH},
    {"others", "IIN2.0", "outstation_services_test: conformance_8_6_2_unknown_function"},
};

static const struct profile_fact link[] = {
    {"confirmed data", "acknowledged after the link was reset, NACK before", "outstation_services_test: conformance_6_1_2_link_services"},
    {"data sent", "unconfirmed", "outstation_conformance_test: conformance_6_5_2_responses_are_unconfirmed_user_data"},
    {"link status", "answered", "outstation_conformance_test: conformance_6_3_2_request_link_status"},
    {"wrong FCV, functions", "nothing is delivered", "outstation_conformance_test: conformance_6_6_2_bad_link_functions_deliver_nothing"},
    {"addresses", "destination and source are checked", "outstation_services_test: link_source_and_destination"},
    {"self-address", "configurable", "outstation_services_test: conformance_6_7_self_address"},
    {"segments", "beyond 249 octets", "outstation_conformance_test: conformance_7_2_responses_beyond_249_octets_are_segmented"},
    {"lost, doubled, altered octets", "cost no event", "pipe_test: every_event_arrives_once_in_order_or_is_told_lost"},
};

static const struct profile_fact behaviours[] = {
    {"certification procedures", "see tests/replay/PROCEDURES.md", "outstation_procedures_test: as_the_recorded_device_answered"},
    {"restart indication", "set until it is written", "outstation_services_test: conformance_8_6_1_restart_bit"},
    {"need time", "after a restart and, configurable, so long after a synchronisation", "outstation_services_test: conformance_8_7_2_need_time_until_written"},
    {"local control", "IIN1.5, status 7", "outstation_control_test: conformance_8_6_4_local_points"},
    {"broadcast FFFF", "executed, IIN1.0 once", "outstation_services_test: conformance_8_6_5_2_broadcast_ffff"},
    {"broadcast FFFE", "IIN1.0 until it is confirmed", "outstation_services_test: conformance_8_6_5_3_broadcast_fffe_wants_a_confirm"},
    {"broadcast FFFD", "IIN1.0 once, without confirm", "outstation_services_test: conformance_8_6_5_4_broadcast_fffd_once_without_confirm"},
    {"functions by broadcast", "2, 6, 8, 10, 12, 20 to 22, 24", "outstation_functions_test: outstation_6_each_function_as_a_broadcast"},
    {"requests repeated", "answered, not executed again", "outstation_services_test: application_5_4_repeat_is_answered_with_the_stored_response"},
    {"reads repeated", "the same events", "outstation_lossy_test: a_repeated_read_gets_the_same_events"},
    {"several fragments", "the next one after the confirm", "outstation_read_test: conformance_8_9_2_next_fragment_only_after_its_confirm"},
    {"events before static data", "across fragments", "outstation_read_test: conformance_8_5_5_2_2_events_before_static_across_fragments"},
    {"event buffer", "one for all classes, in order of time", "outstation_events_test: events_keep_their_order_across_types"},
    {"overflow", "the oldest event is lost, or the newest; IIN2.3 until it is told and confirmed", "outstation_lossy_test: an_overflow_lasts_until_it_is_told"},
    {"events of a fragment under way", "never dropped", "outstation_events_test: overflow_never_drops_what_is_in_a_fragment_under_way"},
    {"most recent event alone", "configurable, by point", "outstation_recent_test: a_newer_event_replaces_the_older"},
    {"deadband", "fixed, by point; written by g34", "outstation_deadband_test: deadbands_are_written_and_obeyed"},
    {"unsolicited: null", "after a restart, repeated without end", "outstation_unsolicited_test: unsolicited_1_null_is_repeated_for_ever"},
    {"unsolicited: triggers", "count and hold time, over all classes", "outstation_unsolicited_test: unsolicited_3_count_and_hold_time"},
    {"unsolicited: repeats", "identical, or built anew", "outstation_unsolicited_test: unsolicited_5_identical_repeat"},
    {"unsolicited: retries", "limited or without end; off line anew", "outstation_unsolicited_test: unsolicited_5_retries_and_off_line_retry"},
    {"read during an unsolicited response", "waits for its end", "outstation_unsolicited_test: unsol_wait_read_is_deferred_until_the_confirm"},
    {"select", "operate must equal it, with the next SEQ, in time", "outstation_control_test: conformance_8_2_1_2_5_to_9_operate_must_equal_select"},
    {"commands beyond the limit", "status 8", "outstation_control_test: conformance_8_2_4_2_excess_objects_get_status_8"},
    {"control codes", "latch, pulse, trip and close", "outstation_control_test: conformance_8_2_5_control_codes"},
    {"pulses", "trains of on and off times; more than two at a time: status 11", "outstation_pulse_test: a_train_repeats_and_ends_inactive"},
    {"command events", "g13 and g43", "outstation_control_test: controls_7_command_events"},
    {"relative times", "g51 before them, anew beyond 65,535 ms", "outstation_events_test: conformance_8_14_2_12_relative_times_follow_a_common_time"},
    {"empty strings", "one octet 0; as a quirk variation 0", "outstation_strings_test: a_quirk_sends_empty_strings_as_variation_0"},
    {"files: lost block", "asked for again", "outstation_files_test: files_3_a_lost_block_is_asked_for_again"},
    {"files: handles", "expire", "outstation_files_test: files_4_handles_expire"},
    {"attributes", "one, all, list; written where there is room", "outstation_attributes_test: writable_ones_are_written"},
};
/* clang-format on */

#endif
