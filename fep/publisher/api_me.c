// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"
#include "fep/publisher/commands.h"

void api_me(struct publisher *p, struct evhttp_request *request, const char *name, const struct param *params)
{
    (void)name, (void)params;
    const struct api_caller *caller = api_caller(p);
    const struct access_user *user = caller->user;
    struct json *j = &p->json;
    json_begin(j);
    json_key(j, "name"), json_text(j, caller->name);
    json_key(j, "role"), json_text(j, access_role_name(caller->role));
    json_key(j, "stations"), json_list(j);
    for (size_t i = 0; user && i < user->stations_len; i++)
        json_text(j, user->stations[i]);
    if (user == NULL)
        json_text(j, "*");
    json_list_end(j);
    json_key(j, "expires"), json_time(j, user ? user->expires_ms : 0);
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, 200, "application/json");
}

/* Main does it, as on SIGHUP; the log and /metrics tell what came of it. */
void api_reload(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name, (void)params;
    if (p->options.reload == NULL) {
        http_problem(p, request, 503, "nobody here can reload", NULL, NULL);
        return;
    }
    publisher_audit(p, &(struct audit_record){.at_ms = clock_wall_ms(),
                                              .who = api_caller(p)->name,
                                              .role = access_role_name(api_caller(p)->role),
                                              .action = "reload",
                                              .station = "",
                                              .subject = "",
                                              .state = "requested",
                                              .detail = ""});
    if (p->options.log)
        LOG(p->options.log, LOG_LEVEL_INFO, "reload_asked", "a reload was asked for over the API",
            log_text("who", api_caller(p)->name));
    atomic_store(p->options.reload, true);
    wake_up(p->options.main_wake);
    json_literal(&p->json, "{\"state\":\"requested\"}\n");
    http_reply(p, request, 202, "application/json");
}
