/*
 * Preloaded into a writer: keeps beside each file what of it has reached the disk, as far as flushes promise it.
 *
 * At each fsync or fdatasync of a file in the folder POWERLOSS_OF, its content is copied to POWERLOSS_TO under the same
 * name before the call returns. What is there when the process dies is the database cut back to its last flush.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int keep(int fd) {
    const char *of = getenv("POWERLOSS_OF"), *to = getenv("POWERLOSS_TO");
    char link[64], path[PATH_MAX], fresh[PATH_MAX], kept[PATH_MAX];
    if (!of || !to) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (strncmp(path, of, strlen(of)) != 0 || path[strlen(of)] != '/') return 0;
    const char *name = strrchr(path, '/') + 1;
    if (snprintf(kept, sizeof kept, "%s/%s", to, name) >= (int)sizeof kept) return -1;
    if (snprintf(fresh, sizeof fresh, "%s/.%s.fresh", to, name) >= (int)sizeof fresh) return -1;
    struct stat about;
    int from = open(path, O_RDONLY), into = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (from < 0 || into < 0 || fstat(from, &about) != 0 || S_ISDIR(about.st_mode)) {
        if (from >= 0) close(from);
        if (into >= 0) close(into);
        return 0;
    }
    off_t done = 0;
    while (done < about.st_size && sendfile(into, from, &done, about.st_size - done) > 0) {}
    close(from);
    close(into);
    return rename(fresh, kept);
}

static int flush(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(fd);
    if (result == 0) keep(fd);
    return result;
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }
