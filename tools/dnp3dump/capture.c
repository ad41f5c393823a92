// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/dnp3dump/hex.h"

enum { BIG_FILE = 32 * 1024 * 1024, PROGRESS_PACKETS = 65536, HEX_ROOM = 1024 * 1024 };

/* Only for one who waits: a big file, stderr is a terminal, and stdout is not the same one. */
struct progress {
    FILE *file;
    off_t size;
};

static struct progress progress_begin(pcap_t *capture)
{
    struct progress p = {.file = pcap_file(capture)};
    struct stat st;
    if (p.file && fstat(fileno(p.file), &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= BIG_FILE &&
        isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO))
        p.size = st.st_size;
    return p;
}

static void progress_tell(const struct progress *p, uint64_t packets)
{
    if (p->size > 0 && packets % PROGRESS_PACKETS == 0)
        fprintf(stderr, "\r%3.0f %%  %llu packets ", 100.0 * (double)ftello(p->file) / (double)p->size,
                (unsigned long long)packets);
}

static void progress_end(const struct progress *p)
{
    if (p->size > 0)
        fputs("\r\033[K", stderr);
}

/* A pcapng may claim any 64-bit time: kept where differences of two fit, too. */
static int64_t time_of(const struct pcap_pkthdr *header)
{
    const int64_t most_s = 8000000000; /* the year 2223 */
    int64_t s = header->ts.tv_sec < 0 ? 0 : header->ts.tv_sec > most_s ? most_s : header->ts.tv_sec;
    return s * 1000000000 + header->ts.tv_usec;
}

static int read_packets(struct dump *d, pcap_t *capture, char *why, size_t room)
{
    struct progress progress = progress_begin(capture);
    int datalink = pcap_datalink(capture), got;
    struct pcap_pkthdr *header;
    const uint8_t *octets;
    struct stamp at = {0};
    while ((got = pcap_next_ex(capture, &header, &octets)) == 1) {
        at.packet++;
        at.time_ns = time_of(header);
        dump_packet(d, datalink, octets, header->caplen, at);
        progress_tell(&progress, at.packet);
    }
    progress_end(&progress);
    if (got == PCAP_ERROR_BREAK)
        return EX_OK;
    snprintf(why, room, "after packet %llu: %s", (unsigned long long)at.packet, pcap_geterr(capture));
    return EX_DATAERR;
}

int capture_read_file(struct dump *d, FILE *file, const char *name, char *why, size_t room)
{
    char trouble[PCAP_ERRBUF_SIZE];
    pcap_t *capture = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, trouble);
    if (!capture) {
        snprintf(why, room, "%s", trouble);
        if (file != stdin)
            fclose(file);
        return EX_DATAERR;
    }
    int status = EX_DATAERR;
    if (packet_datalink_known(pcap_datalink(capture))) {
        dump_file(d, name);
        status = read_packets(d, capture, why, room);
        dump_file_end(d);
    } else {
        const char *link = pcap_datalink_val_to_name(pcap_datalink(capture));
        snprintf(why, room, "link type %d (%s) is not one that is read here", pcap_datalink(capture),
                 link ? link : "unknown");
    }
    pcap_close(capture);
    return status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int capture_read(struct dump *d, const char *name)
{
    char why[PCAP_ERRBUF_SIZE + 40];
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rbe");
    if (!file) {
        fprintf(stderr, "dnp3dump: %s: %s\n", name, strerror(errno));
        return EX_NOINPUT;
    }
    int status = capture_read_file(d, file, base_name(name), why, sizeof why);
    if (status != EX_OK)
        fprintf(stderr, "dnp3dump: %s: %s\n", name, why);
    return status;
}

static void take_block(struct dump *d, const uint8_t *octets, size_t *len)
{
    if (*len > 0 && d->options.fragments)
        dump_fragment(d, octets, *len);
    else if (*len > 0)
        dump_octets(d, octets, *len);
    *len = 0;
}

/* A line that holds octets 0 is no text. */
static bool is_cut(const char *line, size_t len, size_t *column)
{
    *column = strlen(line) + 1;
    return *column <= len;
}

static const char *hint(char octet)
{
    bool text = octet >= ' ' && octet <= '~';
    return text ? "" : "; a capture is read by its name, or with -";
}

int capture_read_hex(struct dump *d, FILE *from, char *why, size_t why_room)
{
    uint8_t *octets = malloc(HEX_ROOM);
    char *line = NULL;
    size_t room = 0, len = 0, column = 0, number = 0;
    int status = EX_OK;
    if (!octets)
        abort();
    for (ssize_t got; status == EX_OK && (got = getline(&line, &room, from)) >= 0;) {
        number++;
        if (hex_line_is_empty(line))
            take_block(d, octets, &len);
        if (!hex_line(line, octets, HEX_ROOM, &len, &column) || is_cut(line, (size_t)got, &column)) {
            snprintf(why, why_room, "%zu:%zu: not hex%s", number, column, hint(line[column - 1]));
            status = EX_DATAERR;
        }
        if (d->options.fragments)
            take_block(d, octets, &len);
    }
    take_block(d, octets, &len);
    dump_file_end(d);
    if (ferror(from)) {
        snprintf(why, why_room, " %s", strerror(errno));
        status = EX_NOINPUT;
    }
    free(line);
    free(octets);
    return status;
}
