// SPDX-License-Identifier: Apache-2.0
/* What the device profile of the master says beside the implementation table, each with its test. */
#ifndef SUPPORT_MASTER_FACTS_H
#define SUPPORT_MASTER_FACTS_H

#include "support/profile.h"

/* clang-format off */
static const struct profile_fact functions[] = {
    {"0 confirm", "once what it confirms is durable", "master_confirm_test: solicited_events_wait"},
    {"1 read", "polls of classes and groups; as an order all forms", "master_order_services_test: read_in_all_forms"},
    {"2 write", "clock, indications, deadbands, strings, files, attributes, others as octets", "master_order_services_test: write_objects"},
    {"3 select, 4 operate", "the echo is compared, nothing in between", "master_order_control_test: select_before_operate"},
    {"5 direct operate", "", "master_order_control_test: direct_operate"},
    {"6 direct operate, no acknowledgement", "", "master_order_control_test: direct_operate_no_ack"},
    {"7 to 12 freeze", "at once, with clearing, at a time; with and without acknowledgement", "master_order_services_test: freezes"},
    {"13, 14 restart", "then silence for as long as the station says", "master_order_services_test: restart_with_its_wait"},
    {"16 to 18 applications", "initialise, start, stop", "master_order_services_test: applications"},
    {"19, 31 configuration", "save, activate", "master_order_services_test: configuration"},
    {"20, 21 unsolicited", "at start-up, and as an order", "master_startup_test: start_up_in_order"},
    {"22 assign class", "", "master_order_services_test: assign_class"},
    {"23 delay measurement", "for the clock, and as an order", "master_order_services_test: delay_measured"},
    {"24 record current time", "for the clock (LAN)", "master_iin_test: lan_time"},
    {"25 open, 26 close", "read", "master_file_read_test: a_file_block_by_block"},
    {"25 open, 26 close, 2 write", "write and append", "master_file_write_test: a_file_block_by_block"},
    {"27 delete", "", "master_file_write_test: deleted"},
    {"28 information", "", "master_file_list_test: described"},
    {"29 authenticate", "a key for each command", "master_file_write_test: a_key_for_each_command"},
    {"30 abort", "", "master_file_write_test: aborting"},
    {"129, 130", "anything else is refused", "master_response_test: too_short_or_no_response"},
    {"broadcasts", "to the three addresses", "master_order_services_test: broadcasts"},
};

static const struct profile_fact link[] = {
    {"data sent", "unconfirmed", "master_response_test: link_services_during_an_exchange"},
    {"confirmed data", "acknowledged", "master_response_test: confirmed_user_data"},
    {"addresses", "both are checked", "master_response_test: wrong_link_addresses"},
    {"keep-alive", "link status after silence", "master_response_test: keep_alive"},
    {"no link status", "the connection is closed", "master_response_test: link_dead"},
    {"self-address", "as an order", "master_order_test: self_address"},
    {"fragments", "up to 2048 octets", "master_response_test: largest_fragment"},
    {"broken segments", "no fragment", "master_response_test: broken_segments"},
    {"lost, doubled, altered octets", "cost no event", "pipe_test: every_event_arrives_once_in_order_or_is_told_lost"},
};

static const struct profile_fact behaviours[] = {
    {"start-up", "unsolicited off, restart bit, integrity, clock, unsolicited on", "master_startup_test: start_up_in_order"},
    {"unsolicited data before the integrity poll", "refused", "master_startup_test: data_before_integrity_refused"},
    {"null unsolicited", "confirmed", "master_startup_test: null_unsolicited_confirmed"},
    {"restart of a station", "cleared, then all of the start-up", "master_startup_test: restart_while_online"},
    {"a restart bit that stays", "no loop", "master_startup_test: sticky_restart"},
    {"overflow", "integrity poll, told", "master_iin_test: overflow_asks_for_integrity"},
    {"need time: LAN", "FC 24, then g50v3", "master_iin_test: lan_time"},
    {"need time: others", "FC 23, then g50v1", "master_iin_test: non_lan_time"},
    {"need time: direct", "g50v1", "master_iin_test: direct_time"},
    {"class bits", "an event scan, where none is expected unsolicited", "master_iin_test: class_events_scanned"},
    {"wrong SEQ", "ignored, the timer runs on", "master_response_test: refused_does_not_restart_the_timer"},
    {"late response", "refused", "master_response_test: late_response"},
    {"gap in a response", "fails the task", "master_response_test: gap_fails_the_task"},
    {"retries", "a read takes the next SEQ, all else keeps SEQ and octets; off by default", "master_response_test: a_read_is_retried_with_the_next_sequence"},
    {"repeated unsolicited response", "confirmed, not stored", "master_confirm_test: repeat_after_release"},
    {"confirms that may be lost", "in doubt until proven", "master_proof_test: proof_by_response"},
    {"unsolicited without CON", "refused and counted", "master_response_test: unsolicited_without_con"},
    {"unknown objects", "passed over where their size is known", "master_confirm_test: unknown_object_in_a_response"},
    {"hostile objects", "cost nothing", "master_response_test: hostile_objects"},
    {"polls", "their own periods, no drift", "master_poll_test: schedule_does_not_drift"},
    {"off line", "after timeouts in a row; slower attempts", "master_poll_test: offline_and_back"},
    {"controls: echo", "any difference ends the order", "master_order_control_test: echo_differs"},
    {"controls: no answer", "the outcome is unknown, nothing is sent again", "master_order_control_test: operate_without_answer"},
    {"quirks of stations", "seven, each counted when used", "master_order_quirk_test: quirks_have_names"},
    {"files: lost block", "asked for again", "master_file_read_test: a_lost_block_is_asked_for_again"},
    {"attributes", "one, all, list, write", "master_attributes_test: written"},
};
/* clang-format on */

#endif
