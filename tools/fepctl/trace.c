// SPDX-License-Identifier: Apache-2.0
#include "tools/fepctl/fepctl.h"

#include <stdlib.h>

static bool on_line(void *json, const char *text, size_t len)
{
    if (strncmp(text, "data:", 5) != 0)
        return true;
    (void)len;
    text += 5 + (text[5] == ' ');
    json_t *line = json_loads(text, 0, NULL);
    if (*(const bool *)json || !line)
        puts(text);
    else
        print_line("%s  %s  %s", text_of(line, "at"), text_of(line, "direction"), text_of(line, "text"));
    json_decref(line);
    return fflush(stdout) == 0;
}

int command_trace(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 1, 1))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    char *stem = client_path(ctl->client, "/v1/stations/", argv[optind]), *path = NULL;
    if (asprintf(&path, "%s/trace", stem) < 0)
        abort();
    status = client_lines(ctl->client, path, on_line, &ctl->json);
    free(stem);
    free(path);
    return status;
}

int command_reload(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 0, 0))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    json_t *answer = NULL;
    status = client_send(ctl->client, "POST", "/v1/reload", NULL, &answer);
    if (status == EX_OK)
        print_json(answer);
    json_decref(answer);
    return status;
}
