// SPDX-License-Identifier: Apache-2.0
/* What several commands need. */
#include "tools/fepctl/fepctl.h"

#include <stdarg.h>
#include <stdlib.h>

enum { OPTIONS_MAX = 12, ARGUMENT = 1, OPTION_FIRST = 2 };

int fepctl_connect(struct fepctl *ctl)
{
    if (ctl->options.token_file && client_is_overheard(ctl->options.server)) {
        fprintf(stderr, "fepctl: %s: a token goes over https, or to this machine\n", ctl->options.server);
        return EX_USAGE;
    }
    ctl->client = client_open(&ctl->options);
    return ctl->client ? EX_OK : EX_NOINPUT;
}

static bool is_number(const char *text)
{
    char *end;
    (void)strtod(text, &end);
    return end != text && *end == '\0';
}

/* ARGUMENT with `optarg` for what is no option; -1 at the end. No digit is an option: -5 is a number. */
static int next_option(int argc, char **argv, const struct option *list)
{
    if (optind < argc && is_number(argv[optind])) {
        optarg = argv[optind++];
        return ARGUMENT;
    }
    return getopt_long(argc, argv, "-h", list, NULL);
}

static void list_options(const struct fepctl_option *options, size_t len, struct option *list)
{
    for (size_t i = 0; i < len; i++)
        list[i] = (struct option){options[i].name, options[i].flag ? no_argument : required_argument, NULL,
                                  OPTION_FIRST + (int)i};
    list[len] = (struct option){"help", no_argument, NULL, 'h'};
    list[len + 1] = (struct option){"json", no_argument, NULL, 'j'};
}

static void take_option(const struct fepctl_option *option)
{
    if (option->flag)
        *option->flag = true;
    else
        *option->value = optarg;
}

/* The arguments end up behind all options, as `optind` says it. False: wrong use. */
static bool read_options(struct fepctl *ctl, int argc, char **argv, const struct fepctl_option *options,
                         const struct option *list)
{
    int kept = 0;
    optind = 0;
    (void)getopt_long(1, argv, "-h", list, NULL); /* begins anew */
    for (int option; (option = next_option(argc, argv, list)) != -1;) {
        if (option == '?')
            return false;
        if (option == 'h') {
            (void)fepctl_usage(argv[0]);
            exit(EX_OK);
        }
        if (option == ARGUMENT)
            argv[++kept] = optarg;
        else if (option == 'j')
            ctl->json = true;
        else
            take_option(&options[option - OPTION_FIRST]);
    }
    while (optind < argc)
        argv[++kept] = argv[optind++];
    optind = argc - kept;
    memmove(argv + optind, argv + 1, (size_t)kept * sizeof *argv);
    return true;
}

bool fepctl_options(struct fepctl *ctl, int argc, char **argv, const struct fepctl_option *options,
                    size_t len, int least, int most)
{
    struct option list[OPTIONS_MAX + 3] = {0};
    list_options(options, len, list);
    if (read_options(ctl, argc, argv, options, list) && argc - optind >= least &&
        (most < 0 || argc - optind <= most))
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
