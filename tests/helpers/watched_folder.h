/* For what stands before the C library (LD_PRELOAD) and watches the files under DMP_TEST_FOLDER. Includes come with it; whoever includes
it defines `opened`, which every opening of a path goes through, before OPEN(open) and OPEN(open64). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *folder; /* NULL: nothing is watched */
static size_t length;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static void watch_folder(void)
{
    folder = getenv("DMP_TEST_FOLDER");
    length = folder ? strlen(folder) : 0;
}

static int under(const char *path)
{
    return folder && path && !strncmp(path, folder, length);
}

/* Whether an open file or folder is the folder, or under it. */
static int open_under(int descriptor)
{
    char link[64], path[PATH_MAX];
    ssize_t size;
    if (!folder)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return under(path);
}

#define OPEN(name)                                    \
    int name(const char *path, int flags, ...)        \
    {                                                 \
        va_list more;                                 \
        mode_t mode;                                  \
        va_start(more, flags);                        \
        mode = va_arg(more, mode_t);                  \
        va_end(more);                                 \
        return opened(REAL(name), path, flags, mode); \
    }
