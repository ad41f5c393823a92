// SPDX-License-Identifier: Apache-2.0
/*
 * What is asked of stations, on its way: from a request to a command that is told to the audit, and then sent
 * to its worker. The publisher's thread.
 *
 *     struct asking a;
 *     if (!asking_begin(&a, p, request, "operate", ACCESS_OPERATOR)) return;      the body, who asks
 *     if (asking_station(&a, name) && ...) asking_send(&a);                       answered 202 once durable
 *     else asking_refuse(&a);                                                     which is audited, too
 *
 * What has become of a command is read from the audit in the database: nobody is shown what is not durable.
 */
#ifndef FEP_PUBLISHER_COMMANDS_H
#define FEP_PUBLISHER_COMMANDS_H

#include "fep/command.h"
#include "fep/publisher/parts.h"

#include <jansson.h>

enum { REASON_MAX = 500, SUBJECT_MAX = 400, COMMAND_WAIT_MAX_MS = 30000, COMMANDS_LIMIT_MAX = 1000 };

struct asking {
    struct publisher *p;
    struct evhttp_request *request;
    json_t *body;
    json_t *told; /* the detail of the first record */
    const char *action;
    const struct catalog_station *entry;
    char station[160];
    char subject[SUBJECT_MAX];
    struct command *command;
    /* Why it is refused. */
    int code;
    char field[48];
    char detail[256];
};

/* False where it was answered: no body, or a role that does not suffice. */
bool asking_begin(struct asking *a, struct publisher *p, struct evhttp_request *request, const char *action,
                  uint8_t role);
void asking_end(struct asking *a);
/* All of these say false with the problem in `a`. */
bool asking_problem(struct asking *a, int code, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool asking_role(struct asking *a, uint8_t role);
bool asking_station(struct asking *a, const char *name);
/* No others than those, ended by NULL, in the body or a part of it. */
bool asking_keys(struct asking *a, const json_t *object, const char *const *allowed, const char *problem);
bool asking_reason(struct asking *a, bool needed);
/* A whole number of the body, or `standard` where it is absent. */
bool asking_number(struct asking *a, const json_t *object, const char *key, int64_t min, int64_t max,
                   int64_t standard, int64_t *value);
/* A word out of the list, ended by NULL: its place. `standard` < 0: needed. */
bool asking_word(struct asking *a, const json_t *object, const char *key, const char *const *words,
                 int standard, int *place);
/* Creates a->command; what the caller sets in it goes to the station. */
void asking_command(struct asking *a, enum command_kind kind, size_t points_len);
/* `deadline_ms` of the body, or the station's. */
bool asking_deadline(struct asking *a);
bool asking_untagged(struct asking *a);
void asking_send(struct asking *a);
void asking_refuse(struct asking *a);

/* The points of a POST to /v1/commands. */
bool asking_points(struct asking *a);

struct audit_record asking_record(const struct asking *a, const char *state, const char *detail);

/* As `control` of a point: null where it can't be operated. */
void command_put_control(struct json *j, const struct config_station *station,
                         const struct config_point *point);
/* Those that have no final state yet. */
size_t commands_open(const struct publisher *p);
/* A record that nobody waits for: failed logins, a reload. Lost where the store fails. */
void publisher_audit(struct publisher *p, const struct audit_record *record);

/* A note that nobody waits for comes back: where it is the end of a command and was not stored, it is kept.
 */
void commands_unheard(struct publisher *p, struct snapshot *snapshot);

/* The newest record has moved, or a second has passed. */
void commands_tick(struct publisher *p);
void commands_free(struct publisher *p);
/* What became of commands since the stream was told. */
void commands_stream(struct exchange *x, struct json *j);

#endif
