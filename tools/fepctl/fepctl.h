// SPDX-License-Identifier: Apache-2.0
/*
 * What the files of fepctl share. A command is a row in the table of main.c and a function that gets what
 * follows its name, and returns an exit status.
 */
#ifndef TOOLS_FEPCTL_FEPCTL_H
#define TOOLS_FEPCTL_FEPCTL_H

#include "tools/fepctl/client.h"
#include "tools/fepctl/table.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct fepctl {
    struct client_options options;
    struct client *client; /* after fepctl_connect() */
    bool json;             /* for a script, not for a person */
};

typedef int fepctl_command(struct fepctl *ctl, int argc, char **argv); /* argv[0] is the command */

/* Commands that need the server begin with it. EX_OK, or an exit status. */
int fepctl_connect(struct fepctl *ctl);
/* Says on stderr how the command is used. EX_USAGE. */
int fepctl_usage(const char *command);

struct fepctl_option {
    const char *name; /* "--after" is "after" */
    const char **value;
    bool *flag; /* in place of `value` */
};
/* Options of a command, --json among them, and `least` to `most` arguments, then from argv[optind] on. A
 * negative number is an argument. False: said so. */
bool fepctl_options(struct fepctl *ctl, int argc, char **argv, const struct fepctl_option *options,
                    size_t len, int least, int most);

/* Of a JSON object; NULL where it is not a text. */
const char *text_of(const json_t *object, const char *key);
/* Numbers, truth values, lists of texts too, into `room`. */
const char *shown(const json_t *object, const char *key, char *room, size_t size);
/* A line on stdout; its end is put there. Control characters in it are shown as '?'. */
void print_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The answer as it came, indented. */
void print_json(const json_t *answer);

/* "binary_output_status:3", or the point's name. NULL where no index is that great: said so. */
json_t *point_named(const char *text);

fepctl_command command_stations, command_points;                                  /* stations.c */
fepctl_command command_events, command_holes, command_consumers;                  /* events.c */
fepctl_command command_operate, command_action, command_commands, command_cancel; /* operate.c */
fepctl_command command_tags, command_tag, command_untag;                          /* tags.c */
fepctl_command command_trace, command_reload;                                     /* trace.c */
fepctl_command command_audit;                                                     /* audit.c */
fepctl_command command_check, command_backup, command_token;                      /* local.c */

#endif
