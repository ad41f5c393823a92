// SPDX-License-Identifier: Apache-2.0
#include "config/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 1 << 30 };

static int read_all(int fd, char *bytes, size_t size, size_t *len)
{
    while (*len < size) {
        ssize_t got = read(fd, bytes + *len, size - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return 0;
}

static int read_open_file(int fd, char **bytes, size_t *len)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    if (!S_ISREG(status.st_mode))
        return EINVAL;
    if (status.st_size > LARGEST_FILE)
        return EFBIG;
    *len = 0;
    *bytes = malloc((size_t)status.st_size + 1);
    if (!*bytes)
        return ENOMEM;
    int reason = read_all(fd, *bytes, (size_t)status.st_size, len);
    if (reason) {
        free(*bytes);
        *bytes = NULL;
    }
    return reason;
}

const char *config_file_reason(int reason)
{
    return reason == EINVAL ? "it is no regular file" : strerror(reason);
}

int config_file_read(const char *path, char **bytes, size_t *len)
{
    /* Without O_NONBLOCK a FIFO would be waited for before it can be refused. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno;
    int reason = read_open_file(fd, bytes, len);
    close(fd);
    return reason;
}
