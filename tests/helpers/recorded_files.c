/* In LD_PRELOAD: what a process asks of the files under a folder, in order, so that a power cut can be played afterwards.

DMP_TEST_FOLDER names the folder, DMP_TEST_RECORD the file of records (see recorded_files.py). Files are known by their inode, which is
given again once its file is gone: NAME is a file that is made, LINK another name of one that is there. Nothing is changed on the way. */
#include "watched_folder.h"
#include <sys/uio.h>

struct record {
    long long operation, inode, offset, size, name;
};
enum { WRITE = 1, CUT, FLUSH, NAME, FORGET, ACKNOWLEDGE, REPLACE, LINK };

static int output = -1;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("DMP_TEST_RECORD");
    watch_folder();
    if (folder && path)
        output = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0)
        folder = NULL; /* what cannot be recorded is not watched */
}

static void put(int operation, long long inode, long long offset, const void *data, size_t size, const char *name)
{
    struct record record = {operation, inode, offset, (long long)size, (long long)strlen(name)};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)name, strlen(name)}, {(void *)data, size}};
    if (writev(output, parts, 3) < (ssize_t)(sizeof record + strlen(name) + size))
        abort();
}

static long long inode_of(const char *path)
{
    struct stat found;
    return stat(path, &found) ? 0 : (long long)found.st_ino;
}

/* The inode of an open file or folder under the folder, 0 for any other. */
static long long watched(int descriptor)
{
    struct stat found;
    return !open_under(descriptor) || fstat(descriptor, &found) ? 0 : (long long)found.st_ino;
}

void dmp_acknowledge(long long number)
{
    pthread_mutex_lock(&guard);
    put(ACKNOWLEDGE, number, 0, "", 0, "");
    pthread_mutex_unlock(&guard);
}

static int opened(int (*how)(const char *, int, ...), const char *path, int flags, mode_t mode)
{
    int descriptor, new;
    if (!under(path))
        return how(path, flags, mode);
    pthread_mutex_lock(&guard);
    new = (flags & O_CREAT) && access(path, F_OK);
    descriptor = how(path, flags, mode);
    if (descriptor >= 0 && new)
        put(NAME, inode_of(path), 0, "", 0, path);
    else if (descriptor >= 0 && (flags & O_TRUNC))
        put(CUT, inode_of(path), 0, "", 0, "");
    pthread_mutex_unlock(&guard);
    return descriptor;
}

OPEN(open)
OPEN(open64)

#define AROUND(type, call, noted)         \
    type result;                          \
    int kept;                             \
    pthread_mutex_lock(&guard);           \
    result = call;                        \
    kept = errno;                         \
    if (result >= 0 && inode)             \
        noted;                            \
    pthread_mutex_unlock(&guard);         \
    errno = kept;                         \
    return result

#define WRITE_AT(name)                                                                    \
    ssize_t name(int descriptor, const void *data, size_t size, off_t offset)             \
    {                                                                                     \
        long long inode = watched(descriptor);                                            \
        AROUND(ssize_t, REAL(name)(descriptor, data, size, offset),                       \
               put(WRITE, inode, offset, data, (size_t)result, ""));                      \
    }
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

ssize_t write(int descriptor, const void *data, size_t size)
{
    long long inode = watched(descriptor);
    AROUND(ssize_t, REAL(write)(descriptor, data, size),
           put(WRITE, inode, lseek(descriptor, 0, SEEK_CUR) - result, data, (size_t)result, ""));
}

#define CUT_TO(name)                                                                     \
    int name(int descriptor, off_t size)                                                 \
    {                                                                                    \
        long long inode = watched(descriptor);                                           \
        AROUND(int, REAL(name)(descriptor, size), put(CUT, inode, size, "", 0, ""));     \
    }
CUT_TO(ftruncate)
CUT_TO(ftruncate64)

/* Noted once it is done: a cut in the middle of a flush may lose everything it was to flush. */
#define FLUSHED(name)                                                                \
    int name(int descriptor)                                                         \
    {                                                                                \
        long long inode = watched(descriptor);                                       \
        AROUND(int, REAL(name)(descriptor), put(FLUSH, inode, 0, "", 0, ""));        \
    }
FLUSHED(fsync)
FLUSHED(fdatasync)

static void moved(const char *from, const char *to)
{
    put(REPLACE, inode_of(to), 0, from, strlen(from), to);
}

int rename(const char *from, const char *to)
{
    long long inode = under(to);
    AROUND(int, REAL(rename)(from, to), moved(from, to));
}

int renameat(int here, const char *from, int there, const char *to)
{
    long long inode = under(to);
    AROUND(int, REAL(renameat)(here, from, there, to), moved(from, to));
}

int link(const char *from, const char *to)
{
    long long inode = under(to);
    AROUND(int, REAL(link)(from, to), put(LINK, inode_of(to), 0, "", 0, to));
}

int linkat(int here, const char *from, int there, const char *to, int flags)
{
    long long inode = under(to);
    AROUND(int, REAL(linkat)(here, from, there, to, flags), put(LINK, inode_of(to), 0, "", 0, to));
}

int unlink(const char *path)
{
    long long inode = under(path);
    AROUND(int, REAL(unlink)(path), put(FORGET, 0, 0, "", 0, path));
}

int unlinkat(int here, const char *path, int flags)
{
    long long inode = under(path);
    AROUND(int, REAL(unlinkat)(here, path, flags), put(FORGET, 0, 0, "", 0, path));
}
