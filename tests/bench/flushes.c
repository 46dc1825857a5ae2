/* Preloaded into a server: counts fsync and fdatasync in a shared file, and makes each as slow as asked. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t *counted;
static long delay_us;

__attribute__((constructor)) static void begin(void) {
    const char *delay = getenv("BENCH_FLUSH_DELAY_US"), *file = getenv("BENCH_FLUSH_FILE");
    delay_us = delay ? atol(delay) : 0;
    if (!file) return;
    int fd = open(file, O_RDWR);
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED) counted = shared;
}

static int flush(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (counted) __sync_fetch_and_add(counted, 1);
    if (delay_us) {
        struct timespec pause = {delay_us / 1000000, (delay_us % 1000000) * 1000};
        nanosleep(&pause, NULL);
    }
    return real(fd);
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }
