/* In LD_PRELOAD: a disk that fails at the n-th thing asked of the files under DMP_TEST_FOLDER (writes, flushes, cuts, names), by an
error of the system or by the end of the process. The process says when (see failing_disk.py). */
#include "watched_folder.h"
#include <signal.h>

enum { ONCE, FROM_THEN_ON, KILL };

static long count, at;
static int error, how;

__attribute__((constructor)) static void begin(void)
{
    watch_folder();
}

void dmp_disk_fail(long number, int with, int manner)
{
    pthread_mutex_lock(&guard);
    count = 0, at = number, error = with, how = manner;
    pthread_mutex_unlock(&guard);
}

/* Works again; how many things were asked of it since `dmp_disk_fail`. */
long dmp_disk_works(void)
{
    pthread_mutex_lock(&guard);
    at = 0;
    pthread_mutex_unlock(&guard);
    return count;
}

static int watched(int descriptor)
{
    return at && open_under(descriptor);
}

/* Whether this one fails; 2 when it is the first to. */
static int fails(int concerned)
{
    int result = 0;
    if (!concerned || !at)
        return 0;
    pthread_mutex_lock(&guard);
    count++;
    if (at && (count == at || (how == FROM_THEN_ON && count > at)))
        result = count == at ? 2 : 1;
    pthread_mutex_unlock(&guard);
    return result;
}

static void refuse(void)
{
    if (how == KILL)
        kill(getpid(), SIGKILL);
    errno = error;
}

#define OR_FAIL(concerned, call) \
    if (fails(concerned)) {      \
        refuse();                \
        return -1;               \
    }                            \
    return call

static int opened(int (*open_it)(const char *, int, ...), const char *path, int flags, mode_t mode)
{
    int asks = under(path) && ((flags & O_CREAT && access(path, F_OK)) || (flags & O_TRUNC) ||
                               (error == EROFS && (flags & O_ACCMODE) != O_RDONLY));
    OR_FAIL(asks, open_it(path, flags, mode));
}

OPEN(open)
OPEN(open64)

/* What there was room for is written: the first to fail writes half. */
#define WRITE(name, parameters, some)                 \
    ssize_t name parameters                           \
    {                                                 \
        int failing = fails(watched(descriptor));     \
        if (!failing)                                 \
            return some(size);                        \
        if (failing == 2 && size > 1 && error != EROFS) { \
            ssize_t half = some(size / 2);            \
            if (how == FROM_THEN_ON)                  \
                return half;                          \
        }                                             \
        refuse();                                     \
        return -1;                                    \
    }
#define AT(name, asked) REAL(name)(descriptor, data, asked, offset)
#define PWRITE(asked) AT(pwrite, asked)
#define PWRITE64(asked) AT(pwrite64, asked)
#define PLAIN(asked) REAL(write)(descriptor, data, asked)
WRITE(pwrite, (int descriptor, const void *data, size_t size, off_t offset), PWRITE)
WRITE(pwrite64, (int descriptor, const void *data, size_t size, off_t offset), PWRITE64)
WRITE(write, (int descriptor, const void *data, size_t size), PLAIN)

int ftruncate(int descriptor, off_t size) { OR_FAIL(watched(descriptor), REAL(ftruncate)(descriptor, size)); }
int ftruncate64(int descriptor, off_t size) { OR_FAIL(watched(descriptor), REAL(ftruncate64)(descriptor, size)); }
int fsync(int descriptor) { OR_FAIL(watched(descriptor), REAL(fsync)(descriptor)); }
int fdatasync(int descriptor) { OR_FAIL(watched(descriptor), REAL(fdatasync)(descriptor)); }
int mkdir(const char *path, mode_t mode) { OR_FAIL(under(path), REAL(mkdir)(path, mode)); }
int rename(const char *from, const char *to) { OR_FAIL(under(to), REAL(rename)(from, to)); }
int renameat(int here, const char *from, int there, const char *to)
{
    OR_FAIL(under(to), REAL(renameat)(here, from, there, to));
}
int link(const char *from, const char *to) { OR_FAIL(under(to), REAL(link)(from, to)); }
int linkat(int here, const char *from, int there, const char *to, int flags)
{
    OR_FAIL(under(to), REAL(linkat)(here, from, there, to, flags));
}
int unlink(const char *path) { OR_FAIL((how == KILL || error == EROFS) && under(path), REAL(unlink)(path)); }
