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

static int read_packets(struct dump *d, pcap_t *capture, const char *name)
{
    struct progress progress = progress_begin(capture);
    int datalink = pcap_datalink(capture), got;
    struct pcap_pkthdr *header;
    const uint8_t *octets;
    struct stamp at = {0};
    while ((got = pcap_next_ex(capture, &header, &octets)) == 1) {
        at.packet++;
        at.time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
        dump_packet(d, datalink, octets, header->caplen, at);
        progress_tell(&progress, at.packet);
    }
    progress_end(&progress);
    if (got == PCAP_ERROR_BREAK)
        return EX_OK;
    fprintf(stderr, "dnp3dump: %s: after packet %llu: %s\n", name, (unsigned long long)at.packet,
            pcap_geterr(capture));
    return EX_DATAERR;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int capture_read(struct dump *d, const char *name)
{
    char why[PCAP_ERRBUF_SIZE];
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rbe");
    if (!file) {
        fprintf(stderr, "dnp3dump: %s: %s\n", name, strerror(errno));
        return EX_NOINPUT;
    }
    pcap_t *capture = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!capture) {
        fprintf(stderr, "dnp3dump: %s: %s\n", name, why);
        if (file != stdin)
            fclose(file);
        return EX_DATAERR;
    }
    int status = EX_DATAERR;
    if (packet_datalink_known(pcap_datalink(capture))) {
        dump_file(d, base_name(name));
        status = read_packets(d, capture, name);
        dump_file_end(d);
    } else {
        fprintf(stderr, "dnp3dump: %s: link type %d is not one that is read here\n", name,
                pcap_datalink(capture));
    }
    pcap_close(capture);
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

int capture_read_hex(struct dump *d, FILE *from)
{
    uint8_t *octets = malloc(HEX_ROOM);
    char *line = NULL;
    size_t room = 0, len = 0, column = 0, number = 0;
    int status = octets ? EX_OK : EX_OSERR;
    while (status == EX_OK && getline(&line, &room, from) >= 0) {
        number++;
        if (hex_line_is_empty(line))
            take_block(d, octets, &len);
        if (!hex_line(line, octets, HEX_ROOM, &len, &column)) {
            fprintf(stderr, "dnp3dump: stdin:%zu:%zu: not hex\n", number, column);
            status = EX_DATAERR;
        }
        if (d->options.fragments)
            take_block(d, octets, &len);
    }
    take_block(d, octets, &len);
    dump_file_end(d);
    free(line);
    free(octets);
    return status;
}
