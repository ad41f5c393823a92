// SPDX-License-Identifier: Apache-2.0
/* What several commands need. */
#include "tools/fepctl/fepctl.h"

#include <stdarg.h>
#include <stdlib.h>

enum { OPTIONS_MAX = 12 };

int fepctl_connect(struct fepctl *ctl)
{
    ctl->client = client_open(&ctl->options);
    return ctl->client ? EX_OK : EX_NOINPUT;
}

bool fepctl_options(int argc, char **argv, const struct fepctl_option *options, size_t len, int least,
                    int most)
{
    struct option list[OPTIONS_MAX + 2] = {0};
    for (size_t i = 0; i < len; i++)
        list[i] =
            (struct option){options[i].name, options[i].flag ? no_argument : required_argument, NULL, (int)i};
    list[len] = (struct option){"help", no_argument, NULL, 'h'};
    for (int option; (option = getopt_long(argc, argv, "", list, NULL)) != -1;) {
        if (option == 'h' || option == '?') {
            (void)fepctl_usage(argv[0]);
            return option == 'h' ? exit(EX_OK), false : false;
        }
        if (options[option].flag)
            *options[option].flag = true;
        else
            *options[option].value = optarg;
    }
    if (argc - optind >= least && (most < 0 || argc - optind <= most))
        return true;
    (void)fepctl_usage(argv[0]);
    return false;
}

const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void show_list(const json_t *list, char *room, size_t size)
{
    size_t i, len = 0;
    json_t *entry;
    room[0] = '\0';
    json_array_foreach(list, i, entry)
    {
        const char *text = json_string_value(entry);
        if (text && len < size)
            len += (size_t)snprintf(room + len, size - len, "%s%s", i ? " " : "", text);
    }
}

const char *shown(const json_t *object, const char *key, char *room, size_t size)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        snprintf(room, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(room, size, "%.9g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(room, size, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value) && json_array_size(value))
        show_list(value, room, size);
    else
        return NULL;
    return room;
}

void print_line(const char *format, ...)
{
    va_list list;
    char *line = NULL;
    va_start(list, format);
    if (vasprintf(&line, format, list) < 0)
        abort();
    va_end(list);
    text_disarm(line);
    puts(line);
    free(line);
}

void print_json(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
}
