// SPDX-License-Identifier: Apache-2.0
/*
 * A hundred thousand wrong tokens, while a consumer's stream runs: it goes on as it does beside as many
 * askers that have a right to be answered, and nothing of the wrong ones is kept.
 */
#include "config/config.h"
#include "support/publisher_rig.h"

#include <malloc.h>

#if defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* The sanitizers keep freed memory for a while, and count what is not. */
#if SANITIZED
size_t __sanitizer_get_current_allocated_bytes(void);
static size_t allocated(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t allocated(void)
{
    return mallinfo2().uordblks;
}
#endif

enum {
    FLOODERS = 3,
    WRONG = 100000,
    RIGHT = 50000,
    ROUNDS = 5,
    SAMPLES_MAX = 100000,
    ROWS_BEFORE = 30000, /* the store's cache is full: it grows no more, however many samples there are */
};

struct flood {
    const struct rig *rig;
    const char *request;
    _Atomic int left;
    _Atomic int running;
    _Atomic int codes[600];
};

static void ask_once(struct flood *f)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(publisher_port(f->rig->publisher)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), code = 0;
    char text[4096] = "";
    size_t len = 0;
    ssize_t n;
    /* So that 100,000 connections do not use up the ports of the machine. */
    const struct linger reset = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
        send(fd, f->request, strlen(f->request), MSG_NOSIGNAL) > 0) {
        while (len < sizeof text - 1 && (n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0)
            len += (size_t)n;
        (void)sscanf(text, "HTTP/1.%*d %d", &code);
    }
    close(fd);
    f->codes[code > 0 && code < 600 ? code : 0]++;
}

static void *flooder(void *flood)
{
    struct flood *f = flood;
    while (f->left-- > 0)
        ask_once(f);
    f->running--;
    return NULL;
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The stream's delay in µs that 99 of 100 events stay below, while `count` requests are made. */
static int64_t p99_beside(struct rig *r, struct client *stream, struct flood *f, int count)
{
    static int64_t delays[SAMPLES_MAX];
    pthread_t threads[FLOODERS];
    size_t len = 0;
    f->left = count;
    f->running = FLOODERS;
    for (int i = 0; i < FLOODERS; i++)
        pthread_create(&threads[i], NULL, flooder, f);
    while (f->running && len < SAMPLES_MAX) {
        char word[40];
        rig_events(r, 1);
        int64_t begun_us = now_us(); /* how long the disk takes is not our matter */
        snprintf(word, sizeof word, "\"sequence\":%lld,", (long long)r->newest);
        stream->at = stream->len = 0;
        stream->text[0] = '\0';
        assert_true(client_until(stream, word));
        delays[len++] = now_us() - begun_us;
        usleep(1000);
    }
    for (int i = 0; i < FLOODERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(len > 50);
    qsort(delays, len, sizeof *delays, compare);
    return delays[len * 99 / 100];
}

static void set_users(struct rig *r)
{
    char path[128];
    struct config_errors errors = {0};
    snprintf(path, sizeof path, "%s/users.yaml", r->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("users:\n  - {name: anna, role: viewer, token_sha256: "
          "0000000000000000000000000000000000000000000000000000000000000000}\n",
          file);
    fclose(file);
    struct publisher_secrets *secrets = publisher_secrets_load(&(struct config_api){.users = path}, &errors);
    assert_non_null(secrets);
    publisher_set_secrets(r->publisher, secrets);
}

static void test_wrong_tokens_beside_a_stream(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    struct flood right = {.rig = r,
                          .request = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"};
    struct flood wrong = {.rig = r,
                          .request = "GET /v1/stations HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                     "Authorization: Bearer fep_guess\r\n\r\n"};
    char request[128];
    set_users(r);
    rig_events(r, ROWS_BEFORE);
    struct client stream = client_open(r);
    snprintf(request, sizeof request, "GET /v1/stream?after=%lld-%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
             (long long)r->journal_id, ROWS_BEFORE);
    client_send(&stream, request);
    assert_true(client_until(&stream, "retry:"));
    size_t before = 0;
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) { /* the machine has other things to do, at times */
        int64_t calm_us = p99_beside(r, &stream, &right, RIGHT / ROUNDS);
        int64_t flooded_us = p99_beside(r, &stream, &wrong, WRONG / ROUNDS);
        double ratio = (double)flooded_us / (double)calm_us;
        print_message("p99 beside requests %lld us, beside wrong tokens %lld us, %zu octets allocated\n",
                      (long long)calm_us, (long long)flooded_us, allocated());
        best = ratio < best ? ratio : best;
        if (round == 0) /* what is kept once is kept now */
            before = allocated();
    }
    assert_true(best < 3);
    assert_true(allocated() < before + 256 * 1024);
    assert_int_equal(right.codes[200], RIGHT);
    assert_true(wrong.codes[401] >= 10);
    assert_int_equal(wrong.codes[401] + wrong.codes[429], WRONG);
    assert_true(wrong.codes[429] > WRONG / 2);
    client_close(&stream);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_tokens_beside_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
